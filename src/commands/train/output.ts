/** What mnist-train prints: results on stdout, as text or JSON; progress and notices on stderr. */
import type { Diagnosis } from '../../advice.ts'
import { print, printJson } from '../../cli/print.ts'
import { progress } from '../../terminal/progress.ts'
import type { TrainingRun } from '../../training.ts'
import type { HistoryEntry, Result, Training } from '../../weights.ts'
import { counted, escaped } from '../../wording.ts'

const SCHEMA = 'mnist-train/1'

export type TrainOutput = ReturnType<typeof trainOutput>

/** The output of one run. */
export function trainOutput({ json, quiet }: { json: boolean; quiet: boolean }) {
  const bar = progress(process.stderr, quiet)
  const write = (line: string) => {
    bar.clear()
    print(`${line}\n`)
  }
  const event = (name: string, values: object) => {
    bar.clear()
    printJson({ event: name, ...values })
  }
  let epochOf: TrainingRun['epochOf'] = () => undefined
  let epochs: number | undefined
  const shareOf = (accuracy: number, of: number) => `${accuracy.toFixed(6)}  (${Math.round(accuracy * of)} of ${of})`
  return {
    /** Draws the progress bar. */
    progress: bar.update,
    /** Prints a line on stderr. */
    notice: bar.notice,
    /** A run begins, `done` iterations of which an earlier one did. */
    start(hidden: number, training: Training, done: number, run: Pick<TrainingRun, 'epochOf'>) {
      epochOf = run.epochOf
      epochs = epochOf(Math.max(training.iterations - 1, 0))
      if (json) event('start', { schema: SCHEMA, hidden, done, training, ...(epochs !== undefined && { epochs }) })
    },
    /** With mini-batches, loss and accuracy are means over the epoch so far. */
    iteration(entry: HistoryEntry) {
      const epoch = epochOf(entry.iteration)
      if (json) return event('iteration', { ...entry, ...(epoch !== undefined && { epoch }) })
      const { iteration, loss, accuracy, devAccuracy } = entry
      const [begin, mean] = epoch === undefined ? ['', ''] : [`epoch ${epoch}/${epochs}  `, 'mean ']
      const dev = devAccuracy === undefined ? '' : `  dev ${devAccuracy.toFixed(6)}`
      const measured = `${mean}accuracy ${accuracy.toFixed(6)}  ${mean}loss ${loss.toFixed(6)}${dev}`
      write(`${begin}iteration ${String(iteration).padStart(5)}  ${measured}`)
    },
    /** The weights so far have been saved. */
    checkpoint(done: number, out: string) {
      if (json) event('checkpoint', { done, out })
      else bar.notice(`checkpoint after ${counted(done, 'iteration')} in ${out}`)
    },
    /** The result, and how many digits its accuracies were measured on. */
    end(result: Result, { out, dev, test = 0 }: { out: string; dev: number; test?: number | undefined }) {
      if (json) return event('end', { result, out })
      if (result.devAccuracy !== undefined) write(`dev accuracy ${shareOf(result.devAccuracy, dev)}`)
      if (result.testAccuracy !== undefined) write(`test accuracy ${shareOf(result.testAccuracy, test)}`)
    },
    /** What is wrong with the run, and a command to try. */
    advice({ fault, value, sentence }: Diagnosis, command: string) {
      if (json) event('advice', { fault, value, sentence, command })
      else bar.notice(`${sentence}; try\n  ${command}`)
    },
    /** Whether training again gave the same weights; if not, the parts that differ. */
    verified(file: string, differs: string[]) {
      if (json) return event('verify', { schema: SCHEMA, file, same: differs.length === 0, differs })
      write(
        differs.length === 0
          ? `${escaped(file)}: identical, bit for bit`
          : `${escaped(file)}: different: ${differs.join(', ')}`,
      )
    },
  }
}
