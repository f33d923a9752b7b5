/** `--verify`: trains again as a weights file records, and compares every bit. */
import { abortOnSignals } from '../../cli/interruption.ts'
import type { Ending } from '../../cli/program.ts'
import { openTraining } from '../../training.ts'
import { differences } from '../../weights.ts'
import { accuracyOn } from './accuracy.ts'
import { drive } from './drive.ts'
import type { TrainProgram } from './options.ts'
import { trainOutput } from './output.ts'
import { makePlan } from './plan.ts'
import { headline, noticeFewerThreads } from './record.ts'
import { takeRecorded } from './recorded.ts'

/**
 * Repeats the iterations that a weights file's run did.
 * @throws Failure as reading does; Divergence
 */
export async function verify(program: TrainProgram, path: string): Promise<Ending> {
  const recorded = await takeRecorded(program, path, [])
  const screen = trainOutput(program.opts())
  const { training, hidden, digits, test, init, network } = await makePlan(program, screen, recorded)
  const options = program.opts()
  const onFewerThreads = noticeFewerThreads(screen.notice)
  const run = await openTraining(training, digits, { hidden, threads: options.threads, onFewerThreads, init, network })
  const interruption = abortOnSignals()
  screen.notice(headline(training, hidden, run, options))
  const { iterations } = recorded.weights.result
  try {
    if (iterations > 0) {
      const onIteration = (done: number) => done === iterations
      await drive(run, { before: 0, iterations, screen, interruption, onIteration })
    }
    if (interruption.name) return interruption.name
    const again = run.weights()
    if (test) again.result.testAccuracy = await accuracyOn(test, again.params, options, network)
    const differs = differences(recorded.weights, again)
    screen.verified(path, differs)
    return differs.length === 0 ? 'done' : 'no'
  } finally {
    run.close()
  }
}
