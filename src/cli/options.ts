/** Options and arguments that several commands have, and strict parsing of their values. */
import { Argument, Option } from '@commander-js/extra-typings'
import { Failure } from '../failure.ts'

/** A number as a user types it: `7`, `0.5`, `.5`, `1e-3`. */
const DECIMAL = /^\+?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i

/** An option whose value is an integer from `min` to `max`. */
export function integer<Flags extends string>(flags: Flags, description: string, min: number, max: number) {
  const option = new Option(flags, description)
  return option.argParser<number>((text) => {
    const value = /^[+-]?\d+$/.test(text) ? Number(text) : NaN
    if (value >= min && value <= max) return value
    throw notA(option, text, `an integer from ${min} to ${max}`)
  })
}

/** An option whose value is a finite number greater than 0. */
export function positiveNumber<Flags extends string>(flags: Flags, description: string) {
  return decimal(flags, description, 'a number above 0', (value) => value > 0 && value < Infinity)
}

/** An option whose value is a number from 0 to 1. */
export function fraction<Flags extends string>(flags: Flags, description: string) {
  return decimal(flags, description, 'a number from 0 to 1', (value) => value >= 0 && value <= 1)
}

/** An option whose value is a number from 0 to below 1. */
export function fractionBelowOne<Flags extends string>(flags: Flags, description: string) {
  return decimal(flags, description, 'a number from 0 to below 1', (value) => value >= 0 && value < 1)
}

function decimal<Flags extends string>(
  flags: Flags,
  description: string,
  needed: string,
  isValid: (value: number) => boolean,
) {
  const option = new Option(flags, description)
  return option.argParser<number>((text) => {
    const value = DECIMAL.test(text) ? Number(text) : NaN
    if (isValid(value)) return value
    throw notA(option, text, needed)
  })
}

function notA(option: { name(): string }, text: string, needed: string): Failure {
  return new Failure('usage', `--${option.name()} "${text}": not ${needed}`)
}

/** An option whose value is the path of a file or folder. */
export function path<Flags extends string>(flags: Flags, description: string) {
  const option = new Option(flags, description)
  return option.argParser<string>((text) => notEmpty(text, `--${option.name()}`))
}

/** An option whose values are the paths of one or more files. */
export function paths<Flags extends string>(flags: Flags, description: string) {
  const option = new Option(flags, description)
  return option.argParser<string[]>((text, before: string[] | undefined = []) => [
    ...before,
    notEmpty(text, `--${option.name()}`),
  ])
}

/** An argument that is the path of a file or folder. */
export function pathArgument<Usage extends string>(usage: Usage, description: string) {
  const argument = new Argument(usage, description)
  return argument.argParser<string>((text) => notEmpty(text, argument.name()))
}

/** An argument that is the paths of one or more files. */
export function pathsArgument<Usage extends string>(usage: Usage, description: string) {
  const argument = new Argument(usage, description)
  return argument.argParser<string[]>((text, before: string[] | undefined = []) => [
    ...before,
    notEmpty(text, argument.name()),
  ])
}

function notEmpty(text: string, what: string): string {
  if (text === '') throw new Failure('usage', `${what} "": the name is empty`)
  return text
}

/** `--weights`, the network that a command works with. */
export function weightsOption() {
  return path('-w, --weights <file>', 'weights written by mnist-train').default('weights.json')
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
