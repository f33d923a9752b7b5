/** mnist-train: digits → gradient descent → weights file. This file is the story of one run; `train/` has its parts. */
import { commandLine } from '../cli/command-line.ts'
import { abortOnSignals } from '../cli/interruption.ts'
import { print } from '../cli/print.ts'
import type { Ending } from '../cli/program.ts'
import type { Digits } from '../digits.ts'
import { disagreement } from '../engine/agreement.ts'
import { Failure } from '../failure.ts'
import { Divergence } from '../gradient-descent.ts'
import { clock } from '../terminal/progress.ts'
import { openTraining } from '../training.ts'
import type { HistoryEntry, Result, Training, Weights } from '../weights.ts'
import { counted, grouped, measured } from '../wording.ts'
import { accuracyOn } from './train/accuracy.ts'
import { applyConfig, configuration, type RepeatedRun } from './train/config.ts'
import { drive } from './train/drive.ts'
import type { TrainOptions, TrainProgram } from './train/options.ts'
import { trainOutput, type TrainOutput } from './train/output.ts'
import { makePlan, type Plan } from './train/plan.ts'
import { headline, noticeFewerThreads } from './train/record.ts'
import { keepSnapshots } from './train/snapshots.ts'
import { takeRecorded, type EarlierRun } from './train/recorded.ts'
import { verify } from './train/verify.ts'
import { openWeightsFile, unsaved, type WeightsFile } from './train/weights-file.ts'

/** Does what the options ask for. */
export async function train(program: TrainProgram): Promise<Ending> {
  const { config } = program.opts()
  const repeated = config === undefined ? undefined : await applyConfig(program, config)
  const { printConfig, verify: path } = program.opts()
  if (printConfig) {
    print(`${configuration(program)}\n`)
    return 'done'
  }
  try {
    return path === undefined ? await trainNetwork(program, repeated) : await verify(program, path)
  } catch (error) {
    throw error instanceof Divergence ? await divergenceFailure(error, program.opts()) : error
  }
}

/** One run, from the options to the weights file. */
async function trainNetwork(program: TrainProgram, repeated: RepeatedRun | undefined): Promise<Ending> {
  const earlier = await readResumed(program)
  const options = program.opts()
  const { out, threads } = options
  const screen = trainOutput(options)
  const isOver = earlier !== undefined && isComplete(earlier, options)
  if (isOver && !isMoreWanted(options)) return alreadyComplete(earlier, options, screen)
  const file = await openWeightsFile(program, screen.notice)
  const plan = await makePlan(program, screen, earlier, repeated)
  const { training, hidden, digits, test, init, network } = plan
  const { iterations } = training
  const before = earlier?.weights.result.iterations ?? 0
  if (earlier && (isOver || iterations === before)) {
    if (isMoreWanted(options)) await saveComplete(earlier, plan, options, file, screen)
    return alreadyComplete(earlier, options, screen)
  }

  await checkEngine(training, digits)
  const onFewerThreads = noticeFewerThreads(screen.notice)
  const run = await openTraining(training, digits, {
    hidden,
    threads,
    onFewerThreads,
    init,
    from: earlier?.weights,
    network,
  })
  const kept = await keepSnapshots(options, { training, hidden, earlier }, run, screen.notice)
  const interruption = abortOnSignals()
  const save = (weights: Weights) => file.save(weights, interruption, kept?.stage)
  screen.notice(headline(training, hidden, run, options))
  screen.start(hidden, training, before, run)
  const { checkpointEvery, maxSeconds = Infinity } = options
  let isLate = false
  const onIteration = async (done: number, report: HistoryEntry | undefined, seconds: number) => {
    if (report) screen.iteration(report)
    kept?.keep(done, run.params())
    if (checkpointEvery && done % checkpointEvery === 0 && done < iterations) {
      await save(run.weights())
      screen.checkpoint(done, out)
    }
    isLate = done < iterations && seconds > maxSeconds
    return isLate
  }
  const { done, seconds } = await drive(run, { before, iterations, screen, interruption, onIteration }).catch(
    async (error: unknown) => {
      if (!(error instanceof Divergence && options.advice)) throw error
      const { adviseDiverged } = await import('./train/advise.ts')
      throw adviseDiverged(program, error, digits, screen)
    },
  )
  if (interruption.name && done === before) {
    run.close()
    screen.notice(`interrupted before an iteration was done; ${unsaved(out)}`)
    return interruption.name
  }

  const weights = run.weights()
  if (test) {
    const measured = accuracyOn(test, weights.params, options, network)
    weights.result.testAccuracy = await measured.catch(async (error: unknown) => {
      await save(weights) // what was trained is not lost
      throw error
    })
  }
  const isSaved = await save(weights)
  run.close()
  if (!isSaved && interruption.name) return interruption.name
  const { result } = weights
  screen.end(result, { out, dev: training.dev, test: test?.labels.length })
  if (done < iterations && !result.stopped) {
    const why = isLate ? `stopped after ${maxSeconds} s` : 'interrupted'
    const resume = commandLine(program, { resume: out }, NOT_RECORDED)
    screen.notice(
      `${why}: ${grouped(done)} of ${counted(iterations, 'iteration')} done, saved in ${out}; to resume:\n  ${resume}`,
    )
    return interruption.name ?? 'done'
  }
  const rate = measured((done - before) / seconds)
  const best = result.kept === undefined ? '' : ` (the best, of iteration ${result.kept - 1})`
  const iterated = counted(done - before, 'iteration')
  screen.notice(`${iterated} in ${clock(seconds)}, ${rate} per second; weights${best} saved in ${out}`)
  if (options.advice && (options.json || !options.quiet)) {
    const { advise } = await import('./train/advise.ts')
    advise(program, { weights, network, digits, rows: run.rows, done: done - before, rises: run.rises() }, screen)
  }
  return verdict(result, options, screen)
}

