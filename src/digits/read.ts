/** Digits from files: every CSV of MNIST that is about, in one file or two, and IDX. */
import { PIXELS, type Digits } from '../digits.ts'
import { Failure } from '../failure.ts'
import { firstRecords, readCsv, wrongColumns } from './csv.ts'
import { recognise, type CsvRecord, type Layout } from './dialect.ts'
import { counted } from './field.ts'
import { fileRows, type FileRows, type Partner } from './file-rows.ts'
import { isIdx, labelsBeside, readIdx, readIdxHeader, type IdxHeader } from './idx.ts'
import { openWindow, STANDARD_INPUT, type Window } from './input.ts'
import { otherFormat } from './other-formats.ts'
import { emptyRows, LIKELY, reserve, taken, type Rows } from './rows.ts'
import { scan } from './scan.ts'

/** What was read of one file, or of two that belong together. */
export interface Part {
  /** The files' names as they were given, and "standard input". */
  names: string[]
  /** How many digits. */
  rows: number
  /** What it is: "Kaggle's label-first CSV". */
  dialect: string
  /** What the user should look at, in a clause. */
  remark?: string
}

export interface ReadOptions {
  /** Read this many digits and no further. */
  limit?: number
  /** Told now and then how much of the files has been read, from 0 to 1. */
  onProgress?: (share: number) => void
  /** Told of every file, or pair of files, when it has been read. */
  onPart?: (part: Part) => void
  /** Whether plain rows are scanned, which is much faster and reads the same; otherwise all is csv-parse's. */
  scanner?: boolean
}

/** A file that has been opened and recognised; its window stands at its first row. */
interface Opened {
  path: string
  window: Window
  hasPixels: boolean
  hasLabels: boolean
  dialect: string
  form: { layout: Layout; line: number } | IdxHeader
}

/** The digits read so far. */
interface Store {
  pixels: Rows
  labels: Rows
  /** Whether several files are read into it. */
  readonly isOfSeveral: boolean
}

/**
 * Reads digits from files, `-` being standard input, and joins them in the order given. Each file is a CSV in one of
 * the dialects of dialect.ts or an IDX file, packed by gzip or not. Pixels without labels are taken together with the
 * labels that the next file holds, or the other way round; an IDX file's labels may also lie beside it. Where no file
 * has labels, the digits are without.
 * @throws Failure `noInput` where a file cannot be read; `badData`, with `file:line:column`, where it is none of these;
 *   `usage` where standard input is named twice
 */
export async function readDigits(paths: string[], options: ReadOptions = {}): Promise<Digits> {
  const { limit = Infinity, onProgress, onPart } = options
  if (paths.filter((path) => path === STANDARD_INPUT).length > 1) {
    throw new Failure('usage', 'standard input is named twice: it can be read once')
  }
  const store: Store = { pixels: emptyRows(PIXELS), labels: emptyRows(1), isOfSeveral: paths.length > 1 }
  const opened = new Set<Opened>()
  const open = async (path: string, progress?: (share: number) => void) => {
    const file = await openFile(path, progress)
    opened.add(file)
    return file
  }
  const openNth = (i: number) => open(paths[i], onProgress && ((share) => onProgress((i + share) / paths.length)))
  try {
    let ahead: Opened | undefined // opened to see whether it belongs to the file before
    for (let i = 0; i < paths.length && store.pixels.count < limit;) {
      const files = [ahead ?? (await openNth(i))]
      i++
      ahead = undefined
      if (!isWhole(files)) {
        if (i < paths.length) ahead = await openNth(i)
        const beside = labelsBeside(files[0].path)
        if (ahead && isWhole([...files, ahead])) {
          files.push(ahead)
          ahead = undefined
          i++
        } else if (beside !== undefined && 'holds' in files[0].form) files.push(await open(beside))
      }
      const part = await readPart(files, store, limit - store.pixels.count, options)
      onPart?.(part)
      for (const file of files) {
        await file.window.close()
        opened.delete(file)
      }
    }
  } finally {
    for (const { window } of opened) await window.close()
  }
  return { pixels: taken(store.pixels), labels: taken(store.labels) }
}

/** Opens a file and recognises what it is. */
async function openFile(path: string, onProgress?: (share: number) => void): Promise<Opened> {
  const window = await openWindow(path, onProgress)
  try {
    await window.fillUp()
    const head = window.bytes.subarray(0, window.end)
    if (isIdx(head)) {
      const form = readIdxHeader(window)
      const hasPixels = form.holds === 'images'
      return { path, window, form, hasPixels, hasLabels: !hasPixels, dialect: `IDX of ${form.holds}` }
    }
    const other = otherFormat(head)
    if (other !== undefined) throw new Failure('badData', `${window.name}: ${other}`)
    if (head.subarray(0, 3).equals(BYTE_ORDER_MARK)) window.start = BYTE_ORDER_MARK.length
    const form = await recogniseCsv(window)
    const { layout } = form
    return {
      path,
      window,
      form,
      hasPixels: layout.hasPixels,
      hasLabels: layout.label !== undefined,
      dialect: layout.name,
    }
  } catch (error) {
    await window.close()
    throw error
  }
}

/** Recognises a CSV by its first records and moves the window to its first row. */
async function recogniseCsv(window: Window): Promise<{ layout: Layout; line: number }> {
  const { name } = window
  const head = window.bytes.subarray(window.start, window.end)
  let records: CsvRecord[]
  try {
    records = firstRecords(head, window.ended, name)
  } catch (error) {
    await refuseTransposed(window)
    throw error
  }
  if (records.length === 0) throw new Failure('badData', `${name}: the file is empty; ${NEEDED}`)
  const layout = recognise(records, name)
  const [first] = records
  if (!layout) {
    await refuseTransposed(window)
    throw new Failure('badData', `${name}:${first.line}: ${wrongColumns(first.fields, undefined)}`)
  }
  if (!layout.hasHeader) return { layout, line: 1 }
  window.start += first.end
  return { layout, line: first.line + 1 }
}

