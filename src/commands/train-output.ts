/** What mnist-train writes: results on stdout, for people or, as JSON, for programs; progress and notices on stderr. */
import { progress } from '../terminal/progress.ts'
import type { HistoryEntry, Result, Training } from '../weights.ts'
import { reader } from './run.ts'

export type TrainOutput = ReturnType<typeof trainOutput>

/** The output of one run; `quiet` leaves stderr to errors. */
export function trainOutput({ json, quiet }: { json: boolean; quiet: boolean }) {
  const bar = progress(process.stderr, quiet)
  const write = (line: string) => {
    bar.clear()
    if (!reader.left) process.stdout.write(`${line}\n`)
  }
  const event = (name: string, values: object) => write(JSON.stringify({ event: name, ...values }))
  const share = (accuracy: number, of: number) => `${accuracy.toFixed(6)}  (${Math.round(accuracy * of)} of ${of})`
  return {
    /** Draws how far the work is. */
    progress: bar.update,
    /** Wipes the progress bar. */
    clear: bar.clear,
    /** A line for people, on stderr. */
    notice: bar.notice,
    start(hidden: number, training: Training) {
      if (json) event('start', { schema: 'mnist-train/1', hidden, training })
    },
    iteration(entry: HistoryEntry) {
      const { iteration, loss, accuracy } = entry
      if (json) event('iteration', entry)
      else write(`iteration ${String(iteration).padStart(5)}  accuracy ${accuracy.toFixed(6)}  loss ${loss.toFixed(6)}`)
    },
    /** The result, with how many digits its accuracies were measured on. */
    end(result: Result, { out, dev, test = 0 }: { out: string; dev: number; test?: number | undefined }) {
      if (json) return event('end', { result, out })
      if (result.devAccuracy !== undefined) write(`dev accuracy ${share(result.devAccuracy, dev)}`)
      if (result.testAccuracy !== undefined) write(`test accuracy ${share(result.testAccuracy, test)}`)
    },
  }
}
