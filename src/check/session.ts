/** Calls of a learner's functions in a thread of their own: with copies of the arguments, and with a time limit. */
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { resolve } from 'node:path'
import { MessageChannel, receiveMessageOnPort, Worker, type MessagePort } from 'node:worker_threads'
import { Failure } from '../failure.ts'
import type { Matrix } from '../matrix.ts'
import { callFailure, importFailure, placeIn, type ModuleFile } from '../network-module.ts'

/** What worker.js is given. */
export interface WorkerData {
  path: string
  tsx: string | undefined
  port: MessagePort
  /** One word, 1 when a call is answered. */
  answered: Int32Array
}

/** What worker.js answers to a call: the result and the arguments as they are now, or what it threw. */
export interface Answer {
  value?: unknown
  values?: unknown[]
  error?: { name: string; message: string; stack: string }
}

export interface Session {
  /** What each export is, by its name. */
  types: Map<string, string>
  /**
   * Calls a function and waits for its result; of `updateParams` without one, the parameters that it changed.
   * @throws Failure `badData` if it throws, takes too long, or changes an argument, other than `updateParams` its parameters
   */
  call(name: string, values: unknown[]): unknown
  /** Ends the thread. */
  close(): void
}

/** The names of the arguments, for messages. */
const ARGUMENTS: Record<string, string[]> = {
  initParams: ['random', 'hidden', 'scheme'],
  relu: ['Z'],
  reluSlope: ['Z'],
  softmax: ['Z'],
  oneHot: ['Y', 'smoothing'],
  forwardProp: ['params', 'X'],
  loss: ['A2', 'Y'],
  dZ2: ['A2', 'Y'],
  dW2: ['dZ2', 'A1'],
  db2: ['dZ2'],
  dZ1: ['W2', 'dZ2', 'Z1'],
  dW1: ['dZ1', 'X'],
  db1: ['dZ1'],
  backProp: ['params', 'activations', 'X', 'Y'],
  updateParams: ['params', 'gradients', 'alpha'],
}

/**
 * Runs a module in a worker.
 * @param seconds the time limit of each call, and of the module itself
 * @param onLog told what the module prints
 * @throws Failure `badData` if the module cannot be run, or takes too long
 */
export async function openSession(file: ModuleFile, seconds: number, onLog: (text: string) => void): Promise<Session> {
  const { port1: port, port2 } = new MessageChannel()
  const answered = new Int32Array(new SharedArrayBuffer(4))
  const workerData: WorkerData = { path: resolve(file.path), tsx: file.tsx, port: port2, answered }
  const worker = new Worker(createRequire(import.meta.url).resolve('#check-worker'), {
    workerData,
    transferList: [port2],
    execArgv: [],
  })
  let isOver = false
  const close = () => {
    isOver = true
    port.close()
    void worker.terminate()
  }
  const endless = (place: string, what: string) => {
    close()
    return new Failure('badData', `${place}: ${what} after ${seconds} s: an endless loop?`)
  }
  /** The next message that is not a log, if there is one. */
  const receive = (): (Answer & { types?: Map<string, string> }) | undefined => {
    for (let received; (received = receiveMessageOnPort(port) as { message: Answer & { log?: string } } | undefined);) {
      if (received.message.log === undefined) return received.message
      onLog(received.message.log)
    }
    return undefined
  }

  const loaded = await firstMessage(port, worker, STARTING + (file.tsx === undefined ? 0 : TSX) + seconds * 1000, onLog)
  if (!loaded) throw endless(file.path, 'has not been loaded')
  if (loaded.error) {
    close()
    throw importFailure(file, errorOf(loaded.error))
  }
  return {
    types: loaded.types ?? new Map<string, string>(),
    call(name, values) {
      if (isOver) throw new Error('the session is over')
      Atomics.store(answered, 0, 0)
      port.postMessage({ name, values })
      Atomics.wait(answered, 0, 0, seconds * 1000)
      const answer = receive()
      if (!answer) throw endless(placeIn(file, name), `${name} has not returned`)
      if (answer.error) throw callFailure(file, name, errorOf(answer.error))
      const changed = changedArguments(name, values, answer.values ?? [])
      const isAllowed = (argument: string) => name === 'updateParams' && argument.startsWith('params')
      const forbidden = changed.find((argument) => !isAllowed(argument))
      if (forbidden !== undefined) {
        const place = placeIn(file, name, forbidden.split('.').at(-1))
        throw new Failure('badData', `${place}: ${name} changes its argument ${forbidden}: compute with a copy`)
      }
      return answer.value ?? (changed.length > 0 ? answer.values?.[0] : undefined)
    },
    close,
  }
}

/** Milliseconds for starting a thread, and for tsx. */
const STARTING = 2000
const TSX = 8000

/** The worker's first message that is not a log; undefined if it takes too long. */
async function firstMessage(port: MessagePort, worker: Worker, limit: number, onLog: (text: string) => void) {
  const ended = new AbortController()
  const timeout = AbortSignal.any([AbortSignal.timeout(Math.ceil(limit)), ended.signal])
  worker.on('error', () => ended.abort())
  worker.once('exit', () => ended.abort())
  try {
    for (;;) {
      const [message] = (await once(port, 'message', { signal: timeout })) as [
        Answer & { types?: Map<string, string>; log?: string },
      ]
      if (message.log === undefined) return message
      onLog(message.log)
    }
  } catch {
    return undefined
  } finally {
    port.removeAllListeners('message')
    port.unref()
    worker.unref()
  }
}

function errorOf({ name, message, stack }: NonNullable<Answer['error']>): Error {
  return Object.assign(new Error(message), { name, stack })
}

/** The arguments whose numbers have changed, each with the first place that changed: "params.W2". */
function changedArguments(name: string, before: unknown[], after: unknown[]): string[] {
  const names = ARGUMENTS[name] ?? []
  return before.flatMap((value, i) => {
    const inner = changed(value, after[i])
    return inner === undefined ? [] : [[names[i] ?? `argument ${i + 1}`, ...inner].join('.')]
  })
}

/** Where two values differ, as the keys that lead there. */
function changed(before: unknown, after: unknown): string[] | undefined {
  if (typeof before !== 'object' || before === null || typeof after !== 'object' || after === null) return undefined
  if (ArrayBuffer.isView(before)) return isSame(before as Uint8Array, after as Uint8Array) ? undefined : []
  if ('data' in before) return isSame((before as Matrix).data, (after as Matrix).data) ? undefined : []
  for (const [key, value] of Object.entries(before)) {
    const inner = changed(value, (after as Record<string, unknown>)[key])
    if (inner) return [key, ...inner]
  }
  return undefined
}

function isSame(one: ArrayLike<number>, other: ArrayLike<number>): boolean {
  return one.length === other.length && Array.from(one).every((x, i) => Object.is(x, other[i]))
}
