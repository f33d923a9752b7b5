/** mnist-data get: MNIST, from the network or from files that someone brought, as CSV files. */
import { mkdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Option } from 'commander'
import { fingerprint } from '../../digits.ts'
import { fetchFiles, removeParts } from '../../digits/fetch.ts'
import { MIRRORS, readFolder, type DigitSet } from '../../digits/mnist.ts'
import { readDigits } from '../../digits/read.ts'
import { stageDigits } from '../../digits/write.ts'
import { Failure, systemFailure, type EXIT } from '../../failure.ts'
import { progress, type Progress } from '../../terminal/progress.ts'
import { stageAll, tryPath } from '../../staged-file.ts'
import { abortOnSignals, type Interruption } from '../interruption.ts'
import { file, wholeNumber } from '../options.ts'
import { reader, type Definition } from '../run.ts'

interface GetOptions {
  mirror?: string[]
  from?: string
  timeout: number
  retries: number
  force: boolean
  json: boolean
  quiet: boolean
}

const EXAMPLES = `Examples:
  mnist-data get                                      data/mnist_train.csv and data/mnist_test.csv
  mnist-data get digits --mirror https://mirror.example.org/mnist/
  mnist-data get --from /media/stick                  from the four files of MNIST, gzipped or not; no network
`
const NETWORK = `
Mirrors that are tried in turn where --mirror names none:
  ${MIRRORS.join('\n  ')}
HTTPS_PROXY, HTTP_PROXY and NO_PROXY are obeyed, in capitals or not.`

/** The command over the sets of digits that it gets. */
export function get(sets: DigitSet[]): Definition {
  return (command, end) => {
    command
      .description('Gets MNIST, checks every byte of it, and writes it as label-first CSV files.')
      .addHelpText('before', EXAMPLES)
      .addHelpText('after', NETWORK)
      .argument('[dir]', 'the folder that the CSV files go to', 'data')
      .addOption(mirrorOption().conflicts('from'))
      .addOption(file('--from <dir>', "take MNIST's files from this folder (default: download them)"))
      .addOption(wholeNumber('--timeout <s>', 'seconds without a byte to wait for a mirror', 1, 3600).default(30))
      .addOption(wholeNumber('--retries <n>', 'how often to ask a mirror again that may recover', 0, 20).default(3))
      .option('--force', 'replace CSV files of these names that hold other digits', false)
      .option('--json', 'results as JSON, one value a line (schema mnist-data-get/1)', false)
      .option('-q, --quiet', 'nothing on stderr but errors', false)
      .action(async (folder: string, options: GetOptions) => end(await getDigits(folder, sets, options)))
  }
}

function mirrorOption(): Option {
  const option = new Option(
    '--mirror <url>',
    'download from here, each file as URL/NAME.gz; may be repeated (default: see below)',
  )
  return option.argParser((text, before: string[] = []) => {
    if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return [...before, text]
    throw new Failure('usage', `--mirror "${text}": a URL that begins with https:// or http:// is needed`)
  })
}

async function getDigits(folder: string, sets: DigitSet[], options: GetOptions): Promise<keyof typeof EXIT> {
  if (folder === '') throw new Failure('usage', 'dir "": the name of a folder is needed')
  const bar = progress(process.stderr, options.quiet)

  const missing = await findMissing(folder, sets, options.force, bar)
  if (missing.length > 0) {
    await makeFolder(folder, missing)
    const interruption = abortOnSignals() // until here a signal ends the process by itself: there is nothing to tidy up
    try {
      const contents = await getContents(folder, missing, options, { bar, interruption })
      await writeCsvs(folder, missing, contents, bar, interruption.signal)
    } catch (error) {
      if (interruption.name === undefined) throw error
      const resumption = `the same command goes on with what has arrived in ${join(folder, '*.part')}`
      bar.notice(`interrupted; ${options.from === undefined ? resumption : 'no CSV is written'}`)
      return interruption.name
    }
  }
  await removeParts(folder, filesOf(sets))

  for (const set of sets) printResult(folder, set, options.json, bar)
  const paths = sets.map(({ csv }) => join(folder, csv)).join(' and ')
  if (missing.length === 0) bar.notice(`${paths} are there already, complete and right: nothing to do`)
  return 'done'
}

