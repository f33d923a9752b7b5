/** The training examples in the kernel's memory: only their ink, by example (records) and by pixel (columns). */
import { PIXELS, type Digits } from '../../digits.ts'
import { checkBatch } from '../../engine.ts'
import type { Kernel } from './kernel.ts'
import { PAIRS, type Layout } from './layout.ts'
import type { Arena } from './memory.ts'

/** Digits that are copied into the memory at a time, so that all their bytes never are. */
const AT_ONCE = 512

/** Examples that a pass goes over, as addresses for the kernel. */
export interface Examples {
  count: number
  records: number
  /** 0 if the kernel has to make them, tile by tile. */
  columns: number
  predictions: number
}

export interface PackedDigits {
  /** All examples; their columns are made when they are first asked for. */
  all(withColumns: boolean): Examples
  /**
   * A batch of them; it holds until the next batch.
   * @throws RangeError if it is empty or names an example that does not exist
   */
  batch(rows: Uint32Array): Examples
}

/**
 * Packs the given rows of the digits.
 * @param cursors the address of scratch room for one word per pair of pixels
 */
export function packDigits(
  digits: Digits,
  rows: Uint32Array | undefined,
  kernel: Kernel,
  heap: Arena,
  { tile, columnsBytes }: Layout,
  cursors: number,
): PackedDigits {
  const m = rows?.length ?? digits.labels.length
  const records = heap.take(m * 4)
  const predictions = heap.take(m)
  let columns = 0 // not made yet
  let list = { at: 0, length: 0 } // of a batch: its records, then its predictions

  const some = Math.min(m, AT_ONCE)
  const pixels = heap.take(some * PIXELS)
  const labels = heap.take(some)
  for (let first = 0; first < m; first += some) {
    const count = Math.min(some, m - first)
    const [toPixels, toLabels] = [heap.bytes(pixels, count * PIXELS), heap.bytes(labels, count)]
    for (let i = 0; i < count; i++) {
      const row = rows?.[first + i] ?? first + i
      toPixels.set(digits.pixels.subarray(row * PIXELS, (row + 1) * PIXELS), i * PIXELS)
      toLabels[i] = digits.labels[row]
    }
    heap.end = Math.ceil(heap.end / 4) * 4
    heap.reserve(count * (4 + PAIRS * 4))
    heap.end = kernel.pack(pixels, labels, count, records + first * 4, heap.end) >>> 0 // above 2 GiB it is negative
  }

  /** Writes the columns of all tiles. */
  function transpose() {
    const tiles = Math.ceil(m / tile)
    columns = heap.take(tiles * 4)
    for (let t = 0; t < tiles; t++) {
      heap.reserve(columnsBytes)
      heap.words(columns, tiles)[t] = heap.end
      heap.end = kernel.transpose(records + t * tile * 4, Math.min(tile, m - t * tile), cursors, heap.end) >>> 0
    }
  }

  return {
    all(withColumns) {
      if (withColumns && columns === 0) transpose()
      return { count: m, records, columns, predictions }
    },
    batch(batchRows) {
      const { length } = checkBatch(batchRows, m)
      if (length > list.length) list = { at: heap.take(length * 5), length }
      const all = heap.words(records, m)
      const listed = heap.words(list.at, length)
      for (let i = 0; i < length; i++) listed[i] = all[batchRows[i]]
      return { count: length, records: list.at, columns: 0, predictions: list.at + list.length * 4 }
    },
  }
}
