import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { gunzipSync } from 'node:zlib'
import { afterEach, describe, expect, it } from 'vitest'
import { PIXELS, select, type Digits } from '../src/digits.ts'
import type { Engine, EngineOptions, Measured } from '../src/engine.ts'
import { referenceEngine } from '../src/engine/reference.ts'
import { simdEngine } from '../src/engine/simd.ts'
import { matrix, type Matrix } from '../src/matrix.ts'
import { initParams, updateParams, type Gradients as Slopes, type Params } from '../src/network.ts'
import { randomStream } from '../src/random.ts'
import { expectClose } from './tensors.ts'

const TILE = 256
const SHARDS = 16
const { MNIST_DIR, GOLDEN_DIR } = process.env

/** Digits of a kind: about a fifth of the pixels are ink, those of the border never, as in MNIST. */
function someDigits(m: number, seed = 1): Digits {
  const { rand } = randomStream(seed)
  const inked = (p: number) => p >= 28 && p < 756 && p % 28 > 1
  const pixels = Uint8Array.from({ length: m * PIXELS }, (_, i) => {
    return inked(i % PIXELS) && rand() < 0.2 ? 1 + Math.floor(rand() * 255) : 0
  })
  return { pixels, labels: Uint8Array.from({ length: m }, () => Math.floor(rand() * 10)) }
}

function someParams(hidden: number, seed = 2): Params {
  return initParams(randomStream(seed), hidden)
}

type Gradients = Slopes & Measured

const NAMES = ['dW1', 'db1', 'dW2', 'db2'] as const

/** The entries of a matrix, row by row, whatever its strides. */
function entries(M: Matrix): Float64Array {
  const [rows, columns] = M.shape as [number, number]
  return Float64Array.from({ length: rows * columns }, (_, i) => M.get(Math.floor(i / columns), i % columns))
}

/** SHA-256 of gradients: the same for the same bits. */
function bits(gradients: Gradients): string {
  const hash = createHash('sha256')
  for (const name of NAMES) hash.update(entries(gradients[name]))
  return hash.update(Float64Array.of(gradients.loss, gradients.correct)).digest('hex')
}

/** Expects the same shapes and, relative to each tensor's largest entry, the same numbers. */
function expectSame(actual: Gradients, expected: Gradients, tolerance: number) {
  for (const name of NAMES) {
    expect(actual[name].shape, name).toEqual(expected[name].shape)
    const wanted = entries(expected[name])
    const largest = wanted.reduce((most, x) => Math.max(most, Math.abs(x)), 0)
    const error = entries(actual[name]).reduce((most, x, i) => Math.max(most, Math.abs(x - wanted[i]!)), 0)
    expect(error, `${name}, its largest entry ${largest}`).toBeLessThanOrEqual(tolerance * largest)
  }
  expect(Math.abs(actual.loss / expected.loss - 1), 'loss').toBeLessThanOrEqual(tolerance)
  expect(actual.correct, 'correct').toBe(expected.correct)
}

let opened: Engine[] = []
afterEach(() => {
  opened.forEach((engine) => engine.close())
  opened = []
})

async function open(digits: Digits, options: EngineOptions) {
  const engine = await simdEngine(digits, options)
  opened.push(engine)
  return engine
}

