/** Reads any CSV with csv-parse, and says where and why a file is no CSV of digits. */
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { CsvError, parse, type Info, type Options } from 'csv-parse'
import { parse as parseSync } from 'csv-parse/sync'
import { Failure } from '../../failure.ts'
import { excerpt } from '../../wording.ts'
import { EXPECTED, FIRST_RECORDS, isBlankRow, wrongColumns, type CsvRecord } from './dialect.ts'
import { isIntegerUpTo, numberIn } from './field.ts'
import type { FileRows } from './file-rows.ts'
import type { Window } from './input.ts'
import { chunkOf, offsetIn } from './row-buffer.ts'

const LONGEST_RECORD = 2 ** 16 // bytes; 785 quoted columns take less than 10,000
const CHUNK = 2 ** 14 // bytes passed to csv-parse at once
const MAX_INDEX = Number.MAX_SAFE_INTEGER

const CSV: Options = {
  record_delimiter: ['\r\n', '\n', '\r'],
  relax_column_count: true,
  skip_empty_lines: true,
  max_record_size: LONGEST_RECORD,
}

/**
 * The first records of a CSV, at most 13: those that are complete and precede the first error.
 * @param head the first bytes of the file
 * @param isAll whether `head` is the whole file
 * @param name the file, as messages call it
 * @param linesBefore lines of the file before `head`
 * @throws Failure `badData`, with its place, if the first record is invalid
 */
export function firstRecords(head: Buffer, isAll: boolean, name: string, linesBefore = 0): CsvRecord[] {
  // A CR at the very end may be the first half of a CRLF.
  const end = isAll ? head.length : Math.max(head.lastIndexOf('\n'), head.lastIndexOf('\r', head.length - 2)) + 1
  if (end === 0 && !isAll) throw tooLong(`${name}:${linesBefore + 1}`)
  const records: CsvRecord[] = []
  const onRecord = (fields: string[], { lines, bytes }: Info) => {
    records.push({ fields, line: linesBefore + lines, end: bytes })
    return null // keeps nothing in the parser
  }
  try {
    parseSync(head.subarray(0, end), { ...CSV, to: FIRST_RECORDS, on_record: onRecord })
  } catch (error) {
    if (records.length === 0) throw csvFailure(error, name, START, linesBefore)
  }
  return records
}

/**
 * Reads rows of a CSV from the window's start on, up to the file's limit, and looks at those after it as long as they
 * are needed to decide what the file is.
 * @throws Failure `badData`, with `file:line:column`, at the first invalid row
 */
export async function readCsv(window: Window, file: FileRows): Promise<void> {
  const linesBefore = file.line - 1
  const limitReached = new AbortController()
  let last: Info = START
  let blankLine: number | undefined // only rows at the end may be empty
  const onRecord = (fields: string[], info: Info) => {
    if (limitReached.signal.aborted) return null
    const line = linesBefore + info.lines
    if (isBlankRow(fields)) blankLine ??= line
    else if (file.rowsRead < file.limit) {
      if (blankLine !== undefined) throw emptyRow(`${file.name}:${blankLine}`)
      storeRow(fields, file, line)
    } else if (!lookAt(fields, file, line)) limitReached.abort()
    last = info
    if (file.rowsRead === file.limit && file.isDecided()) limitReached.abort()
    return null
  }
  const parser = parse({ ...CSV, on_record: onRecord })
  const refuseLongLine = (bytes: number) => {
    if (bytes > window.bytes.length) throw tooLong(`${file.name}:${linesBefore + parser.info.lines}`)
  }
  try {
    await pipeline(Readable.from(rest(window, refuseLongLine)), parser.resume(), { signal: limitReached.signal })
  } catch (error) {
    if (!limitReached.signal.aborted) throw csvFailure(error, file.name, last, linesBefore)
  }
}

/**
 * Parses a record and stores it as the file's next row.
 * @param line the record's line, from 1
 * @throws Failure `badData`
 */
function storeRow(fields: string[], file: FileRows, line: number): void {
  const { layout, pixels, labels } = file
  const { emptyFrom = layout.columns } = layout
  const failureAt = (column: number, message: string) =>
    new Failure('badData', `${file.name}:${line}:${column + 1}: ${message}`)
  if (fields.length !== layout.columns) {
    throw new Failure('badData', `${file.name}:${line}: ${wrongColumns(fields, layout)}`)
  }
  const row = file.base + file.rowsRead
  const chunk = layout.hasPixels ? chunkOf(pixels, row) : undefined
  let label = 0
  let index = 0
  let p = offsetIn(pixels, row)
  for (let column = 0; column < fields.length; column++) {
    const field = fields[column]
    const value = numberIn(field)
    if (column >= emptyFrom) {
      const found = `${excerpt(field)} in a column that is empty in the rows before; remove it`
      if (field.trim() !== '') throw failureAt(column, found)
    } else if (layout.index !== undefined && column <= layout.index) {
      if (!isIntegerUpTo(value, MAX_INDEX)) throw failureAt(column, `${excerpt(field)} is not an index (0, 1, 2, …)`)
      index = value
    } else if (column === layout.label) {
      if (!isIntegerUpTo(value, 9)) throw failureAt(column, wrongLabel(field, value, file))
      chunkOf(labels, row)[offsetIn(labels, row)] = label = value
    } else {
      if (!isIntegerUpTo(value, 255)) throw failureAt(column, wrongPixel(field))
      if (chunk) chunk[p++] = value
    }
  }
  const objection = file.objection(row, label, index)
  if (objection) throw failureAt(objection.column, objection.message)
  file.accept(label, index)
}

