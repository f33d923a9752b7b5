/** What every engine does. */
import { afterEach, describe, expect, expectTypeOf, test } from 'vitest'
import { digitsFrom, PIXELS, select, toMatrix, type Digits } from '../../src/digits.ts'
import type { Engine, EngineGradients, EngineOptions, EngineParams, EngineVelocity } from '../../src/engine.ts'
import { createEngine } from '../../src/engine/create-engine.ts'
import { referenceEngine } from '../../src/engine/reference.ts'
import { ENGINES } from '../../src/hyperparameters.ts'
import type { Matrix } from '../../src/matrix.ts'
import { accumulate, forwardProp, updateParams, type Gradients, type Params } from '../../src/network.ts'
import { someDigits, someParams } from '../support/examples.ts'
import { isLong } from '../support/long.ts'
import { golden, GOLDEN_DIR, goldenParams, MNIST_DIR, realDigits } from '../support/numpy.ts'
import {
  bitsOf,
  centralDifferences,
  entries,
  expectClose,
  expectCloseGradients,
  expectCloseParams,
} from '../support/tensors.ts'

/** Examples per tile of the simd engine, and how many tiles it gives a shard of its own. */
const [TILE, SHARDS] = [256, 16]
const PARAMS = ['W1', 'b1', 'W2', 'b2'] as const

/** Digits by how many: random ones take long to make. */
const made = new Map<number, Digits>()
const digitsOf = (m: number): Digits => {
  if (!made.has(m)) made.set(m, someDigits(m))
  return made.get(m)!
}

/** The first digits of MNIST, once they are read. */
let first: Digits | undefined

let opened: Engine[] = []
afterEach(() => {
  opened.forEach((engine) => engine.close())
  opened = []
})

/** Batches that hold examples once, again, and in any order. */
const BATCHES = [[299], [5, 5, 5], [3, 2, 1, 290], Array.from({ length: TILE + 1 }, (_, i) => (i * 37) % 300)]

