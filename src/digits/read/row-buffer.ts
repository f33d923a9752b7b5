/** A growable buffer of fixed-width rows. */
export interface RowBuffer {
  /** The rows in use, then unused bytes, which are 0. Replaced by a larger array when the buffer grows. */
  bytes: Uint8Array
  /** Bytes per row. */
  readonly width: number
  /** Rows in use. */
  count: number
}

// The operating system provides memory for a new array only when it is written, so reserving too many rows is free.
// Growing is not: it needs the old array and the new one at once.
const MAX_RESERVED = 2 ** 20 // rows

/** Rows to reserve if the size of the input is unknown. */
export const DEFAULT_RESERVED = 2 ** 17

/**
 * An empty buffer.
 * @param width bytes per row
 */
export function emptyRowBuffer(width: number): RowBuffer {
  return { bytes: new Uint8Array(0), width, count: 0 }
}

/** Makes room for `more` rows after those in use, or for 2²⁰ if `more` is larger than that. */
export function reserve(buffer: RowBuffer, more: number): void {
  grow(buffer, buffer.count + Math.min(more, MAX_RESERVED))
}

/** Makes room for the row with this number, from 0; doubles the buffer if it is full. */
export function ensureRow(buffer: RowBuffer, row: number): void {
  const capacity = buffer.bytes.length / buffer.width
  if (row >= capacity) grow(buffer, Math.max(row + 1, 2 * capacity))
}

/** The bytes of the rows in use: a view, not a copy. */
export function usedBytes({ bytes, width, count }: RowBuffer): Uint8Array {
  return bytes.subarray(0, count * width)
}

function grow(buffer: RowBuffer, capacity: number): void {
  if (capacity * buffer.width <= buffer.bytes.length) return
  const bytes = new Uint8Array(capacity * buffer.width)
  bytes.set(buffer.bytes)
  buffer.bytes = bytes
}
