/** The doctor on runs that it has not seen: its thresholds were chosen on the seeds 1 to 3. */
import { describe, expect, test } from 'vitest'
import { diagnose, varianceRatio, type Diagnosis, type Remedy } from '../src/advice.ts'
import { digitCount, select, type Digits } from '../src/digits.ts'
import { generate } from '../src/digits/generate.ts'
import { invert } from '../src/digits/suspicions.ts'
import { Divergence } from '../src/gradient-descent.ts'
import { clone, transpose } from '../src/matrix.ts'
import { LESSON, type Network } from '../src/own-network.ts'
import { randomStream } from '../src/random.ts'
import { openTraining } from '../src/training.ts'
import type { Training } from '../src/weights.ts'
import { someDigits } from './support/examples.ts'
import { isLong } from './support/long.ts'
import { MNIST_DIR, realDigits } from './support/numpy.ts'

const drawn = generate(1500, 8)
const real = MNIST_DIR === undefined ? undefined : realDigits(22_000)
const first = (digits: Digits, count: number, at = 0) => {
  return select(
    digits,
    Uint32Array.from({ length: count }, (_, i) => at + i),
  )
}

type Options = Partial<Training> & { hidden?: number }

/**
 * Trains, and returns what the doctor finds and how good the network is.
 * @param network computes what the doctor looks at
 */
async function run(digits: Digits, { hidden = 10, ...options }: Options, network?: Network) {
  const training = {
    iterations: 150,
    alpha: 0.1,
    seed: 0,
    dev: 200,
    notebook: false,
    engine: 'simd',
    logEvery: options.batch ? Math.ceil((digitCount(digits) - (options.dev ?? 200)) / options.batch) : 50,
    data: { names: [], rows: 0, sha256: '' },
    ...options,
  } as const satisfies Training
  const descent = await openTraining(training, digits, { hidden, threads: 1 })
  try {
    let done = 0
    for (const progress of descent.iterations()) if (progress.kind === 'iteration') ({ done } = progress)
    const weights = descent.weights()
    const found = diagnose({
      weights,
      digits,
      rows: descent.rows,
      done,
      rises: descent.rises(),
      ...(network && { network }),
    })
    return { found, accuracy: weights.result.devAccuracy! }
  } finally {
    descent.close()
  }
}

/** Full batches and mini-batches of several widths and rates. */
const HEALTHY: Options[] = [
  { alpha: 0.1 },
  { alpha: 0.1, iterations: 20 },
  { alpha: 0.1, iterations: 300, hidden: 5 },
  { alpha: 0.05, hidden: 32, iterations: 100 },
  { alpha: 0.3, hidden: 24, iterations: 80 },
  { alpha: 0.5, iterations: 100 },
  { alpha: 0.2, hidden: 100, iterations: 30 },
  { alpha: 0.1, notebook: true },
  { alpha: 0.1, initScale: 'he', momentum: 0.9, hidden: 20 },
  { alpha: 0.1, batch: 32, iterations: 150 },
  { alpha: 0.05, batch: 50, iterations: 150, hidden: 48, initScale: 'he', momentum: 0.5 },
  { alpha: 0.25, batch: 100, iterations: 100, hidden: 64, decay: 'linear', momentum: 0.9, labelSmoothing: 0.1, initScale: 'he' },
] // prettier-ignore

/** The digits that healthy runs train on. */
const SETS: [name: string, digits: Digits | undefined][] = [
  ['generated digits', first(drawn, isLong ? 1500 : 1000)],
  ['digits of MNIST', real && first(real, isLong ? 1500 : 1000, 20_000)],
]
const SEEDS = isLong ? [10, 11, 12, 13, 14, 15] : [10, 11]

describe.each(SETS)('healthy runs on %s need no advice', (_, digits) => {
  const skipped = digits === undefined
  describe.skipIf(skipped)(skipped ? '(skipped: MNIST_DIR is not set)' : 'of any width, rate, batch and seed', () => {
    test.each(HEALTHY.map((options, i) => [options, i] as const))('%j', async (options, i) => {
      for (const seed of isLong ? SEEDS : [SEEDS[i % 2]]) {
        const { found, accuracy } = await run(digits!, { ...options, seed })
        expect(found, `seed ${seed}, accuracy ${accuracy}`).toBeUndefined()
      }
    })
  })
})

/** Labels in another order. */
function shuffled({ chunks, labels }: Digits): Digits {
  const order = Uint32Array.from(labels.keys())
  randomStream(3).shuffle(order)
  return { chunks, labels: Uint8Array.from(order, (from) => labels[from]) }
}
/** Digits of which nearly all are ones. */
function nearlyAllOnes(digits: Digits): Digits {
  const rows = Array.from(digits.labels.keys())
  const ones = rows.filter((row) => digits.labels[row] === 1).slice(0, 90)
  const others = rows.filter((row) => digits.labels[row] !== 1).slice(0, 2)
  return select(digits, Uint32Array.from([...ones, ...others]))
}
function inverted(digits: Digits): Digits {
  const copy = first(digits, digitCount(digits))
  invert(copy)
  return copy
}
const faint = ({ chunks, labels }: Digits) => ({
  labels,
  chunks: chunks.map((chunk) => chunk.map((pixel) => (pixel > 127 ? 1 : 0))),
})

