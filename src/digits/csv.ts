/** csv-parse's way through a CSV: reads everything that is one, and says where and why a file is not one of digits. */
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { CsvError, parse, type Info, type Options } from 'csv-parse'
import { parse as parseAtOnce } from 'csv-parse/sync'
import { PIXELS } from '../digits.ts'
import { Failure } from '../failure.ts'
import { contents, FIRST_RECORDS, type CsvRecord, type Layout } from './dialect.ts'
import { counted, isWhole, numberIn, quote } from './field.ts'
import type { FileRows } from './file-rows.ts'
import type { Window } from './input.ts'
import { makeRoom } from './rows.ts'

const LONGEST_LINE = 64 * 1024 // bytes in its fields; a line of 785 quoted columns has under 10,000
const CHUNK = 16 * 1024 // bytes given to csv-parse at once
const MOST_INDEX = Number.MAX_SAFE_INTEGER

const BYTES = new Map(Array.from({ length: 256 }, (_, value) => [String(value), value])) // what most fields are, at once

const CSV: Options = {
  record_delimiter: ['\r\n', '\n', '\r'],
  relax_column_count: true,
  skip_empty_lines: true,
  max_record_size: LONGEST_LINE,
}

/**
 * The first records of a CSV that begins with these bytes: those that are whole and come before the first error.
 * @param isAll whether the bytes are all of the file
 * @throws Failure `badData` where the first record already is none
 */
export function firstRecords(head: Buffer, isAll: boolean, name: string): CsvRecord[] {
  const lastLine = isAll ? head.length : head.lastIndexOf('\n') + 1
  if (lastLine === 0 && !isAll) throw tooLong(`${name}:1`)
  const records: CsvRecord[] = []
  const take = (fields: string[], { lines, bytes }: Info) => {
    records.push({ fields, line: lines, end: bytes })
    return null // keeps nothing in the parser
  }
  try {
    parseAtOnce(head.subarray(0, lastLine), { ...CSV, to: FIRST_RECORDS, on_record: take })
  } catch (error) {
    if (records.length === 0) throw csvFailure(error, name, START, 0)
  }
  return records
}

/**
 * Reads the rows of a CSV from the window's start on.
 * @throws Failure `badData`, with `file:line:column`, at the first that is wrong
 */
export async function readCsv(window: Window, file: FileRows): Promise<void> {
  const before = file.line - 1
  const enough = new AbortController()
  let last: Info = START
  const takeRecord = (fields: string[], info: Info) => {
    if (file.taken === file.limit) return null
    takeRow(fields, file, before + info.lines)
    last = info
    if (file.taken === file.limit) enough.abort()
    return null
  }
  const parser = parse({ ...CSV, on_record: takeRecord })
  const refuseEndless = (bytes: number) => {
    if (bytes > window.bytes.length) throw tooLong(`${file.name}:${before + parser.info.lines}`)
  }
  try {
    await pipeline(Readable.from(rest(window, refuseEndless)), parser.resume(), { signal: enough.signal })
  } catch (error) {
    if (!enough.signal.aborted) throw csvFailure(error, file.name, last, before)
  }
}

/** What is wrong with a line whose columns are not those of the layout, or of any. */
export function wrongColumns(fields: string[], layout: Layout | undefined): string {
  const separators = { ';': 'semicolons', '\t': 'tabs', ' ': 'spaces' }
  for (const [separator, plural] of Object.entries(separators)) {
    const isSeparated = fields.length < 3 && fields[0].trim().split(separator).length >= PIXELS
    if (isSeparated) return `the fields are separated by ${plural}: separate them by commas`
  }
  const expected = layout ? `${layout.columns} are expected, ${contents(layout)}` : LABEL_FIRST
  const advice = !layout && fields.length === WITH_INDEX ? ': where one is an index, name the columns in a header' : ''
  return `this line has ${counted(fields.length, 'column')} where ${expected}${advice}`
}

