/** Fields of a CSV as numbers, and as errors show them. */

const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i

/** The number that a field holds in decimal notation (`7`, `7.0`, ` 7 `, `7e0`), NaN where it holds anything else. */
export function numberIn(field: string): number {
  const text = field.trim()
  return DECIMAL.test(text) ? Number(text) : NaN
}

/** Whether a number is whole and from 0 to `most`. */
export function isWhole(value: number, most: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= most
}

/** A field as an error shows it: in quotes, cut to a readable length. */
export function quote(field: string): string {
  return JSON.stringify(field.length > 24 ? `${field.slice(0, 24)}…` : field)
}

/** A count with its thousands set apart: 60,000. (The first `toLocaleString` of a process takes 25 ms.) */
export function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',')
}

/** A count with its noun: "1 column", "60,000 digits". */
export function counted(count: number, noun: string): string {
  return `${grouped(count)} ${noun}${count === 1 ? '' : 's'}`
}
