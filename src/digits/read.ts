import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { CsvError, parse } from 'csv-parse'
import { emptyDigits, join, PIXELS, type Digits } from '../digits.ts'
import { Failure, systemFailure } from '../failure.ts'

const HEADER = ['label', ...Array.from({ length: PIXELS }, (_, p) => `pixel${p}`)]
const COLUMNS = HEADER.length
const BLOCK = 1024 // rows that are kept together while it is not known how many come
const LONGEST_LINE = 64 * 1024 // bytes; a line of 785 quoted columns has under 10,000

const BYTES = new Map(Array.from({ length: 256 }, (_, value) => [String(value), value]))

export interface ReadOptions {
  /** Read this many digits and no further. */
  limit?: number
  /** Told now and then how much of the file has been read, from 0 to 1. */
  onProgress?: (share: number) => void
}

/**
 * Reads a CSV of digits: 785 columns, the label first, under the header `label,pixel0,…,pixel783` or under none.
 * @throws Failure `noInput` where the file cannot be read; `badData`, with `file:line:column`, where it is not such a CSV
 */
export async function readDigits(path: string, { limit = Infinity, onProgress }: ReadOptions = {}): Promise<Digits> {
  const blocks: Digits[] = []
  let rows = 0
  let firstRecord = true
  const enough = new AbortController()

  const takeRecord = (record: string[], { lines }: { lines: number }) => {
    const isHeader = firstRecord && checkHeader(record, path, lines)
    firstRecord = false
    if (isHeader || rows === limit) return null
    if (rows % BLOCK === 0) blocks.push(emptyDigits(BLOCK))
    takeDigit(record, blocks[blocks.length - 1], rows % BLOCK, `${path}:${lines}`)
    rows++
    if (rows === limit) enough.abort()
    return null // keeps nothing in the parser
  }

  try {
    const { size } = await stat(path)
    const file = createReadStream(path)
    if (onProgress) file.on('data', () => onProgress(size > 0 ? file.bytesRead / size : 0))
    const parser = parse({
      bom: true,
      relax_column_count: true,
      skip_empty_lines: true,
      max_record_size: LONGEST_LINE,
      on_record: takeRecord,
    })
    await pipeline(file, (chunks: AsyncIterable<Buffer>) => refuseBinary(chunks, path), parser.resume(), {
      signal: enough.signal,
    })
  } catch (error) {
    if (!enough.signal.aborted) throw readFailure(error, path)
  }

  if (rows === 0) {
    const found = firstRecord ? 'the file is empty' : 'there is a header but no digit below it'
    throw new Failure('badData', `${path}: ${found}; a CSV of MNIST digits is needed, one of 785 columns a line`)
  }
  const last = blocks[blocks.length - 1]
  const lastRows = ((rows - 1) % BLOCK) + 1
  blocks[blocks.length - 1] = {
    pixels: last.pixels.subarray(0, lastRows * PIXELS),
    labels: last.labels.subarray(0, lastRows),
  }
  return join(blocks)
}

/** Whether the first record is the header: it is where neither its label nor its first pixel is a number. */
function checkHeader(record: string[], path: string, line: number): boolean {
  checkColumns(record, `${path}:${line}`)
  const isNumber = (field: string) => field.trim() !== '' && Number.isFinite(Number(field))
  if (isNumber(record[0]) || isNumber(record[1])) return false
  const wrong = record.findIndex((field, column) => field.trim() !== HEADER[column])
  if (wrong === -1) return true
  const place = `${path}:${line}:${wrong + 1}`
  throw new Failure('badData', `${place}: the header has ${quote(record[wrong])} where "${HEADER[wrong]}" is expected`)
}

function checkColumns(record: string[], place: string): void {
  if (record.length === COLUMNS) return
  const count = record.length === 1 ? '1 column' : `${record.length} columns`
  throw new Failure('badData', `${place}: this line has ${count} where ${COLUMNS} are expected, a label and 784 pixels`)
}

/** Writes one record into its row of the digits. */
function takeDigit(record: string[], { pixels, labels }: Digits, row: number, place: string): void {
  checkColumns(record, place)
  const label = BYTES.get(record[0])
  if (label === undefined || label > 9) {
    throw new Failure('badData', `${place}:1: the label ${quote(record[0])} is not a digit from 0 to 9`)
  }
  labels[row] = label
  for (let p = 0; p < PIXELS; p++) {
    const pixel = BYTES.get(record[1 + p])
    if (pixel === undefined) {
      const field = record[1 + p]
      throw new Failure('badData', `${place}:${p + 2}: ${quote(field)} is not a whole number from 0 to 255`)
    }
    pixels[row * PIXELS + p] = pixel
  }
}

async function* refuseBinary(chunks: AsyncIterable<Buffer>, path: string): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    if (chunk.includes(0)) throw new Failure('badData', `${path}: this is a binary file, not a CSV`)
    yield chunk
  }
}

/** A field as an error shows it: in quotes, cut to a readable length. */
function quote(field: string): string {
  return JSON.stringify(field.length > 24 ? `${field.slice(0, 24)}…` : field)
}

/** csv-parse's errors as sentences with their place. */
function readFailure(error: unknown, path: string): unknown {
  if (!(error instanceof CsvError)) return systemFailure('noInput', `cannot read ${path}`, error)
  const line = Number(error.lines ?? 1)
  const reason =
    error.code === 'CSV_MAX_RECORD_SIZE'
      ? `this line is longer than ${LONGEST_LINE / 1024} KiB: is it a CSV of digits?`
      : error.message
  return new Failure('badData', `${path}:${line}: ${reason}`, { cause: error })
}
