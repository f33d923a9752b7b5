/** mnist-train: digits → gradient descent → weights file. */
import { availableParallelism } from 'node:os'
import { setImmediate as eventLoopTurn } from 'node:timers/promises'
import { Option, type Command } from 'commander'
import type { Digits } from '../digits.ts'
import { grouped } from '../digits/field.ts'
import { createEngine, ENGINES } from '../engine.ts'
import { Failure, type EXIT } from '../failure.ts'
import { DECAYS, Divergence } from '../gradient-descent.ts'
import { INIT_SCALES, type Params } from '../network.ts'
import { tryPath } from '../staged-file.ts'
import { clock } from '../terminal/progress.ts'
import { openTraining, type TrainingRun, type Turn } from '../training.ts'
import { differences, load, MOST_HIDDEN, save, type Result, type Weights } from '../weights.ts'
import { DATA_DEFAULT } from './data.ts'
import { abortOnSignals, commandLine, type Interruption } from './interruption.ts'
import { file, files, positiveNumber, share, wholeNumber } from './options.ts'
import { reader, type Definition } from './run.ts'
import { applyConfig, configuration } from './settings.ts'
import { trainOutput, type TrainOutput } from './train-output.ts'
import { makePlan, takeRecorded, type Plan, type Resumed, type TrainOptions } from './train-plan.ts'

const EXAMPLES = `Examples:
  mnist-train --iters 500 --alpha 0.1                 the network of the notebook, into weights.json
  mnist-train --data mnist_train.csv --test mnist_test.csv
  mnist-train --data mnist_all.csv --notebook         with the notebook's own numbers, its two slips included
  mnist-train --hidden 128 --batch 32 --epochs 6 --alpha 0.4 --decay linear --init-scale he
  mnist-train --resume weights.json --iters 1000      goes on where an earlier run stopped
  mnist-train --verify weights.json                   trains again and says whether every bit is the same
  mnist-train --config weights.json --alpha 0.2       as that run, but for α
  mnist-train --json | jq 'select(.event == "end")'    one JSON value a line
`

