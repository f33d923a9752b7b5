/** Where `--kaggle` writes. */
import { abortOnSignals } from '../../cli/interruption.ts'
import type { Ending } from '../../cli/program.ts'
import { hasLabels } from '../../digits.ts'
import { Failure } from '../../failure.ts'
import { checkWritable, stage } from '../../staged-file.ts'
import type { Progress } from '../../terminal/progress.ts'
import { counted, grouped } from '../../wording.ts'
import { checkNew, inputReplaced, readerLeft } from '../outputs.ts'
import { kaggle } from './formats.ts'
import type { Predicted } from './predicted.ts'
import { subjectCount, type Subjects } from './subjects.ts'

/** Rows of Kaggle's test.csv. */
const KAGGLE_ROWS = 28_000

/**
 * Checks, before the work, that a submission can be written.
 * @param inputs what the command reads
 * @param force replace an existing file; never an input
 * @throws Failure `usage` if it is an input, `cannotCreate` if it exists or cannot be written
 */
export async function checkSubmission(path: string, inputs: string[], force: boolean): Promise<void> {
  if (path === '-') throw new Failure('usage', '--kaggle -: name a file to write; --kaggle /dev/stdout is stdout')
  const input = inputReplaced(path, inputs)
  if (input !== undefined) {
    const name = input === path ? '' : ` (${input})`
    throw new Failure('usage', `--kaggle ${path} is what the command reads${name}; write to another file`)
  }
  if (!force) checkNew([path], 'use another name, or replace it with --force')
  await checkWritable(path)
}

/**
 * Checks that digits are those of a test set.
 * @param data their name
 * @throws Failure `usage` if they have labels
 */
export function checkUnlabelled({ digits }: Subjects, data: string): void {
  if (!hasLabels(digits)) return
  throw new Failure('usage', `--kaggle: ${data} has labels, unlike Kaggle's test.csv; name that with --data`)
}

/**
 * Writes a submission atomically, and says so.
 * @throws Failure `io`
 */
export async function writeSubmission(path: string, found: Predicted, bar: Progress): Promise<Ending> {
  const interruption = abortOnSignals()
  try {
    const staged = await stage(path, (file) => file.writeFile(Array.from(kaggle(found)).join('')))
    if (interruption.name !== undefined) {
      await staged.discard()
      return interruption.name
    }
    await staged.commit()
  } catch (error) {
    if (readerLeft(path, error)) return 'SIGPIPE'
    throw error
  }
  const m = subjectCount(found.subjects)
  bar.notice(`${counted(m, 'prediction')} written to ${path}`)
  if (m !== KAGGLE_ROWS) bar.notice(`${path} has ${counted(m, 'row')}, Kaggle's test.csv ${grouped(KAGGLE_ROWS)}`)
  return 'done'
}