describe('the engine and the reference agree', () => {
  const check = async (m: number, hidden: number) => {
    const digits = someDigits(m)
    const params = someParams(hidden)
    const engine = await open(digits, { hidden, threads: 2 })
    expectSame(engine.gradients(params), referenceEngine(digits).gradients(params), 1e-12)
  }
  describe.each([1, 2, 3, 9, 10, 11, 16, 17, 128, 300])('with %i hidden units', (hidden) => {
    it.each([1, 2, 3, 7, TILE - 1, TILE, TILE + 1])('on %i examples', (m) => check(m, hidden))
  })
  it.each([10, 17, 128])('with %i hidden units on 1000 examples', (hidden) => check(1000, hidden), 60_000)
  it.each([-1, 0, 1])('on full shards of one tile and %i examples', (more) => check(SHARDS * TILE + more, 10), 60_000)

  it('on batches, in any order and with repeats', async () => {
    const digits = someDigits(700)
    for (const hidden of [1, 10, 128]) {
      const params = someParams(hidden)
      const engine = await open(digits, { hidden, threads: 1 })
      for (const batch of [
        [699],
        [5, 5, 5],
        [3, 2, 1, 600],
        Array.from({ length: TILE + 1 }, (_, i) => (i * 37) % 700),
      ]) {
        const rows = Uint32Array.from(batch)
        const { pixels, labels } = select(digits, rows)
        expectSame(engine.gradients(params, rows), referenceEngine({ pixels, labels }).gradients(params), 1e-12)
      }
      expectSame(engine.gradients(params), referenceEngine(digits).gradients(params), 1e-12)
    }
  })

  it('on some of the digits, in an order of their own', async () => {
    const digits = someDigits(700)
    const rows = Uint32Array.from({ length: 600 }, (_, i) => (i * 37) % 700)
    const engine = await open(digits, { rows, hidden: 10, threads: 1 })
    const reference = referenceEngine(digits, { rows })
    const chosen = referenceEngine(select(digits, rows))
    for (const batch of [undefined, Uint32Array.of(599, 0, 7)]) {
      const expected = chosen.gradients(someParams(10), batch)
      expectSame(engine.gradients(someParams(10), batch), expected, 1e-12)
      expectSame(reference.gradients(someParams(10), batch), expected, 0)
    }
    expect([engine.m, reference.m]).toEqual([600, 600])
    const { loss, ...found } = chosen.evaluate(someParams(10))
    expect(engine.evaluate(someParams(10))).toEqual({ ...found, loss: expect.closeTo(loss, 12) })
  })

  it('on the first of equal probabilities, as np.argmax takes it', async () => {
    const digits = someDigits(3)
    const params = someParams(10)
    for (const { data } of Object.values(params)) data.fill(0)
    params.b2.data.set([-1, 0, 0], 0) // 0 is less likely than the other nine
    const engine = await open(digits, { hidden: 10, threads: 1 })
    expect([...engine.evaluate(params).predictions]).toEqual([1, 1, 1])
    expect([...referenceEngine(digits).evaluate(params).predictions]).toEqual([1, 1, 1])
  })

  it('with so many hidden units that tiles are smaller', async () => {
    const digits = someDigits(250)
    const expected = referenceEngine(digits).gradients(someParams(1050))
    expectSame((await open(digits, { hidden: 1050, threads: 1 })).gradients(someParams(1050)), expected, 1e-12)
  })

  it('on a batch that is larger than the set', async () => {
    const digits = someDigits(3)
    const rows = Uint32Array.from({ length: 3 * TILE }, (_, i) => (i * i) % 3)
    const { pixels, labels } = select(digits, rows)
    const engine = await open(digits, { hidden: 10, threads: 1 })
    const expected = referenceEngine({ pixels, labels }).gradients(someParams(10))
    expectSame(engine.gradients(someParams(10), rows), expected, 1e-12)
    expect(engine.evaluate(someParams(10)).predictions.length).toBe(3)
  })

  it('after 50 iterations, updated in the engine and outside', async () => {
    const digits = someDigits(300)
    const engine = await open(digits, { hidden: 11, threads: 1 })
    const [inside, outside, expected] = [engine.place(someParams(11)), someParams(11), someParams(11)]
    const reference = referenceEngine(digits)
    const other = await open(digits, { hidden: 11, threads: 1 })
    for (let i = 0; i < 50; i++) {
      engine.updateParams(inside, engine.gradients(inside), 0.1)
      updateParams(outside, other.gradients(outside), 0.1)
      updateParams(expected, reference.gradients(expected), 0.1)
    }
    for (const name of ['W1', 'b1', 'W2', 'b2'] as const) {
      const wanted = entries(expected[name])
      expect(entries(outside[name]), name).toEqual(entries(inside[name]))
      entries(inside[name]).forEach((w, i) => expect(Math.abs(w - wanted[i]!), name).toBeLessThanOrEqual(1e-9))
    }
  })

  it('after 20 iterations with momentum, where the engine keeps the velocity', async () => {
    const digits = someDigits(300)
    const reference = referenceEngine(digits)
    const [actual, expected] = [await open(digits, { hidden: 11, threads: 1 }), reference].map((engine) => {
      const params = engine.place(someParams(11))
      const velocity = engine.placeVelocity(reference.gradients(someParams(11)))
      for (let i = 0; i < 20; i++) {
        engine.accumulate(velocity, engine.gradients(params), 0.9)
        engine.updateParams(params, velocity, 0.02)
      }
      return params
    })
    for (const name of ['W1', 'b1', 'W2', 'b2'] as const) expectClose(name, actual![name], expected![name], 1e-11)
  })

  it('where all pixels are ink, and where none is', async () => {
    for (const ink of [255, 0]) {
      const digits = { pixels: new Uint8Array(TILE * 2 * PIXELS).fill(ink), labels: new Uint8Array(TILE * 2).fill(9) }
      const params = someParams(10)
      const engine = await open(digits, { hidden: 10, threads: 1 })
      const [actual, expected] = [engine.gradients(params), referenceEngine(digits).gradients(params)]
      expectSame({ ...actual, dW1: actual.dW2 }, { ...expected, dW1: expected.dW2 }, 1e-12)
      if (ink) expectSame(actual, expected, 1e-12)
      else expect(entries(actual.dW1).every((d) => d === 0)).toBe(true)
    }
  })
})