/** The command: its options, and what it does with them. */
export const train: Definition = (program, end) => {
  const data = 'digits as CSV or IDX, "-" being standard input; several are joined; "generated" are drawn here'
  const seed = 'start of the random numbers, as np.random.seed'
  const threads = 'threads of the simd engine; the weights are the same for any number'
  program
    .name('mnist-train')
    .description(
      'Trains a network of two layers, 784 → hidden (ReLU) → 10 (softmax), by gradient descent on MNIST digits.',
    )
    .addHelpText('before', EXAMPLES)

    .optionsGroup('Digits and weights:')
    .addOption(files('-d, --data <file...>', `${data} (default: ${DATA_DEFAULT})`))
    .addOption(files('-t, --test <file...>', 'measure the accuracy on these digits at the end (default: none)'))
    .addOption(wholeNumber('--dev <n>', 'digits held out of the training to measure on', 0, 1e9).default(1000))
    .addOption(file('-o, --out <file>', 'where the weights go').default('weights.json'))

    .optionsGroup('Gradient descent:')
    .addOption(wholeNumber('-i, --iters <n>', 'iterations', 0, 1e9).default(500))
    .addOption(wholeNumber('--epochs <n>', 'as many iterations as show each digit n times (default: --iters)', 1, 1e9))
    .addOption(positiveNumber('-a, --alpha <rate>', 'learning rate α').default(0.1))
    .addOption(wholeNumber('--batch <n>', 'digits an iteration, reshuffled every epoch (default: all)', 1, 1e9))
    .addOption(momentum('--momentum <share>', 'keep this share of the last step, and add it to the next').default(0))
    .addOption(new Option('--decay <how>', 'how α falls to 0').choices(DECAYS).default('none'))
    .addOption(wholeNumber('--hidden <n>', 'hidden units', 1, MOST_HIDDEN).default(10))
    .addOption(new Option('--init-scale <whose>', 'how the parameters start').choices(INIT_SCALES).default('notebook'))
    .addOption(file('--init <file>', "start from this weights file's parameters (default: drawn at random)"))
    .addOption(wholeNumber('-s, --seed <n>', seed, 0, 2 ** 32 - 1).default(0))
    .option('--notebook', "compute as the notebook's code does, where it departs from its formulas", false)

    .optionsGroup('When to stop:')
    .addOption(share('--target-accuracy <share>', 'stop at this accuracy on the digits held out; end with 1 before it'))
    .addOption(wholeNumber('--patience <n>', 'stop after n reports that are no better there, keep the best', 1, 1e9))
    .addOption(positiveNumber('--max-seconds <s>', 'stop after so long, with weights to --resume'))

    .optionsGroup('Runs again:')
    .addOption(
      file('--resume <file>', 'go on with the run of this weights file, as planned or to --iters').conflicts(
        NOT_TO_RESUME,
      ),
    )
    .addOption(wholeNumber('--checkpoint-every <n>', 'write the weights so far every n iterations', 1, 1e9))
    .addOption(file('--verify <file>', 'train again as this weights file records and compare').conflicts(NOT_TO_VERIFY))
    .addOption(file('--config <file>', 'options from this file: one of --print-config, or a weights file'))
    .option('--print-config', 'print the options as they are, and do nothing', false)

    .optionsGroup('The rest:')
    .addOption(new Option('--engine <name>', 'what computes the gradients').choices(ENGINES).default('simd'))
    .addOption(wholeNumber('--threads <n>', threads, 1, 1024).default(availableParallelism(), 'the cores available'))
    .addOption(
      wholeNumber('--log-every <n>', 'report every n-th iteration (default: 100, with --batch an epoch)', 1, 1e9),
    )
    .option('--json', 'results as JSON, one value a line (schema mnist-train/1)', false)
    .option('-q, --quiet', 'nothing on stderr but errors', false)
    .action(async () => {
      const { config } = program.opts<TrainOptions>()
      if (config !== undefined) await applyConfig(program, config)
      const { printConfig, verify } = program.opts<TrainOptions>()
      if (printConfig) {
        process.stdout.write(`${configuration(program)}\n`)
        return end('done')
      }
      try {
        end(verify === undefined ? await trainNetwork(program) : await verifyWeights(program, verify))
      } catch (error) {
        throw uphill(error, program.opts())
      }
    })
}

const NOT_TO_RESUME = ['init', 'config', 'verify']
const NOT_TO_VERIFY = ['config', 'out', 'maxSeconds', 'checkpointEvery']

/** `--momentum`: a share, but not all. */
function momentum(flags: string, description: string): Option {
  const option = share(flags, description)
  const parse = option.parseArg!
  return option.argParser((text) => {
    if (Number(text) === 1) throw new Failure('usage', `--momentum "${text}": a number below 1 is needed, such as 0.9`)
    return parse(text, undefined)
  })
}

