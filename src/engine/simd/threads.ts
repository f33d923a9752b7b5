/** The engine's worker threads and the barrier at which they wait for passes. */
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { Worker } from 'node:worker_threads'
import type { Kernel } from './kernel.ts'

/** The barrier's words: passes begun, workers that have not finished, bytes of a failed worker's message. */
const WORDS = { PASSES: 0, WORKING: 1, FAILED: 2 } as const
const MESSAGE_BYTES = 1024

/** Milliseconds that the caller waits for the workers before it can react to events. */
const PATIENCE = 20

export interface Threads {
  /** How many there are. */
  readonly count: number
  /** Resolves when all are ready for the first pass. */
  ready(): Promise<void>
  /** Starts them on the pass that the memory describes. */
  begin(): void
  /** Waits until they have finished it, pausing every few tens of milliseconds. */
  finish(): Generator<undefined, void>
  /** The same without a pause. */
  finishNow(): void
  /** Ends them. */
  close(): void
}

/** What a worker is given: worker.js reads it. */
export interface WorkerData {
  module: WebAssembly.Module
  memory: WebAssembly.Memory
  thread: number
  barrier: number
  words: typeof WORDS
  message: number
  messageBytes: number
}

/** Starts worker threads; the caller is thread 0. */
export function startThreads(
  count: number,
  kernel: Kernel,
  module: WebAssembly.Module,
  memory: WebAssembly.Memory,
): Threads {
  const [barrier, message] = [kernel.BARRIER.value, kernel.MESSAGE.value]
  const workers = Array.from({ length: count }, (_, i) => {
    const workerData: WorkerData = {
      module,
      memory,
      thread: i + 1,
      barrier,
      words: WORDS,
      message,
      messageBytes: MESSAGE_BYTES,
    }
    return new Worker(createRequire(import.meta.url).resolve('#worker'), { workerData, execArgv: [] })
  })
  const allReady = Promise.all(workers.map((worker) => once(worker, 'message')))
  allReady.catch(() => {}) // `ready` rejects with it
  const words = new Int32Array(memory.buffer, barrier, Object.keys(WORDS).length)
  const { PASSES, WORKING, FAILED } = WORDS

  /** @throws Error if a worker has failed: it has ended, and the engine with it */
  const check = () => {
    const failed = Atomics.load(words, FAILED)
    if (failed === 0) return
    const text = Buffer.from(new Uint8Array(memory.buffer, message, failed)).toString()
    throw new Error(`A thread of the engine failed: ${text}`)
  }
  return {
    count,
    async ready() {
      await allReady
      workers.forEach((worker) => worker.unref())
    },
    begin() {
      Atomics.store(words, WORKING, count)
      Atomics.add(words, PASSES, 1)
      Atomics.notify(words, PASSES)
    },
    *finish() {
      for (let working; (working = Atomics.load(words, WORKING)) > 0;) {
        if (Atomics.wait(words, WORKING, working, PATIENCE) === 'timed-out') yield
      }
      check()
    },
    finishNow() {
      check()
      for (let working; (working = Atomics.load(words, WORKING)) > 0;) Atomics.wait(words, WORKING, working)
    },
    close() {
      workers.splice(0).forEach((worker) => worker.terminate())
      Atomics.store(words, WORKING, 0)
    },
  }
}