const filesOf = (sets: DigitSet[]) => sets.flatMap(({ images, labels }) => [images, labels])

/**
 * The sets whose CSV is not in the folder yet.
 * @throws Failure `cannotCreate` where a file of its name holds other digits, unless those are to be replaced
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
        `${path} is there and does not hold MNIST's digits; move it away, name another folder, or replace it with --force`,
      )
    }
    missing.push(set)
  }
  return missing
}

/** Whether a CSV holds these digits and no others, however it is written. */
async function holds(path: string, { sha256 }: DigitSet, bar: Progress): Promise<boolean> {
  try {
    const onProgress = (share: number) => bar.update('checking', share, 1, () => path)
    return fingerprint(await readDigits([path], { onProgress })) === sha256
  } catch (error) {
    if (error instanceof Failure && error.kind === 'badData') return false
    throw error
  }
}

/** Makes the folder if it is not there, and tries whether the CSV files can be written to it. */
async function makeFolder(folder: string, sets: DigitSet[]): Promise<void> {
  try {
    await mkdir(folder, { recursive: true })
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? ''
    if (!['EEXIST', 'ENOTDIR'].includes(code)) throw systemFailure('cannotCreate', `cannot make ${folder}`, error)
    throw new Failure('cannotCreate', `cannot make ${folder}: there is a file of that name`, { cause: error })
  }
  for (const { csv } of sets) await tryPath(join(folder, csv))
}

interface Surroundings {
  bar: Progress
  interruption: Interruption
}

/** The uncompressed files of the sets, images and labels of each, from the folder that `--from` names or the network. */
async function getContents(
  folder: string,
  sets: DigitSet[],
  { from, mirror, timeout, retries }: GetOptions,
  { bar, interruption }: Surroundings,
): Promise<Buffer[]> {
  const files = filesOf(sets)
  if (from !== undefined) return readFolder(from, files)
  try {
    return await fetchFiles(folder, files, {
      ...(mirror && { mirrors: mirror }),
      timeout,
      retries,
      signal: interruption.signal,
      onProgress: (name, received, total) => bar.update(name, received, total, () => megabytes(received, total)),
      onFault: bar.notice,
    })
  } catch (error) {
    if (!(error instanceof Failure && error.kind === 'unavailable')) throw error
    const names = files.map(({ name }) => `${name}.gz`).join(', ')
    const byHand = `To bring them by hand, put ${names} into a folder, from wherever you can get them, and name it with --from.`
    throw new Failure('unavailable', `${error.message}\n${byHand}`, { cause: error })
  }
}

function megabytes(received: number, total: number): string {
  const show = (bytes: number) => (bytes / 1e6).toFixed(1)
  return total > 0 ? `${show(received)} of ${show(total)} MB` : `${show(received)} MB`
}

/** Writes the sets' CSV files, and only when all are whole puts them in their places. */
async function writeCsvs(folder: string, sets: DigitSet[], contents: Buffer[], bar: Progress, signal: AbortSignal) {
  const staged = await stageAll(
    sets.map(({ csv }, i) => () => {
      const path = join(folder, csv)
      const [images, labels] = contents.slice(2 * i, 2 * i + 2) // MNIST to the byte: behind headers of 16 and 8 bytes
      const digits = { pixels: images.subarray(16), labels: labels.subarray(8) }
      const onProgress = (share: number) => bar.update('writing', share, 1, () => path)
      return stageDigits(path, digits, { onProgress, signal })
    }),
  )
  await staged.commit()
}

function printResult(folder: string, { csv, labels, sha256 }: DigitSet, json: boolean, bar: Progress): void {
  bar.clear()
  const path = join(folder, csv)
  const digits = labels.bytes - 8 // a label is a byte, after a header of 8
  const line = json
    ? JSON.stringify({ schema: 'mnist-data-get/1', file: path, digits, sha256 })
    : `${path}  ${digits} digits  sha256 ${sha256}`
  if (!reader.left) process.stdout.write(`${line}\n`)
}
