/** Options from environment variables. */
import { delimiter } from 'node:path'
import { CommanderError, type CommandUnknownOpts, type Option } from '@commander-js/extra-typings'
import { Failure } from '../failure.ts'
import { excerpt } from '../wording.ts'

/** The environment variable that sets an option: MNIST_LOG_EVERY for --log-every. */
export function variableOf(option: Option): string {
  return `MNIST_${option.name().replaceAll('-', '_').toUpperCase()}`
}

/** Whether an environment variable can set an option: all but those that only print something. */
export function hasVariable(option: Option): boolean {
  return !['--help', '--version', '--completion'].includes(option.long ?? '')
}

/**
 * Takes from the environment what the command line does not give, nor excludes. Several files are separated as in PATH.
 * @throws Failure `usage` for a value that the option itself would refuse, and for two options that exclude each other
 */
export function applyEnvironment(command: CommandUnknownOpts): void {
  const isOnLine = (option: Option) => command.getOptionValueSource(option.attributeName()) === 'cli'
  const onLine = command.options.filter(isOnLine)
  const set: Option[] = []
  for (const option of command.options.filter(hasVariable)) {
    const variable = variableOf(option)
    const text = process.env[variable]
    if (text === undefined || (text === '' && option.variadic)) continue
    const words = option.variadic ? text.split(delimiter).filter((word) => word !== '') : [text]
    const value = isFlag(option) ? readFlag(text, variable) !== option.negate : words
    if (isOnLine(option) || (value && onLine.some((other) => exclude(option, other)))) continue
    setOption(command, option, value, 'env', variable)
    if (value) set.push(option)
  }
  for (const option of set) {
    const other = set.find((other) => exclude(option, other))
    if (!other) continue
    throw new Failure('usage', `${variableOf(option)} and ${variableOf(other)} exclude each other: unset one of them`)
  }
}

/** Whether one of two options is declared to conflict with the other. */
function exclude(one: Option, other: Option): boolean {
  const conflicts = (a: Option, b: Option) => (a as Conflicting).conflictsWith.includes(b.attributeName())
  return conflicts(one, other) || conflicts(other, one)
}

/** What commander's types leave out. */
type Conflicting = Option & { conflictsWith: string[] }

/** Whether an option takes no value. */
export function isFlag(option: Option): boolean {
  return !option.required && !option.optional
}

/**
 * Sets an option to what its parser makes of some words.
 * @param source where the words are from, as commander calls it: `env`, `config`
 * @param place where exactly, for the message
 * @throws Failure `usage` for words that the parser refuses
 */
export function setOption(
  command: CommandUnknownOpts,
  option: Option,
  value: string[] | boolean,
  source: string,
  place: string,
): void {
  let parsed: unknown
  if (typeof value === 'boolean') parsed = value
  else for (const word of value) parsed = parseWord(option, word, parsed, place)
  command.setOptionValueWithSource(option.attributeName(), parsed, source)
}

function parseWord(option: Option, word: string, before: unknown, place: string): unknown {
  try {
    return option.parseArg ? option.parseArg(word, before) : word
  } catch (error) {
    if (error instanceof Failure) throw new Failure('usage', `${place}: ${error.message}`)
    if (error instanceof CommanderError) throw new Failure('usage', `${place}: ${excerpt(word)}: ${error.message}`)
    throw error
  }
}

function readFlag(text: string, variable: string): boolean {
  if (['1', 'true', 'yes'].includes(text)) return true
  if (['', '0', 'false', 'no'].includes(text)) return false
  throw new Failure('usage', `${variable} ${excerpt(text)}: not 1 or 0`)
}
