/** Has a run do its iterations, with a progress bar, reacting to signals and limits. */
import { setImmediate as nextEventLoop } from 'node:timers/promises'
import type { Interruption } from '../../cli/interruption.ts'
import { clock } from '../../terminal/progress.ts'
import type { TrainingRun } from '../../training.ts'
import type { HistoryEntry } from '../../weights.ts'
import { grouped, measured } from '../../wording.ts'
import type { TrainOutput } from './output.ts'
import { stopwatch } from './stopwatch.ts'

/** Milliseconds of computing after which signals are looked for. */
const LOOK_UP = 30

export interface Drive {
  /** Iterations that an earlier run did. */
  before: number
  /** Iterations of the whole run. */
  iterations: number
  screen: TrainOutput
  interruption: Interruption
  /** Called after every iteration, with the seconds so far; the run stops if it returns true. */
  onIteration: (done: number, report: HistoryEntry | undefined, seconds: number) => boolean | Promise<boolean>
}

export interface Driven {
  /** Iterations done, those of the earlier run included. */
  done: number
  /** How long they took, without the time that the process was stopped in. */
  seconds: number
}

/**
 * Runs until the iterations end, a signal comes, or `onIteration` says so.
 * @throws Divergence
 */
export async function drive(run: TrainingRun, { before, iterations, ...drive }: Drive): Promise<Driven> {
  const { screen, interruption, onIteration } = drive
  const watch = stopwatch()
  let done = before
  const about = () => {
    const rate = (done - before) / watch.seconds()
    const left = clock((iterations - done) / rate)
    const epoch = run.epochOf(done - 1)
    return [
      `${grouped(done)}/${grouped(iterations)}`,
      ...(epoch === undefined ? [] : [`epoch ${grouped(epoch)}/${grouped(run.epochOf(iterations - 1) ?? 0)}`]),
      `${left} left`,
      `${measured(rate)} iterations/s`,
    ]
  }
  try {
    for (const progress of run.iterations()) {
      if (watch.lap() > LOOK_UP) {
        await signals()
        watch.nextLap()
      }
      if (progress.kind === 'iteration') {
        done = progress.done
        screen.progress('training', done, iterations, about)
        if (await onIteration(done, progress.report, watch.seconds())) break
      }
      if (interruption.name && progress.kind !== 'measuring') break
    }
    await signals()
    return { done, seconds: watch.seconds() }
  } finally {
    watch.close()
  }
}

/** Lets signals that have come be handled: the event loop looks for them between two immediates, not always before one. */
async function signals(): Promise<void> {
  await nextEventLoop()
  await nextEventLoop()
}
