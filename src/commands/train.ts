/** mnist-train: digits → gradient descent → weights file. */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { setImmediate as eventLoopTurn } from 'node:timers/promises'
import { Option, type Command } from 'commander'
import { toMatrix, type Digits } from '../digits.ts'
import { split } from '../digits/split.ts'
import { ENGINES, type EngineName } from '../engine.ts'
import { Failure, type EXIT } from '../failure.ts'
import { Divergence, gradientDescent, type Step } from '../gradient-descent.ts'
import { correct, forwardProp, initParams, type Params } from '../network.ts'
import { randomStream } from '../random.ts'
import { clock, progress } from '../terminal/progress.ts'
import { load, MOST_HIDDEN, save, tryPath, type HistoryEntry, type Result, type Training } from '../weights.ts'
import { DATA_DEFAULT, defaultSources, describeData, GENERATED, readSources } from './data.ts'
import { file, files, positiveNumber, wholeNumber } from './options.ts'
import { reader, type Definition } from './run.ts'

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

export const train: Definition = (program, end) => {
  const data = 'CSV of digits, label first; several are joined; "generated" are drawn here'
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
    .addOption(
      new Option('--engine <name>', 'what computes the gradients').choices(Object.keys(ENGINES)).default('reference'),
    )
    .addOption(file('--init <file>', "start from this weights file's parameters (default: drawn at random)"))
    .addOption(files('-t, --test <file...>', 'measure the accuracy on these digits at the end (default: none)'))
    .option('--notebook', "compute as the notebook's code does, where it departs from its formulas", false)
    .option('--json', 'results as JSON, one value a line (schema mnist-train/1)', false)
    .option('-q, --quiet', 'nothing on stderr but errors', false)
    .action(async (options: TrainOptions) => end(await trainNetwork(options, program)))
}

async function trainNetwork(options: TrainOptions, program: Command): Promise<keyof typeof EXIT> {
  const { out, iters, alpha, seed, notebook, logEvery } = options
  const bar = progress(process.stderr, options.quiet)
  const print = printer(options.json, bar.clear)
  const notice = (text: string) => {
    bar.clear()
    if (!options.quiet) process.stderr.write(`${text}\n`)
  }

  await tryPath(out)
  const init = await readInit(options, program)
  const sources = options.data ?? defaultSources()
  if (sources.includes(GENERATED)) notice(options.data ? GENERATED_BY_NAME : GENERATED_BY_DEFAULT)
  const onProgress = (share: number) => bar.update('reading', share, 1, `${Math.floor(share * 100)} %`)
  const digits = await readSources(sources, { onProgress })
  const test = options.test && (await readSources(options.test, { onProgress }))
  const rows = digits.labels.length
  if (options.dev >= rows) {
    throw new Failure(
      'usage',
      `--dev ${options.dev}: of ${grouped(rows)} digits at most ${grouped(rows - 1)} can be held out`,
    )
  }

  const random = randomStream(seed)
  const { train, dev } = split(digits, options.dev, random)
  const start = init?.params ?? initParams(random, options.hidden)
  const engine = ENGINES[options.engine](train)
  const hidden = start.W1.shape[0]
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
  notice(`784-${hidden}-10 network, ${grouped(engine.m)} digits to train on${held}, α ${alpha}, seed ${seed}`)
  print.start(hidden, training)

  const interruption = interruptions()
  const history: HistoryEntry[] = []
  const began = performance.now()
  let last: Step | undefined
  let turned = began
  try {
    for (const step of gradientDescent(start, engine, {
      iterations: iters,
      alpha,
      ...(notebook && { notebook: { rows } }),
    })) {
      last = step
      const { iteration, loss, accuracy } = step
      if (iteration % logEvery === 0 || iteration === iters - 1) {
        history.push({ iteration, loss, accuracy })
        print.iteration({ iteration, loss, accuracy })
      }
      const done = iteration + 1
      const rate = done / ((performance.now() - began) / 1000)
      const left = clock((iters - done) / rate)
      bar.update('training', done, iters, `${done}/${iters}  ${rate.toPrecision(3)} iterations/s  ${left} left`)
      if (performance.now() - turned > TURN) {
        await eventLoopTurn()
        turned = performance.now()
      }
      if (interruption.signal || reader.left) break
    }
  } catch (error) {
    if (!(error instanceof Divergence)) throw error
    const gentler = Math.min(0.1, Number((alpha / 10).toPrecision(1)))
    bar.clear()
    throw new Failure(
      'no',
      `${error.message}: it diverges at --alpha ${alpha}, try --alpha ${gentler}; ${out} is not written`,
    )
  }
  if (reader.left) return 'SIGPIPE'
  const done = last ? last.iteration + 1 : 0
  const seconds = (performance.now() - began) / 1000

  const params = last?.params ?? start
  const result: Result = {
    iterations: done,
    ...(last && { loss: last.loss, trainAccuracy: last.accuracy }),
    ...(options.dev > 0 && { devAccuracy: accuracyOn(dev, params) }),
    ...(test && { testAccuracy: accuracyOn(test, params) }),
  }
  await save(out, { params, training, result, history })
  print.end(result, out, options.dev, test?.labels.length ?? 0)
  if (interruption.signal === undefined) {
    notice(
      `${done} iterations in ${clock(seconds)}, ${(done / seconds).toPrecision(3)} a second; the weights are in ${out}`,
    )
    return 'done'
  }
  const command = commandLine(program, { init: out, iters: iters - done })
  notice(`interrupted after ${done} of ${iters} iterations; the weights so far are in ${out}; to go on:\n  ${command}`)
  return interruption.signal
}

