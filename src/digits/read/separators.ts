/** CSVs whose fields are not separated by commas, by their first lines. */
import { PIXELS } from '../../digits.ts'

const HEAD = 2 ** 17 // bytes looked at
const LINES = 4

/** The line that tells Excel the separator, `sep=;`, with its line ending. */
const SEP_LINE = /^"?sep=(.?)"?,?(\r\n|\n|\r|$)/i

/** What separates the fields, for messages. */
const SEPARATORS: [separator: string, plural: string][] = [
  [';', 'semicolons'],
  ['\t', 'tabs'],
  ['|', 'pipes'],
  [':', 'colons'],
  [' ', 'spaces'],
]

/** What is wrong with a line. */
export interface WrongSeparator {
  /** From 1. */
  line: number
  message: string
}

/**
 * How the first lines' fields are separated, if not by commas.
 * @param head the first bytes of the file
 */
export function wrongSeparator(head: Buffer): WrongSeparator | undefined {
  const lines = head.toString('latin1', 0, HEAD).split(/\r\n|\n|\r/, LINES)
  for (const [separator, plural] of SEPARATORS) {
    const split = lines.map((line) => line.trim().split(separator))
    const line = split.findIndex((fields) => areFields(fields))
    if (line === -1) continue
    const hasDecimals = split.some((fields) => areFields(fields) && fields.some((field) => DECIMAL.test(field)))
    const message = hasDecimals
      ? `fields are separated by ${plural}, with decimal commas; separate them by commas and write whole numbers`
      : `fields are separated by ${plural}, expected commas`
    return { line: line + 1, message }
  }
  return undefined
}

const DECIMAL = /^"?[+-]?\d+,\d+"?$/

/** Whether a line was split where its fields end: enough of them, and most without commas except in numbers. */
function areFields(fields: string[]): boolean {
  return (
    fields.length >= PIXELS &&
    fields.filter((field) => !field.includes(',') || DECIMAL.test(field)).length * 2 > fields.length
  )
}

/** The bytes of the line `sep=,` at the beginning; 0 if there is none. */
export function sepLineBytes(head: Buffer): number {
  const [line, separator] = SEP_LINE.exec(head.toString('latin1', 0, 16)) ?? []
  return line !== undefined && separator === ',' ? line.length : 0
}