/** Provoked faults: the fault, what the sentence says, the digits and the options. */
const FAULTS: [fault: Diagnosis['fault'], sentence: RegExp, digits: (digits: Digits) => Digits, options: Options][] = [
  ['pixels', /^the digits are dark on bright: 1,000 of 1,000 have a bright border$/, inverted, { alpha: 0.001, iterations: 20 }],
  ['pixels', /^the pixels do not go from 0 to 255: the greatest is 1$/, faint, {}],
  ['labels', /^the labels look shuffled: .* vary [01]\.\d times as much .* \(chance: 1\.0\)$/, shuffled, {}],
  ['labels', /^the labels look shuffled/, shuffled, { hidden: 64, batch: 32, iterations: 100, initScale: 'he' }],
  ['dead-units', /^all 10 hidden units are dead: every digit .* predicted as \d$/, (digits) => digits, { alpha: 7 }],
  ['dead-units', /^\d+ of 32 hidden units are dead, 0 for every digit: the learning rate is too high$/, (digits) => digits, { hidden: 32, alpha: 2.5, iterations: 120 }],
  ['learning-rate-too-low', /^the learning rate is too low: the loss has only fallen from \d\.\d+ to \d\.\d+ in 200 iterations$/, (digits) => digits, { alpha: 0.003, iterations: 200 }],
  ['learning-rate-too-low', /^the learning rate is too low/, (digits) => digits, { alpha: 0.0005, batch: 32, iterations: 200 }],
  ['one-class', /^\d\d of 82 training digits are predicted as 1, which is the label of 9\d %$/, nearlyAllOnes, { dev: 10, iterations: 30 }],
  ['overfitting', /^overfitting: accuracy \d\.\d+ on training digits, \d\.\d+ on held-out ones, 0\.[2-6]\d* less$/, (digits) => digits, { dev: 900, hidden: 64, iterations: 200, alpha: 0.2 }],
] // prettier-ignore

describe.each(SETS)('faults provoked on %s are found', (_, digits) => {
  const skipped = digits === undefined
  describe.skipIf(skipped)(skipped ? '(skipped: MNIST_DIR is not set)' : 'with their number', () => {
    test.each(FAULTS)('%s: %s', async (fault, sentence, spoil, options) => {
      for (const seed of isLong ? SEEDS : SEEDS.slice(0, 1)) {
        const { found } = await run(spoil(digits!), { ...options, seed })
        expect([found?.fault, found?.sentence], `seed ${seed}`).toEqual([fault, expect.stringMatching(sentence)])
        const shown = [0, 1, 3].map((places) => found!.value.toFixed(places))
        const plain = found!.sentence.replaceAll(/(?<=\d),(?=\d)/g, '')
        expect(shown.filter((number) => plain.includes(number))).not.toEqual([])
      }
    })
  })
})

test('dead units are found in whatever order a network keeps A1', async () => {
  const forwardProp: Network['forwardProp'] = (params, X) => {
    const activations = LESSON.forwardProp(params, X)
    return { ...activations, A1: transpose(clone(transpose(activations.A1))) }
  }
  const options = { hidden: 32, alpha: 2.5, iterations: 120, seed: 10 }
  const { found } = await run(first(drawn, 1000), options)
  expect(found?.fault).toBe('dead-units')
  expect((await run(first(drawn, 1000), options, { ...LESSON, forwardProp })).found).toEqual(found)
})

/** 1,300 digits make 24 batches of 54, and one of 4, which the gradient of 4 digits spoils. */
const LAST_BATCHES = { alpha: 0.2, batch: 54, hidden: 64, iterations: 125, seed: 10 }

describe('a learning rate that is too high without killing half of the units', () => {
  test('shows in the last batches', async () => {
    const { found } = await run(first(drawn, 1500), LAST_BATCHES)
    expect(found).toMatchObject({ fault: 'learning-rate-too-high', remedy: { options: { decay: 'linear' } } })
    expect(found!.sentence).toMatch(
      /^the learning rate is too high for the last batches: accuracy was 0\.9\d+ during the last epoch and is 0\.\d+ at its end$/,
    )
  })

  const skipped = real === undefined
  test.skipIf(skipped)(`shows in losses that rise${skipped ? ' (skipped: MNIST_DIR is not set)' : ''}`, async () => {
    const { found } = await run(first(real!, 1500), { alpha: 1, seed: 7 })
    expect(found).toMatchObject({ fault: 'learning-rate-too-high', remedy: { options: { alpha: 0.1 } } })
    expect(found!.sentence).toMatch(/^the learning rate is too high: the loss rose in 5\d of 150 iterations$/)
  })
})

describe('what it suggests helps', () => {
  test.each<[string, Options]>([
    ['dead units', { alpha: 7 }],
    ['a low rate', { alpha: 0.001 }],
    ['a low rate with momentum', { alpha: 0.0002, momentum: 0.9, batch: 32, iterations: 200 }],
    ['last batches that undo the epoch', LAST_BATCHES],
  ])('%s', async (_, options) => {
    const before = await run(first(drawn, 1500), options)
    const remedy = before.found!.remedy as Exclude<Remedy, 'inspect'>
    const after = await run(first(drawn, 1500), { ...options, ...(remedy.options as Options) })
    expect(after.accuracy).toBeGreaterThan(before.accuracy + 0.2)
    expect(after.found).toBeUndefined()
  })
})

test('a run that diverges is for the command to explain', async () => {
  await expect(run(first(drawn, 1500), { alpha: 50, iterations: 20 })).rejects.toThrow(Divergence)
})

test('the variance ratio is 1 for labels that have nothing to do with the pixels', () => {
  for (const seed of [1, 2, 3]) expect(Math.abs(varianceRatio(someDigits(500, seed))! - 1)).toBeLessThan(0.2)
  expect(varianceRatio(first(drawn, 500))).toBeGreaterThan(3)
  expect(varianceRatio({ ...first(drawn, 20), labels: new Uint8Array(20) })).toBeUndefined()
})
