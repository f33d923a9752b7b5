/** Options that commands share, and the strict reading of their values. */
import { Option } from 'commander'
import { Failure } from '../failure.ts'

/** An option whose value is a whole number from `least` to `most`. */
export function wholeNumber(flags: string, description: string, least: number, most: number): Option {
  const option = new Option(flags, description)
  const needed = `a whole number from ${least} to ${most} is needed`
  return option.argParser((text) => {
    const value = /^[+-]?\d+$/.test(text) ? Number(text) : NaN
    if (!(value >= least && value <= most)) throw new Failure('usage', `--${option.name()} "${text}": ${needed}`)
    return value
  })
}

/** An option whose value is a finite number greater than 0. */
export function positiveNumber(flags: string, description: string): Option {
  const isFine = (value: number) => value > 0 && value < Infinity
  return decimal(flags, description, isFine, 'a number greater than 0 is needed, such as 0.1')
}

/** An option whose value is a number from 0 to 1. */
export function share(flags: string, description: string): Option {
  return decimal(flags, description, (value) => value >= 0 && value <= 1, 'a number from 0 to 1 is needed, such as 0.9')
}

function decimal(flags: string, description: string, isFine: (value: number) => boolean, needed: string): Option {
  const option = new Option(flags, description)
  return option.argParser((text) => {
    const value = /^\+?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : NaN
    if (isFine(value)) return value
    throw new Failure('usage', `--${option.name()} "${text}": ${needed}`)
  })
}

/** An option whose value is the path of a file. */
export function file(flags: string, description: string): Option {
  const option = new Option(flags, description)
  return option.argParser((text) => notEmpty(text, option))
}

/** An option whose values are the paths of files, one or several. */
export function files(flags: string, description: string): Option {
  const option = new Option(flags, description)
  return option.argParser((text, before: string[] = []) => [...before, notEmpty(text, option)])
}

function notEmpty(text: string, option: Option): string {
  if (text === '') throw new Failure('usage', `--${option.name()} "": the name of a file is needed`)
  return text
}
