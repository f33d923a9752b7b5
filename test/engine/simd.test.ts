/** What only the simd engine has: threads, the same bits on any number of them, matrices in memory of its own. */
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { afterEach, describe, expect, test } from 'vitest'
import type { Digits } from '../../src/digits.ts'
import type { Engine, EngineOptions } from '../../src/engine.ts'
import { referenceEngine } from '../../src/engine/reference.ts'
import { simdEngine } from '../../src/engine/simd.ts'
import type { Gradients } from '../../src/network.ts'
import { bin, ended, PATH } from '../support/command.ts'
import { newFolder } from '../support/folder.ts'
import { someDigits, someParams } from '../support/examples.ts'
import { isLong } from '../support/long.ts'
import { bitsOf } from '../support/tensors.ts'

let opened: Engine[] = []
afterEach(() => {
  opened.forEach((engine) => engine.close())
  opened = []
})

async function open(digits: Digits, options: Partial<EngineOptions> = {}) {
  const engine = await simdEngine(digits, { hidden: 10, threads: 1, ...options })
  opened.push(engine)
  return engine
}

/** SHA-256 of gradients of 9000 random digits. */
const PINNED = '951dad45da07239668c730363fc73f65e1899c2656647cf41e58581cf7fe05cc'

describe('the same bits', () => {
  const digits = someDigits(9000)
  const batch = Uint32Array.from({ length: 6000 }, (_, i) => (i * 7919) % 9000)

  test('on any number of threads, all of which run', async () => {
    const params = someParams(10)
    const results: string[] = []
    for (const threads of isLong ? [1, 2, 3, 5, 16] : [1, 2, 16]) {
      const engine = await open(digits, { threads })
      expect(engine.threads).toBe(threads)
      for (let again = 0; again < (isLong ? 5 : 2); again++) {
        results.push(bitsOf(engine.gradients(params)), bitsOf(engine.gradients(params, batch)))
      }
      engine.close()
    }
    expect(new Set(results).size).toBe(2)
  })

  test('of the probabilities on any number of threads', async () => {
    const results: string[] = []
    for (const threads of [1, 3, 5]) {
      const { A2 } = (await open(digits, { threads })).evaluate(someParams(10), true)
      results.push(createHash('sha256').update(A2.data).digest('hex'))
    }
    expect(new Set(results).size).toBe(1)
  })

  test('on every machine and Node', async () => {
    const engine = await open(digits, { threads: 2 })
    expect(bitsOf(engine.gradients(someParams(10)))).toBe(PINNED)
  })

  test('after a pass that was left in the middle', async () => {
    const engine = await open(digits, { threads: 3 })
    const params = someParams(10)
    const expected = bitsOf(engine.gradients(params))
    for (let left = 1; left < 4; left++) {
      const steps = engine.gradientsInSteps(params, batch)
      for (let i = 0; i < left; i++) steps.next() // may end sooner if the other threads are quicker
      expect(bitsOf(engine.gradients(params))).toBe(expected)
    }
  })
})

test('starts no threads for little work', async () => {
  expect((await open(someDigits(1000), { threads: 16 })).threads).toBe(1)
  expect((await open(someDigits(5000), { hidden: 128, threads: 16, batch: 32 })).threads).toBe(1)
})

describe('refuses', () => {
  test('parameters of another shape', async () => {
    const engine = await open(someDigits(3))
    expect(() => engine.place(someParams(11))).toThrow(new RangeError('Not a matrix of 10×784'))
  })

  test('matrices of another engine, and of none', async () => {
    const [engine, other] = [await open(someDigits(3)), await open(someDigits(3))]
    const [params, gradients] = [engine.place(someParams(10)), engine.gradients(someParams(10))]
    const [foreignParams, foreignGradients] = [other.place(someParams(10)), other.gradients(someParams(10))]
    const [V, foreignV] = [engine.placeVelocity(gradients), other.placeVelocity(foreignGradients)]
    const plain: Gradients = referenceEngine(someDigits(3)).gradients(someParams(10))
    const updateError = new TypeError('updateParams: these matrices are from another engine')
    const accumulateError = new TypeError('accumulate: these matrices are from another engine')
    expect(() => engine.updateParams(foreignParams, gradients, 0.1)).toThrow(updateError)
    expect(() => engine.updateParams(params, foreignGradients, 0.1)).toThrow(updateError)
    expect(() => engine.updateParams(params, foreignV, 0.1)).toThrow(updateError)
    expect(() => engine.accumulate(foreignV, gradients, 0.9)).toThrow(accumulateError)
    expect(() => engine.accumulate(V, foreignGradients, 0.9)).toThrow(accumulateError)
    // @ts-expect-error plain parameters do not even compile
    expect(() => engine.updateParams(someParams(10), gradients, 0.1)).toThrow(updateError)
    // @ts-expect-error neither do plain gradients
    expect(() => engine.updateParams(params, plain, 0.1)).toThrow(updateError)
  })
})

