/** Whatever a weights file holds, it is refused in a sentence, or every value of it is in its range. */
import { deepStrictEqual, doesNotMatch, match, ok, strictEqual } from 'node:assert/strict'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { Failure } from '../../../src/failure.ts'
import { initParams } from '../../../src/network.ts'
import { randomStream } from '../../../src/random.ts'
import { format, load, loadSummary, parseWeights, type Summary, type Weights } from '../../../src/weights.ts'
import { claim, type MadeBy } from '../claim.ts'
import { runInProcess } from '../in-process.ts'
import { mutated, mutations } from '../mutated-json.ts'

const data = { names: ['a.csv'], rows: 9, sha256: 'ab' }
const { W1, b1, W2, b2 } = initParams(randomStream(6), 1)
const plain: Weights = {
  params: initParams(randomStream(5), 1),
  training: {
    iterations: 3,
    alpha: 0.1,
    seed: 5,
    dev: 1,
    notebook: false,
    logEvery: 2,
    engine: 'reference',
    data,
  },
  result: { iterations: 3, loss: 2.5, trainAccuracy: 0.25, devAccuracy: 1 },
  history: [0, 2].map((iteration) => ({ iteration, loss: 2.5, accuracy: 0.25, devAccuracy: 1 })),
}
/** A weights file with every part that there can be. */
const full: Weights = {
  ...plain,
  training: {
    ...plain.training,
    take: 9,
    batch: 4,
    momentum: 0.9,
    decay: 'linear',
    initScale: 'he',
    labelSmoothing: 0.1,
    patience: 2,
    targetAccuracy: 0.9,
    init: 'cd',
    test: data,
  },
  result: { ...plain.result, kept: 1, stopped: 'patience', testAccuracy: 0.5 },
  descent: { firstLoss: 3, epoch: { loss: 2, correct: 1 } },
  velocity: { dW1: W1, db1: b1, dW2: W2, db2: b2 },
  best: { iterations: 1, devAccuracy: 1, params: initParams(randomStream(7), 1) },
}
const originals = [plain, full].map((weights) => JSON.parse(format(weights)) as object)

const input = fc.record({ original: fc.nat(1), mutations })
const bytesOf = ({ original, mutations }: MadeBy<typeof input>) => mutated(originals[original], mutations)

/** Also how mnist-runs prints it. */
const runsInput = fc.record({
  original: fc.nat(1),
  mutations,
  args: fc.constantFrom('', '--json', '--csv', '--curve', '--sort alpha', '--sort devAccuracy --reverse'),
})

const isFinite = (value: unknown) => typeof value === 'number' && Number.isFinite(value)
const isInteger = (value: unknown, min: number, max: number) =>
  Number.isInteger(value) && Number(value) >= min && Number(value) <= max
const ifThere = (value: unknown, is: (value: unknown) => boolean) => value === undefined || is(value)
const isFraction = (value: unknown) => isFinite(value) && Number(value) >= 0 && Number(value) <= 1
const isCount = (value: unknown) => isInteger(value, 0, 1e9)
const isMany = (value: unknown) => isInteger(value, 1, 1e9)

/** Throws if a value of a run is out of its range, as the man page has it. */
export function assertInRange({ hidden, training, result, history }: Summary): void {
  const { data, test } = training
  const values: Record<string, [unknown, (value: unknown) => boolean]> = {
    hidden: [hidden, (value) => isInteger(value, 1, 4096)],
    planned: [training.iterations, isCount],
    alpha: [training.alpha, (value) => isFinite(value) && Number(value) > 0],
    seed: [training.seed, (value) => isInteger(value, 0, 2 ** 32 - 1)],
    take: [training.take, (value) => ifThere(value, isMany)],
    dev: [training.dev, isCount],
    notebook: [training.notebook, (value) => value === true || value === false],
    logEvery: [training.logEvery, isMany],
    engine: [training.engine, (value) => value === 'simd' || value === 'reference'],
    batch: [training.batch, (value) => ifThere(value, isMany)],
    momentum: [training.momentum, (value) => ifThere(value, (value) => isFraction(value) && value !== 1)],
    decay: [training.decay, (value) => ifThere(value, (value) => ['none', 'linear', 'cosine'].includes(String(value)))],
    initScale: [training.initScale, (value) => ifThere(value, (value) => value === 'notebook' || value === 'he')],
    labelSmoothing: [training.labelSmoothing, (value) => ifThere(value, isFraction)],
    targetAccuracy: [training.targetAccuracy, (value) => ifThere(value, isFraction)],
    patience: [training.patience, (value) => ifThere(value, isMany)],
    init: [training.init, (value) => ifThere(value, (value) => /^[0-9a-f]+$/.test(String(value)))],
    done: [result.iterations, isCount],
    kept: [result.kept, (value) => ifThere(value, isCount)],
    loss: [result.loss, (value) => ifThere(value, isFinite)],
    trainAccuracy: [result.trainAccuracy, (value) => ifThere(value, isFraction)],
    devAccuracy: [result.devAccuracy, (value) => ifThere(value, isFraction)],
    testAccuracy: [result.testAccuracy, (value) => ifThere(value, isFraction)],
    reports: [history.length, (value) => isInteger(value, 0, result.iterations)],
  }
  for (const [name, [value, isIn]] of Object.entries(values)) ok(isIn(value), `${name} is ${String(value)}`)
  for (const { iteration, loss, accuracy, devAccuracy } of history) {
    ok(isCount(iteration) && isFinite(loss) && isFraction(accuracy) && ifThere(devAccuracy, isFraction), 'history')
  }
  for (const { names, rows, sha256 } of test ? [data, test] : [data]) {
    ok(names.length > 0 && names.every((name) => typeof name === 'string'), 'names')
    ok(isInteger(rows, 0, Number.MAX_SAFE_INTEGER) && /^[0-9a-f]+$/.test(sha256), 'rows or sha256')
  }
}

