/** The rows of one file on their way into the digits. scan.ts and csv.ts, which parse them, share this state. */
import { PIXELS } from '../../digits.ts'
import { HEADER_EXAMPLE, type Layout } from './dialect.ts'
import { chunkOf, offsetIn, type RowBuffer } from './row-buffer.ts'

/** The first file of a pair, as the second one sees it. */
export interface Partner {
  name: string
  /** Its index column; empty if it has none. */
  index: number[]
}

/** What is wrong with a row: the column, from 0, and a message. */
export interface Objection {
  column: number
  message: string
}

/** The rows of one file, and how many of them have been read. */
export interface FileRows {
  /** The file, as messages call it. */
  readonly name: string
  readonly layout: Layout
  /** Where pixels go, if the file has them. */
  readonly pixels: RowBuffer
  /** Where labels go, if the file has them. */
  readonly labels: RowBuffer
  /** The row of `pixels` or `labels` that the file's first row becomes. */
  readonly base: number
  /** Read at most this many rows. */
  readonly limit: number
  /** Rows read so far. */
  rowsRead: number
  /** The line to read next, from 1. */
  line: number
  /** The index column so far; empty if the file has none. */
  readonly index: number[]
  /**
   * Why a valid row cannot follow those before it, if so.
   * @param row its row in `pixels`, which hold it already
   * @param label its label; 0 if it has none
   * @param index its index; any number if it has none
   */
  objection(row: number, label: number, index: number): Objection | undefined
  /** Counts a row as read. */
  accept(label: number, index: number): void
  /**
   * Looks at a row after the limit, so that what a file is does not depend on how much of it is read.
   * @param first its first column, or a number other than 0
   * @param last its last one
   */
  look(first: number, last: number): Objection | undefined
  /** Rows looked at after the limit. */
  rowsSeen: number
  /** Whether the rows so far show what the columns hold; if not, those after the limit have to be looked at. */
  isDecided(): boolean
}

/**
 * The state before the first row of a file.
 * @param partner the other file of the pair, if it has been read: both must have the same index column
 */
export function fileRows(
  start: Pick<FileRows, 'name' | 'layout' | 'pixels' | 'labels' | 'base' | 'limit' | 'line'>,
  partner?: Partner,
): FileRows {
  const { layout, pixels } = start
  const index: number[] = []
  let isLabelAssumed = layout.isLabelAssumed ?? false // until a label other than 0 confirms it

  const eitherColumn = (last: number): Objection | undefined => {
    if (last === 0 || last > 9) return undefined
    const found = `the label could be the first column (always 0 so far) or the last (${last} here)`
    return { column: layout.columns - 1, message: `${found}; add a header, ${HEADER_EXAMPLE}` }
  }

  return {
    ...start,
    rowsRead: 0,
    rowsSeen: 0,
    index,
    objection(row, label, at) {
      const expected = partner?.index[this.rowsRead]
      if (partner && layout.index !== undefined && expected !== undefined && expected !== at) {
        const found = `index ${at}, expected ${expected} as in ${partner.name}`
        return { column: layout.index, message: `${found}; both files need the same rows in the same order` }
      }
      if (!isLabelAssumed || label !== 0) return undefined
      return eitherColumn(chunkOf(pixels, row)[offsetIn(pixels, row) + PIXELS - 1])
    },
    accept(label, at) {
      if (label !== 0) isLabelAssumed = false
      if (layout.index !== undefined) index.push(at)
      this.rowsRead++
    },
    look(first, last) {
      this.rowsSeen++
      if (!isLabelAssumed) return undefined
      if (first === 0) return eitherColumn(last)
      isLabelAssumed = false
      return undefined
    },
    isDecided() {
      const mayBeTransposed = layout.isBlank === true && this.rowsRead + this.rowsSeen < PIXELS + 2
      return !isLabelAssumed && !mayBeTransposed
    },
  }
}
