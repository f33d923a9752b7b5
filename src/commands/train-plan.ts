/** What mnist-train is to do: options, and the weights that a run goes on from or repeats → digits and a record. */
import { createHash } from 'node:crypto'
import type { Command } from 'commander'
import type { Digits } from '../digits.ts'
import { grouped } from '../digits/field.ts'
import type { Part } from '../digits/read.ts'
import type { EngineName } from '../engine.ts'
import { Failure } from '../failure.ts'
import { epochLength, type Decay } from '../gradient-descent.ts'
import type { Params } from '../network.ts'
import { parse, readText, type Training, type Weights } from '../weights.ts'
import { checkSame, defaultSource, describeData, describePart, GENERATED, readLabelled } from './data.ts'
import { recordedOptions } from './settings.ts'
import type { TrainOutput } from './train-output.ts'

export interface TrainOptions {
  data?: string[]
  out: string
  iters: number
  epochs?: number
  alpha: number
  batch?: number
  momentum: number
  decay: Decay
  hidden: number
  initScale: NonNullable<Training['initScale']>
  dev: number
  seed: number
  logEvery?: number
  engine: EngineName
  threads: number
  targetAccuracy?: number
  patience?: number
  maxSeconds?: number
  checkpointEvery?: number
  resume?: string
  verify?: string
  init?: string
  test?: string[]
  notebook: boolean
  config?: string
  printConfig: boolean
  json: boolean
  quiet: boolean
}

/** A run before its first iteration. */
export interface Plan {
  training: Training
  hidden: number
  digits: Digits
  test: Digits | undefined
  init: Params | undefined
}

/** The weights that a run goes on from or repeats. */
export interface Resumed {
  path: string
  weights: Weights
}

/**
 * Reads the digits and settles how to train on them. A run that goes on or is repeated has the options of its weights file,
 * which the caller has put in place of the defaults (`takeRecorded`).
 */
export async function makePlan(
  options: TrainOptions,
  program: Command,
  screen: TrainOutput,
  recorded?: Resumed,
): Promise<Plan> {
  const { alpha, seed, dev, notebook, engine, batch, momentum, decay, initScale, targetAccuracy, patience } = options
  if ((targetAccuracy !== undefined || patience !== undefined) && dev === 0) {
    throw new Failure('usage', '--target-accuracy and --patience look at the digits held out: give --dev more than 0')
  }
  const before = recorded?.weights.training
  const goesOn = recorded !== undefined && options.verify === undefined
  const init = goesOn ? undefined : await readInit(options, program)
  if (before && !goesOn && before.init !== init?.sha256) {
    const place = init ? `--init ${options.init}` : '--init is missing'
    throw new Failure('usage', `${place}: ${recorded.path} ${STARTED[before.init === undefined ? 'drawn' : 'init']}`)
  }
  if (before?.test && !options.test) {
    const names = before.test.names.join(', ')
    throw new Failure('usage', `${recorded!.path} records the accuracy on ${names}: name those digits with --test`)
  }

  const drawn = before?.data.names.join() === GENERATED
  const sources = options.data ?? (drawn ? [GENERATED] : defaultSource())
  if (sources.includes(GENERATED)) screen.notice(options.data || drawn ? GENERATED_BY_NAME : GENERATED_BY_DEFAULT)
  const reading = {
    onProgress: (share: number) => screen.progress('reading', share, 1),
    onPart: (part: Part) => screen.notice(describePart(part)),
  }
  const digits = await readLabelled(sources, reading)
  const test = options.test && (await readLabelled(options.test, reading))
  if (recorded) checkSame(sources, digits, recorded.weights.training.data, recorded.path, '--data')
  if (before?.test && test) checkSame(options.test!, test, before.test, recorded!.path, '--test')
  const rows = digits.labels.length
  if (dev >= rows) {
    const most = `of ${grouped(rows)} digits at most ${grouped(rows - 1)} can be held out`
    throw new Failure('usage', `--dev ${dev}: ${most}`)
  }

  const epoch = epochLength(rows - dev, batch)
  const training: Training = {
    iterations: iterations(options, program, epoch),
    alpha,
    seed,
    dev,
    notebook,
    logEvery: options.logEvery ?? (batch ? epoch : 100),
    engine,
    ...(batch !== undefined && { batch }),
    ...(momentum > 0 && { momentum }),
    ...(decay !== 'none' && { decay }),
    ...(initScale !== 'notebook' && { initScale }),
    ...(targetAccuracy !== undefined && { targetAccuracy }),
    ...(patience !== undefined && { patience }),
    ...(before?.init !== undefined ? { init: before.init } : init && { init: init.sha256 }),
    data: before?.data ?? describeData(sources, digits),
    ...(options.test && test && { test: before?.test ?? describeData(options.test, test) }),
  }
  if (goesOn) checkTotal(training, recorded.path, recorded.weights)
  return { training, hidden: init?.params.W1.shape[0] ?? options.hidden, digits, test, init: init?.params }
}

