/** Options from a file: `--config`, and `--print-config`, which makes one. */
import type { Option } from '@commander-js/extra-typings'
import * as v from 'valibot'
import { isFlag, setOption } from '../../cli/environment.ts'
import { rangeOf } from '../../cli/options.ts'
import type { DigitsRecord } from '../../digits.ts'
import { Failure } from '../../failure.ts'
import { checkWeights, FORMAT, parseJson, readText, show, type Training } from '../../weights.ts'
import { counted, excerpt } from '../../wording.ts'
import type { TrainProgram } from './options.ts'
import { optionsOf } from './record.ts'

const CONFIG_FORMAT = 'mnist-config'

/** Options about one invocation, not about what it computes: no configuration holds them. */
const NOT_IN_CONFIG = ['config', 'printConfig', 'resume', 'verify', 'completion', 'version']

/** The run of a weights file that `--config` names. */
export interface RepeatedRun {
  path: string
  training: Training
}

/**
 * Takes options from a file, if neither the command line nor the environment gives them: from one that `configuration`
 * printed, or from a weights file, whose run is then repeated and returned.
 * @throws Failure `noInput` if the file cannot be read; `badData` if it is neither, or names an unknown option or gives
 *   one a value of another type; `usage` for a value that the option itself would refuse
 */
export async function applyConfig(program: TrainProgram, path: string): Promise<RepeatedRun | undefined> {
  const { values, training } = await readConfig(path, program)
  const options = new Map<string, Option>(program.options.map((option) => [option.attributeName(), option]))
  for (const [name, value] of values) {
    const option = options.get(name)
    if (!option || NOT_IN_CONFIG.includes(name)) {
      throw new Failure('badData', `${path}: unknown option ${excerpt(name)}`)
    }
    const checked = v.safeParse(schemaOf(option), value)
    if (!checked.success) {
      throw new Failure('badData', `${path}: "${name}" is ${show(value)}, not ${checked.issues[0].message}`)
    }
    if (['cli', 'env'].includes(program.getOptionValueSource(name) ?? '')) continue
    const words = typeof checked.output === 'boolean' ? checked.output : [checked.output].flat().map(String)
    setOption(program, option, words, 'config', `${path}: "${name}"`)
  }
  return training && { path, training }
}

/** What a configuration can give an option. Whether a number is in the option's range its parser checks. */
function schemaOf(option: Option): v.GenericSchema<boolean | number | string | string[]> {
  if (isFlag(option)) return v.boolean('true or false')
  if (rangeOf(option)) return v.pipe(v.number('a number'), v.finite('a finite number'))
  if (!option.variadic) return v.string('text in quotes')
  const several = 'a name or a list of names'
  return v.union([v.string(several), v.pipe(v.array(v.string(several), several), v.minLength(1, several))], several)
}

/** The values that a file gives to options, by name, and the run that it records if it is a weights file. */
async function readConfig(
  path: string,
  program: TrainProgram,
): Promise<{ values: [name: string, value: unknown][]; training?: Training }> {
  const value = parseJson(await readText(path), path)
  const { format, ...values } = (value ?? {}) as Record<string, unknown>
  if (format === CONFIG_FORMAT) return { values: Object.entries(values) }
  if (format !== FORMAT) {
    throw new Failure('badData', `${path}: not a weights file or a configuration; --print-config prints one`)
  }
  const weights = checkWeights(value, path)
  const { training } = weights
  if (training.init !== undefined && !program.opts().init) {
    throw new Failure('usage', `${path}: its run started from another weights file; name that file with --init`)
  }
  if (training.network !== undefined && !program.opts().network) {
    throw new Failure('usage', `${path}: its run had --network ${training.network.name}; name that file with --network`)
  }
  return { values: Object.entries(optionsOf(weights)).filter(([, value]) => value !== undefined), training }
}

/** The options as they are now, wherever they come from, as a configuration. */
export function configuration(program: TrainProgram): string {
  const values = Object.entries(program.opts()).filter(([name]) => !NOT_IN_CONFIG.includes(name))
  return JSON.stringify({ format: CONFIG_FORMAT, ...Object.fromEntries(values) }, null, 2)
}

/**
 * What to say if a repeated run was trained, or tested, on other digits than those used now:
 * "w.json was trained on other digits: 60,000 digits of train.csv (0f3a9c21); training on 10,000 digits of generated (…)".
 */
export function noticesOfOtherDigits(
  { path, training: before }: RepeatedRun,
  { data, test }: Pick<Training, 'data' | 'test'>,
): string[] {
  const notice = (was: DigitsRecord | undefined, is: DigitsRecord | undefined, done: string, doing: string) =>
    was && is && was.sha256 !== is.sha256
      ? [`${path} was ${done} on other digits: ${described(was)}; ${doing} on ${described(is)}`]
      : []
  return [...notice(before.data, data, 'trained', 'training'), ...notice(before.test, test, 'tested', 'testing')]
}

/** Digits by number, names and hash; of many names the first three. */
function described({ names, rows, sha256 }: DigitsRecord): string {
  const more = names.length > 3 ? [`${names.length - 3} more`] : []
  return `${counted(rows, 'digit')} of ${[...names.slice(0, 3), ...more].join(', ')} (${sha256.slice(0, 8)})`
}
