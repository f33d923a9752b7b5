/** The digits that a command works on if the user names none. */
import { existsSync } from 'node:fs'
import { Failure } from '../failure.ts'

/** What `--data` calls the digits that the program draws itself. */
export const GENERATED = 'generated'

/** What `--data` calls standard input. */
export const STANDARD_INPUT = '-'

const DEFAULT_FILE = 'data/mnist_train.csv'

/** What `defaultSource` finds, in the words of --help. */
export const DATA_DEFAULT = `${DEFAULT_FILE}, else ${GENERATED}`

/** data/mnist_train.csv if it exists, else generated digits. */
export function defaultSource(): string[] {
  return [existsSync(DEFAULT_FILE) ? DEFAULT_FILE : GENERATED]
}

/** @throws Failure `usage` if standard input is named twice */
export function checkStandardInput(paths: string[]): void {
  if (paths.filter((path) => path === STANDARD_INPUT).length > 1) {
    throw new Failure('usage', '"-" is given twice; standard input can be read only once')
  }
}

/** What messages call an input. */
export function inputName(path: string): string {
  return path === STANDARD_INPUT ? 'standard input' : path
}