test('a worker that fails says so and releases the threads that wait for it', async () => {
  // (module (func (export "step") (param i32) (result i32) unreachable))
  const failing = '0061736d0100000001060160017f017f03020100070801047374657000000a05010300000b'
  const memory = new WebAssembly.Memory({ initial: 16, maximum: 16, shared: true })
  const barrier = new Int32Array(memory.buffer, 2048, 3)
  const worker = new Worker(createRequire(import.meta.url).resolve('#worker'), {
    workerData: {
      module: new WebAssembly.Module(Buffer.from(failing, 'hex')),
      memory,
      thread: 1,
      barrier: 2048,
      words: { PASSES: 0, WORKING: 1, FAILED: 2 },
      message: 4096,
      messageBytes: 1024,
    },
  })
  await once(worker, 'message')
  barrier[1] = 2
  Atomics.add(barrier, 0, 1)
  Atomics.notify(barrier, 0)
  await once(worker, 'exit')
  expect(barrier[1]).toBe(0)
  expect(Buffer.from(memory.buffer, 4096, barrier[2]).toString()).toBe('RuntimeError: unreachable')
})

describe('a process', () => {
  /** Runs a program that makes an engine of three threads, uses it, and ends in some way. */
  const run = async (ending: string, ...flags: string[]) => {
    const module = (path: string) => JSON.stringify(new URL(`../../dist/src/${path}.js`, import.meta.url).href)
    const program = `
      import { emptyDigits } from ${module('digits')}
      import { simdEngine } from ${module('engine/simd')}
      import { initParams } from ${module('network')}
      import { randomStream } from ${module('random')}
      const engine = await simdEngine(emptyDigits(4000), { hidden: 10, threads: 3 })
      const params = initParams(randomStream(0), 10)
      engine.gradients(params)
      console.log(engine.threads)
      ${ending}`
    const { code, stdout, stderr } = await ended(
      spawn(process.execPath, [...flags, '--input-type=module', '-e', program]),
    )
    return { code, stdout, stderr }
  }

  test.concurrent.each([
    ['closes its engine', 'engine.close()', 0],
    ['does not close it', '', 0],
    ['fails', 'throw new Error("oh")', 1],
    ['fails in the middle', 'const steps = engine.gradientsInSteps(params); steps.next(); throw new Error("oh")', 1],
    ['exits', 'process.exit(7)', 7],
  ])('that %s ends', async (_, ending, code) => {
    expect(await run(ending)).toMatchObject({ code, stdout: '3\n' })
  })

  test('without WebAssembly is told what to do', async () => {
    expect((await run('', '--jitless')).stderr).toContain('use --engine reference')
  })
})

describe('on a machine with limits, mnist-train', () => {
  const folder = newFolder()
  const train = (setup: string, env: Record<string, string> = {}) => {
    const command = `${setup} '${process.execPath}' '${bin('mnist-train')}' --data generated --take 2000 --dev 100 --hidden 30 --iters 2 ${env.MNIST_THREADS ? '' : '--quiet'} --out w.json`
    return spawnSync('bash', ['--norc', '-c', command], { cwd: folder, env: { PATH, ...env }, encoding: 'utf8' })
  }

  test('trains on the threads that can start, with the same result', () => {
    // As with EAGAIN of pthread_create under ulimit -u: the second thread cannot start.
    const preload = join(folder, 'preload.cjs')
    writeFileSync(
      preload,
      `const threads = require('node:worker_threads')
       const { Worker } = threads
       let started = 0
       threads.Worker = class extends Worker {
         constructor(...args) {
           if (++started === 2) throw Object.assign(new Error('EAGAIN'), { code: 'ERR_WORKER_INIT_FAILED' })
           super(...args)
         }
       }
       require('node:module').syncBuiltinESMExports()`,
    )
    expect(train('')).toMatchObject({ status: 0, stderr: '' })
    const expected = readFileSync(join(folder, 'w.json'))
    const limited = train('', { NODE_OPTIONS: `--require ${preload}`, MNIST_THREADS: '4' })
    expect(limited.status).toBe(0)
    expect(limited.stderr).toContain('\nonly 2 of 4 threads can start (see ulimit -u): the result is the same, but')
    expect(readFileSync(join(folder, 'w.json')).equals(expected)).toBe(true)
  })

  test('names --engine reference if too little memory can be reserved', () => {
    const { status, stderr } = train('ulimit -v 6700000;')
    const message = 'cannot reserve 4 GiB of virtual memory (see ulimit -v): raise the limit or use --engine reference'
    expect([status, stderr]).toEqual([64, `mnist-train: ${message}\n`])
  })
})