const TURN = 30 // ms between turns of the event loop, so that signals and closed pipes are noticed
const GENERATED_BY_NAME = 'These are not MNIST but 10,000 digits that this program draws itself.'
const GENERATED_BY_DEFAULT =
  'No MNIST here, so these are 10,000 digits that this program draws itself. For the real ones, put a CSV such as ' +
  "Kaggle's train.csv (kaggle.com/c/digit-recognizer) at data/mnist_train.csv, or name one with --data FILE."

/** The parameters that `--init` names, if it does. */
async function readInit({ init, hidden }: TrainOptions, program: Command) {
  if (init === undefined) return undefined
  const { params } = await load(init)
  const units = params.W1.shape[0]
  if (program.getOptionValueSource('hidden') === 'cli' && hidden !== units) {
    throw new Failure(
      'usage',
      `--hidden ${hidden}: ${init} has ${units} hidden units; leave --hidden out or name another file`,
    )
  }
  return {
    params,
    sha256: createHash('sha256')
      .update(await readFile(init))
      .digest('hex'),
  }
}

/** The share of the digits that the network reads right, from 0 to 1. */
function accuracyOn(digits: Digits, params: Params): number {
  return correct(forwardProp(params, toMatrix(digits)).A2, digits.labels) / digits.labels.length
}

/** SIGINT and SIGTERM ask for an end after the iteration under way; a second one ends the process at once. */
function interruptions(): { signal?: 'SIGINT' | 'SIGTERM' } {
  const interruption: { signal?: 'SIGINT' | 'SIGTERM' } = {}
  const take = (signal: 'SIGINT' | 'SIGTERM') => {
    interruption.signal = signal
    process.off('SIGINT', take).off('SIGTERM', take)
  }
  process.on('SIGINT', take).on('SIGTERM', take)
  return interruption
}

/** Writes the results on stdout, for people or, as JSON, for programs. */
function printer(json: boolean, clear: () => void) {
  const write = (line: string) => {
    clear()
    if (!reader.left) process.stdout.write(`${line}\n`)
  }
  const event = (name: string, values: object) => write(JSON.stringify({ event: name, ...values }))
  const share = (accuracy: number, of: number) => `${accuracy.toFixed(6)}  (${Math.round(accuracy * of)} of ${of})`
  return {
    start(hidden: number, training: Training) {
      if (json) event('start', { schema: 'mnist-train/1', hidden, training })
    },
    iteration(entry: HistoryEntry) {
      const { iteration, loss, accuracy } = entry
      if (json) event('iteration', entry)
      else write(`iteration ${String(iteration).padStart(5)}  accuracy ${accuracy.toFixed(6)}  loss ${loss.toFixed(6)}`)
    },
    end(result: Result, out: string, dev: number, test: number) {
      if (json) return event('end', { result, out })
      if (result.devAccuracy !== undefined) write(`dev accuracy ${share(result.devAccuracy, dev)}`)
      if (result.testAccuracy !== undefined) write(`test accuracy ${share(result.testAccuracy, test)}`)
    },
  }
}

/** The command line of this run with some options' values replaced, as a shell takes it. */
function commandLine(program: Command, replaced: Record<string, string | number>): string {
  const given = program.options.flatMap((option) => {
    const name = option.attributeName()
    const isGiven = name in replaced || program.getOptionValueSource(name) === 'cli'
    if (!isGiven) return []
    const value: unknown = replaced[name] ?? program.getOptionValue(name)
    return option.isBoolean() ? [option.long] : [option.long, ...[value].flat().map((word) => quoted(String(word)))]
  })
  return [program.name(), ...given].join(' ')
}

/** A word as a shell takes it, in quotes where it needs them. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}

/** A count with its thousands set apart: 60,000. */
function grouped(count: number): string {
  return count.toLocaleString('en-US')
}
