/** What make and convert do with their digits: write them, and print a line for each file written. */
import { abortOnSignals } from '../../cli/interruption.ts'
import { isStdout, readerLeft } from '../outputs.ts'
import { print, printJson } from '../../cli/print.ts'
import type { Ending } from '../../cli/program.ts'
import { digitCount, type Digits } from '../../digits.ts'
import { fingerprint } from '../../digits/fingerprint.ts'
import { writeDigits } from '../../digits/write.ts'
import type { Progress } from '../../terminal/progress.ts'
import { escaped } from '../../wording.ts'

interface WriteFilesOptions {
  bar: Progress
  /** Write a header line into a CSV. */
  header: boolean
  /** Print JSON, of this schema and with these values besides the file's. */
  json: boolean
  schema: string
  values?: Record<string, number>
}

/**
 * Writes the digits atomically, in the format that the file's name selects, and prints what was written, unless stdout
 * carries the digits.
 * @throws Failure as `writeDigits` does
 */
export async function writeFiles(file: string, digits: Digits, options: WriteFilesOptions): Promise<Ending> {
  const { bar, header, json, schema, values } = options
  const interruption = abortOnSignals()
  const isShown = !isStdout(file)
  let written: string[]
  try {
    const onProgress = (fraction: number) => bar.update('writing', fraction, 1)
    written = await writeDigits(file, digits, { header, onProgress, signal: interruption.signal })
  } catch (error) {
    if (interruption.name !== undefined) return interruption.name
    if (readerLeft(file, error)) return 'SIGPIPE'
    throw error
  } finally {
    bar.clear()
  }
  if (!isShown) return 'done'
  const [m, sha256] = [digitCount(digits), fingerprint(digits)]
  for (const path of written) printFile({ schema, file: path, digits: m, ...values, sha256 }, json)
  return 'done'
}

/** Prints a file of digits that was written. */
export function printFile(written: { schema: string; file: string; digits: number; sha256: string }, json: boolean) {
  const { file, digits, sha256 } = written
  if (json) printJson(written)
  else print(`${escaped(file)}  ${digits} ${digits === 1 ? 'digit' : 'digits'}  sha256 ${sha256}\n`)
}
