/** Has a run do its iterations, with a progress bar, reacting to signals and limits. */
import { setImmediate as nextEventLoop } from 'node:timers/promises'
import type { Interruption } from '../../cli/interruption.ts'
import { clock } from '../../terminal/progress.ts'
import type { TrainingRun } from '../../training.ts'
import type { HistoryEntry } from '../../weights.ts'
import type { TrainOutput } from './output.ts'

/** Milliseconds of computing after which signals are looked for. */
const LOOK_UP = 30

export interface Drive {
  /** Iterations that an earlier run did. */
  before: number
  /** Iterations of the whole run. */
  iterations: number
  screen: TrainOutput
  interruption: Interruption
  /** Called after every iteration; the run stops if it returns true. */
  onIteration: (done: number, report: HistoryEntry | undefined) => boolean | Promise<boolean>
}

/**
 * Runs until the iterations end, a signal comes, or `onIteration` says so. Returns how many iterations are done.
 * @throws Divergence
 */
export async function drive(run: TrainingRun, { before, iterations, ...drive }: Drive): Promise<number> {
  const { screen, interruption, onIteration } = drive
  const began = performance.now()
  let lookedUp = began
  let done = before
  const about = () => {
    const rate = (1000 * (done - before)) / (performance.now() - began)
    return `${done}/${iterations}  ${rate.toPrecision(3)} iterations/s  ${clock((iterations - done) / rate)} left`
  }
  for (const progress of run.iterations()) {
    if (progress.kind === 'iteration') {
      done = progress.done
      screen.progress('training', done, iterations, about)
      if (await onIteration(done, progress.report)) break
    }
    if (performance.now() - lookedUp > LOOK_UP) {
      await nextEventLoop()
      lookedUp = performance.now()
    }
    if (interruption.name && progress.kind !== 'measuring') break
  }
  return done
}
