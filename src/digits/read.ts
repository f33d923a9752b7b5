/** Reads digits from files: every kind of MNIST CSV, in one file or two, and IDX. */
import { CHUNK, PIXELS, type Digits } from '../digits.ts'
import { Failure } from '../failure.ts'
import { counted } from '../wording.ts'
import { checkStandardInput } from './default-source.ts'
import { labelsBeside } from './idx.ts'
import { EXPECTED, recognise, wrongColumns, type CsvRecord, type Layout } from './read/dialect.ts'
import { fileRows, type FileRows, type Partner } from './read/file-rows.ts'
import { isIdx, readIdx, readIdxHeader, type IdxFormat } from './read/idx.ts'
import { openWindow, type Window } from './read/input.ts'
import { checkMemory } from './read/memory.ts'
import { otherFormat } from './read/other-formats.ts'
import { firstPlainRecords } from './read/plain-records.ts'
import { emptyRowBuffer, usedChunks, type RowBuffer } from './read/row-buffer.ts'
import { scan } from './read/scan.ts'
import { sepLineBytes, wrongSeparator } from './read/separators.ts'

/** What was read from one file, or from two that belong together. */
export interface DigitsPart {
  /** The files' names as given, or "standard input". */
  names: string[]
  /** How many digits. */
  rows: number
  /** The kind of file: "Kaggle's label-first CSV". */
  dialect: string
  /** What the user should double-check, as a clause. */
  remark?: string
}

/** How to read digits. */
export interface ReadOptions {
  /** Read at most this many digits; all by default. */
  limit?: number | undefined
  /** Memory that the caller will need for each digit, in bytes, besides its pixels and its label; 0 by default. */
  bytesPerDigit?: number
  /** Called with the fraction of the files read so far, 0 to 1. */
  onProgress?: (fraction: number) => void
  /** Called after each file, or pair of files. */
  onPart?: (part: DigitsPart) => void
  /** Read plain rows with the scanner, which is much faster, rather than with csv-parse; true by default. */
  scanner?: boolean
}

/** A recognised file; its window is at its first row. */
interface OpenFile {
  path: string
  window: Window
  hasPixels: boolean
  hasLabels: boolean
  dialect: string
  format: { layout: Layout; line: number } | IdxFormat
}

/** The digits read so far. */
interface Store {
  pixels: RowBuffer
  labels: RowBuffer
}

/**
 * Reads digits from files and joins them in the order given. Each file is a CSV in one of the dialects of dialect.ts or
 * an IDX file, gzipped or not. A file of pixels and one of labels that are adjacent, in either order, are read as a
 * pair; the labels of an IDX file may also lie beside it. If no file has labels, the digits are unlabelled.
 * @param paths files; `-` is standard input
 * @throws Failure `noInput` if a file cannot be read; `badData`, with `file:line:column`, if it is invalid or needs more
 *   memory than there is; `usage` if standard input is given twice
 */
export async function readDigits(paths: string[], options: ReadOptions = {}): Promise<Digits> {
  const { limit = Infinity, onProgress, onPart } = options
  checkStandardInput(paths)
  const store: Store = { pixels: emptyRowBuffer(PIXELS, limit), labels: emptyRowBuffer(1, limit) }
  const openFiles = new Set<OpenFile>()
  const open = async (path: string, onFraction?: (fraction: number) => void) => {
    const file = await openFile(path, onFraction)
    openFiles.add(file)
    return file
  }
  const openNth = (i: number) => open(paths[i], onProgress && ((fraction) => onProgress((i + fraction) / paths.length)))
  try {
    let ahead: OpenFile | undefined // opened to see whether it belongs to the file before it
    for (let i = 0; i < paths.length && store.pixels.count < limit;) {
      const files = [ahead ?? (await openNth(i))]
      i++
      ahead = undefined
      if (!isComplete(files)) {
        if (i < paths.length) ahead = await openNth(i)
        const beside = labelsBeside(files[0].path)
        if (ahead && isComplete([...files, ahead])) {
          files.push(ahead)
          ahead = undefined
          i++
        } else if (beside !== undefined && 'holds' in files[0].format) files.push(await open(beside))
      }
      const part = await readPart(files, store, limit - store.pixels.count, options)
      onPart?.(part)
      for (const file of files) {
        await file.window.close()
        openFiles.delete(file)
      }
    }
  } finally {
    for (const { window } of openFiles) await window.close()
  }
  return { chunks: usedChunks(store.pixels), labels: joined(usedChunks(store.labels)) }
}