describe('evaluate', () => {
  it('gives the loss, number right and predictions that the gradients were made with', async () => {
    const digits = someDigits(5000)
    const engine = await open(digits, { hidden: 10, threads: 2 })
    const params = someParams(10)
    const gradients = engine.gradients(params)
    const before = bits(gradients)
    const { loss, correct, predictions } = engine.evaluate(params)
    expect(bits({ ...gradients, loss, correct })).toBe(before)
    expect(predictions.filter((digit, i) => digit === digits.labels[i]).length).toBe(correct)
    expect(predictions.length).toBe(5000)
  })
})

describe('the same bits', () => {
  const digits = someDigits(9000)
  const batch = Uint32Array.from({ length: 6000 }, (_, i) => (i * 7919) % 9000)

  it('for any number of threads, and so many threads run', async () => {
    const params = someParams(10)
    const results: unknown[] = []
    for (const threads of [1, 2, 3, 5, 16]) {
      const engine = await open(digits, { hidden: 10, threads })
      expect(engine.threads).toBe(threads)
      for (let again = 0; again < 5; again++) {
        results.push(bits(engine.gradients(params)), bits(engine.gradients(params, batch)))
      }
      engine.close()
    }
    expect(new Set(results).size).toBe(2)
  })

  it('pinned: the very bits of one sum, whatever machine or Node', async () => {
    const engine = await open(digits, { hidden: 10, threads: 2 })
    expect(bits(engine.gradients(someParams(10)))).toMatch(PINNED)
  })

  it('after steps left unfinished', async () => {
    const engine = await open(digits, { hidden: 10, threads: 3 })
    const params = someParams(10)
    const expected = bits(engine.gradients(params))
    for (let left = 1; left < 4; left++) {
      const steps = engine.gradientsInSteps(params, batch)
      for (let i = 0; i < left; i++) steps.next() // fewer, where the other threads are quicker
      expect(bits(engine.gradients(params))).toEqual(expected)
    }
  })

  it('no threads for little work', async () => {
    expect((await open(someDigits(1000), { hidden: 10, threads: 16 })).threads).toBe(1)
    expect((await open(digits, { hidden: 128, threads: 16, batch: 32 })).threads).toBe(1)
  })
})
const PINNED = '951dad45'

describe('numbers that are none', () => {
  it.each(['W1', 'b1', 'W2', 'b2'] as const)('NaN in %s makes the loss NaN', async (name) => {
    const engine = await open(someDigits(300), { hidden: 11, threads: 1 })
    const placed = engine.place(someParams(11))
    const { data } = placed[name]
    for (const i of [0, Math.floor(data.length / 2)]) {
      const [before] = [data[i]!]
      data[i] = NaN
      expect(engine.gradients(placed).loss).toBeNaN()
      expect(engine.evaluate(placed).loss).toBeNaN()
      expect(engine.gradients(placed, Uint32Array.of(7)).loss).toBeNaN()
      data[i] = before
    }
    expect(engine.gradients(placed).loss).toBeGreaterThan(0)
  })

  it('that an update spread are gone with the next parameters', async () => {
    const engine = await open(someDigits(300), { hidden: 11, threads: 1 })
    const fresh = bits(engine.gradients(someParams(11)))
    const placed = engine.place(someParams(11))
    placed.b2.data[0] = NaN
    engine.updateParams(placed, engine.gradients(placed), 0.1)
    expect(engine.gradients(placed).loss).toBeNaN()
    expect(bits(engine.gradients(someParams(11)))).toBe(fresh)
  })

  it('a label whose probability is 0 makes the loss Infinity', async () => {
    const digits = { ...someDigits(3), labels: Uint8Array.of(4, 4, 4) }
    const params = someParams(10)
    params.b2.data.set([1e4, 0, 0, 0, -1e4])
    expect((await open(digits, { hidden: 10, threads: 1 })).gradients(params).loss).toBe(Infinity)
  })

  it('a batch of none, or of a digit that is not there, is refused', async () => {
    const engine = await open(someDigits(3), { hidden: 10, threads: 1 })
    expect(() => engine.gradients(someParams(10), Uint32Array.of())).toThrow('at least one')
    expect(() => engine.gradients(someParams(10), Uint32Array.of(3))).toThrow('Example 3')
  })
})

