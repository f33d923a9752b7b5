/** mnist-data get: MNIST, downloaded or from files that the user has, as CSV files. */
import { mkdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { abortOnSignals } from '../../cli/interruption.ts'
import type { Ending } from '../../cli/program.ts'
import { fingerprint } from '../../digits/fingerprint.ts'
import { fetchFiles, removePartialFiles } from '../../digits/fetch.ts'
import type { DigitSet } from '../../digits/mnist.ts'
import { digitsOf, readFolder, sizeOf } from '../../digits/mnist-files.ts'
import { readDigits } from '../../digits/read.ts'
import { stageDigits } from '../../digits/write.ts'
import { Failure, systemFailure } from '../../failure.ts'
import { checkWritable, removeLeftovers, stageAll } from '../../staged-file.ts'
import { progress, type Progress } from '../../terminal/progress.ts'
import { printFile } from './write-files.ts'

export interface GetOptions {
  mirror?: string[] | undefined
  from?: string | undefined
  timeout: number
  retries: number
  force: boolean
  json: boolean
  quiet: boolean
}

/**
 * Writes the sets' CSV files that the folder does not hold yet, and prints all of them.
 * @throws Failure `cannotCreate` if a file of that name holds other digits; as downloading, reading and writing do
 */
export async function get(folder: string, sets: DigitSet[], options: GetOptions): Promise<Ending> {
  const bar = progress(process.stderr, options.quiet)

  const missing = await findMissing(folder, sets, options.force, bar)
  if (missing.length > 0) {
    await makeFolder(folder, missing)
    const interruption = abortOnSignals()
    try {
      const contents = await getContents(folder, missing, options, bar, interruption.signal)
      await writeCsvs(folder, missing, contents, bar, interruption.signal)
    } catch (error) {
      if (interruption.name === undefined) throw error
      const resume = `run the same command again to continue from ${join(folder, '*.part')}`
      bar.notice(`interrupted; ${options.from === undefined ? resume : 'no CSV was written'}`)
      return interruption.name
    }
  }
  await removePartialFiles(folder, filesOf(sets))
  for (const { csv } of sets) await removeLeftovers(join(folder, csv))

  bar.clear()
  for (const set of sets) {
    const written = { file: join(folder, set.csv), digits: sizeOf(set), sha256: set.sha256 }
    printFile({ schema: 'mnist-data-get/1', ...written }, options.json)
  }
  const paths = sets.map(({ csv }) => join(folder, csv)).join(' and ')
  if (missing.length === 0) bar.notice(`${paths} are complete: nothing to do`)
  return 'done'
}

const filesOf = (sets: DigitSet[]) => sets.flatMap(({ images, labels }) => [images, labels])

/**
 * The sets whose CSV is not in the folder yet.
 * @param replace replace files that hold other digits
 * @throws Failure `cannotCreate` if a file holds other digits and is not to be replaced
 */
async function findMissing(folder: string, sets: DigitSet[], replace: boolean, bar: Progress): Promise<DigitSet[]> {
  const missing: DigitSet[] = []
  for (const set of sets) {
    const path = join(folder, set.csv)
    const isThere = await stat(path).then(() => true, () => false) // prettier-ignore
    if (isThere && (await holds(path, set, bar))) continue
    if (isThere && !replace) {
      throw new Failure(
        'cannotCreate',
        `${path} exists and does not hold MNIST; move it, name another folder, or replace it with --force`,
      )
    }
    missing.push(set)
  }
  return missing
}

/** Whether a CSV holds exactly these digits, in any dialect. */
async function holds(path: string, { sha256 }: DigitSet, bar: Progress): Promise<boolean> {
  try {
    const onProgress = (fraction: number) => bar.update('checking', fraction, 1, () => [path])
    return fingerprint(await readDigits([path], { onProgress })) === sha256
  } catch (error) {
    if (error instanceof Failure && error.kind === 'badData') return false
    throw error
  }
}

/**
 * Creates the folder if necessary, and checks that the CSV files can be written there.
 * @throws Failure `cannotCreate`
 */
async function makeFolder(folder: string, sets: DigitSet[]): Promise<void> {
  try {
    await mkdir(folder, { recursive: true })
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? ''
    if (!['EEXIST', 'ENOTDIR'].includes(code)) throw systemFailure('cannotCreate', `cannot create ${folder}`, error)
    throw new Failure('cannotCreate', `cannot create ${folder}: a file has that name`, { cause: error })
  }
  for (const { csv } of sets) await checkWritable(join(folder, csv))
}

/** The uncompressed files of the sets by name, from the folder that `--from` names or from the network. */
async function getContents(
  folder: string,
  sets: DigitSet[],
  { from, mirror, timeout, retries }: GetOptions,
  bar: Progress,
  signal: AbortSignal,
): Promise<Map<string, Buffer>> {
  const files = filesOf(sets)
  if (from !== undefined) return readFolder(from, files)
  try {
    return await fetchFiles(folder, files, {
      ...(mirror && { mirrors: mirror }),
      timeout,
      retries,
      signal,
      onProgress: (name, received, total) => bar.update(name, received, total, () => [megabytes(received, total)]),
      onFault: bar.notice,
    })
  } catch (error) {
    if (!(error instanceof Failure && error.kind === 'unavailable')) throw error
    const names = files.map(({ name }) => `${name}.gz`).join(', ')
    const byHand = `If you can get ${names} elsewhere, put them into a folder and name it with --from.`
    throw new Failure('unavailable', `${error.message}\n${byHand}`, { cause: error })
  }
}

function megabytes(received: number, total: number): string {
  const show = (bytes: number) => (bytes / 1e6).toFixed(1)
  return total > 0 ? `${show(received)} of ${show(total)} MB` : `${show(received)} MB`
}

/** Writes the sets' CSV files; they appear together, once all are complete. */
async function writeCsvs(
  folder: string,
  sets: DigitSet[],
  contents: Map<string, Buffer>,
  bar: Progress,
  signal: AbortSignal,
): Promise<void> {
  const staged = await stageAll(
    sets.map((set) => () => {
      const path = join(folder, set.csv)
      const onProgress = (fraction: number) => bar.update('writing', fraction, 1, () => [path])
      return stageDigits(path, digitsOf(set, contents), { onProgress, signal })
    }),
  )
  await staged.commit()
}
