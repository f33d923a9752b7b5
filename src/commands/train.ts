/** mnist-train: digits → gradient descent → weights file. */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { setImmediate as eventLoopTurn } from 'node:timers/promises'
import { Option, type Command } from 'commander'
import type { Digits } from '../digits.ts'
import type { Part } from '../digits/read.ts'
import { grouped } from '../digits/field.ts'
import { split } from '../digits/split.ts'
import { createEngine, ENGINES, type Engine, type EngineName } from '../engine.ts'
import { Failure, type EXIT } from '../failure.ts'
import { Divergence, gradientDescent, type Step } from '../gradient-descent.ts'
import { initParams, type Params } from '../network.ts'
import { randomStream } from '../random.ts'
import { tryPath } from '../staged-file.ts'
import { clock } from '../terminal/progress.ts'
import { load, MOST_HIDDEN, save, type HistoryEntry, type Result, type Training } from '../weights.ts'
import { DATA_DEFAULT, defaultSources, describeData, describePart, GENERATED, readLabelled } from './data.ts'
import { abortOnSignals, commandLine, type Interruption } from './interruption.ts'
import { file, files, positiveNumber, wholeNumber } from './options.ts'
import { reader, type Definition } from './run.ts'
import { trainOutput, type TrainOutput } from './train-output.ts'

interface TrainOptions {
  data?: string[]
  out: string
  iters: number
  alpha: number
  hidden: number
  dev: number
  seed: number
  logEvery: number
  engine: EngineName
  threads: number
  init?: string
  test?: string[]
  notebook: boolean
  json: boolean
  quiet: boolean
}

const EXAMPLES = `Examples:
  mnist-train --iters 500 --alpha 0.1                 the network of the notebook, into weights.json
  mnist-train --data mnist_train.csv --test mnist_test.csv
  mnist-train --data mnist_all.csv --notebook         with the notebook's own numbers, its two slips included
  mnist-train --init weights.json --iters 200         goes on from the parameters of an earlier run
  mnist-train --json | jq .accuracy                   one JSON value a line
`

/** The command: its options, and what it does with them. */
export const train: Definition = (program, end) => {
  const data = 'digits as CSV or IDX, "-" being standard input; several are joined; "generated" are drawn here'
  program
    .name('mnist-train')
    .description(
      'Trains a network of two layers, 784 → hidden (ReLU) → 10 (softmax), by gradient descent on MNIST digits.',
    )
    .addHelpText('before', EXAMPLES)
    .addOption(files('-d, --data <file...>', `${data} (default: ${DATA_DEFAULT})`))
    .addOption(file('-o, --out <file>', 'where the weights go').default('weights.json'))
    .addOption(wholeNumber('-i, --iters <n>', 'iterations of gradient descent', 0, 1e9).default(500))
    .addOption(positiveNumber('-a, --alpha <rate>', 'learning rate α').default(0.1))
    .addOption(wholeNumber('--hidden <n>', 'hidden units', 1, MOST_HIDDEN).default(10))
    .addOption(wholeNumber('--dev <n>', 'digits held out of the training to measure on', 0, 1e9).default(1000))
    .addOption(
      wholeNumber('-s, --seed <n>', 'start of the random numbers, as np.random.seed', 0, 2 ** 32 - 1).default(0),
    )
    .addOption(wholeNumber('--log-every <n>', 'report every n-th iteration, and the last', 1, 1e9).default(100))
    .addOption(new Option('--engine <name>', 'what computes the gradients').choices(ENGINES).default('simd'))
    .addOption(
      wholeNumber(
        '--threads <n>',
        'threads of the simd engine; the weights are the same for any number',
        1,
        1024,
      ).default(availableParallelism(), 'the cores available'),
    )
    .addOption(file('--init <file>', "start from this weights file's parameters (default: drawn at random)"))
    .addOption(files('-t, --test <file...>', 'measure the accuracy on these digits at the end (default: none)'))
    .option('--notebook', "compute as the notebook's code does, where it departs from its formulas", false)
    .option('--json', 'results as JSON, one value a line (schema mnist-train/1)', false)
    .option('-q, --quiet', 'nothing on stderr but errors', false)
    .action(async (options: TrainOptions) => end(await trainNetwork(options, program)))
}

/** One run, from the options to the exit code. */
async function trainNetwork(options: TrainOptions, program: Command): Promise<keyof typeof EXIT> {
  const { out, iters } = options
  const screen = trainOutput(options)
  await tryPath(out)
  const run = await prepare(options, program, screen)
  const interruption = abortOnSignals()
  screen.start(run.start.W1.shape[0], run.training)
  const { last, history, seconds } = await descend(run, options, screen, interruption)
  run.engine.close()
  if (reader.left) return 'SIGPIPE'
  if (interruption.name && !last) {
    screen.notice(`interrupted before the first iteration was done; ${out} is not written`)
    return interruption.name
  }

  const params = last?.params ?? run.start
  const result = await measure(run, options, params, last)
  await save(out, { params, training: run.training, result, history })
  screen.end(result, { out, dev: run.dev.labels.length, test: run.test?.labels.length })
  const done = result.iterations
  if (interruption.name === undefined || done === iters) {
    const rate = (done / seconds).toPrecision(3)
    screen.notice(`${done} iterations in ${clock(seconds)}, ${rate} a second; the weights are in ${out}`)
    return 'done'
  }
  const command = commandLine(program, { init: out, iters: iters - done })
  const soFar = `interrupted after ${done} of ${iters} iterations; the weights so far are in ${out}`
  screen.notice(`${soFar}; to go on:\n  ${command}`)
  return interruption.name
}

