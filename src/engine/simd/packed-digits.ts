/**
 * The training examples in the kernel's memory: only their ink, by pixel (columns) for passes over all of them, by example
 * (records) for batches. Each takes about 370 bytes a digit of MNIST, so only what is asked for is made.
 */
import { PIXELS, pixelsOf, type Digits } from '../../digits.ts'
import { checkBatch } from '../../engine.ts'
import type { Kernel } from './kernel.ts'
import { PAIRS, type Layout } from './layout.ts'
import type { Arena } from './memory.ts'

/** Examples that a pass goes over, as addresses for the kernel. */
export interface Examples {
  count: number
  records: number
  /** 0 if the kernel has to make them of the records, tile by tile. */
  columns: number
  predictions: number
}

export interface PackedDigits {
  /** All examples. */
  all(): Examples
  /**
   * A batch of them; it holds until the next batch.
   * @throws RangeError if it is empty or names an example that does not exist
   */
  batch(rows: Uint32Array): Examples
}

/**
 * Packs the given rows of the digits.
 * @param cursors the address of scratch room for one word per pair of pixels
 * @param forBatches whether batches will be asked for, rather than all examples
 * @throws Failure `usage` if they do not fit into the memory
 */
export function packDigits(
  digits: Digits,
  rows: Uint32Array | undefined,
  kernel: Kernel,
  heap: Arena,
  { tile, columnsBytes }: Layout,
  cursors: number,
  forBatches: boolean,
): PackedDigits {
  const m = rows?.length ?? digits.labels.length
  const predictions = heap.take(m)
  const pixels = heap.take(tile * PIXELS) // the bytes of one tile: the memory never holds those of all
  const labels = heap.take(tile)
  let [records, columns] = [0, 0] // not made yet
  let list = { at: 0, length: 0 } // of a batch: its records, then its predictions

  /** Packs the examples of a tile into records from `to` on, and lists their addresses. Returns the end of the last. */
  function pack(first: number, count: number, listAt: number, to: number): number {
    const toLabels = heap.bytes(labels, count)
    const toPixels = heap.bytes(pixels, count * PIXELS)
    for (let i = 0; i < count; i++) {
      const row = rows?.[first + i] ?? first + i
      toPixels.set(pixelsOf(digits, row), i * PIXELS)
      toLabels[i] = digits.labels[row]
    }
    return kernel.pack(pixels, labels, count, listAt, to) >>> 0 // above 2 GiB it is negative
  }

  function makeRecords() {
    records = heap.take(m * 4)
    heap.end = Math.ceil(heap.end / 4) * 4
    for (let first = 0; first < m; first += tile) {
      heap.reserve(tile * RECORD_BYTES)
      heap.end = pack(first, Math.min(tile, m - first), records + first * 4, heap.end)
    }
  }

  function makeColumns() {
    const tiles = Math.ceil(m / tile)
    const [someRecords, list] = [heap.take(tile * RECORD_BYTES), heap.take(tile * 4)]
    columns = heap.take(tiles * 4)
    for (let t = 0; t < tiles; t++) {
      const count = Math.min(tile, m - t * tile)
      pack(t * tile, count, list, someRecords)
      heap.reserve(columnsBytes)
      heap.words(columns, tiles)[t] = heap.end
      heap.end = kernel.transpose(list, count, cursors, heap.end) >>> 0
    }
  }

  if (forBatches) makeRecords()
  else makeColumns()

  return {
    all: () => ({ count: m, records, columns, predictions }),
    batch(batchRows) {
      const { length } = checkBatch(batchRows, m)
      if (!records) makeRecords()
      if (length > list.length) list = { at: heap.take(length * 5), length }
      const all = heap.words(records, m)
      const listed = heap.words(list.at, length)
      for (let i = 0; i < length; i++) listed[i] = all[batchRows[i]]
      return { count: length, records: list.at, columns: 0, predictions: list.at + list.length * 4 }
    },
  }
}

/** The most that a record takes. */
const RECORD_BYTES = 4 + PAIRS * 4