describe('exp and log', () => {
  const binary = readFileSync(createRequire(import.meta.url).resolve('#kernel'))
  const memory = new WebAssembly.Memory({ initial: 16, maximum: 65536, shared: true })
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(binary), { env: { memory } })
  const { exp, logOf } = exports as { exp(at: number, end: number): void; logOf(x: number): number }
  const pair = new Float64Array(memory.buffer, 8192, 2)
  const expOf = (x: number) => {
    pair.fill(x)
    exp(pair.byteOffset, pair.byteOffset + pair.byteLength)
    return pair[0]
  }

  const ONE = 1n << 400n
  /** A double as a whole number of 2⁻⁴⁰⁰, if it is one, else cut off. */
  function fixed(x: number): bigint {
    const [bits] = new BigInt64Array(Float64Array.of(x).buffer) as unknown as [bigint]
    const exponent = Number((bits >> 52n) & 0x7ffn) || 1
    const mantissa = (bits & 0xfffffffffffffn) | ((bits >> 52n) & 0x7ffn ? 1n << 52n : 0n)
    const shift = BigInt(exponent - 1075 + 400)
    const size = shift >= 0n ? mantissa << shift : mantissa >> -shift
    return bits < 0n ? -size : size
  }
  /** exp(x) of a whole number of 2⁻⁴⁰⁰: the Taylor series of x ∕ 2²⁰, squared 20 times, times 2ᵖ. */
  function exact(x: bigint): bigint {
    const small = x >> 20n
    let [sum, term] = [ONE, ONE]
    for (let k = 1n; term !== 0n && term !== -1n; k++) {
      term = ((term * small) >> 400n) / k
      sum += term
    }
    for (let i = 0; i < 20; i++) sum = (sum * sum) >> 400n
    return sum
  }
  /** The step from one double to the next, at x. */
  function ulp(x: number): number {
    return 2 ** Math.max(Math.floor(Math.log2(Math.abs(x))) - 52, -1074)
  }

  it('exp is within 0.9 units in the last place', () => {
    const { rand } = randomStream(3)
    let worst = 0
    for (let i = 0; i < 3000; i++) {
      const x = i % 3 ? -rand() * 30 : -rand() * 150
      const error = Number(((fixed(expOf(x)) - exact(fixed(x))) << 80n) / fixed(ulp(Math.exp(x)))) / 2 ** 80
      worst = Math.max(worst, Math.abs(error))
    }
    expect(worst).toBeLessThanOrEqual(0.9)
  })

  it('log is within 0.9 units in the last place', () => {
    const { rand } = randomStream(4)
    let worst = 0
    for (let i = 0; i < 3000; i++) {
      const x = i % 3 ? rand() : i % 2 ? 1 - rand() / 1024 : 2 ** (-60 * rand())
      const L = logOf(x)
      const error = Number(((exact(fixed(L)) - fixed(x)) << 120n) / fixed(x)) / 2 ** 120 / ulp(L)
      worst = Math.max(worst, Math.abs(error))
    }
    expect(worst).toBeLessThanOrEqual(0.9)
  })

  it('the ends of their ranges', () => {
    expect([0, -0, -745.2, -1e5, -Infinity, NaN].map(expOf)).toEqual([1, 1, 0, 0, 0, NaN])
    expect(expOf(-745.1)).toBe(5e-324)
    expect(expOf(-710) / Math.exp(-710)).toBeCloseTo(1, 12)
    expect([1, 0, -0, NaN, -1].map(logOf)).toEqual([0, -Infinity, -Infinity, NaN, NaN])
    expect(logOf(5e-324)).toBe(-744.4400719213812)
  })
})

