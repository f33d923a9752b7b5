/** A growable buffer of fixed-width rows, in the chunks that `Digits` holds. */
import { CHUNK } from '../../digits.ts'

export interface RowBuffer {
  /** Arrays of `CHUNK` rows, of which the last may be shorter; rows that are not in use yet are 0. */
  readonly chunks: Uint8Array[]
  /** Bytes per row. */
  readonly width: number
  /** The most rows that it will have; may be Infinity. */
  readonly most: number
  /** How many rows to make room for, if that is less than a chunk; more have room, too. Infinity if it is unknown. */
  expected: number
  /** Rows in use. */
  count: number
  /** Called before a chunk is made, with the rows that there is room for then. */
  beforeChunk?: (rows: number) => void
}

/**
 * An empty buffer.
 * @param width bytes per row
 * @param most the most rows that it will have; may be Infinity
 */
export function emptyRowBuffer(width: number, most: number): RowBuffer {
  return { chunks: [], width, most, expected: Infinity, count: 0 }
}

/**
 * The chunk that holds a row, at `offsetIn`. A new one is made when the last is full; it takes memory only as it is
 * written, but a large one hurries the garbage collector.
 * @param row from 0
 */
export function chunkOf(buffer: RowBuffer, row: number): Uint8Array {
  const i = Math.floor(row / CHUNK)
  const chunk = buffer.chunks[i] as Uint8Array | undefined
  return chunk && offsetIn(buffer, row) < chunk.length ? chunk : withRoom(buffer, i, row)
}

/** Adds the i-th chunk, or makes it longer, so that it has room for a row. */
function withRoom(buffer: RowBuffer, i: number, row: number): Uint8Array {
  const { chunks, width, most, expected } = buffer
  const before = i * CHUNK
  const rows = Math.min(CHUNK, most - before, row < expected ? expected - before : Infinity)
  buffer.beforeChunk?.(before + rows)
  const chunk = new Uint8Array(rows * width)
  if (i < chunks.length) chunk.set(chunks[i])
  return (chunks[i] = chunk)
}

/** Where a row begins in its chunk. */
export function offsetIn({ width }: RowBuffer, row: number): number {
  return (row % CHUNK) * width
}

/**
 * Writes rows.
 * @param bytes of whole rows
 * @param row where the first goes, from 0
 */
export function setRows(buffer: RowBuffer, row: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) {
    const first = row + at / buffer.width
    const chunk = chunkOf(buffer, first)
    const offset = offsetIn(buffer, first)
    const some = bytes.subarray(at, at + chunk.length - offset)
    chunk.set(some, offset)
    at += some.length
  }
}

/** The bytes of the rows in use: views, not copies. */
export function usedChunks({ chunks, width, count }: RowBuffer): Uint8Array[] {
  const used = chunks.slice(0, Math.ceil(count / CHUNK))
  return used.map((chunk, i) => chunk.subarray(0, (count - i * CHUNK) * width))
}
