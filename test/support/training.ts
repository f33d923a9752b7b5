/** A folder with small files of digits, in which mnist-train runs. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { generate } from '../../src/digits/generate.ts'
import { csvOf, HEADER } from './csv.ts'
import { newFolder } from './folder.ts'
import { runInProcess } from './in-process.ts'

export const DIGITS = generate(60, 4)

/** Trains on 50 of the 60 digits. */
export const SMALL = ['--data', 'small.csv', '--dev', '10']

/** The folder holds small.csv, 60 digits, and others.csv, 20 others. */
export function trainingFolder() {
  const cwd = newFolder()
  const at = (name: string) => join(cwd, name)
  writeFileSync(at('small.csv'), `${HEADER}\n${csvOf(DIGITS)}`)
  writeFileSync(at('others.csv'), csvOf(generate(20, 5)))
  return {
    cwd,
    /** The path of a file in the folder. */
    at,
    /** The text of a file in the folder. */
    text: (name: string) => readFileSync(at(name), 'utf8'),
    train: (...args: string[]) => runInProcess('mnist-train', args, { cwd }),
  }
}