describe.skipIf(!MNIST_DIR || !GOLDEN_DIR)('NumPy (set MNIST_DIR and GOLDEN_DIR)', () => {
  it('goes the same way for 50 iterations', async () => {
    const part = (name: string, header: number) => gunzipSync(readFileSync(join(MNIST_DIR!, name))).subarray(header)
    const digits = {
      pixels: part('train-images-idx3-ubyte.gz', 16).subarray(0, 1000 * PIXELS),
      labels: part('train-labels-idx1-ubyte.gz', 8).subarray(0, 1000),
    }
    const golden = JSON.parse(readFileSync(join(GOLDEN_DIR!, 'numpy-1000x50.json'), 'utf8'))
    const load = (rows: number[][] | number[]) => {
      const table = rows.map((r) => [r].flat())
      const M = matrix(table.length, table[0]!.length)
      M.data.set(table.flat())
      return M
    }
    const names = ['W1', 'b1', 'W2', 'b2'] as const
    const initial = Object.fromEntries(names.map((name) => [name, load(golden.initial[name])])) as unknown as Params
    const engine = await open(digits, { hidden: 10, threads: 1 })
    const params = engine.place(initial)
    for (let i = 0; i < 50; i++) {
      const gradients = engine.gradients(params)
      expect(Math.abs(gradients.loss - golden.loss[i]), `loss ${i}`).toBeLessThan(1e-10)
      expect(gradients.correct / 1000, `accuracy ${i}`).toBe(golden.accuracy[i])
      updateParams(params, gradients, golden.alpha)
    }
    for (const name of names) {
      const wanted = entries(load(golden.final[name]))
      entries(params[name]).forEach((w, i) => expect(Math.abs(w - wanted[i]!), name).toBeLessThan(1e-10))
    }
  })
})

describe('a worker', () => {
  it('that fails says so instead of leaving the others waiting', async () => {
    // (module (func (export "step") (param i32) (result i32) unreachable))
    const failing = '0061736d0100000001060160017f017f03020100070801047374657000000a05010300000b'
    const memory = new WebAssembly.Memory({ initial: 16, maximum: 16, shared: true })
    const barrier = new Int32Array(memory.buffer, 2048, 3)
    const module = new WebAssembly.Module(Buffer.from(failing, 'hex'))
    const worker = new Worker(createRequire(import.meta.url).resolve('#worker'), {
      workerData: { module, memory, thread: 1 },
    })
    await once(worker, 'message')
    barrier[1] = 2
    Atomics.add(barrier, 0, 1)
    Atomics.notify(barrier, 0)
    await once(worker, 'exit')
    expect(barrier[1]).toBe(0)
    expect(Buffer.from(memory.buffer, 4096, barrier[2]).toString()).toBe('RuntimeError: unreachable')
  })
})

describe('a process', () => {
  const run = (flags: string[], ending: string) => {
    const program = `
      import { simdEngine } from ${JSON.stringify(new URL('../src/engine/simd.ts', import.meta.url).href)}
      const digits = { pixels: new Uint8Array(9000 * 784).fill(9), labels: new Uint8Array(9000) }
      const engine = await simdEngine(digits, { hidden: 10, threads: 3 })
      const zeros = (rows, columns) => ({ data: new Float64Array(rows * columns), shape: [rows, columns], stride: [columns, 1], offset: 0 })
      const params = { W1: zeros(10, 784), b1: zeros(10, 1), W2: zeros(10, 10), b2: zeros(10, 1) }
      engine.gradients(params)
      console.log(engine.threads)
      ${ending}`
    const { status, signal, stdout, stderr } = spawnSync(
      process.execPath,
      [...flags, '--import', 'tsx', '--input-type=module', '-e', program],
      { encoding: 'utf8', timeout: 30_000 },
    )
    return { status, signal, stdout: stdout.trim(), stderr }
  }

  it.each([
    ['closes its engine', 'engine.close()', 0],
    ['forgets to close it', '', 0],
    ['fails', 'throw new Error("oh")', 1],
    ['fails in the middle', 'const steps = engine.gradientsInSteps(params); steps.next(); throw new Error("oh")', 1],
    ['exits', 'process.exit(7)', 7],
  ])('that %s ends, and leaves nothing behind', (_, ending, status) => {
    expect(run([], ending)).toMatchObject({ status, signal: null, stdout: '3' })
  })

  it('without WebAssembly is told what to do', () => {
    expect(run(['--jitless'], '').stderr).toContain('--engine reference')
  })
})
