/** Options of a sweep → its runs, and what each passes to mnist-train. */
import { join } from 'node:path'
import { isFlag } from '../../cli/environment.ts'
import { Failure } from '../../failure.ts'
import { optionsOfTraining, type SweepProgram } from './options.ts'

/** One run. */
export interface PlannedRun {
  /** Its weights file. */
  file: string
  /** The arguments of mnist-train that start it. */
  start: string[]
  /** The arguments that resume it. */
  resume: string[]
}

export interface SweepPlan {
  runs: PlannedRun[]
  /** The options of all runs that their files' names do not say: a list of words for each. */
  common: string[][]
}

/** What a weights file does not record, so that a resumed run needs it again. */
const NOT_RECORDED = ['data', 'test', 'transpose', 'invert', 'maxSeconds', 'checkpointEvery', 'snapshots']

/** What does not change the weights, or is recorded with its digits. */
const NOT_COMMON = ['data', 'test', 'maxSeconds', 'checkpointEvery', 'snapshots', 'threads', 'json', 'quiet']

/** Checkpoints come as often with mini-batches, whose iterations take about a hundredth of the time. */
const CHECKPOINT_EVERY = { full: 100, batch: 10_000 }

/**
 * The runs, in the order of their values, the last option's first to change.
 * @throws Failure `usage` if two would write the same file
 */
export function planSweep(program: SweepProgram, folder: string): SweepPlan {
  const training = new Map(optionsOfTraining().map((option) => [option.attributeName(), option]))
  const common: string[][] = []
  const repeated: string[] = []
  let combinations: { names: string[]; words: string[] }[] = [{ names: [], words: [] }]
  // Options without a default are in the order of the command line, which orders the parts of a file's name.
  for (const name of Object.keys(program.opts())) {
    const option = training.get(name)
    if (!option || !['cli', 'env'].includes(program.getOptionValueSource(name) ?? '')) continue
    const value: unknown = program.getOptionValue(name)
    if (isFlag(option) && value !== true) continue
    const flag = `--${option.name()}`
    const values = isFlag(option) ? [] : [value].flat().map(String)
    if (NOT_RECORDED.includes(name)) repeated.push(flag, ...values)
    if (NOT_COMMON.includes(name)) continue
    if (values.length < 2) common.push([flag, ...values])
    else {
      combinations = combinations.flatMap(({ names, words }) =>
        values.map((value) => ({
          names: [...names, `${option.name()}=${value.replace(/[^A-Za-z0-9._+-]/gu, '_')}`],
          words: [...words, flag, value],
        })),
      )
    }
  }
  const fixed = common.filter(([flag]) => !repeated.includes(flag)).flat()
  if (program.getOptionValue('checkpointEvery') === undefined) {
    const isBatch = program.getOptionValue('batch') !== undefined
    repeated.push('--checkpoint-every', String(CHECKPOINT_EVERY[isBatch ? 'batch' : 'full']))
  }
  const runs = combinations.map(({ names, words }) => {
    const file = join(folder, `${names.join(',') || 'run'}.json`)
    return { file, start: [...words, ...fixed, '--out', file, ...repeated], resume: ['--resume', file, ...repeated] }
  })
  checkDistinct(runs)
  return { runs, common }
}

/** @throws Failure `usage` */
function checkDistinct(runs: PlannedRun[]): void {
  const files = new Set<string>()
  for (const { file } of runs) {
    if (files.has(file)) throw new Failure('usage', `two runs would both write ${file}; give each value once`)
    files.add(file)
  }
}
