/**
 * The fast engine: the formulas of network.ts in WebAssembly, two float64 at a time, on all cores.
 * The mathematics is in kernel/kernel.ts; this file fills its memory, starts its threads and tells them what to do.
 */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { Worker } from 'node:worker_threads'
import ndarray from 'ndarray'
import { PIXELS, type Digits } from '../digits.ts'
import type { Engine, EngineOptions, Evaluation, Measured } from '../engine.ts'
import type { Matrix } from '../matrix.ts'
import type { Gradients, Params } from '../network.ts'

/** What kernel.ts exports. Places are bytes from the start of the memory. */
interface Kernel {
  pack(pixels: number, labels: number, count: number, list: number, to: number): number
  turn(list: number, count: number, cursors: number, to: number): number
  step(thread: number): number
  sum(start: number, end: number): void
  descend(W: number, dW: number, bytes: number, alpha: number): void
  accumulate(V: number, dW: number, bytes: number, momentum: number): void
}

// The head of the memory, as kernel.ts draws it.
const VALUES = 0
const BARRIER = 2048
const [TURN, WORKING, FAILED] = [0, 1, 2] as const // its words: passes begun, workers not yet done, bytes of the message
const PASS = 2112
const MESSAGE = 4096
const HEAP = 8192

const PAGE = 65536
const PAIRS = PIXELS / 2

/** Bytes that the memory grows by: what is not written to takes none of the machine's, and growing often takes time. */
const GROWTH = 2 ** 24

/**
 * Shards that a pass is cut into, at most: their gradients are kept apart until all are there, then added in order,
 * so that no sum depends on the number of threads. With very many hidden units fewer, lest they take over 128 MB.
 */
const SHARDS = 16
const SHARDS_BYTES = 2 ** 27

/** Examples × hidden units from which other threads are woken: about 1 ms of work, and waking them takes 0.1 ms. */
const WORTH_THREADS = 40_000

/**
 * Examples in a tile: 256 are the fastest of 32, 64, 128, 256 at 10, 128 and 512 hidden units, by up to 28 %.
 * Over 1024 units fewer, so that a tile takes some tens of milliseconds and no more; always an even number, as the kernel
 * takes two at a time.
 */
const TILE = 256
const TILE_UNITS = 2 ** 18

/** Bytes of gradients that are added before the caller may look up. */
const SUM_BYTES = 2 ** 20

const NAMES = ['W1', 'b1', 'W2', 'b2'] as const