const LABEL_FIRST = `${PIXELS + 1} are expected, a label and ${PIXELS} pixels`
const WITH_INDEX = PIXELS + 2 // columns

/** Writes one record into its row of the digits. */
function takeRow(fields: string[], file: FileRows, line: number): void {
  const { layout, pixels, labels } = file
  const refuse = (column: number | undefined, sentence: string) => {
    const place = column === undefined ? line : `${line}:${column + 1}`
    return new Failure('badData', `${file.name}:${place}: ${sentence}`)
  }
  if (fields.length !== layout.columns) throw refuse(undefined, wrongColumns(fields, layout))
  const row = file.base + file.taken
  if (layout.hasPixels) makeRoom(pixels, row)
  if (layout.label !== undefined) makeRoom(labels, row)
  let label = 0
  let index = 0
  let p = row * PIXELS
  for (let column = 0; column < fields.length; column++) {
    const field = fields[column]
    const value = BYTES.get(field) ?? numberIn(field)
    if (column === layout.index) {
      if (!isWhole(value, MOST_INDEX)) throw refuse(column, `the index ${quote(field)} is not a whole number`)
      index = value
    } else if (column === layout.label) {
      if (!isWhole(value, 9)) throw refuse(column, wrongLabel(field, value, file))
      labels.bytes[row] = label = value
    } else {
      if (!isWhole(value, 255)) throw refuse(column, wrongPixel(field, value))
      pixels.bytes[p++] = value
    }
  }
  const objection = file.objection(row, label, index)
  if (objection) throw refuse(objection.column, objection.sentence)
  file.take(label, index)
}

function wrongLabel(field: string, label: number, { labels, base, taken, layout }: FileRows): string {
  const sentence = `the label ${quote(field)} is not a digit from 0 to 9`
  const hasZero = labels.bytes.subarray(base, base + taken).includes(0)
  if (label === 10 && !hasZero) return `${sentence}: labels that run from 1 to 10 have to be brought to 0 to 9`
  const isNameless = !layout.hasHeader && layout.label === 0 && layout.hasPixels
  if (label > 10 && isNameless) {
    return `${sentence}: where it is an index, leave the column out or name the columns in a header`
  }
  return sentence
}

function wrongPixel(field: string, pixel: number): string {
  const sentence = `${quote(field)} is not a whole number from 0 to 255`
  return pixel > 0 && pixel < 1 ? `${sentence}: multiply pixels that are scaled to 0…1 by 255` : sentence
}

/** What is left of an input, in pieces that stay as they are; tells how long its last line already is. */
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
  return new Failure('badData', `${place}: this line is longer than ${LONGEST_LINE / 1024} KiB: is it a CSV of digits?`)
}

/**
 * csv-parse's errors as sentences with their place; other errors as they are.
 * @param last where the record before ended
 * @param before lines that csv-parse was not given
 */
function csvFailure(error: unknown, name: string, last: Info, before: number): unknown {
  if (!(error instanceof CsvError)) return error
  const { lines, empty_lines, column } = error as unknown as Info & { column: number }
  const begin = last.lines + 1 + empty_lines - last.empty_lines // the line of the record that is wrong
  const at = (line: number, sentence: string) =>
    new Failure('badData', `${name}:${before + line}:${column + 1}: ${sentence}`, { cause: error })
  switch (error.code) {
    case 'CSV_QUOTE_NOT_CLOSED':
      return at(begin, 'a quote is opened here and never closed')
    case 'CSV_MAX_RECORD_SIZE':
      return lines > begin ? at(begin, 'a quote is opened here and never closed') : tooLong(`${name}:${before + lines}`)
    case 'CSV_INVALID_CLOSING_QUOTE':
      return at(lines, 'a comma or the end of the line is expected after the second quote')
    case 'INVALID_OPENING_QUOTE':
      return at(lines, 'there is a quote within the field: quotes have to stand around it')
    default:
      return new Failure('badData', `${name}:${before + lines}: ${error.message}`, { cause: error })
  }
}