/** One run, from the options to the exit code. */
async function trainNetwork(program: Command): Promise<keyof typeof EXIT> {
  const resumed = await readResumed(program)
  const options = program.opts<TrainOptions>()
  const { out } = options
  const screen = trainOutput(options)
  if (resumed && isOver(resumed.weights, options)) return nothingIsLeft(resumed, options, screen)
  await tryPath(out)
  const plan = await makePlan(options, program, screen, resumed)
  const { training, hidden, digits, test, init } = plan
  const from = resumed?.weights
  const before = from?.result.iterations ?? 0
  if (resumed && training.iterations === before) return nothingIsLeft(resumed, options, screen)

  const run = await openTraining(training, digits, { hidden, threads: options.threads, init, from })
  const interruption = abortOnSignals()
  announce(plan, run, screen)
  screen.start(hidden, training, before)
  const { done, seconds, isLate } = await descend(run, plan, options, screen, interruption, before)
  if (reader.left) return closing(run, 'SIGPIPE')
  if (interruption.name && done === before) {
    const which = before === 0 ? 'the first' : 'another'
    screen.notice(`interrupted before ${which} iteration was done; ${out} is not written`)
    return closing(run, interruption.name)
  }

  const weights = run.weights()
  if (test) weights.result.testAccuracy = await accuracyOn(test, weights.params, options)
  await save(out, weights)
  run.close()
  const { result } = weights
  screen.end(result, { out, dev: training.dev, test: test?.labels.length })
  if (done < training.iterations && !result.stopped) {
    const why = isLate ? `stopped after ${options.maxSeconds} seconds,` : 'interrupted'
    const soFar = `${why} after ${done} of ${training.iterations} iterations; the weights so far are in ${out}`
    screen.notice(`${soFar}; to go on:\n  ${commandLine(program, { resume: out }, OF_ANY_RUN)}`)
    return interruption.name ?? 'done'
  }
  const rate = ((done - before) / seconds).toPrecision(3)
  const kept = result.kept === undefined ? '' : `, those after iteration ${result.kept - 1},`
  screen.notice(`${done - before} iterations in ${clock(seconds)}, ${rate} a second; the weights${kept} are in ${out}`)
  return answer(result, options, screen)
}

/** The end of a run that was over before it began. */
function nothingIsLeft({ path, weights: { result } }: Resumed, options: TrainOptions, screen: TrainOutput) {
  screen.notice(`${path} has ended, after ${result.iterations} iterations: nothing is left to do`)
  return answer(result, options, screen)
}

/** Whether a run came to the accuracy that was wanted; says so where it did not. */
function answer({ devAccuracy }: Result, { targetAccuracy }: TrainOptions, screen: TrainOutput): 'done' | 'no' {
  if (targetAccuracy === undefined || devAccuracy! >= targetAccuracy) return 'done'
  screen.notice(`the accuracy on the digits held out is ${devAccuracy}, not the ${targetAccuracy} that was wanted`)
  return 'no'
}

/** Options that have nothing to do with what is computed: they go into the command that resumes a run. */
const OF_ANY_RUN = ['data', 'test', 'threads', 'checkpointEvery', 'json', 'quiet']

function closing(run: TrainingRun, kind: keyof typeof EXIT): keyof typeof EXIT {
  run.close()
  return kind
}

/** The weights that `--resume` names, if it does; their options are put in the place of those not given. */
async function readResumed(program: Command): Promise<Resumed | undefined> {
  const { resume: path } = program.opts<TrainOptions>()
  if (path === undefined) return undefined
  const weights = await load(path)
  takeRecorded(program, path, weights, ['iters', 'epochs', 'targetAccuracy'])
  if (program.getOptionValueSource('out') === 'default') program.setOptionValueWithSource('out', path, 'recorded')
  return { path, weights }
}

/** Whether weights have nothing left to do, under these options. */
function isOver({ training, result }: Weights, { iters, epochs, targetAccuracy }: TrainOptions): boolean {
  if (epochs !== undefined || iters !== training.iterations) return false
  return result.stopped ? targetAccuracy === training.targetAccuracy : iters === result.iterations
}

function announce({ training, hidden }: Plan, run: TrainingRun, screen: TrainOutput): void {
  const { dev, alpha, seed, batch, momentum, decay } = training
  const parts = [
    `784-${hidden}-10 network`,
    `${grouped(run.m)} digits to train on`,
    ...(dev > 0 ? [`${grouped(dev)} held out`] : []),
    ...(batch ? [`${grouped(batch)} at a time`] : []),
    `α ${alpha}${decay ? ` (${decay} decay)` : ''}`,
    ...(momentum ? [`momentum ${momentum}`] : []),
    `seed ${seed}`,
  ]
  screen.notice(parts.join(', '))
}

