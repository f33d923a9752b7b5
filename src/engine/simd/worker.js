// A thread of the simd engine. Plain JavaScript, because tsx and vitest load no TypeScript in workers.
import { parentPort, workerData } from 'node:worker_threads'

/** @type {import('./threads.ts').WorkerData} */
const { module, memory, thread, barrier, words, message, messageBytes } = workerData
const { exports } = new WebAssembly.Instance(module, { env: { memory } })
const step = /** @type {(thread: number) => number} */ (exports.step)

const waiting = new Int32Array(memory.buffer, barrier, Object.keys(words).length)
const { PASSES, WORKING, FAILED } = words

parentPort?.postMessage('ready')
try {
  for (let pass = 0; ; pass++) {
    Atomics.wait(waiting, PASSES, pass)
    while (step(thread)) continue
    if (Atomics.sub(waiting, WORKING, 1) === 1) Atomics.notify(waiting, WORKING)
  }
} catch (error) {
  const room = new Uint8Array(memory.buffer, message, messageBytes)
  Atomics.store(waiting, FAILED, new TextEncoder().encodeInto(String(error), room).written)
  Atomics.store(waiting, WORKING, 0)
  Atomics.notify(waiting, WORKING)
}
