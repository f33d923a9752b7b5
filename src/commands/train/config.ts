/** Options from a file: `--config`, and `--print-config`, which makes one. */
import { readFile } from 'node:fs/promises'
import { isFlag, setOption } from '../../cli/environment.ts'
import { Failure, systemFailure } from '../../failure.ts'
import { checkWeights, FORMAT } from '../../weights.ts'
import type { TrainProgram } from './options.ts'
import { optionsOf } from './record.ts'

const CONFIG_FORMAT = 'mnist-config'

/** Options about one invocation, not about what it computes: no configuration holds them. */
const NOT_IN_CONFIG = ['config', 'printConfig', 'resume', 'verify', 'completion', 'version']

/**
 * Takes options from a file, if neither the command line nor the environment gives them: from one that `configuration`
 * printed, or from a weights file, whose run is then repeated.
 * @throws Failure `noInput` if the file cannot be read, `badData` if it is neither, `usage` for a value that the option
 *   itself would refuse
 */
export async function applyConfig(program: TrainProgram, path: string): Promise<void> {
  const { format: _, ...values } = await readConfig(path, program)
  const options = Object.fromEntries(program.options.map((option) => [option.attributeName(), option]))
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined) continue
    const option = options[name]
    if (!option || NOT_IN_CONFIG.includes(name)) throw new Failure('badData', `${path}: unknown option "${name}"`)
    const place = `${path}: "${name}"`
    if (isFlag(option) !== (typeof value === 'boolean')) {
      throw new Failure('badData', `${place}: ${isFlag(option) ? 'not true or false' : 'needs a value'}`)
    }
    if (['cli', 'env'].includes(program.getOptionValueSource(option.attributeName()) ?? '')) continue
    setOption(program, option, typeof value === 'boolean' ? value : [value].flat().map(String), 'config', place)
  }
}

async function readConfig(path: string, program: TrainProgram): Promise<Record<string, unknown>> {
  let value: unknown
  try {
    value = JSON.parse(await readFile(path, 'utf8'))
  } catch (error) {
    if (error instanceof SyntaxError) throw new Failure('badData', `${path}: not JSON`, { cause: error })
    throw systemFailure('noInput', path, error)
  }
  const { format } = (value ?? {}) as { format?: unknown }
  if (format === CONFIG_FORMAT) return value as Record<string, unknown>
  if (format !== FORMAT) {
    throw new Failure('badData', `${path}: not a weights file or a configuration; --print-config prints one`)
  }
  const weights = checkWeights(value, path)
  if (weights.training.init === undefined || program.opts().init) return optionsOf(weights)
  throw new Failure('usage', `${path}: its run started from another weights file; name that file with --init`)
}

/** The options as they are now, wherever they come from, as a configuration. */
export function configuration(program: TrainProgram): string {
  const values = Object.entries(program.opts()).filter(([name]) => !NOT_IN_CONFIG.includes(name))
  return JSON.stringify({ format: CONFIG_FORMAT, ...Object.fromEntries(values) }, null, 2)
}
