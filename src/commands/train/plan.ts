/** What a run is to do: options, and the weights that it continues or repeats → digits and a record. */
import { createHash } from 'node:crypto'
import { invocation } from '../../cli/command-line.ts'
import type { Digits } from '../../digits.ts'
import { defaultSource, GENERATED } from '../../digits/default-source.ts'
import type { DigitsPart } from '../../digits/read.ts'
import { checkSameDigits, recordOfDigits } from '../../digits/record.ts'
import { describePart, readLabelled } from '../../digits/sources.ts'
import { Failure } from '../../failure.ts'
import { epochLength } from '../../gradient-descent.ts'
import { RANGES } from '../../hyperparameters.ts'
import type { Params } from '../../network.ts'
import type { NetworkModule } from '../../network-module.ts'
import { FUNCTION_NAMES, withoutSmoothing, type Network } from '../../own-network.ts'
import { parseWeights, readText, type Training, type Weights } from '../../weights.ts'
import { counted, grouped } from '../../wording.ts'
import { checkNetworkModule } from '../network.ts'
import { noticesOfOtherDigits, type RepeatedRun } from './config.ts'
import type { TrainOptions, TrainProgram } from './options.ts'
import type { TrainOutput } from './output.ts'
import { recordOf } from './record.ts'
import type { EarlierRun } from './recorded.ts'

/** A run before its first iteration. */
export interface Plan {
  training: Training
  hidden: number
  digits: Digits
  test: Digits | undefined
  /** Initial parameters, if they are not drawn. */
  init: Params | undefined
  /** The learner's network, if `--network` names one. */
  network: Network | undefined
}

/**
 * Reads the digits and settles how to train on them. If a run is continued or repeated, `takeRecorded` has already put
 * its options in place of the defaults.
 * @param earlier the run of `--resume` or `--verify`
 * @param repeated the run of `--config`; a notice says if it was on other digits
 * @throws Failure `usage` if options contradict each other, the digits or the earlier run; `noInput` and `badData` as
 *   reading throws them
 */
export async function makePlan(
  program: TrainProgram,
  screen: TrainOutput,
  earlier?: EarlierRun,
  repeated?: RepeatedRun,
): Promise<Plan> {
  const own = await readNetwork(program, screen)
  const options = program.opts()
  const { dev, batch } = options
  const before = earlier?.weights.training
  const isResumed = options.resume !== undefined
  if ((options.targetAccuracy !== undefined || options.patience !== undefined) && dev === 0) {
    throw new Failure('usage', '--target-accuracy and --patience need held-out digits: set --dev above 0')
  }
  if (earlier) checkNetworkModule(earlier.path, before?.network, own?.record)
  const init = isResumed ? undefined : await readInit(program)
  if (earlier && before && !isResumed && before.init !== init?.sha256) {
    const given = init ? `--init ${options.init}` : '--init is missing'
    const start = before.init === undefined ? 'started from random parameters' : 'started from another weights file'
    throw new Failure('usage', `${given}: the run of ${earlier.path} ${start}`)
  }
  if (earlier && before?.test && !options.test) {
    const names = before.test.names.join(', ')
    throw new Failure('usage', `${earlier.path} records the accuracy on ${names}: add --test with these digits`)
  }

  const { sources, digits, test } = await readPlanned(options, screen, before ?? repeated?.training)
  if (earlier && before) checkSameDigits(sources, digits, before.data, earlier.path, '--data')
  if (earlier && before?.test && options.test && test) {
    checkSameDigits(options.test, test, before.test, earlier.path, '--test')
  }
  const rows = digits.labels.length
  if (dev >= rows) {
    throw new Failure(
      'usage',
      `--dev ${dev}: at most ${grouped(rows - 1)} of ${counted(rows, 'digit')} can be held out`,
    )
  }

  const epoch = epochLength(rows - dev, batch)
  const training = recordOf(options, {
    iterations: plannedIterations(program, epoch),
    logEvery: options.logEvery ?? (batch ? epoch : 100),
    network: own?.record,
    init: before?.init ?? init?.sha256,
    data: before?.data ?? recordOfDigits(sources, digits),
    test: options.test && test && (before?.test ?? recordOfDigits(options.test, test)),
  })
  if (earlier && isResumed) checkTotal(training, earlier)
  if (repeated) for (const text of noticesOfOtherDigits(repeated, training)) screen.notice(text)
  return {
    training,
    hidden: init?.params.W1.shape[0] ?? options.hidden,
    digits,
    test,
    init: init?.params,
    network: own?.network,
  }
}

/** What the simd engine keeps of a digit, in bytes: 365 of one of MNIST. Shuffling takes the rest. */
const ENGINE_BYTES = 375