/** Reads the files of one part, which together hold digits and perhaps their labels. */
async function readPart(files: Opened[], store: Store, limit: number, options: ReadOptions): Promise<Part> {
  const names = files.map(({ window }) => window.name)
  const hasLabels = files.some((file) => file.hasLabels)
  const base = store.pixels.count
  if (!files.some((file) => file.hasPixels)) {
    throw new Failure('badData', `${names[0]}: these are labels without pixels: name the file of the pixels before it`)
  }
  if (base > 0 && hasLabels !== store.labels.count > 0) {
    const [here, before] = hasLabels ? ['labels', 'none'] : ['no labels', 'some']
    throw new Failure(
      'badData',
      `${names[0]}: there are ${here} here and ${before} before: all digits need them or none`,
    )
  }
  const counts: number[] = []
  let partner: Partner | undefined
  for (const file of files) {
    const { form, window } = file
    if (file.hasPixels) reserve(store.pixels, Math.min(limit, roomFor(file, store)))
    if ('holds' in form) {
      counts.push(await readIdx(window, form, file.hasPixels ? store.pixels : store.labels, base, limit))
    } else {
      const rows = fileRows({ name: window.name, ...store, ...form, base, limit }, partner)
      await readRows(window, rows, options)
      partner = { name: window.name, index: rows.index }
      counts.push(rows.taken)
    }
  }
  const [rows] = counts
  if (counts.length === 2 && counts[1] !== rows) {
    const [one, two] = files.map(({ hasPixels }, i) => counted(counts[i], hasPixels ? 'digit' : 'label'))
    throw new Failure('badData', `${names[1]}: this file has ${two} for the ${one} of ${names[0]}`)
  }
  store.pixels.count = base + rows
  if (hasLabels) store.labels.count = base + rows
  const remarks = files.flatMap(({ form }) => ('layout' in form ? (form.layout.remark ?? []) : []))
  return { names, rows, dialect: dialectOf(files), ...(remarks.length > 0 && { remark: remarks.join('; ') }) }
}

/** Reads the rows of a CSV: plain ones by the scanner, and from the first that is not on by csv-parse. */
async function readRows(window: Window, rows: FileRows, { scanner = true }: ReadOptions): Promise<void> {
  if (scanner) {
    while (scan(window, rows) && !window.ended && rows.taken < rows.limit) await window.fill()
  }
  if (rows.taken < rows.limit) await readCsv(window, rows)

  const { name, layout, taken, limit } = rows
  if (taken === 0) {
    const found = layout.hasPixels ? 'digit' : 'label'
    throw new Failure('badData', `${name}: there is a header but no ${found} below it; ${NEEDED}`)
  }
  if (layout.isPale && taken < limit && Math.abs(taken - PIXELS) < 2) {
    throw transposed(name, taken + (layout.hasHeader ? 1 : 0), layout.columns)
  }
}

const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf])
const NEEDED = `a CSV of MNIST digits is needed, one of ${PIXELS + 1} columns a line`

/** Whether these files together hold digits with their labels. */
function isWhole(files: Opened[]): boolean {
  const count = (has: 'hasPixels' | 'hasLabels') => files.filter((file) => file[has]).length
  return count('hasPixels') === 1 && count('hasLabels') === 1
}

function dialectOf([file, partner]: Opened[]): string {
  if (!partner) return 'holds' in file.form ? 'IDX without labels' : file.dialect
  const kinds = [file, partner].map(({ form }) => ('holds' in form ? 'IDX' : 'CSV'))
  if (kinds[0] !== kinds[1]) return 'a pair of IDX and CSV'
  const [whose] = (file.hasPixels ? file : partner).dialect.split(' ')
  return kinds[0] === 'IDX' ? 'IDX' : `${whose} pair of CSVs`
}

/** How many digits there should be room for before a file is read, so that room need seldom be made later. */
function roomFor({ form, window }: Opened, { pixels, isOfSeveral }: Store): number {
  const shortest = 'holds' in form ? PIXELS : 2 * PIXELS // bytes a digit: at least a figure and a comma a pixel
  const fromSize = window.size === undefined ? 0 : Math.floor(window.size / shortest) + 1
  const isOpen = window.size === undefined || isOfSeveral
  return isOpen && pixels.count === 0 ? Math.max(fromSize, LIKELY) : fromSize
}

/** Looks through all of a file whose columns are wrong, and refuses it where it has a line for every pixel. */
async function refuseTransposed(window: Window): Promise<void> {
  const NEWLINE = 0x0a
  let lines = 0
  let columns = 1
  let before = NEWLINE
  for (let read = 0; read < MOST_TRANSPOSED && lines <= PIXELS + 2; await window.fill()) {
    for (let i = window.start; i < window.end; i++) {
      const byte = window.bytes[i]
      if (byte !== NEWLINE && before === NEWLINE) lines++
      if (byte === 0x2c && lines === 1) columns++
      before = byte
    }
    read += window.end - window.start
    window.start = window.end
    if (window.ended) break
  }
  if (window.ended && lines >= PIXELS && lines <= PIXELS + 2 && columns > 1)
    throw transposed(window.name, lines, columns)
}

const MOST_TRANSPOSED = 2 ** 30 // bytes that are looked at; 60,000 transposed digits are a tenth of it

function transposed(name: string, lines: number, columns: number): Failure {
  const found = `${counted(lines, 'line')} of ${counted(columns, 'column')}`
  return new Failure('badData', `${name}: this file is transposed, ${found}: write a digit a line, not a pixel`)
}
