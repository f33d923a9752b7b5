/** The rows of one file on their way into the digits: what its two parsers, scan.ts and csv.ts, share. */
import { PIXELS } from '../digits.ts'
import { HEADER_EXAMPLE, type Layout } from './dialect.ts'
import type { Rows } from './rows.ts'

/** A file whose rows have been read, as its partner in a pair sees it. */
export interface Partner {
  name: string
  /** Its index column, empty where it has none. */
  index: number[]
}

/** One file's rows, and how far it has been read. */
export interface FileRows {
  readonly name: string
  readonly layout: Layout
  /** Where its pixels and its labels go, as far as it has them. */
  readonly pixels: Rows
  readonly labels: Rows
  /** The row of `pixels` or `labels` that its first becomes. */
  readonly base: number
  /** Rows to read at most. */
  readonly limit: number
  /** Rows read. */
  taken: number
  /** The line, from 1, that is read next. */
  line: number
  /** Its index column so far. */
  readonly index: number[]
  /** Why a row that is right by itself cannot follow those before: the column, from 0, and a sentence. */
  objection(row: number, label: number, index: number): { column: number; sentence: string } | undefined
  /** Counts a row as read. */
  take(label: number, index: number): void
}

export function fileRows(
  given: Pick<FileRows, 'name' | 'layout' | 'pixels' | 'labels' | 'base' | 'limit' | 'line'>,
  partner?: Partner,
): FileRows {
  const { layout, pixels } = given
  const partnerIndex = layout.index === undefined ? [] : (partner?.index ?? [])
  const index: number[] = []
  let isSupposed = layout.isSupposed ?? false // until a label is not 0

  return {
    ...given,
    taken: 0,
    index,
    objection(row, label, at) {
      const other = partnerIndex[this.taken]
      if (other !== undefined && other !== at) {
        const sentence = `the index is ${at} where ${partner!.name} has ${other}: the rows of both have to be the same, in the same order`
        return { column: layout.index!, sentence }
      }
      if (!isSupposed || label !== 0) return undefined
      const last = pixels.bytes[(row + 1) * PIXELS - 1]
      if (last === 0 || last > 9) return undefined
      const sentence = `the first column was 0 in every line so far and the last one is ${last} here: which of them is the label? Name the columns in a header, ${HEADER_EXAMPLE}`
      return { column: layout.columns - 1, sentence }
    },
    take(label, at) {
      if (label !== 0) isSupposed = false
      if (layout.index !== undefined) index.push(at)
      this.taken++
    },
  }
}
