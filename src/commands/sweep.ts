/** mnist-sweep: options with several values → a run of mnist-train for each combination. `sweep/` has its parts. */
import { existsSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { invocation, sameCommandLine, shellWord } from '../cli/command-line.ts'
import { abortOnSignals, type Interruption } from '../cli/interruption.ts'
import { print } from '../cli/print.ts'
import type { Ending } from '../cli/program.ts'
import { defaultSource, GENERATED, STANDARD_INPUT } from '../digits/default-source.ts'
import { EXIT, Failure, systemFailure } from '../failure.ts'
import { clock } from '../terminal/progress.ts'
import { loadSummary } from '../weights.ts'
import { counted } from '../wording.ts'
import { openSweepFolder } from './sweep/folder.ts'
import type { SweepProgram } from './sweep/options.ts'
import { sweepOutput, type Outcome } from './sweep/output.ts'
import { planSweep, type PlannedRun } from './sweep/plan.ts'
import { trainInProcess } from './sweep/train-process.ts'
import { generatedByDefault } from './train/plan.ts'

/** Trains the networks that are not complete, and prints the results of all. */
export async function sweep(program: SweepProgram, path: string): Promise<Ending> {
  const plan = planSweep(program, path)
  await checkInputs(program)
  const folder = await openSweepFolder(path, plan.common)
  if (program.opts().print) {
    for (const run of plan.runs) print(`${shellCommand(run, program.opts().threads ?? 1)}\n`)
    folder.unlock()
    return 'done'
  }
  try {
    return await trainAll(program, path, plan.runs)
  } finally {
    await folder.close()
  }
}

async function trainAll(program: SweepProgram, folder: string, runs: PlannedRun[]): Promise<Ending> {
  const options = program.opts()
  const screen = sweepOutput(folder, runs, options)
  const interruption = abortOnSignals()
  const outcomes: (Outcome | undefined)[] = []
  for (const run of runs) outcomes.push(await outcomeOf(run))
  const isOpen = (index: number) => {
    const outcome = outcomes[index]
    return !(outcome && 'result' in outcome && outcome.isComplete)
  }
  const todo = [...runs.keys()].filter(isOpen)
  const { jobs, threads } = shareCores(todo.length, options)
  const atOnce = todo.length === 0 ? '' : `, ${jobs} at a time, ${counted(threads, 'thread')} each`
  screen.start()
  if (program.getOptionValue('data') === undefined && defaultSource().includes(GENERATED)) {
    screen.notice(generatedByDefault())
  }
  screen.notice(`${counted(runs.length, 'run')}, ${todo.length} to do${atOnce}`)
  outcomes.forEach((outcome, index) => !todo.includes(index) && outcome && screen.ended(index, outcome))

  const began = performance.now()
  const before = runs.length - todo.length
  const shares = new Map(todo.map((index) => [index, 0]))
  const onProgress = (index: number) => (share: number) => {
    shares.set(index, share)
    screen.progress(before + [...shares.values()].reduce((sum, share) => sum + share, 0), before)
  }
  const queue = todo.values()
  const work = async () => {
    for (const index of queue) {
      if (interruption.name) return
      const outcome = await train(runs[index], threads, interruption, onProgress(index))
      outcomes[index] = outcome
      if (interruption.name && isOpen(index)) return
      onProgress(index)(1)
      screen.ended(index, outcome)
    }
  }
  await Promise.all(Array.from({ length: jobs }, work))

  const again = `:\n  ${sameCommandLine(program.name())}`
  const complete = runs.filter((_, index) => !isOpen(index)).length
  if (interruption.name) {
    screen.notice(`interrupted: ${complete} of ${counted(runs.length, 'run')} complete; to continue${again}`)
    return interruption.name
  }
  const failed = runs.filter((_, index) => 'message' in (outcomes[index] ?? {}))
  screen.end({ complete, failed: failed.length, incomplete: runs.length - complete - failed.length })
  const of = (count: number) => `${count} of ${counted(runs.length, 'run')}`
  if (failed.length > 0) throw new Failure('no', `${of(failed.length)} failed; to try them again${again}`)
  if (complete < runs.length) throw new Failure('no', `${of(runs.length - complete)} incomplete; to continue${again}`)
  const below = runs.filter((_, index) => isBelowTarget(outcomes[index]))
  if (below.length > 0) throw new Failure('no', `${of(below.length)} below the target accuracy`)
  const compare = `${invocation('mnist-runs')} ${shellWord(folder)}`
  const seconds = clock((performance.now() - began) / 1000)
  screen.notice(`${counted(runs.length, 'run')} complete, ${seconds}; to compare them:\n  ${compare}`)
  return 'done'
}

function isBelowTarget(outcome: Outcome | undefined): boolean {
  return outcome !== undefined && 'result' in outcome && outcome.isBelowTarget
}

/** Runs at a time and threads for each: together one per core, unless they are given. */
function shareCores(todo: number, options: { jobs?: number | undefined; threads?: number | undefined }) {
  const cores = availableParallelism()
  const least = (wanted: number) => Math.max(1, Math.floor(wanted))
  const jobs = Math.min(options.jobs ?? least(cores / (options.threads ?? 1)), todo)
  return { jobs, threads: options.threads ?? least(cores / Math.max(1, jobs)) }
}

/** Trains one network, from where its file ends. */
async function train(
  run: PlannedRun,
  threads: number,
  interruption: Interruption,
  onProgress: (share: number) => void,
): Promise<Outcome> {
  const args = [...(existsSync(run.file) ? run.resume : run.start), '--threads', String(threads)]
  const { code, message } = await trainInProcess(args, interruption, onProgress).catch((error: unknown) => {
    if (error instanceof Failure) return { code: EXIT[error.kind], message: error.message }
    throw error
  })
  const outcome = await outcomeOf(run)
  if (outcome && (code === 0 || ('result' in outcome && outcome.isComplete))) return outcome
  const how = typeof code === 'number' ? `exit code ${code}` : `ended by ${code}`
  return { message: message.replace(/^mnist-train: /, '') || how }
}

/** What a run's file says; undefined if there is none, or a damaged one. */
async function outcomeOf({ file }: PlannedRun): Promise<Outcome | undefined> {
  if (!existsSync(file)) return undefined
  const summary = await loadSummary(file).catch(() => undefined) // resuming says what is wrong with it
  if (!summary) return undefined
  const { training, result } = summary
  return {
    result,
    isComplete: result.stopped !== undefined || result.iterations === training.iterations,
    isBelowTarget: training.targetAccuracy !== undefined && (result.devAccuracy ?? 0) < training.targetAccuracy,
  }
}

/** Paths that name a different file in each process, such as /dev/stdin. */
const OWN = /^\/(dev|proc\/self)\/(stdin|fd\/)/

/**
 * Checks that what every run reads is there, and can be read more than once.
 * @throws Failure `usage`, `noInput`
 */
async function checkInputs(program: SweepProgram): Promise<void> {
  for (const name of ['data', 'test', 'init', 'config']) {
    const value: unknown = program.getOptionValue(name)
    for (const path of [value ?? []].flat().map(String)) {
      if (path === GENERATED && name !== 'init' && name !== 'config') continue
      const isRead = path !== STANDARD_INPUT && !OWN.test(path) && (await isRegular(path))
      if (!isRead) throw new Failure('usage', `--${name} ${path}: not a file; every run has to read it`)
    }
  }
}

/** @throws Failure `noInput` */
async function isRegular(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile()
  } catch (error) {
    throw systemFailure('noInput', path, error)
  }
}

/** A command for a shell that starts a run, or resumes it if its file exists. */
function shellCommand({ file, start, resume }: PlannedRun, threads: number): string {
  const command = (words: string[]) =>
    [invocation('mnist-train'), ...words.map(shellWord), '--threads', threads, '--quiet'].join(' ')
  return `if [ -e ${shellWord(file)} ]; then ${command(resume)}; else ${command(start)}; fi`
}
