/** Options from elsewhere than the command line: environment variables and configuration files. */
import { readFile } from 'node:fs/promises'
import { delimiter } from 'node:path'
import { type Command, CommanderError, type Option } from 'commander'
import { Failure, systemFailure } from '../failure.ts'
import { check, FORMAT, type Weights } from '../weights.ts'

const CONFIG_FORMAT = 'mnist-config'

/** For the end of every command's help. */
export const BY_VARIABLE =
  'Every option can be given by an environment variable too, MNIST_JSON=1 for --json, MNIST_OUT=FILE for --out FILE; the ' +
  'command line comes before it.'

/** Options that are about one call of a command, not about what it computes: no configuration holds them. */
const OF_THE_CALL = ['config', 'printConfig', 'resume', 'verify', 'completion', 'version']

/** The environment variable that gives an option: MNIST_LOG_EVERY for --log-every. */
export function variableOf(option: Option): string {
  return `MNIST_${option.long!.slice(2).replaceAll('-', '_').toUpperCase()}`
}

/** Whether an option can be given by an environment variable: all but those that only print something. */
export function hasVariable(option: Option): boolean {
  return !['--help', '--version', '--completion'].includes(option.long!)
}

/**
 * Takes from the environment what the command line does not give. Several files are separated as in PATH.
 * @throws Failure `usage`, as for the option itself
 */
export function applyEnvironment(command: Command): void {
  for (const option of command.options.filter(hasVariable)) {
    const variable = variableOf(option)
    const text = process.env[variable]
    if (text === undefined || (text === '' && option.variadic)) continue
    const words = option.variadic ? text.split(delimiter).filter((word) => word !== '') : [text]
    if (command.getOptionValueSource(option.attributeName()) !== 'cli') {
      set(command, option, isFlag(option) ? truth(text, variable) !== option.negate : words, 'env', variable)
    }
  }
}

/**
 * Takes from a file what neither the command line nor the environment gives: one that `configuration` made, or a
 * weights file, whose run is repeated then.
 * @throws Failure `noInput` where it cannot be read, `badData` where it is neither, `usage` as for the option itself
 */
export async function applyConfig(command: Command, path: string): Promise<void> {
  const { format: _, ...values } = await readConfig(path, command)
  const options = Object.fromEntries(command.options.map((option) => [option.attributeName(), option]))
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined) continue
    const option = options[name]
    if (!option || OF_THE_CALL.includes(name)) throw new Failure('badData', `${path}: there is no option "${name}"`)
    const place = `${path}, "${name}"`
    if (isFlag(option) !== (typeof value === 'boolean')) {
      throw new Failure('badData', `${place}: ${isFlag(option) ? 'true or false' : 'a value'} is needed`)
    }
    if (['cli', 'env'].includes(command.getOptionValueSource(name) ?? '')) continue
    set(command, option, typeof value === 'boolean' ? value : [value].flat().map(String), 'config', place)
  }
}

async function readConfig(path: string, command: Command): Promise<Record<string, unknown>> {
  let value: unknown
  try {
    value = JSON.parse(await readFile(path, 'utf8'))
  } catch (error) {
    if (error instanceof SyntaxError) throw new Failure('badData', `${path} is not JSON`, { cause: error })
    throw systemFailure('noInput', `cannot read ${path}`, error)
  }
  const { format } = (value ?? {}) as { format?: unknown }
  if (format === CONFIG_FORMAT) return value as Record<string, unknown>
  if (format === FORMAT) {
    const weights = check(value, path)
    if (weights.training.init === undefined || command.getOptionValue('init')) return recordedOptions(weights)
    throw new Failure('usage', `${path}: its run started from another weights file; name that with --init`)
  }
  const needed = `a configuration, of "format" "${CONFIG_FORMAT}", or a weights file is needed`
  throw new Failure('badData', `${path}: ${needed}; --print-config prints one`)
}

/** The options of the run that made these weights, but for its files; undefined are those that it did not have. */
export function recordedOptions({ params, training }: Weights) {
  const { iterations, alpha, seed, dev, notebook, logEvery, engine, targetAccuracy, patience } = training
  const { batch, momentum = 0, decay = 'none', initScale = 'notebook' } = training
  return {
    iters: iterations,
    alpha,
    hidden: params.W1.shape[0],
    epochs: undefined,
    batch,
    momentum,
    decay,
    initScale,
    dev,
    seed,
    logEvery,
    engine,
    notebook,
    targetAccuracy,
    patience,
  }
}

/** The options as they are now, wherever they come from, as a configuration. */
export function configuration(command: Command): string {
  const values = Object.entries(command.opts()).filter(([name]) => !OF_THE_CALL.includes(name))
  return JSON.stringify({ format: CONFIG_FORMAT, ...Object.fromEntries(values) }, null, 2)
}

/** Whether an option takes no value. */
function isFlag(option: Option): boolean {
  return !option.required && !option.optional
}

function set(command: Command, option: Option, value: string[] | boolean, source: string, place: string): void {
  let parsed: unknown
  if (typeof value === 'boolean') parsed = value
  else for (const word of value) parsed = parse(option, word, parsed, place)
  command.setOptionValueWithSource(option.attributeName(), parsed, source)
}

function parse(option: Option, word: string, before: unknown, place: string): unknown {
  try {
    return option.parseArg ? option.parseArg(word, before) : word
  } catch (error) {
    if (error instanceof Failure) throw new Failure('usage', `${place}: ${error.message}`)
    if (error instanceof CommanderError) throw new Failure('usage', `${place}: "${word}": ${error.message}`)
    throw error
  }
}

function truth(text: string, variable: string): boolean {
  if (['1', 'true', 'yes'].includes(text)) return true
  if (['', '0', 'false', 'no'].includes(text)) return false
  throw new Failure('usage', `${variable} "${text}": 1 or 0 is needed`)
}