/** Reads the digits to train on and to test on; a run on generated digits is continued on them. */
async function readPlanned(options: TrainOptions, screen: TrainOutput, before: Training | undefined) {
  const { data, test, take, transpose, invert } = options
  const wasGenerated = before?.data.names.join() === GENERATED
  const sources = data ?? (wasGenerated ? [GENERATED] : defaultSource())
  if (sources.includes(GENERATED)) screen.notice(data || wasGenerated ? GENERATED_BY_NAME : generatedByDefault())
  const reading = {
    onProgress: (fraction: number) => screen.progress('reading', fraction, 1),
    onPart: (part: DigitsPart) => screen.notice(describePart(part)),
    transpose,
    invert,
    bytesPerDigit: ENGINE_BYTES,
  }
  const suspect = (names: string[]) => ({
    onSuspicion: (sentence: string) => screen.notice(`${names.join(', ')}: ${sentence}`),
  })
  return {
    sources,
    digits: await readLabelled(sources, {
      ...reading,
      limit: take,
      ...(sources.join() !== GENERATED && suspect(sources)),
    }),
    test: test && (await readLabelled(test, { ...reading, ...suspect(test) })),
  }
}

/** The iterations of the whole run: `--iters`, or `--epochs` if that was given more directly. */
function plannedIterations(program: TrainProgram, epoch: number): number {
  const { iters, epochs } = program.opts()
  if (epochs === undefined) return iters
  const directness = (name: 'iters' | 'epochs') => DIRECTNESS.indexOf(program.getOptionValueSource(name) ?? 'default')
  if (directness('iters') === directness('epochs')) {
    throw new Failure('usage', '--iters and --epochs set the same thing: give one of them')
  }
  if (directness('iters') > directness('epochs')) return iters
  const { max } = RANGES.iterations
  if (epochs * epoch <= max) return epochs * epoch
  throw new Failure('usage', `--epochs ${epochs}: more than ${grouped(max)} iterations`)
}

const DIRECTNESS = ['default', 'recorded', 'config', 'env', 'cli']

/** @throws Failure `usage` if a run cannot be continued to the iterations that are planned now */
function checkTotal({ iterations }: Training, { path, weights: { training, result } }: EarlierRun): void {
  const refuse = (reason: string) => new Failure('usage', `--iters ${iterations}: ${reason}`)
  if (iterations < result.iterations) throw refuse(`${path} already has ${result.iterations}; --iters is the total`)
  if (result.kept !== undefined) throw refuse(`${path} kept its best weights, so it cannot be continued`)
  if (training.decay && iterations !== training.iterations) {
    const instead = `start a new run with --config ${path} --iters ${iterations}`
    throw refuse(
      `the ${training.decay} decay of ${path} ends at ${counted(training.iterations, 'iteration')}; ${instead}`,
    )
  }
}

/**
 * The module that `--network` names, if it does. It trains on the reference engine.
 * @throws Failure `usage` for another engine; as `loadNetwork` does
 */
async function readNetwork(program: TrainProgram, screen: TrainOutput): Promise<NetworkModule | undefined> {
  const { network: path, engine, labelSmoothing } = program.opts()
  if (path === undefined) return undefined
  if (engine !== 'reference' && ['cli', 'env'].includes(program.getOptionValueSource('engine') ?? '')) {
    throw new Failure('usage', `--engine ${engine}: --network trains on the reference engine; omit --engine`)
  }
  program.setOptionValueWithSource('engine', 'reference', 'implied')
  const [{ loadNetwork, readModule }, { tryModule }] = await Promise.all([
    import('../../network-module.ts'), // here, so that other runs do not load it
    import('../../check/try-module.ts'),
  ])
  const file = readModule(path)
  await tryModule(file)
  const module = await loadNetwork(path, file)
  const { own, network } = module
  const deaf = labelSmoothing > 0 ? withoutSmoothing(network, own) : undefined
  if (deaf !== undefined) {
    const remedy = 'take it as an argument, as src/network.ts does, or omit the option'
    throw new Failure('usage', `--label-smoothing ${labelSmoothing}: ${deaf} of ${path} does not use it; ${remedy}`)
  }
  const rest = own.length < FUNCTION_NAMES.length ? '; the rest is src/network.ts' : ''
  screen.notice(`${own.join(', ')} of ${path}${rest}; on the reference engine`)
  return module
}

/** The parameters that `--init` names, if it does, and the SHA-256 of their file. */
async function readInit(program: TrainProgram): Promise<{ params: Params; sha256: string } | undefined> {
  const { init, hidden } = program.opts()
  if (init === undefined) return undefined
  const text = await readText(init)
  const { params }: Weights = parseWeights(text, init)
  const units = params.W1.shape[0]
  if (['cli', 'env'].includes(program.getOptionValueSource('hidden') ?? '') && hidden !== units) {
    throw new Failure('usage', `--hidden ${hidden}: ${init} has ${counted(units, 'hidden unit')}; omit --hidden`)
  }
  return { params, sha256: createHash('sha256').update(text).digest('hex') }
}

const GENERATED_BY_NAME = 'These are not MNIST but 10,000 digits that this program draws.'

/** The notice about digits that the program draws because it has found no others. */
export const generatedByDefault = () =>
  `MNIST not found: training on 10,000 digits that this program draws. For MNIST itself, run ${invocation('mnist-data')} get, ` +
  "put a CSV such as Kaggle's train.csv at data/mnist_train.csv, or name a file with --data."
