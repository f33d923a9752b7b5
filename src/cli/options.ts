/** Options and arguments that several commands have, and strict parsing of their values. */
import { Argument, Option, type CommandUnknownOpts } from '@commander-js/extra-typings'
import { Failure } from '../failure.ts'
import { integers, isWithin, RANGES, type Range } from '../hyperparameters.ts'
import { counted, excerpt } from '../wording.ts'

/** A number as a user types it: `7`, `0.5`, `.5`, `1e-3`. No two parts match the same digits: long ones take no time. */
const DECIMAL = /^\+?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i
const INTEGER = /^[+-]?\d+$/

/** The dashes that word processors put in place of "-" and "--". */
export const OTHER_DASH = /^[\u2010-\u2015\u2212]/

const LONGEST_PATH = 4096 // characters: Linux takes no longer one

/** The ranges of the options that have one. */
const ranges = new WeakMap<object, Range>()

/** The range of an option's values, if they are numbers. */
export function rangeOf(option: object): Range | undefined {
  return ranges.get(option)
}

/** An option whose value is a number of a range. */
export function numeric<Flags extends string>(flags: Flags, description: string, range: Range) {
  const option = new Option(flags, description)
  ranges.set(option, range)
  const pattern = range.kind === 'integer' ? INTEGER : DECIMAL
  return option.argParser<number>((text) => {
    const value = pattern.test(text) ? Number(text) : NaN
    if (isWithin(range, value)) return value
    throw new Failure('usage', `--${option.name()} ${excerpt(text)}: not ${range.words}`)
  })
}

/** An option whose value is an integer from `min` to `max`. */
export function integer<Flags extends string>(flags: Flags, description: string, min: number, max: number) {
  return numeric(flags, description, integers(min, max))
}

/** An option whose value is the path of a file or folder. */
export function path<Flags extends string>(flags: Flags, description: string) {
  const option = new Option(flags, description)
  return option.argParser<string>((text) => checkedPath(text, `--${option.name()}`))
}

/** An option whose values are the paths of one or more files. */
export function paths<Flags extends string>(flags: Flags, description: string) {
  const option = new Option(flags, description)
  return option.argParser<string[]>((text, before: string[] | undefined = []) => [
    ...before,
    checkedPath(text, `--${option.name()}`),
  ])
}

/** An argument that is the path of a file or folder. */
export function pathArgument<Usage extends string>(usage: Usage, description: string) {
  const argument = new Argument(usage, description)
  return argument.argParser<string>((text) => checkedPath(text, argument.name()))
}

/** An argument that is the paths of one or more files. */
export function pathsArgument<Usage extends string>(usage: Usage, description: string) {
  const argument = new Argument(usage, description)
  return argument.argParser<string[]>((text, before: string[] | undefined = []) => [
    ...before,
    checkedPath(text, argument.name()),
  ])
}

/** @throws Failure `usage` for what cannot be a path, or is an option with another dash */
function checkedPath(text: string, what: string): string {
  const refuse = (reason: string) => new Failure('usage', `${what} ${excerpt(text)}: ${reason}`)
  if (text === '') throw refuse('the name is empty')
  if (text.includes('\0')) throw refuse('a name cannot contain a NUL character')
  if (text.length > LONGEST_PATH) throw refuse(`the name is too long: ${counted(text.length, 'character')}`)
  if (OTHER_DASH.test(text)) throw refuse(`begins with another dash than "-"; to name such a file: ./${text}`)
  return text
}

/** `--weights`, the network that a command works with. */
export function weightsOption() {
  return path('-w, --weights <file>', 'weights written by mnist-train').default('weights.json')
}

/**
 * The weights files of a command that takes several: its arguments, or the one of `--weights`.
 * @throws Failure `usage` if both are given
 */
export function weightsFiles(command: CommandUnknownOpts, files: string[], weights: string): string[] {
  if (files.length === 0) return [weights]
  if (command.getOptionValueSource('weights') !== 'cli') return files
  throw new Failure('usage', `--weights ${weights}: name all weights files as arguments, or one with --weights`)
}

/** `--network`. */
export function networkOption() {
  return path('--network <file>', 'module with functions of your own')
}

/** `--json`, for results of a schema that the man page documents. */
export function jsonOption(schema: string) {
  return new Option('--json', `JSON output, one value per line (schema ${schema})`).default(false)
}

/** `--quiet`. */
export function quietOption() {
  return new Option('-q, --quiet', 'print only errors on stderr').default(false)
}

/** `--no-picture`. */
export function pictureOption() {
  return new Option('--no-picture', 'omit pictures')
}

/** `--no-color`. */
export function colorOption() {
  return new Option('--no-color', 'draw pictures in plain characters (or set NO_COLOR)')
}

/** `--take`. */
export function takeOption() {
  return numeric('--take <n>', 'read only the first n digits (default: all)', RANGES.take)
}

/** `--transpose`. */
export function transposeOption() {
  return new Option('--transpose', 'turn transposed digits upright, as EMNIST needs').default(false)
}

/** `--invert`. */
export function invertOption() {
  return new Option('--invert', 'exchange ink and paper of inverted digits').default(false)
}