/** The iterations of the whole run: `--iters`, or those of so many `--epochs`, whichever is said more directly. */
function iterations({ iters, epochs }: TrainOptions, program: Command, epoch: number): number {
  if (epochs === undefined) return iters
  const [ofIters, ofEpochs] = ['iters', 'epochs'].map((name) => DIRECTNESS.indexOf(program.getOptionValueSource(name)!))
  if (ofIters === ofEpochs)
    throw new Failure('usage', '--iters and --epochs say the same in two ways: give one of them')
  return ofIters! > ofEpochs! ? iters : epochs * epoch
}

/** Checks that a run can go on from these weights to the iterations that are now wanted. */
function checkTotal({ iterations }: Training, path: string, { training, result }: Weights): void {
  const refuse = (reason: string) => new Failure('usage', `--iters ${iterations}: ${reason}`)
  if (iterations < result.iterations) throw refuse(`${path} has ${result.iterations} already; --iters is the total`)
  if (result.kept !== undefined) throw refuse(`${path} kept its best weights, and what came after them is gone`)
  if (training.decay && iterations !== training.iterations) {
    const other = `another total would be another run; for that, --config ${path} --iters ${iterations}`
    throw refuse(`in ${path} α falls to 0 over ${training.iterations} iterations; ${other}`)
  }
}

const STARTED = {
  drawn: 'started from parameters drawn at random',
  init: 'started from another weights file, name that',
}

const DIRECTNESS = ['default', 'recorded', 'config', 'env', 'cli']

/**
 * Puts the options that a weights file records in the place of those that the command line does not give.
 * @param free those that may be given all the same, with another value
 * @throws Failure `usage` where another is given with another value
 */
export function takeRecorded(program: Command, path: string, weights: Weights, free: string[]): void {
  const recorded: Record<string, unknown> = recordedOptions(weights)
  for (const option of program.options) {
    const name = option.attributeName()
    if (!(name in recorded)) continue
    const isGiven = program.getOptionValueSource(name) === 'cli'
    if (isGiven && free.includes(name)) continue
    const value: unknown = program.getOptionValue(name)
    if (isGiven && value !== recorded[name]) {
      const [was, advice] = [recorded[name] ?? 'none', `a new run with other options starts with --config ${path}`]
      throw new Failure('usage', `${option.long} ${String(value)}: the run of ${path} has ${String(was)}; ${advice}`)
    }
    program.setOptionValueWithSource(name, recorded[name], 'recorded')
  }
}

/** The parameters that `--init` names, if it does. */
async function readInit({ init, hidden }: TrainOptions, program: Command) {
  if (init === undefined) return undefined
  const text = await readText(init)
  const { params } = parse(text, init)
  const units = params.W1.shape[0]
  if (['cli', 'env'].includes(program.getOptionValueSource('hidden')!) && hidden !== units) {
    const advice = 'leave --hidden out or name another file'
    throw new Failure('usage', `--hidden ${hidden}: ${init} has ${units} hidden units; ${advice}`)
  }
  return { params, sha256: createHash('sha256').update(text).digest('hex') }
}

const GENERATED_BY_NAME = 'These are not MNIST but 10,000 digits that this program draws itself.'
const GENERATED_BY_DEFAULT =
  'No MNIST here, so these are 10,000 digits that this program draws itself. For the real ones: mnist-data get, or ' +
  "put a CSV such as Kaggle's train.csv at data/mnist_train.csv, or name one with --data FILE."
