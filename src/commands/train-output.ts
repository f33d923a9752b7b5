/** What mnist-train writes: results on stdout, for people or, as JSON, for programs; progress and notices on stderr. */
import { progress } from '../terminal/progress.ts'
import type { HistoryEntry, Result, Training } from '../weights.ts'
import { reader } from './run.ts'

const SCHEMA = 'mnist-train/1'

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
    /** A line for people, on stderr. */
    notice: bar.notice,
    /** A run begins, with so many iterations done already. */
    start(hidden: number, training: Training, done: number) {
      if (json) event('start', { schema: SCHEMA, hidden, done, training })
    },
    iteration(entry: HistoryEntry) {
      if (json) return event('iteration', entry)
      const { iteration, loss, accuracy, devAccuracy } = entry
      const dev = devAccuracy === undefined ? '' : `  dev ${devAccuracy.toFixed(6)}`
      write(
        `iteration ${String(iteration).padStart(5)}  accuracy ${accuracy.toFixed(6)}  loss ${loss.toFixed(6)}${dev}`,
      )
    },
    /** The weights so far were written. */
    checkpoint(done: number, out: string) {
      if (json) event('checkpoint', { done, out })
      else bar.notice(`${done} iterations done, the weights so far are in ${out}`)
    },
    /** The result, with how many digits its accuracies were measured on. */
    end(result: Result, { out, dev, test = 0 }: { out: string; dev: number; test?: number | undefined }) {
      if (json) return event('end', { result, out })
      if (result.devAccuracy !== undefined) write(`dev accuracy ${share(result.devAccuracy, dev)}`)
      if (result.testAccuracy !== undefined) write(`test accuracy ${share(result.testAccuracy, test)}`)
    },
    /** Whether training again came to the same weights, and if not, the parts that differ. */
    verified(file: string, differs: string[]) {
      if (json) return event('verify', { schema: SCHEMA, file, same: differs.length === 0, differs })
      write(differs.length === 0 ? `${file}: every bit is the same` : `${file}: not the same: ${differs.join(', ')}`)
    },
  }
}
