/** Where a run saves its weights. */
import { isDeepStrictEqual } from 'node:util'
import { endOnSignals, type Interruption } from '../../cli/interruption.ts'
import { inputReplaced, isFile, isPipe, isStdout, isUnreadPipe, stateOf } from '../outputs.ts'
import { defaultSource } from '../../digits/default-source.ts'
import { Failure } from '../../failure.ts'
import { snapshotsBeside } from '../../snapshots.ts'
import { checkWritable, keepAs, type StagedFile } from '../../staged-file.ts'
import { loadSummary, save, type Weights } from '../../weights.ts'
import type { TrainOptions, TrainProgram } from './options.ts'

export interface WeightsFile {
  /**
   * Saves the weights, atomically. A signal ends the process while it waits for the reader of a pipe.
   * @param interruption if a signal has come already, a pipe without a reader is not waited for
   * @param beside stages a file that is to appear together with it
   * @returns false if the file is a pipe that nobody reads
   * @throws Failure `io`
   */
  save(weights: Weights, interruption?: Interruption, beside?: () => Promise<StagedFile>): Promise<boolean>
}

/**
 * The file that `--out` names, checked before the work. A name that is given is meant: what it holds is replaced, with a
 * notice if another run has written it since. Under the default name, what another run left is kept as `weights.json~`.
 * @param notice told what was kept or replaced
 * @throws Failure `usage` if the run reads this file, `cannotCreate` if it cannot be written
 */
export async function openWeightsFile(program: TrainProgram, notice: (text: string) => void): Promise<WeightsFile> {
  const { out } = program.opts()
  if (out === '-' || isStdout(out))
    throw new Failure('usage', `--out ${out}: stdout carries the results; write to a file`)
  checkNotRead(program.opts(), out, `--out ${out}`)
  await checkWritable(out)
  const kept = `${out}~`
  const isDefault = program.getOptionValueSource('out') === 'default'
  if (isDefault && isFile(out)) await checkWritable(kept)
  let known = isDefault ? undefined : stateOf(out) // what may be replaced
  return {
    async save(weights, interruption, beside) {
      const found = stateOf(out)
      if (found !== undefined && found !== known && !(await holdsRunOf(out, weights))) {
        if (isDefault) {
          await keepAs(out, kept)
          if (isFile(snapshotsBeside(out))) await keepAs(snapshotsBeside(out), snapshotsBeside(kept))
          notice(`${out} held another run, which is kept as ${kept}; --out saves under another name`)
        } else notice(`another run has written ${out} meanwhile, and is replaced; give each run an --out of its own`)
      }
      if (found === undefined) {
        if (interruption?.name && isUnreadPipe(out)) {
          notice(`interrupted: no one reads ${out}, so the weights are lost`)
          return false
        }
        if (isPipe(out)) endOnSignals()
      }
      await save(out, weights, beside)
      known = stateOf(out)
      return true
    },
  }
}

/** What a run that ends without saving says of its file: "w.json is unchanged" if it exists. */
export function unsaved(out: string): string {
  return isFile(out) ? `${out} is unchanged` : 'nothing is saved'
}

/**
 * Checks that an output is not read. What `--resume` reads is meant to be replaced.
 * @param what the output in a sentence
 * @throws Failure `usage`
 */
export function checkNotRead(options: TrainOptions, output: string, what: string): void {
  const { data = defaultSource(), test = [], init, config } = options
  const read: Record<string, (string | undefined)[]> = { data, test, init: [init], config: [config] }
  for (const [option, paths] of Object.entries(read)) {
    const input = inputReplaced(output, paths.filter((path) => path !== undefined)) // prettier-ignore
    if (input === undefined) continue
    const name = input === output ? '' : ` (${input})`
    throw new Failure('usage', `${what} is what --${option} reads${name}; write to another file`)
  }
}

/** Whether a file holds this run, at most as far as these weights. */
async function holdsRunOf(path: string, { params, activation, training, result }: Weights): Promise<boolean> {
  const found = await loadSummary(path).catch(() => undefined) // another file
  if (!found || found.hidden !== params.W1.shape[0] || found.result.iterations > result.iterations) return false
  return found.activation === activation && isDeepStrictEqual(found.training, training)
}