/** An engine over the digits, of which it keeps a compact copy. */
export async function simdEngine(digits: Digits, options: EngineOptions): Promise<Engine> {
  const { hidden, threads, batch } = options
  const m = options.rows?.length ?? digits.labels.length
  const module = compile()
  const memory = new WebAssembly.Memory({ initial: 16, maximum: 65536, shared: true })
  const kernel = new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Kernel

  let end = HEAP
  /** Makes the memory go on for so many bytes after `end`. */
  const reserve = (bytes: number) => {
    const missing = end + bytes - memory.buffer.byteLength
    if (missing > 0) memory.grow(Math.ceil(missing / GROWTH) * (GROWTH / PAGE))
  }
  /** Takes so many bytes of the memory, all 0. */
  const take = (bytes: number) => {
    end = Math.ceil(end / 64) * 64
    reserve(bytes)
    end += bytes
    return end - bytes
  }
  const bytes = (at: number, length: number) => new Uint8Array(memory.buffer, at, length)
  const words = (at: number, length: number) => new Uint32Array(memory.buffer, at, length)
  const doubles = (at: number, length: number) => new Float64Array(memory.buffer, at, length)

  const units = Math.ceil(hidden / 10) * 10
  const tile = Math.min(TILE, 2 * Math.floor(TILE_UNITS / units / 2))
  const paramsLength = (PIXELS + 1 + 10) * units + 10
  const gradientsLength = paramsLength + 2
  const shardsAtMost = Math.max(2, Math.min(SHARDS, Math.floor(SHARDS_BYTES / (gradientsLength * 8))))
  const shardsOf = (examples: number) => Math.min(shardsAtMost, Math.ceil(examples / tile))

  /** The four matrices that lie one after the other from there. */
  const matrices = (at: number) => ({
    W1: ndarray(doubles(at, PIXELS * units), [hidden, PIXELS], [1, units]),
    b1: ndarray(doubles(at + PIXELS * units * 8, units), [hidden, 1], [1, 1]),
    W2: ndarray(doubles(at + (PIXELS + 1) * units * 8, 10 * units), [10, hidden], [1, 10]),
    b2: ndarray(doubles(at + (PIXELS + 11) * units * 8, 10), [10, 1], [1, 1]),
  })
  const paramsAt = take(paramsLength * 8)
  const gradientsAt = take(shardsAtMost * gradientsLength * 8)
  const own: Params = matrices(paramsAt)
  const { W1: dW1, b1: db1, W2: dW2, b2: db2 } = matrices(gradientsAt)
  let velocity: Params | undefined // its matrices by the parameters' names
  const found = doubles(gradientsAt + paramsLength * 8, 2) // the sum of the losses, number right

  doubles(VALUES, 256).forEach((_, v, values) => (values[v] = v / 255))
  const records = take(m * 4)
  const predictions = take(m)
  const columnsBytes = tile + PAIRS * (2 + tile * 6) + 4 // of a tile, at most
  const deskBytes = Math.ceil((16 + PAIRS * 4 + tile * (80 + units * 8) + columnsBytes) / 64) * 64
  const useful = usefulThreads()
  const desks = take(useful * deskBytes)
  const workers = startWorkers(useful - 1)
  try {
    const ready = workers.map((worker) => once(worker, 'message'))
    pack() // while they start
    await Promise.all(ready)
  } catch (error) {
    workers.forEach((worker) => worker.terminate())
    throw error
  }
  workers.forEach((worker) => worker.unref())
  const barrier = new Int32Array(memory.buffer, BARRIER, 3)
  let columns = 0
  let list = { at: 0, length: 0 } // of a batch: its records, then its predictions

  /** Writes the records of all digits, some hundred at a time: their bytes are never all in the memory. */
  function pack() {
    const some = Math.min(m, 512)
    const pixels = take(some * PIXELS)
    const labels = take(some)
    for (let first = 0; first < m; first += some) {
      const count = Math.min(some, m - first)
      const [toPixels, toLabels] = [bytes(pixels, count * PIXELS), bytes(labels, count)]
      for (let i = 0; i < count; i++) {
        const row = options.rows?.[first + i] ?? first + i
        toPixels.set(digits.pixels.subarray(row * PIXELS, (row + 1) * PIXELS), i * PIXELS)
        toLabels[i] = digits.labels[row]!
      }
      end = Math.ceil(end / 4) * 4
      reserve(count * (4 + PAIRS * 4))
      end = kernel.pack(pixels, labels, count, records + first * 4, end)
    }
  }

  /** Writes the columns of all tiles: once, when gradients over all examples are first asked for. */
  function turn() {
    const tiles = Math.ceil(m / tile)
    columns = take(tiles * 4)
    for (let t = 0; t < tiles; t++) {
      reserve(columnsBytes)
      words(columns, tiles)[t] = end
      end = kernel.turn(records + t * tile * 4, Math.min(tile, m - t * tile), desks + 16, end)
    }
  }

  /** How many threads can be of use. */
  function usefulThreads() {
    const examples = Math.min(m, batch ?? m)
    return examples * hidden < WORTH_THREADS ? 1 : Math.min(threads, shardsOf(examples))
  }

  function startWorkers(count: number) {
    return Array.from({ length: count }, (_, i) => {
      const workerData = { module, memory, thread: i + 1 }
      return new Worker(createRequire(import.meta.url).resolve('#worker'), { workerData, execArgv: [] })
    })
  }

  /** Has the threads do a pass, halting after every tile of this one. */
  function* pass(params: Params, examples: number, records: number, columns: number, forwardOnly: boolean) {
    finish()
    place(params)
    const shards = shardsOf(examples)
    const predicted = records === list.at ? list.at + list.length * 4 : predictions
    const places = [records, columns, predicted, Number(forwardOnly), paramsAt, gradientsAt, desks, deskBytes]
    words(PASS, 13).set([0, shards, examples, tile, units * 8, ...places])
    if (workers.length > 0 && examples * hidden >= WORTH_THREADS) {
      Atomics.store(barrier, WORKING, workers.length)
      Atomics.add(barrier, TURN, 1)
      Atomics.notify(barrier, TURN)
    }
    while (kernel.step(0)) yield
    for (let working; (working = Atomics.load(barrier, WORKING)) > 0;) {
      if (Atomics.wait(barrier, WORKING, working, 20) === 'timed-out') yield
    }
    check()
    if (shards === 1) return
    const all = gradientsLength * 8
    for (let at = forwardOnly ? paramsLength * 8 : 0; at < all; at += SUM_BYTES) {
      kernel.sum(at, Math.min(at + SUM_BYTES, all))
      yield
    }
  }

  /** A worker that fails ends, and with it the use of the engine. */
  function check() {
    const failed = Atomics.load(barrier, FAILED)
    if (failed > 0) throw new Error(`A thread of the engine failed: ${Buffer.from(bytes(MESSAGE, failed)).toString()}`)
  }

  /** Brings a pass that was left halfway to its end. */
  function finish() {
    check()
    words(PASS, 1)[0] = 2 ** 30 // no shard is left to be taken
    for (let working; (working = Atomics.load(barrier, WORKING)) > 0;) Atomics.wait(barrier, WORKING, working)
    words(desks, 3).fill(0)
  }

  /** The places of a batch's records. */
  function listOf(rows: Uint32Array) {
    if (rows.length === 0) throw new RangeError('A batch has at least one example')
    if (rows.length > list.length) list = { at: take(rows.length * 5), length: rows.length }
    const all = words(records, m)
    const listed = words(list.at, rows.length)
    for (let i = 0; i < rows.length; i++) {
      if (rows[i]! >= m) throw new RangeError(`Example ${rows[i]} of the batch is not one of ${m}`)
      listed[i] = all[rows[i]!]!
    }
    return list.at
  }

  function place(params: Params) {
    for (const name of NAMES) copy(params[name], own[name])
    return own
  }

  function* gradientsInSteps(params: Params, rows?: Uint32Array): Generator<undefined, Gradients & Measured> {
    if (!rows && columns === 0) turn()
    if (rows) yield* pass(params, rows.length, listOf(rows), 0, false)
    else yield* pass(params, m, records, columns, false)
    return { dW1, db1, dW2, db2, loss: found[0]! / (rows?.length ?? m), correct: found[1]! }
  }

  function* evaluateInSteps(params: Params): Generator<undefined, Evaluation> {
    yield* pass(params, m, records, columns, true)
    return { loss: found[0]! / m, correct: found[1]!, predictions: bytes(predictions, m).slice() }
  }

  return {
    m,
    threads: 1 + workers.length,
    place,
    gradientsInSteps,
    gradients: (params, rows) => last(gradientsInSteps(params, rows)),
    updateParams(params, gradients, alpha) {
      const isOwn = gradients.dW1.data === dW1.data || gradients.dW1.data === velocity?.W1.data
      if (params.W1.data !== own.W1.data || !isOwn) {
        throw new TypeError('updateParams is for what place, gradients and placeVelocity gave')
      }
      kernel.descend(paramsAt, gradients.dW1.data.byteOffset, paramsLength * 8, alpha)
    },
    placeVelocity({ dW1: V1, db1: v1, dW2: V2, db2: v2 }) {
      velocity ??= matrices(take(paramsLength * 8))
      const { W1, b1, W2, b2 } = velocity
      copy(V1, W1)
      copy(v1, b1)
      copy(V2, W2)
      copy(v2, b2)
      return { dW1: W1, db1: b1, dW2: W2, db2: b2 }
    },
    accumulate(V, gradients, momentum) {
      if (V.dW1.data !== velocity?.W1.data || gradients.dW1.data !== dW1.data) {
        throw new TypeError('accumulate is for what placeVelocity and gradients gave')
      }
      kernel.accumulate(V.dW1.data.byteOffset, gradientsAt, paramsLength * 8, momentum)
    },
    evaluateInSteps,
    evaluate: (params) => last(evaluateInSteps(params)),
    close() {
      workers.splice(0).forEach((worker) => worker.terminate())
      Atomics.store(barrier, WORKING, 0)
    },
  }
}

/** Runs a generator through. */
function last<T>(steps: Generator<undefined, T>): T {
  for (;;) {
    const { done, value } = steps.next()
    if (done) return value
  }
}

/** Copies a matrix into another of its shape, if it is another. */
function copy(from: Matrix, to: Matrix) {
  if (from.data === to.data) return
  const [rows, columns] = to.shape as [number, number]
  if (from.shape[0] !== rows || from.shape[1] !== columns) throw new RangeError(`Not a matrix of ${rows}×${columns}`)
  to.data.fill(0) // also what makes its rows up to tens
  const [down, right] = from.stride as [number, number]
  const [toDown, toRight] = to.stride as [number, number]
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) to.data[i * toDown + j * toRight] = from.data[from.offset + i * down + j * right]!
  }
}

let compiled: WebAssembly.Module | undefined

/** The kernel, compiled once a process. */
function compile(): WebAssembly.Module {
  if (compiled) return compiled
  const binary = readFileSync(createRequire(import.meta.url).resolve('#kernel'))
  try {
    return (compiled = new WebAssembly.Module(binary))
  } catch {
    throw new Error('This Node has no WebAssembly with vectors and shared memory: run with --engine reference')
  }
}