/**
 * Checks that the kernel computes what network.ts says, so that an edited lesson is not ignored.
 * @throws Failure `usage`
 */
async function checkEngine({ engine, alpha, momentum, labelSmoothing }: Training, digits: Digits): Promise<void> {
  if (engine !== 'simd') return
  const part = await disagreement(digits, { hidden: 3, alpha, momentum, labelSmoothing })
  if (part === undefined) return
  throw new Failure('usage', `src/network.ts and the kernel disagree in ${part}: train with --engine reference`)
}

/** Options that the weights file does not record: the command that resumes a run repeats them. */
const NOT_RECORDED = ['network', 'data', 'test', 'transpose', 'invert', 'threads', 'checkpointEvery', 'json', 'quiet']

/** The run that `--resume` names, if it does; its file is written again unless `--out` is given. */
async function readResumed(program: TrainProgram): Promise<EarlierRun | undefined> {
  const { resume: path } = program.opts()
  if (path === undefined) return undefined
  const earlier = await takeRecorded(program, path, ['iters', 'epochs', 'targetAccuracy'])
  if (program.getOptionValueSource('out') === 'default') program.setOptionValueWithSource('out', path, 'recorded')
  return earlier
}

/** Whether a run has nothing left to do under these options. */
function isComplete({ weights: { training, result } }: EarlierRun, options: TrainOptions): boolean {
  const { iters, epochs, targetAccuracy } = options
  if (epochs !== undefined || iters !== training.iterations) return false
  return result.stopped ? targetAccuracy === training.targetAccuracy : iters === result.iterations
}

/** Whether more is asked of a complete run than its result: a file of its own, or its accuracy on test digits. */
function isMoreWanted({ out, resume, test }: TrainOptions): boolean {
  return out !== resume || test !== undefined
}

/** Writes a complete run to `--out`, with its accuracy on the test digits if there are any, and its snapshots. */
async function saveComplete(
  earlier: EarlierRun,
  { training, hidden, test, network }: Plan,
  options: TrainOptions,
  file: WeightsFile,
  screen: TrainOutput,
): Promise<void> {
  const { weights } = earlier
  weights.training = training
  if (test) weights.result.testAccuracy = await accuracyOn(test, weights.params, options, network)
  const run = { params: () => weights.params }
  const kept = await keepSnapshots(options, { training, hidden, earlier }, run, screen.notice)
  await file.save(weights, undefined, kept?.stage)
}

/** Prints the result of a complete run. */
function alreadyComplete(
  { path, weights: { training, result } }: EarlierRun,
  options: TrainOptions,
  screen: TrainOutput,
): Ending {
  const { iterations, stopped } = result
  screen.end(result, { out: options.out, dev: training.dev, test: training.test?.rows })
  const more = stopped === undefined ? `; to train further, add --iters ${iterations + 100}` : ''
  const saved = options.out === path ? '' : `; weights saved in ${options.out}`
  screen.notice(`${path} is complete (${counted(iterations, 'iteration')})${saved}${more}`)
  return verdict(result, options, screen)
}

/** Whether the run reached its target accuracy; says so if not. */
function verdict({ devAccuracy = 0 }: Result, { targetAccuracy }: TrainOptions, screen: TrainOutput): Ending {
  if (targetAccuracy === undefined || devAccuracy >= targetAccuracy) return 'done'
  screen.notice(`dev accuracy ${devAccuracy} is below the target of ${targetAccuracy}`)
  return 'no'
}

async function divergenceFailure(
  error: Divergence,
  { alpha, out, verify: isVerified }: TrainOptions,
): Promise<Failure> {
  const { smallerRate } = await import('../advice.ts')
  const state = isVerified === undefined ? `; ${unsaved(out)}` : ''
  const message = `${error.message}: training diverges at --alpha ${alpha}, try --alpha ${smallerRate(alpha)}${state}`
  return new Failure('no', message, { cause: error })
}
