/** Fields of a CSV as numbers. */

// Each character can be matched in one way only, so that a long field takes linear time.
const DECIMAL = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i

/** The values of the most common fields, to look up instead of parsing. */
const BYTES = new Map(Array.from({ length: 256 }, (_, value) => [String(value), value]))

/** The decimal number in a field (`7`, `7.0`, ` 7 `, `7e0`); NaN if it holds anything else. */
export function numberIn(field: string): number {
  const byte = BYTES.get(field)
  if (byte !== undefined) return byte
  const text = field.trim()
  return DECIMAL.test(text) ? Number(text) : NaN
}

/** Whether a number is an integer from 0 to `max`. */
export function isIntegerUpTo(value: number, max: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= max
}
