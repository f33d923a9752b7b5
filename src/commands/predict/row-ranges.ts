/** Rows as `--index` names them: 3, 0-9, or both: 0-9,17. */
import { Failure } from '../../failure.ts'
import { excerpt } from '../../wording.ts'

/** Rows from `first` to `last`, both included; the first row of the data is 0. */
export interface RowRange {
  first: number
  last: number
}

const MAX_ROW = 1e9

/**
 * Parses a list of rows.
 * @throws Failure `usage`
 */
export function parseRowRanges(text: string): RowRange[] {
  return text.split(',').map((part) => {
    const [, from, to = from] = /^(\d{1,10})(?:-(\d{1,10}))?$/.exec(part.trim()) ?? []
    const [first, last] = [Number(from), Number(to)]
    const refuse = (reason: string) => new Failure('usage', `--index ${excerpt(text)}: ${reason}`)
    if (from === undefined) throw refuse('not rows, such as 3 or 0-9,17')
    if (first > last) throw refuse(`${first} is after ${last}; write the smaller row first`)
    if (last > MAX_ROW) throw refuse(`the greatest row is ${MAX_ROW}`)
    return { first, last }
  })
}

/** How many rows have to be read. */
export function rowsToRead(ranges: RowRange[]): number {
  return ranges.reduce((most, { last }) => Math.max(most, last + 1), 0)
}

/** The rows of the ranges, in their order. */
export function rowsOf(ranges: RowRange[]): Uint32Array {
  const rows = new Uint32Array(ranges.reduce((count, { first, last }) => count + last - first + 1, 0))
  let at = 0
  for (const { first, last } of ranges) for (let row = first; row <= last; row++) rows[at++] = row
  return rows
}

/** The rows that m digits do not have, as `parseRowRanges` reads them; undefined if they have all. */
export function rowsMissing(ranges: RowRange[], m: number): string | undefined {
  const missing = ranges.filter(({ last }) => last >= m).map(({ first, last }) => [Math.max(first, m), last])
  return missing.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(',') || undefined
}
