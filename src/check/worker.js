// Runs a learner's module in a thread of its own, and calls its functions when asked to. Plain JavaScript, because tsx
// and vitest load no TypeScript in workers.
import { workerData } from 'node:worker_threads'
import ndarray from 'ndarray'
import { importModule } from '../network-module/import.js'

/** @type {import('./session.ts').WorkerData} */
const { path, tsx, port, answered } = workerData

// What the module prints is handed over at once, so that it is not lost in an endless loop.
for (const stream of [process.stdout, process.stderr]) {
  stream.write = (/** @type {unknown} */ text) => {
    port.postMessage({ log: String(text) })
    return true
  }
}
process.exit = () => {
  throw new Error('calls process.exit')
}

/** @type {Record<string, unknown>} */
let exported = {}
try {
  exported = await importModule(path, tsx)
  port.postMessage({ types: new Map(Object.entries(exported).map(([name, value]) => [name, typeof value])) })
} catch (error) {
  answer({ error: described(error) })
}

port.on('message', ({ name, values }) => {
  const call = /** @type {(...values: unknown[]) => unknown} */ (exported[name])
  const given = values.map(revived)
  try {
    const value = call(...given)
    if (value instanceof Promise) throw new Error('it returns a promise: write it without async')
    answer({ value, values: given.map(sent) })
  } catch (error) {
    answer({ error: described(error) })
  }
})

/** @param {import('./session.ts').Answer} message */
function answer(message) {
  try {
    port.postMessage(message)
  } catch {
    port.postMessage({ error: { name: 'Error', message: 'it returns functions, not numbers', stack: '' } })
  }
  Atomics.store(answered, 0, 1)
  Atomics.notify(answered, 0)
}

/**
 * Copied matrices become ndarrays again, and lists of draws a stream of random numbers.
 * @param {any} value
 * @returns {unknown}
 */
function revived(value) {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value
  if (value.data) return ndarray(value.data, value.shape, value.stride, value.offset)
  if (value.draws) {
    let i = 0
    return { rand: () => value.draws[i++ % value.draws.length], shuffle() {} }
  }
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, revived(inner)]))
}

/**
 * An argument after the call, without what cannot be copied.
 * @param {any} value
 */
function sent(value) {
  return typeof value?.rand === 'function' ? undefined : value
}

/** @param {unknown} error */
function described(error) {
  const { name, message, stack = '' } = error instanceof Error ? error : new Error(String(error))
  return { name, message, stack }
}