/** Goes down to the last iteration, or to the one at which something ends it; checkpoints on the way. */
async function descend(
  run: TrainingRun,
  plan: Plan,
  options: TrainOptions,
  screen: TrainOutput,
  interruption: Interruption,
  before: number,
) {
  const { out, checkpointEvery, maxSeconds = Infinity } = options
  const began = performance.now()
  let isLate = false
  const done = await drive(run, plan, before, screen, interruption, async ({ done, report }) => {
    if (report) screen.iteration(report)
    if (done !== undefined && checkpointEvery && done % checkpointEvery === 0 && done < plan.training.iterations) {
      await save(out, run.weights())
      screen.checkpoint(done, out)
    }
    isLate = done !== undefined && done < plan.training.iterations && performance.now() - began > maxSeconds * 1000
    return isLate
  })
  return { done, isLate, seconds: (performance.now() - began) / 1000 }
}

/**
 * Has a run do its iterations, with a progress bar, until it ends, the user interrupts, nobody reads any more, or `onTurn`
 * says so. Returns how many are done.
 */
async function drive(
  run: TrainingRun,
  { training: { iterations } }: Plan,
  before: number,
  screen: TrainOutput,
  interruption: Interruption,
  onTurn: (turn: Turn) => boolean | Promise<boolean>,
): Promise<number> {
  const began = performance.now()
  let turned = began
  let done = before
  for (const turn of run.turns()) {
    if (turn.done !== undefined) {
      done = turn.done
      screen.progress('training', done, iterations, () => {
        const rate = (1000 * (done - before)) / (performance.now() - began)
        const left = clock((iterations - done) / rate)
        return `${done}/${iterations}  ${rate.toPrecision(3)} iterations/s  ${left} left`
      })
      if (await onTurn(turn)) break
    }
    if (performance.now() - turned > TURN) {
      await eventLoopTurn()
      turned = performance.now()
    }
    if ((interruption.name || reader.left) && !turn.measuring) break
  }
  return done
}

const TURN = 30 // ms between turns of the event loop, so that signals and closed pipes are noticed

/** A divergence as a failure that says what to do; other errors are returned as they are. */
function uphill(error: unknown, { alpha, out, verify }: TrainOptions): unknown {
  if (!(error instanceof Divergence)) return error
  const gentler = Math.min(0.1, Number((alpha / 10).toPrecision(1)))
  const advice = `it diverges at --alpha ${alpha}, try --alpha ${gentler}`
  const unwritten = verify === undefined ? `; ${out} is not written` : ''
  return new Failure('no', `${error.message}: ${advice}${unwritten}`, { cause: error })
}

/** Trains as a weights file records, as far as it went, and says whether every bit is the same. */
async function verifyWeights(program: Command, path: string): Promise<keyof typeof EXIT> {
  const weights = await load(path)
  takeRecorded(program, path, weights, [])
  const options = program.opts<TrainOptions>()
  const screen = trainOutput(options)
  const plan = await makePlan(options, program, screen, { path, weights })
  const { training, hidden, digits, test, init } = plan
  const run = await openTraining(training, digits, { hidden, threads: options.threads, init })
  const interruption = abortOnSignals()
  announce(plan, run, screen)
  const { iterations } = weights.result
  const far = async (turn: Turn) => turn.done === iterations
  try {
    if (iterations > 0) await drive(run, plan, 0, screen, interruption, far)
    if (interruption.name) return interruption.name
    const again = run.weights()
    if (test) again.result.testAccuracy = await accuracyOn(test, again.params, options)
    const differs = differences(weights, again)
    screen.verified(path, differs)
    return differs.length === 0 ? 'done' : 'no'
  } finally {
    run.close()
  }
}

/** The share of the digits that the network reads right, from 0 to 1. */
async function accuracyOn(digits: Digits, params: Params, { engine: name, threads }: TrainOptions): Promise<number> {
  const engine = await createEngine(name, digits, { hidden: params.W1.shape[0], threads })
  const { correct } = engine.evaluate(params)
  engine.close()
  return correct / engine.m
}
