/** How large things are in the engine's memory, and how its matrices lie there. */
import ndarray from 'ndarray'
import { PIXELS } from '../../digits.ts'
import type { Matrix } from '../../matrix.ts'
import type { Params } from '../../network.ts'

/** Pairs of horizontal neighbours. */
export const PAIRS = PIXELS / 2

/**
 * Shards per pass, at most: their gradients are kept apart until all are there, then added in order, so that no sum
 * depends on the number of threads. With very many hidden units fewer, so that they take at most 128 MB.
 */
const SHARDS = 16
const SHARDS_BYTES = 2 ** 27

/**
 * Examples per tile: of 32, 64, 128 and 256, the last is the fastest at 10, 128 and 512 hidden units, by up to 28 %.
 * Above 1024 units fewer, so that a tile takes a few tens of milliseconds; always even, because the kernel takes two
 * examples at a time.
 */
const TILE = 256
const TILE_UNITS = 2 ** 18

export interface Layout {
  /** Hidden units, rounded up to a multiple of 10 with zeros. */
  units: number
  /** Examples per tile. */
  tile: number
  /** W1, b1, W2, b2 as float64 numbers. */
  paramsLength: number
  /** The gradients of them, then the sum of the losses and the number correct. */
  gradientsLength: number
  /** Shards per pass, at most. */
  maxShards: number
  /** Bytes of a tile's columns, at most. */
  columnsBytes: number
  /** Bytes of a thread's desk. */
  deskBytes: number
}

export function layoutFor(hidden: number): Layout {
  const units = Math.ceil(hidden / 10) * 10
  const tile = Math.min(TILE, 2 * Math.floor(TILE_UNITS / units / 2))
  const paramsLength = (PIXELS + 1 + 10) * units + 10
  const gradientsLength = paramsLength + 2
  const columnsBytes = tile + PAIRS * (2 + tile * 4) + 4
  return {
    units,
    tile,
    paramsLength,
    gradientsLength,
    maxShards: Math.max(2, Math.min(SHARDS, Math.floor(SHARDS_BYTES / (gradientsLength * 8)))),
    columnsBytes,
    deskBytes: Math.ceil((16 + PAIRS * 4 + tile * (80 + units * 8) + columnsBytes) / 64) * 64,
  }
}

/**
 * The four matrices that lie one after the other in some numbers, as the kernel draws them: W1 by pixel, W2 by hidden
 * unit.
 */
export function matricesIn(numbers: Float64Array, hidden: number, units: number): Params {
  const b1 = PIXELS * units
  const W2 = b1 + units
  const b2 = W2 + 10 * units
  return {
    W1: ndarray(numbers.subarray(0, b1), [hidden, PIXELS], [1, units]),
    b1: ndarray(numbers.subarray(b1, W2), [hidden, 1], [1, 1]),
    W2: ndarray(numbers.subarray(W2, b2), [10, hidden], [1, 10]),
    b2: ndarray(numbers.subarray(b2, b2 + 10), [10, 1], [1, 1]),
  }
}

/**
 * Copies a matrix into one of its shape that `matricesIn` made, if it is not that one already.
 * @throws RangeError if the shapes differ
 */
export function copyInto(from: Matrix, to: Matrix): void {
  if (from.data === to.data) return
  const [rows, columns] = to.shape
  if (from.shape[0] !== rows || from.shape[1] !== columns) throw new RangeError(`Not a matrix of ${rows}×${columns}`)
  to.data.fill(0) // also the rounding up to a multiple of 10
  const [down, right] = from.stride
  const [toDown, toRight] = to.stride
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) to.data[i * toDown + j * toRight] = from.data[from.offset + i * down + j * right]
  }
}