describe.each(ENGINES)('the %s engine', (name) => {
  /** More examples than the simd engine has shards for; the reference engine has none. */
  const many = name === 'simd' ? SHARDS * TILE + 4 : 600
  const open = async (digits: Digits, options: Partial<EngineOptions> = {}) => {
    const engine = await createEngine(name, digits, { hidden: 10, threads: 2, ...options })
    opened.push(engine)
    return engine
  }

  test.each([
    { m: 1, hidden: 1, labelSmoothing: 0 },
    { m: 3, hidden: 2, labelSmoothing: 0 },
    { m: 3, hidden: 2, labelSmoothing: 0.3 },
  ])('computes the slopes of its own loss: %o', async ({ m, hidden, labelSmoothing }) => {
    const engine = await open(someDigits(m, 3), { hidden, labelSmoothing })
    const params = someParams(hidden)
    const J = () => engine.gradients(params).loss
    for (const name of PARAMS) {
      const slopes = centralDifferences(params[name], J)
      expectClose(`d${name}`, engine.gradients(params)[`d${name}`], slopes, 1e-6)
    }
  })

  test('computes the gradients of a batch as those of a set that holds the same examples', async () => {
    const digits = digitsOf(300)
    for (const hidden of name === 'simd' ? [1, 10, 128] : [1, 10]) {
      const params = someParams(hidden)
      const engine = await open(digits, { hidden })
      for (const batch of BATCHES) {
        const rows = Uint32Array.from(batch)
        const expected = referenceEngine(select(digits, rows)).gradients(params)
        expectCloseGradients(engine.gradients(params, rows), expected, 1e-12)
      }
      expectCloseGradients(engine.gradients(params), referenceEngine(digits).gradients(params), 1e-12)
    }
  })

  test('smooths the labels of its gradients, not those of its evaluation', async () => {
    const digits = digitsOf(300)
    const [engine, plain] = [await open(digits, { labelSmoothing: 0.1 }), await open(digits)]
    const [params, batch] = [someParams(10), Uint32Array.of(7, 7, 250)]
    for (const rows of [undefined, batch]) {
      const expected = referenceEngine(digits, { labelSmoothing: 0.1 }).gradients(params, rows)
      const gradients = engine.gradients(params, rows)
      expectCloseGradients(gradients, expected, 1e-12)
      expect(gradients.loss).not.toBeCloseTo(plain.gradients(params, rows).loss, 3)
    }
    expect(engine.evaluate(params)).toEqual(plain.evaluate(params))
  })

  test('refuses an empty batch, and one with an example that does not exist', async () => {
    const engine = await open(someDigits(3))
    const gradients = (...rows: number[]) => engine.gradients(someParams(10), Uint32Array.from(rows))
    expect(() => gradients()).toThrow(new RangeError('A batch has at least one example'))
    expect(() => gradients(0, 3)).toThrow(new RangeError('Example 3 of the batch is not one of 3'))
  })

  test('takes a batch that is larger than the set', async () => {
    const digits = someDigits(3)
    const rows = Uint32Array.from({ length: 3 * TILE }, (_, i) => (i * i) % 3)
    const engine = await open(digits)
    const expected = referenceEngine(select(digits, rows)).gradients(someParams(10))
    expectCloseGradients(engine.gradients(someParams(10), rows), expected, 1e-12)
    expect(engine.evaluate(someParams(10)).predictions.length).toBe(3)
  })

  test('holds only the rows that it is given, in their order', async () => {
    const digits = digitsOf(700)
    const rows = Uint32Array.from({ length: 600 }, (_, i) => (i * 37) % 700)
    const engine = await open(digits, { rows })
    const selected = referenceEngine(select(digits, rows))
    for (const batch of [undefined, Uint32Array.of(599, 0, 7)]) {
      const expected = selected.gradients(someParams(10), batch)
      expectCloseGradients(engine.gradients(someParams(10), batch), expected, 1e-12)
    }
    expect(engine.m).toBe(600)
    const { loss, ...found } = selected.evaluate(someParams(10))
    expect(engine.evaluate(someParams(10))).toEqual({ ...found, loss: expect.closeTo(loss, 12) })
  })

  test('computes the same bits in steps as at once', async () => {
    const engine = await open(digitsOf(700))
    const steps = engine.gradientsInSteps(someParams(10))
    let step = steps.next()
    while (!step.done) step = steps.next()
    const bits = bitsOf(step.value)
    expect(bitsOf(engine.gradients(someParams(10)))).toBe(bits)
  })

  test('evaluates to the loss and number of correct examples that came with the gradients', async () => {
    const digits = digitsOf(many)
    const engine = await open(digits)
    const gradients = engine.gradients(someParams(10))
    const before = bitsOf(gradients)
    const { loss, correct, predictions } = engine.evaluate(someParams(10))
    expect(bitsOf({ ...gradients, loss, correct })).toBe(before)
    expect(predictions.length).toBe(many)
    expect(predictions.filter((digit, i) => digit === digits.labels[i]).length).toBe(correct)
  })

  test.each([1, 255, 257, many])('gives the probabilities of %i examples on request', async (m) => {
    const digits = digitsOf(m)
    const engine = await open(digits)
    const { A2: expected } = forwardProp(someParams(10), toMatrix(digits))
    const { A2, ...found } = engine.evaluate(someParams(10), true)
    expectClose('A2', A2, expected, 1e-12)
    expect(A2.stride).toEqual([1, 10])
    const plain = engine.evaluate(someParams(10))
    expect(plain).toEqual(found)
    const steps = engine.evaluateInSteps(someParams(10), true)
    let step = steps.next()
    while (!step.done) step = steps.next()
    expect(step.value.A2.data).toEqual(A2.data)
  })

  test('keeps the probabilities of an evaluation when the next one begins', async () => {
    const engine = await open(digitsOf(300))
    const { A2 } = engine.evaluate(someParams(10), true)
    const before = entries(A2)
    engine.evaluate(someParams(10, 9), true)
    expect(entries(A2)).toEqual(before)
  })

  test('predicts the first of equally probable digits, as np.argmax does', async () => {
    const params = someParams(10)
    for (const { data } of Object.values(params) as Matrix[]) data.fill(0)
    params.b2.data.set([-1, 0, 0], 0) // 0 is less probable than the other nine
    const engine = await open(someDigits(3))
    expect([...engine.evaluate(params).predictions]).toEqual([1, 1, 1])
  })

  test.each([
    ['all pixels are ink', 255],
    ['no pixel is', 0],
  ])('computes the gradients if %s', async (_, ink) => {
    const m = 2 * TILE
    const digits = digitsFrom(new Uint8Array(m * PIXELS).fill(ink), new Uint8Array(m).fill(9))
    const engine = await open(digits)
    const [actual, expected] = [engine.gradients(someParams(10)), referenceEngine(digits).gradients(someParams(10))]
    expectCloseGradients(actual, expected, 1e-12)
    expect(entries(actual.dW1).every((entry) => entry === 0)).toBe(ink === 0)
  })

  test('updates parameters in its own memory as network.ts does', async () => {
    const digits = digitsOf(300)
    const [engine, other] = [await open(digits, { hidden: 11 }), await open(digits, { hidden: 11 })]
    const [inside, outside, expected] = [engine.place(someParams(11)), someParams(11), someParams(11)]
    const reference = referenceEngine(digits)
    for (let i = 0; i < (isLong ? 50 : 10); i++) {
      engine.updateParams(inside, engine.gradients(inside), 0.1)
      updateParams(outside, other.gradients(outside), 0.1)
      updateParams(expected, reference.gradients(expected), 0.1)
    }
    for (const name of PARAMS) expect(entries(inside[name]), name).toEqual(entries(outside[name]))
    expectCloseParams(inside, expected, 1e-9)
  })

  test('keeps a velocity in its own memory as network.ts does', async () => {
    const digits = digitsOf(300)
    const engine = await open(digits, { hidden: 11 })
    const [params, expected] = [engine.place(someParams(11)), someParams(11)]
    const reference = referenceEngine(digits)
    const V = reference.gradients(someParams(11, 3))
    const velocity = engine.placeVelocity(V)
    for (let i = 0; i < (isLong ? 20 : 6); i++) {
      engine.accumulate(velocity, engine.gradients(params), 0.9)
      engine.updateParams(params, velocity, 0.02)
      accumulate(V, reference.gradients(expected), 0.9)
      updateParams(expected, V, 0.02)
    }
    expectCloseParams(params, expected, 1e-11)
  })

  test('copies the parameters that it places', async () => {
    const engine = await open(someDigits(3))
    const params = someParams(10)
    const placed = engine.place(params)
    engine.updateParams(placed, engine.gradients(placed), 0.1)
    expect(params).toEqual(someParams(10))
    expect(entries(placed.W1)).not.toEqual(entries(params.W1))
  })

  test.each(PARAMS)('has a loss of NaN if %s holds a NaN, and only then', async (name) => {
    const engine = await open(digitsOf(300), { hidden: 11 })
    const placed = engine.place(someParams(11))
    const { data } = placed[name]
    for (const i of [0, Math.floor(data.length / 2)]) {
      const before = data[i]
      data[i] = NaN
      expect(engine.gradients(placed).loss).toBeNaN()
      expect(engine.evaluate(placed).loss).toBeNaN()
      expect(engine.gradients(placed, Uint32Array.of(7)).loss).toBeNaN()
      data[i] = before
    }
    expect(engine.gradients(placed).loss).toBeGreaterThan(0)
  })

  test('forgets a NaN that an update has spread when it gets new parameters', async () => {
    const engine = await open(digitsOf(300), { hidden: 11 })
    const fresh = bitsOf(engine.gradients(someParams(11)))
    const placed = engine.place(someParams(11))
    placed.b2.data[0] = NaN
    engine.updateParams(placed, engine.gradients(placed), 0.1)
    expect(engine.gradients(placed).loss).toBeNaN()
    expect(bitsOf(engine.gradients(someParams(11)))).toBe(fresh)
  })

  test.each([
    ['unlabelled digits', { labels: new Uint8Array() }, {}, 'An engine needs labelled digits'],
    ['a row that does not exist', {}, { rows: Uint32Array.of(0, 3) }, 'Row 3 is not one of 3'],
    ['no hidden unit', {}, { hidden: 0 }, 'hidden is 0, not an integer from 1'],
    ['no thread', {}, { threads: 0 }, 'threads is 0, not an integer from 1'],
    ['half a thread', {}, { threads: 1.5 }, 'threads is 1.5, not an integer from 1'],
  ])('is not made with %s', async (_, change, options, message) => {
    await expect(open({ ...someDigits(3), ...change }, options)).rejects.toThrow(new RangeError(message))
  })

  test('has an infinite loss if a label has a probability of 0', async () => {
    const params = someParams(10)
    params.b2.data.set([1e4, 0, 0, 0, -1e4])
    const engine = await open({ ...someDigits(3), labels: Uint8Array.of(4, 4, 4) })
    expect(engine.gradients(params).loss).toBe(Infinity)
  })

  test('with label smoothing has an infinite loss if any digit has a probability of 0', async () => {
    const params = someParams(10)
    const digits = { ...someDigits(3), labels: Uint8Array.of(0, 0, 0) }
    const engine = await open(digits, { hidden: 10, labelSmoothing: 0.1 })
    params.b2.data.set([300, 0, 0, 0, 0, 0, 0, 0, 0, -300])
    expect(engine.gradients(params).loss).toBeLessThan(100)
    params.b2.data.set([1e4, 0, 0, 0, 0, 0, 0, 0, 0, -1e4])
    expect(engine.gradients(params).loss).toBe(Infinity)
    expect(engine.evaluate(params).loss).toBeLessThan(1)
  })

  describe.skipIf(!MNIST_DIR || !GOLDEN_DIR)('(set MNIST_DIR and GOLDEN_DIR)', () => {
    // The reference engine calls network.ts, with which network.test.ts repeats all of them.
    const count = name === 'reference' && !isLong ? 10 : 50
    test(`repeats NumPy's run of 50 iterations${count < 50 ? ', here the first 10 of them' : ''}`, async () => {
      const trace = golden()
      expect(trace.iterations).toBe(50)
      first ??= realDigits(trace.examples)
      const engine = await open(first)
      const params = engine.place(goldenParams(trace.initial))
      for (let i = 0; i < count; i++) {
        const gradients = engine.gradients(params)
        expect(Math.abs(gradients.loss - trace.loss[i]), `loss ${i}`).toBeLessThan(1e-12)
        expect(gradients.correct / trace.examples, `accuracy ${i}`).toBe(trace.accuracy[i])
        engine.updateParams(params, gradients, trace.alpha)
      }
      if (count === trace.iterations) expectCloseParams(params, goldenParams(trace.final), 1e-12)
    })
  })
})

