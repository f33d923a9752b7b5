/** Rows of bytes in one piece, of which it need not be known how many come. */
export interface Rows {
  /** Room for rows, those that are there first; what follows them is 0. */
  bytes: Uint8Array
  /** Bytes a row. */
  readonly width: number
  /** How many rows are there. */
  count: number
}

// An operating system gives memory to a new array only where it is written. Room for more rows than come costs nothing,
// and growing, which needs the old and the new array at once, is left to files of more rows than these.
const MOST_ROOM = 2 ** 20

/** Rows that there should be room for where nothing is known. */
export const LIKELY = 2 ** 17

export function emptyRows(width: number): Rows {
  return { bytes: new Uint8Array(0), width, count: 0 }
}

/** Makes room for that many more rows, or for a million where more are announced. */
export function reserve(rows: Rows, more: number): void {
  grow(rows, rows.count + Math.min(more, MOST_ROOM))
}

/** Makes room for a row of that number, from 0, twice as much as there was where it is missing. */
export function makeRoom(rows: Rows, row: number): void {
  const room = rows.bytes.length / rows.width
  if (row >= room) grow(rows, Math.max(row + 1, 2 * room))
}

/** The bytes of the rows that are there. */
export function taken({ bytes, width, count }: Rows): Uint8Array {
  return bytes.subarray(0, count * width)
}

function grow(rows: Rows, room: number): void {
  if (room * rows.width <= rows.bytes.length) return
  const bytes = new Uint8Array(room * rows.width)
  bytes.set(rows.bytes)
  rows.bytes = bytes
}