/** What a run needs before its first iteration. */
interface Run {
  engine: Engine
  start: Params
  dev: Digits
  test: Digits | undefined
  rows: number // of the data, those held out too
  training: Training
}

/** Reads the digits, splits them, and makes the parameters to start from. */
async function prepare(options: TrainOptions, program: Command, screen: TrainOutput): Promise<Run> {
  const { iters, alpha, seed, notebook, logEvery } = options
  const init = await readInit(options, program)
  const sources = options.data ?? defaultSources()
  if (sources.includes(GENERATED)) screen.notice(options.data ? GENERATED_BY_NAME : GENERATED_BY_DEFAULT)
  const onProgress = (share: number) => screen.progress('reading', share, 1)
  const onPart = (part: Part) => screen.notice(describePart(part))
  const digits = await readLabelled(sources, { onProgress, onPart })
  const test = options.test && (await readLabelled(options.test, { onProgress, onPart }))
  const rows = digits.labels.length
  if (options.dev >= rows) {
    const most = `of ${grouped(rows)} digits at most ${grouped(rows - 1)} can be held out`
    throw new Failure('usage', `--dev ${options.dev}: ${most}`)
  }

  const random = randomStream(seed)
  const { train, dev } = split(digits, options.dev, random)
  const start = init?.params ?? initParams(random, options.hidden)
  const engine = await createEngine(options.engine, train, { hidden: start.W1.shape[0], threads: options.threads })
  const training: Training = {
    iterations: iters,
    alpha,
    seed,
    dev: options.dev,
    notebook,
    logEvery,
    engine: options.engine,
    ...(init && { init: init.sha256 }),
    data: describeData(sources, digits),
    ...(options.test && test && { test: describeData(options.test, test) }),
  }
  const held = options.dev > 0 ? `, ${grouped(options.dev)} held out` : ''
  const network = `784-${start.W1.shape[0]}-10 network`
  screen.notice(`${network}, ${grouped(engine.m)} digits to train on${held}, α ${alpha}, seed ${seed}`)
  return { engine, start, dev, test, rows, training }
}

/** Goes down to the last iteration, or to the one at which the user interrupts or nobody reads any more. */
async function descend(run: Run, options: TrainOptions, screen: TrainOutput, interruption: Interruption) {
  const { engine, start, rows } = run
  const { iters, alpha, notebook, logEvery, out } = options
  const history: HistoryEntry[] = []
  const began = performance.now()
  let turned = began
  let last: Step | undefined
  try {
    const steps = gradientDescent(start, engine, { iterations: iters, alpha, ...(notebook && { notebook: { rows } }) })
    for (const step of steps) {
      if (step) {
        last = step
        const { iteration, loss, accuracy } = step
        if (iteration % logEvery === 0 || iteration === iters - 1) {
          history.push({ iteration, loss, accuracy })
          screen.iteration({ iteration, loss, accuracy })
        }
        const done = iteration + 1
        const rate = (1000 * done) / (performance.now() - began)
        const left = clock((iters - done) / rate)
        screen.progress('training', done, iters, `${done}/${iters}  ${rate.toPrecision(3)} iterations/s  ${left} left`)
      }
      if (performance.now() - turned > TURN) {
        await eventLoopTurn()
        turned = performance.now()
      }
      if (interruption.name || reader.left) break
    }
  } catch (error) {
    if (!(error instanceof Divergence)) throw error
    screen.clear()
    const gentler = Math.min(0.1, Number((alpha / 10).toPrecision(1)))
    const advice = `it diverges at --alpha ${alpha}, try --alpha ${gentler}`
    throw new Failure('no', `${error.message}: ${advice}; ${out} is not written`, { cause: error })
  }
  return { last, history, seconds: (performance.now() - began) / 1000 }
}

/** What came of the run, measured on the digits held out and on those of `--test` too. */
async function measure({ dev, test }: Run, options: TrainOptions, params: Params, last?: Step): Promise<Result> {
  return {
    iterations: last ? last.iteration + 1 : 0,
    ...(last && { loss: last.loss, trainAccuracy: last.accuracy }),
    ...(dev.labels.length > 0 && { devAccuracy: await accuracyOn(dev, params, options) }),
    ...(test && { testAccuracy: await accuracyOn(test, params, options) }),
  }
}

const TURN = 30 // ms between turns of the event loop, so that signals and closed pipes are noticed
const GENERATED_BY_NAME = 'These are not MNIST but 10,000 digits that this program draws itself.'
const GENERATED_BY_DEFAULT =
  'No MNIST here, so these are 10,000 digits that this program draws itself. For the real ones: mnist-data get, or ' +
  "put a CSV such as Kaggle's train.csv at data/mnist_train.csv, or name one with --data FILE."

/** The parameters that `--init` names, if it does. */
async function readInit({ init, hidden }: TrainOptions, program: Command) {
  if (init === undefined) return undefined
  const { params } = await load(init)
  const units = params.W1.shape[0]
  if (program.getOptionValueSource('hidden') === 'cli' && hidden !== units) {
    const advice = 'leave --hidden out or name another file'
    throw new Failure('usage', `--hidden ${hidden}: ${init} has ${units} hidden units; ${advice}`)
  }
  const bytes = await readFile(init)
  return { params, sha256: createHash('sha256').update(bytes).digest('hex') }
}

/** The share of the digits that the network reads right, from 0 to 1. */
async function accuracyOn(digits: Digits, params: Params, { engine: name, threads }: TrainOptions): Promise<number> {
  const engine = await createEngine(name, digits, { hidden: params.W1.shape[0], threads })
  const { correct } = engine.evaluate(params)
  engine.close()
  return correct / engine.m
}
