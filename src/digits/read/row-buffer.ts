/** A growable buffer of fixed-width rows, in the chunks that `Digits` holds. */
import { CHUNK } from '../../digits.ts'

export interface RowBuffer {
  /** Arrays of `CHUNK` rows; rows that are not in use yet are 0. */
  readonly chunks: Uint8Array[]
  /** Bytes per row. */
  readonly width: number
  /** The most rows that it will have; may be Infinity. */
  readonly most: number
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
  return { chunks: [], width, most, count: 0 }
}

/**
 * The chunk that holds a row, at `offsetIn`. A new one is made when the last is full; it takes memory only as it is
 * written.
 * @param row from 0
 */
export function chunkOf(buffer: RowBuffer, row: number): Uint8Array {
  const i = Math.floor(row / CHUNK)
  return buffer.chunks[i] ?? addChunk(buffer)
}

function addChunk(buffer: RowBuffer): Uint8Array {
  const { chunks, width, most } = buffer
  const before = chunks.length * CHUNK
  const rows = Math.min(CHUNK, most - before)
  buffer.beforeChunk?.(before + rows)
  const chunk = new Uint8Array(rows * width)
  chunks.push(chunk)
  return chunk
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