test('the reference engine names the most digits that it can hold', () => {
  const message =
    /^the reference engine holds at most [\d,]+ digits, not 2,000,000,000,000: use --take, or --engine simd$/
  const rows = { length: 2e12 } as Uint32Array
  expect(() => referenceEngine(someDigits(1), { rows })).toThrow(message)
})

describe('the engines agree', () => {
  const check = async (m: number, hidden: number, threads = 2) => {
    const digits = digitsOf(m)
    const engine = await createEngine('simd', digits, { hidden, threads })
    opened.push(engine)
    const expected = referenceEngine(digits).gradients(someParams(hidden))
    expectCloseGradients(engine.gradients(someParams(hidden)), expected, 1e-12)
  }

  describe.each(isLong ? [1, 2, 3, 9, 10, 11, 16, 17, 128, 300] : [1, 3, 10, 17, 128])(
    'with %i hidden units',
    (hidden) => {
      test.each([1, 2, 3, 7, TILE - 1, TILE, TILE + 1])('on %i examples', (m) => check(m, hidden))
    },
  )
  test.each([10, 17, 128])('with %i hidden units on 600 examples', (hidden) => check(600, hidden))
  test.each([
    [-1, 3],
    [0, 3],
    [1, 10],
  ])('on 16 full tiles and %i examples', (more, hidden) => check(SHARDS * TILE + more, isLong ? 10 : hidden))
  test('with enough hidden units for smaller tiles', () => check(250, 1050))
})

test('matrices that no engine made do not compile', () => {
  expectTypeOf<Params>().not.toExtend<EngineParams>()
  expectTypeOf<Gradients>().not.toExtend<EngineGradients>()
  expectTypeOf<Gradients>().not.toExtend<EngineVelocity>()
  expectTypeOf<EngineGradients>().not.toExtend<EngineVelocity>()
  const engine = referenceEngine(someDigits(1))
  const params = engine.place(someParams(1))
  const gradients: Gradients = engine.gradients(params)
  // @ts-expect-error plain parameters
  engine.updateParams(someParams(1), engine.gradients(params), 0.1)
  // @ts-expect-error plain gradients
  engine.updateParams(params, gradients, 0.1)
})
