// A thread of the simd engine. Plain JavaScript: as a worker, tsx and vitest load no TypeScript.
import { parentPort, workerData } from 'node:worker_threads'

/** @type {{ module: WebAssembly.Module, memory: WebAssembly.Memory, thread: number }} */
const { module, memory, thread } = workerData
const { exports } = new WebAssembly.Instance(module, { env: { memory } })
const step = /** @type {(thread: number) => number} */ (exports.step)

const barrier = new Int32Array(memory.buffer, 2048, 3)
const [TURN, WORKING, FAILED] = [0, 1, 2] // as in simd.ts
const message = new Uint8Array(memory.buffer, 4096, 1024)

parentPort?.postMessage('ready')
try {
  for (let turn = 0; ; turn++) {
    Atomics.wait(barrier, TURN, turn)
    while (step(thread)) continue
    if (Atomics.sub(barrier, WORKING, 1) === 1) Atomics.notify(barrier, WORKING)
  }
} catch (error) {
  Atomics.store(barrier, FAILED, new TextEncoder().encodeInto(String(error), message).written)
  Atomics.store(barrier, WORKING, 0)
  Atomics.notify(barrier, WORKING)
}