/** Opens a file and recognises its format. */
async function openFile(path: string, onProgress?: (fraction: number) => void): Promise<OpenFile> {
  const window = await openWindow(path, onProgress)
  try {
    await window.fillUp()
    const head = window.bytes.subarray(0, window.end)
    if (isIdx(head)) {
      const format = readIdxHeader(window)
      const hasPixels = format.holds === 'images'
      return { path, window, format, hasPixels, hasLabels: !hasPixels, dialect: `IDX of ${format.holds}` }
    }
    const other = otherFormat(head, window.ended ? head.length : window.size)
    if (other !== undefined) throw new Failure('badData', `${window.name}: ${other}`)
    if (head.subarray(0, 3).equals(BYTE_ORDER_MARK)) window.start = BYTE_ORDER_MARK.length
    const format = await recogniseCsv(window)
    const { hasPixels, label, name: dialect } = format.layout
    return { path, window, format, hasPixels, hasLabels: label !== undefined, dialect }
  } catch (error) {
    await window.close()
    throw error
  }
}

/** Recognises a CSV by its first records and moves the window to its first row, on line `line`. */
async function recogniseCsv(window: Window): Promise<{ layout: Layout; line: number }> {
  const { name } = window
  const wrong = wrongSeparator(window.bytes.subarray(window.start, window.end))
  if (wrong) throw new Failure('badData', `${name}:${wrong.line}: ${wrong.message}`)
  const sepLine = sepLineBytes(window.bytes.subarray(window.start, window.end))
  const linesBefore = sepLine > 0 ? 1 : 0
  window.start += sepLine
  const head = window.bytes.subarray(window.start, window.end)
  let records: CsvRecord[]
  try {
    const plain = linesBefore === 0 ? firstPlainRecords(head, window.ended) : undefined
    records = plain ?? (await import('./read/csv.ts')).firstRecords(head, window.ended, name, linesBefore)
  } catch (error) {
    await refuseTransposed(window)
    throw error
  }
  if (records.length === 0) throw new Failure('badData', `${name}: empty file; ${EXPECTED}`)
  const layout = recognise(records, name)
  const [first] = records
  if (!layout) {
    await refuseTransposed(window)
    throw new Failure('badData', `${name}:${first.line}: ${wrongColumns(first.fields, undefined)}`)
  }
  if (!layout.hasHeader) return { layout, line: linesBefore + 1 }
  window.start += first.end
  return { layout, line: first.line + 1 }
}

/** Reads digits from one file, or from the two of a pair. */
async function readPart(files: OpenFile[], store: Store, limit: number, options: ReadOptions): Promise<DigitsPart> {
  const names = files.map(({ window }) => window.name)
  const hasLabels = files.some((file) => file.hasLabels)
  const base = store.pixels.count
  if (!files.some((file) => file.hasPixels)) {
    throw new Failure('badData', `${names[0]}: labels without pixels; name the file of pixels next to it`)
  }
  if (base > 0 && hasLabels !== store.labels.count > 0) {
    const found = hasLabels ? 'has labels, unlike' : 'no labels, unlike'
    throw new Failure('badData', `${names[0]}: ${found} the digits before it; use labelled or unlabelled digits only`)
  }
  const counts: number[] = []
  let partner: Partner | undefined
  for (const file of files) {
    const { format, window } = file
    if (file.hasPixels) watchMemory(file, store.pixels, limit, options)
    if ('holds' in format) {
      counts.push(await readIdx(window, format, file.hasPixels ? store.pixels : store.labels, base, limit))
    } else {
      const { pixels, labels } = store
      const rows = fileRows({ name: window.name, pixels, labels, ...format, base, limit }, partner)
      await readRows(window, rows, options)
      partner = { name: window.name, index: rows.index }
      counts.push(rows.rowsRead)
    }
  }
  const [rows] = counts
  if (counts.length === 2 && counts[1] !== rows) {
    const [first, second] = files.map(({ hasPixels }, i) => counted(counts[i], hasPixels ? 'digit' : 'label'))
    throw new Failure('badData', `${names[1]}: ${second} for the ${first} of ${names[0]}`)
  }
  store.pixels.count = base + rows
  if (hasLabels) store.labels.count = base + rows
  const remarks = files.flatMap(({ format }) => ('layout' in format ? (format.layout.remark ?? []) : []))
  return { names, rows, dialect: dialectOf(files), ...(remarks.length > 0 && { remark: remarks.join('; ') }) }
}

