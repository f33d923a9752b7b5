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
  /** How many there are, once they are ready. */
  readonly count: number
  /** Resolves when all that could start are ready for the first pass. */
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

/** Starts worker threads, as many of those wanted as the system allows; the caller is thread 0. */
export function startThreads(
  wanted: number,
  kernel: Kernel,
  module: WebAssembly.Module,
  memory: WebAssembly.Memory,
): Threads {
  const [barrier, message] = [kernel.BARRIER.value, kernel.MESSAGE.value]
  const shared = { module, memory, barrier, words: WORDS, message, messageBytes: MESSAGE_BYTES }
  let workers: Worker[] = []
  try {
    for (let thread = 1; thread <= wanted; thread++) {
      const workerData: WorkerData = { ...shared, thread }
      workers.push(new Worker(createRequire(import.meta.url).resolve('#worker'), { workerData, execArgv: [] }))
    }
  } catch {
    // A limit on processes or memory: the threads there are compute the same.
  }
  const allSettled = Promise.allSettled(workers.map(started))
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
    get count() {
      return workers.length
    },
    async ready() {
      const settled = await allSettled
      const isReady = (_: Worker, i: number) => settled[i].status === 'fulfilled'
      workers.filter((worker, i) => !isReady(worker, i)).forEach((worker) => worker.terminate())
      workers = workers.filter(isReady)
      workers.forEach((worker) => worker.unref())
    },
    begin() {
      Atomics.store(words, WORKING, workers.length)
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

/** Resolves when a worker says that it is ready; rejects if it fails or ends before. */
function started(worker: Worker): Promise<unknown> {
  const exit = once(worker, 'exit').then(() => Promise.reject(new Error('a thread ended before it was ready')))
  return Promise.race([once(worker, 'message'), exit])
}
