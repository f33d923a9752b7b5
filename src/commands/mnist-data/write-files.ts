/** What make and convert do once they have the digits: write them, and print a line for each file written. */
import { count, fingerprint, type Digits } from '../../digits.ts'
import { writeDigits } from '../../digits/write.ts'
import type { EXIT } from '../../failure.ts'
import type { Progress } from '../../terminal/progress.ts'
import { abortOnSignals } from '../interruption.ts'
import { reader } from '../run.ts'

interface WriteFilesOptions {
  bar: Progress
  /** Whether a CSV's first line names its columns. */
  header: boolean
  /** Print JSON, of this schema and with these values beside the file's. */
  json: boolean
  schema: string
  values?: Record<string, number>
}

/** Writes the digits as the name of the file asks, whole or not at all, and prints what was written. */
export async function writeFiles(file: string, digits: Digits, options: WriteFilesOptions): Promise<keyof typeof EXIT> {
  const { bar, header, json, schema, values } = options
  const interruption = abortOnSignals() // until here a signal ends the process by itself: there was nothing to tidy up
  let written: string[]
  try {
    const onProgress = (share: number) => bar.update('writing', share, 1)
    written = await writeDigits(file, digits, { header, onProgress, signal: interruption.signal })
  } catch (error) {
    if (interruption.name === undefined) throw error
    return interruption.name
  } finally {
    bar.clear()
  }
  const [m, sha256] = [count(digits), fingerprint(digits)]
  for (const path of written) {
    const line = json
      ? JSON.stringify({ schema, file: path, digits: m, ...values, sha256 })
      : `${path}  ${m} digits  sha256 ${sha256}`
    if (!reader.left) process.stdout.write(`${line}\n`)
  }
  return 'done'
}
