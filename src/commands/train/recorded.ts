/** The options of an earlier run, which `--resume` continues and `--verify` repeats. */
import type { CommandUnknownOpts } from '@commander-js/extra-typings'
import { Failure } from '../../failure.ts'
import { noticeOfActivation } from '../activation.ts'
import { lessonActivation } from '../../engine/activation.ts'
import { load, type Weights } from '../../weights.ts'
import { optionsOf } from './record.ts'

/** A weights file and its path. */
export interface EarlierRun {
  path: string
  weights: Weights
}

/**
 * Loads the weights file of a run, and puts its options in place of those that the command line does not give.
 * @param free options that may differ from the file's
 * @throws Failure `usage` if the command line gives another option a different value, or src/network.ts computes another
 *   activation; as `load` does
 */
export async function takeRecorded(program: CommandUnknownOpts, path: string, free: string[]): Promise<EarlierRun> {
  const weights = await load(path)
  if (!weights.training.network && (weights.activation ?? 'relu') !== lessonActivation()) {
    throw new Failure('usage', noticeOfActivation(path, weights.activation) ?? '')
  }
  const recorded: Record<string, unknown> = optionsOf(weights)
  for (const option of program.options) {
    const name = option.attributeName()
    if (!(name in recorded)) continue
    const isGiven = program.getOptionValueSource(name) === 'cli'
    if (isGiven && free.includes(name)) continue
    const value: unknown = program.getOptionValue(name)
    if (isGiven && value !== recorded[name]) {
      const had = `the run of ${path} has ${String(recorded[name] ?? 'none')}`
      throw new Failure('usage', `--${option.name()} ${String(value)}: ${had}; start a new run with --config ${path}`)
    }
    program.setOptionValueWithSource(name, recorded[name], 'recorded')
  }
  return { path, weights }
}