function assertWeightsInRange({ params, velocity, best, descent, ...rest }: Weights): void {
  const hidden = params.W1.shape[0]
  assertInRange({ ...rest, hidden })
  const shapes = { W1: [hidden, 784], b1: [hidden, 1], W2: [10, hidden], b2: [10, 1] }
  for (const matrices of [params, velocity, best?.params].filter((matrices) => matrices !== undefined)) {
    for (const [name, { shape, data }] of Object.entries(matrices)) {
      deepStrictEqual(shape, shapes[name.replace(/^d/, '') as keyof typeof shapes])
      ok(data.every(Number.isFinite), name)
    }
  }
  ok(ifThere(descent?.firstLoss, isFinite) && ifThere(descent?.epoch?.loss, isFinite), 'descent')
  ok(ifThere(best?.devAccuracy, isFraction) && ifThere(best?.iterations, isCount), 'best')
}

/** What a promise resolves to; undefined if it is refused in a sentence. */
async function unlessRefused<T>(promise: Promise<T>): Promise<T | undefined> {
  try {
    return await promise
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    strictEqual(error.kind, 'badData')
    ok(error.message.length < 400, `a message of ${error.message.length} characters`)
    return undefined
  }
}

export const weights = {
  load: claim<MadeBy<typeof input>>({
    title: 'a changed weights file is refused in a sentence, or all its values are in their ranges',
    inputs: input,
    files: (input) => ({ 'weights.json': bytesOf(input) }),
    async check(input, folder) {
      mkdirSync(folder, { recursive: true })
      const path = join(folder, 'weights.json')
      writeFileSync(path, bytesOf(input))
      const loaded = await unlessRefused(load(path))
      const summary = await unlessRefused(loadSummary(path))
      strictEqual(({} as { x?: unknown }).x, undefined)
      if (summary) assertInRange(summary)
      if (!loaded) return 'refused'
      assertWeightsInRange(loaded)
      const { params, training, result, history } = loaded
      deepStrictEqual(summary, { hidden: params.W1.shape[0], training, result, history })
      strictEqual(format(parseWeights(format(loaded), path)), format(loaded))
      return 'loaded'
    },
  }),

  runs: claim<MadeBy<typeof runsInput>>({
    title: 'mnist-runs lists the runs beside a changed weights file, in any form',
    inputs: runsInput,
    files: (input) => ({ 'changed.json': bytesOf(input) }),
    async check(input, folder) {
      rmSync(folder, { recursive: true, force: true })
      mkdirSync(folder)
      writeFileSync(join(folder, 'changed.json'), bytesOf(input))
      writeFileSync(join(folder, 'other.json'), format(full))
      const { code, stdout, stderr } = await runInProcess('mnist-runs', input.args.split(' ').filter(Boolean), {
        cwd: folder,
      })
      strictEqual(code, 0, stderr)
      doesNotMatch(stdout + stderr, /[^\P{Cc}\n]/u)
      match(stdout, /other\.json/)
      if (input.args.includes('--json')) {
        for (const line of stdout.trimEnd().split('\n')) assertInRange(JSON.parse(line) as Summary)
      }
      return /changed\.json/.test(stdout) ? 'listed' : 'skipped'
    },
  }),
}