/**
 * Looks at a record after the limit.
 * @param line the record's line, from 1
 * @returns whether it is a row like those before
 * @throws Failure `badData` if it shows that those were misunderstood
 */
function lookAt(fields: string[], file: FileRows, line: number): boolean {
  const { layout, name } = file
  if (fields.length !== layout.columns) return false
  const [first, last] = [layout.label ?? 0, (layout.emptyFrom ?? layout.columns) - 1].map((i) => numberIn(fields[i]))
  if (Number.isNaN(first)) return false
  const objection = file.look(first, last)
  if (objection) throw new Failure('badData', `${name}:${line}:${objection.column + 1}: ${objection.message}`)
  return true
}

function emptyRow(place: string): Failure {
  return new Failure('badData', `${place}: empty row between digits; delete it`)
}

function wrongLabel(field: string, label: number, { labels, base, rowsRead, layout }: FileRows): string {
  const message = `${excerpt(field)} is not a label (0–9)${utf16(field)}`
  const labelAt = (row: number) => chunkOf(labels, row)[offsetIn(labels, row)]
  if (layout.letters !== undefined && isIntegerUpTo(label, 61)) return `${message}; ${layout.letters}`
  const hasZero = Array.from({ length: rowsRead }, (_, i) => labelAt(base + i)).includes(0)
  if (label === 10 && !hasZero) return `${message}; if the labels are 1–10, change them to 0–9`
  const isNameless = !layout.hasHeader && layout.label === 0 && layout.hasPixels
  if (label > 10 && isNameless) return `${message}; if it is an index, remove it or add a header that names the columns`
  return message
}

function wrongPixel(field: string): string {
  return `${excerpt(field)} is not a pixel value (0–255)${utf16(field)}`
}

/** What a number with NUL bytes is: part of UTF-16 text that was appended to other text. */
function utf16(field: string): string {
  const isWide = field.length < 16 && /^\0?(\d\0)+\d?$/.test(field)
  return isWide ? '; from here on the file is UTF-16: save all of it as UTF-8' : ''
}

/**
 * The rest of an input, in chunks that are copies.
 * @param onOpenLine called with the bytes so far of the line that the chunk leaves open
 */
async function* rest(window: Window, onOpenLine: (bytes: number) => void): AsyncGenerator<Buffer> {
  let open = 0
  for (;;) {
    while (window.start < window.end) {
      const chunk = Buffer.from(window.bytes.subarray(window.start, Math.min(window.end, window.start + CHUNK)))
      window.start += chunk.length
      const newline = Math.max(chunk.lastIndexOf('\n'), chunk.lastIndexOf('\r'))
      open = newline === -1 ? open + chunk.length : chunk.length - newline
      onOpenLine(open)
      yield chunk
    }
    if (window.ended) return
    await window.fill()
  }
}

const START: Info = {
  bytes: 0,
  bytes_records: 0,
  comment_lines: 0,
  empty_lines: 0,
  invalid_field_length: 0,
  lines: 0,
  records: 0,
}

function tooLong(place: string): Failure {
  return new Failure('badData', `${place}: line longer than ${LONGEST_RECORD / 1024} KiB; ${EXPECTED}`)
}

/**
 * An error of csv-parse as a Failure with its place; other errors are returned as they are.
 * @param last where the last valid record ended
 * @param linesBefore lines of the file before those that csv-parse was given
 */
function csvFailure(error: unknown, name: string, last: Info, linesBefore: number): unknown {
  if (!(error instanceof CsvError)) return error
  const { lines, empty_lines, column } = error as unknown as Info & { column: number }
  const firstLine = last.lines + 1 + empty_lines - last.empty_lines // of the invalid record
  const failureAt = (line: number, message: string) =>
    new Failure('badData', `${name}:${linesBefore + line}:${column + 1}: ${message}`, { cause: error })
  switch (error.code) {
    case 'CSV_QUOTE_NOT_CLOSED':
      return failureAt(firstLine, 'unclosed quote')
    case 'CSV_MAX_RECORD_SIZE':
      return lines > firstLine ? failureAt(firstLine, 'unclosed quote') : tooLong(`${name}:${linesBefore + lines}`)
    case 'CSV_INVALID_CLOSING_QUOTE':
      return failureAt(lines, 'text after the closing quote; expected a comma or the end of the line')
    case 'INVALID_OPENING_QUOTE':
      return failureAt(lines, 'quote inside a field; quotes must enclose the whole field')
    default:
      return new Failure('badData', `${name}:${linesBefore + lines}: ${error.message}`, { cause: error })
  }
}
