/** Where a run saves its weights. */
import { isDeepStrictEqual } from 'node:util'
import { inputReplaced, isFile, readerLeft } from '../outputs.ts'
import { defaultSource } from '../../digits/default-source.ts'
import { Failure } from '../../failure.ts'
import { checkWritable, keepAs } from '../../staged-file.ts'
import { loadSummary, save, type Weights } from '../../weights.ts'
import type { TrainProgram } from './options.ts'

export interface WeightsFile {
  /**
   * Saves the weights, atomically.
   * @returns false if the file is stdout and its reader has left
   * @throws Failure `io`
   */
  save(weights: Weights): Promise<boolean>
}

/**
 * The file that `--out` names, checked before the work. A name that is given is meant: what it holds is replaced. Under
 * the default name, what another run left is kept as `weights.json~`.
 * @param notice told what was kept
 * @throws Failure `usage` if the run reads this file, `cannotCreate` if it cannot be written
 */
export async function openWeightsFile(program: TrainProgram, notice: (text: string) => void): Promise<WeightsFile> {
  const { out } = program.opts()
  if (out === '-') throw new Failure('usage', '--out -: stdout carries the results; write to a file')
  checkNoInput(program)
  await checkWritable(out)
  const kept = `${out}~`
  let mayHoldAnother = program.getOptionValueSource('out') === 'default' && isFile(out)
  if (mayHoldAnother) await checkWritable(kept)
  return {
    async save(weights) {
      if (mayHoldAnother && isFile(out) && !(await holdsRunOf(out, weights))) {
        await keepAs(out, kept)
        notice(`${out} held another run, which is kept as ${kept}; --out saves under another name`)
      }
      mayHoldAnother = false
      try {
        await save(out, weights)
        return true
      } catch (error) {
        if (readerLeft(out, error)) return false
        throw error
      }
    },
  }
}

/**
 * What `--resume` reads is meant to be replaced, nothing else that is read.
 * @throws Failure `usage`
 */
function checkNoInput(program: TrainProgram): void {
  const { out, data = defaultSource(), test = [], init, config } = program.opts()
  const read: Record<string, (string | undefined)[]> = { data, test, init: [init], config: [config] }
  for (const [option, paths] of Object.entries(read)) {
    const input = inputReplaced(out, paths.filter((path) => path !== undefined)) // prettier-ignore
    if (input === undefined) continue
    const name = input === out ? '' : ` (${input})`
    throw new Failure('usage', `--out ${out} is what --${option} reads${name}; write to another file`)
  }
}

/** Whether a file holds this run, at most as far as these weights. */
async function holdsRunOf(path: string, { params, training, result }: Weights): Promise<boolean> {
  const found = await loadSummary(path).catch(() => undefined) // another file
  if (!found || found.hidden !== params.W1.shape[0] || found.result.iterations > result.iterations) return false
  return isDeepStrictEqual(found.training, training)
}