/** Reads the rows of a CSV: with the scanner while they are plain, with csv-parse from the first that is not. */
async function readRows(window: Window, rows: FileRows, { scanner = true }: ReadOptions): Promise<void> {
  if (scanner) {
    while (scan(window, rows) && !window.ended && rows.rowsRead < rows.limit) await window.fill()
  }
  const isAtEnd = window.ended && window.start === window.end
  if ((rows.rowsRead < rows.limit || !rows.isDecided()) && !isAtEnd) {
    const { readCsv } = await import('./read/csv.ts')
    await readCsv(window, rows)
  }

  const { name, layout, rowsRead, rowsSeen } = rows
  if (rowsRead === 0) {
    throw new Failure('badData', `${name}: no ${layout.hasPixels ? 'digits' : 'labels'} after the header`)
  }
  if (layout.isBlank && Math.abs(rowsRead + rowsSeen - PIXELS) < 2) {
    throw transposed(name, rowsRead + rowsSeen + (layout.hasHeader ? 1 : 0), layout.columns)
  }
}

const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf])

/** Whether these files together hold labelled digits. */
function isComplete(files: OpenFile[]): boolean {
  const count = (has: 'hasPixels' | 'hasLabels') => files.filter((file) => file[has]).length
  return count('hasPixels') === 1 && count('hasLabels') === 1
}

function dialectOf([file, partner]: OpenFile[]): string {
  if (!partner) return 'holds' in file.format ? 'IDX without labels' : file.dialect
  const kinds = [file, partner].map(({ format }) => ('holds' in format ? 'IDX' : 'CSV'))
  if (kinds[0] !== kinds[1]) return 'a pair of IDX and CSV'
  const [whose] = (file.hasPixels ? file : partner).dialect.split(' ')
  return kinds[0] === 'IDX' ? 'IDX' : `${whose} pair of CSVs`
}

/**
 * Checks that there is memory for the digits of a file: before it is read, as far as its header or its size says how many
 * there are, and again for every chunk.
 * @throws Failure `badData` if there is not
 */
function watchMemory({ format, window }: OpenFile, pixels: RowBuffer, limit: number, options: ReadOptions): void {
  const bytesEach = PIXELS + 1 + (options.bytesPerDigit ?? 0)
  const rows = Math.min(limit, 'holds' in format ? declaredRows(format, window) : estimatedRows(window))
  checkMemory(window.name, rows, rows * bytesEach)
  pixels.expected = pixels.count + Math.min(limit, 'holds' in format ? rows : mostRows(format.layout, window))
  pixels.beforeChunk = (room) => {
    const before = CHUNK * Math.floor((room - 1) / CHUNK) // in full chunks
    const more = room - before
    checkMemory(window.name, room, more * bytesEach + before * (bytesEach - PIXELS - 1))
  }
}

/** How many rows the header of an IDX file declares, but no more than the file has room for. */
function declaredRows({ count, rowBytes }: IdxFormat, { size = Infinity }: Window): number {
  return Math.min(count, Math.floor(size / rowBytes))
}

/** How many rows a CSV has if all are as long as the first ones; 0 if its size is unknown. */
function estimatedRows({ bytes, start, end, size = 0 }: Window): number {
  const head = bytes.subarray(start, end)
  if (head.length === 0) return 0
  let lines = 0
  for (let at = head.indexOf('\n'); at !== -1; at = head.indexOf('\n', at + 1)) lines++
  return Math.floor((size / head.length) * lines)
}

/** The most rows that a CSV can have, with one digit in each field; Infinity if its size is unknown. */
function mostRows({ columns }: Layout, { size = Infinity }: Window): number {
  return Math.ceil(size / (2 * columns))
}

/** Arrays as one. */
function joined(arrays: Uint8Array[]): Uint8Array {
  return arrays.length === 1 ? arrays[0] : new Uint8Array(Buffer.concat(arrays))
}

/**
 * Reads on through a file with wrong columns to see whether it is transposed.
 * @throws Failure `badData` if it has a line for each pixel
 */
async function refuseTransposed(window: Window): Promise<void> {
  const [NEWLINE, RETURN] = [0x0a, 0x0d]
  let lines = 0
  let columns = 1
  let previous = NEWLINE
  for (let read = 0; read < MAX_TRANSPOSED && lines <= PIXELS + 2; await window.fill()) {
    for (let i = window.start; i < window.end; i++) {
      const byte = window.bytes[i]
      if (byte !== NEWLINE && byte !== RETURN && (previous === NEWLINE || previous === RETURN)) lines++
      if (byte === 0x2c && lines === 1) columns++
      previous = byte
    }
    read += window.end - window.start
    window.start = window.end
    if (window.ended) break
  }
  if (window.ended && lines >= PIXELS && lines <= PIXELS + 2 && columns > 1)
    throw transposed(window.name, lines, columns)
}

const MAX_TRANSPOSED = 2 ** 30 // bytes looked at: ten times what 60,000 transposed digits take

function transposed(name: string, lines: number, columns: number): Failure {
  const found = `${counted(lines, 'line')} of ${counted(columns, 'column')}`
  return new Failure('badData', `${name}: transposed (${found}); write one digit per line, not one pixel`)
}
