/** What mnist-sweep prints: results on stdout, in the order of the runs; progress, notices and failed runs on stderr. */
import { basename } from 'node:path'
import { print, printJson } from '../../cli/print.ts'
import { clock, message, progress, wipe } from '../../terminal/progress.ts'
import type { Result } from '../../weights.ts'
import { counted, escaped } from '../../wording.ts'
import type { PlannedRun } from './plan.ts'

/** How a run ended: with a result, or with a message. */
export type Outcome = { result: Result; isComplete: boolean; isBelowTarget: boolean } | { message: string }

export type SweepOutput = ReturnType<typeof sweepOutput>

/** The output of one sweep. */
export function sweepOutput(folder: string, runs: PlannedRun[], { json, quiet }: { json: boolean; quiet: boolean }) {
  const bar = progress(process.stderr, quiet)
  const began = performance.now()
  const width = runs.reduce((most, run) => Math.max(most, nameOf(run).length), 0)
  const outcomes: (Outcome | undefined)[] = runs.map(() => undefined)
  let printed = 0 // runs
  const event = (name: string, values: object) => {
    bar.clear()
    if (json) printJson({ event: name, ...values })
  }
  const line = (run: PlannedRun, outcome: Outcome) => {
    if (json) return event('run', { file: run.file, ...('result' in outcome ? { result: outcome.result } : outcome) })
    bar.clear()
    if ('result' in outcome) print(`${escaped(nameOf(run).padEnd(width))}  ${described(outcome.result)}\n`)
  }
  return {
    notice: bar.notice,
    start() {
      event('start', { schema: 'mnist-sweep/1', folder, runs: runs.length })
    },
    /** Draws how much is done, in runs of which `before` were complete at the start. */
    progress(done: number, before: number) {
      bar.update('training', done, runs.length, () => {
        const seconds = (performance.now() - began) / 1000
        const share = (done - before) / (runs.length - before)
        const rest = share > 0.01 ? [`${clock((seconds * (1 - share)) / share)} left`] : [] // before, a wild guess
        return [`${Math.floor(done)}/${counted(runs.length, 'run')}`, ...rest]
      })
    },
    /** A run has ended. Its line waits for those of the runs before it, so that the output does not depend on time. */
    ended(index: number, outcome: Outcome) {
      outcomes[index] = outcome
      if ('message' in outcome) {
        wipe(process.stderr)
        const text = `${nameOf(runs[index])}: ${outcome.message}`
        process.stderr.write(`${message(text, process.stderr)}\n`)
      }
      for (let next = outcomes[printed]; next; next = outcomes[printed]) line(runs[printed++], next)
    },
    /** The sweep has ended. */
    end(counts: { complete: number; failed: number; incomplete: number }) {
      event('end', counts)
    },
  }
}

/** A run's file, without its folder and .json. */
function nameOf({ file }: PlannedRun): string {
  return basename(file, '.json')
}

/** "accuracy 0.845000  loss 0.497521  dev 0.810000", as far as it was measured. */
function described({ loss, trainAccuracy, devAccuracy, testAccuracy }: Result): string {
  const parts = { accuracy: trainAccuracy, loss, dev: devAccuracy, test: testAccuracy }
  return Object.entries(parts)
    .flatMap(([name, value]) => (value === undefined ? [] : [`${name} ${value.toFixed(6)}`]))
    .join('  ')
}
