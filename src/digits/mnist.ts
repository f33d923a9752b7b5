/** What MNIST is, to the byte, and where it can be had. */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { Failure, systemFailure } from '../failure.ts'
import { grouped } from './field.ts'

/** A file of MNIST in its own format, IDX. */
export interface IdxFile {
  /** Without `.gz`. */
  name: string
  /** Its size, uncompressed. */
  bytes: number
  /** SHA-256 of its uncompressed bytes, in hex. (The `.gz` of different mirrors may differ.) */
  sha256: string
}

/** A set of digits: the two files that hold it, and the CSV that `mnist-data get` makes of them. */
export interface DigitSet {
  csv: string
  images: IdxFile
  labels: IdxFile
  /** The `fingerprint` of its digits. */
  sha256: string
}

/** MNIST as LeCun, Cortes and Burges published it: 60,000 digits to train on, 10,000 to test on. */
export const MNIST: DigitSet[] = [
  {
    csv: 'mnist_train.csv',
    images: {
      name: 'train-images-idx3-ubyte',
      bytes: 47_040_016,
      sha256: 'ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db',
    },
    labels: {
      name: 'train-labels-idx1-ubyte',
      bytes: 60_008,
      sha256: '65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5',
    },
    sha256: 'edc0d1098aa497be14ace79ddd5171e5a3dcf9c4d196c015389203eb3ba1f59b',
  },
  {
    csv: 'mnist_test.csv',
    images: {
      name: 't10k-images-idx3-ubyte',
      bytes: 7_840_016,
      sha256: '0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7',
    },
    labels: {
      name: 't10k-labels-idx1-ubyte',
      bytes: 10_008,
      sha256: 'ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2',
    },
    sha256: 'c3f9adf9c66efb572b1f9326c3a511b45910c7173b97be66ceceeeeaef6b802b',
  },
]

/** Public folders of the four files, each `NAME.gz`. */
export const MIRRORS = [
  'https://ossci-datasets.s3.amazonaws.com/mnist/',
  'https://storage.googleapis.com/cvdf-datasets/mnist/',
  'https://raw.githubusercontent.com/fgnt/mnist/master/',
  'https://azureopendatastorage.blob.core.windows.net/mnist/',
]

// What the files begin with.
const GZIP = Buffer.from([0x1f, 0x8b])
const IDX = Buffer.from([0, 0, 0x08])

/** Bytes that are not those of the file. Its message completes the sentence "…: it". */
export class WrongBytes extends Error {
  constructor(
    message: string,
    /** Whether they may be the file's first bytes, the rest being missing. */
    readonly short: boolean,
  ) {
    super(message)
  }
}

/**
 * The uncompressed bytes of a file, out of bytes that are gzipped or not.
 * @throws WrongBytes where they are not the file's
 */
export async function uncompress({ bytes, sha256 }: IdxFile, found: Buffer): Promise<Buffer> {
  if (found.length === 0) throw new WrongBytes('is empty', true)
  const isGzip = GZIP.equals(found.subarray(0, GZIP.length))
  if (!isGzip && !IDX.equals(found.subarray(0, IDX.length))) {
    const beginning = JSON.stringify(found.toString('latin1', 0, 16))
    throw new WrongBytes(`is neither gzipped nor IDX, it begins with ${beginning}`, false)
  }
  const content = isGzip ? await promisify(gunzip)(found, { maxOutputLength: bytes }).catch(gzipFailure) : found
  if (content.length !== bytes) {
    const [held, expected] = [content.length, bytes].map(grouped)
    throw new WrongBytes(`holds ${held} bytes where ${expected} are expected`, content.length < bytes)
  }
  const digest = createHash('sha256').update(content).digest('hex')
  if (digest === sha256) return content
  throw new WrongBytes(`is not MNIST's: its SHA-256 is ${digest} where ${sha256} is expected`, false)
}

function gzipFailure({ code, message }: NodeJS.ErrnoException): never {
  if (code === 'Z_BUF_ERROR') throw new WrongBytes('is cut short', true)
  if (code === 'ERR_BUFFER_TOO_LARGE') throw new WrongBytes('holds more bytes than expected', false)
  throw new WrongBytes(`is damaged: ${message}`, false)
}

/**
 * Reads files out of a folder that someone brought, gzipped or not, under MNIST's names or those of Kaggle's archive
 * (`train-images.idx3-ubyte`): their uncompressed bytes, in the order asked.
 * @throws Failure `noInput` where one is missing, `badData` where one is not MNIST's
 */
export async function readFolder(folder: string, files: IdxFile[]): Promise<Buffer[]> {
  const contents: Buffer[] = []
  for (const file of files) contents.push(await readOne(folder, file))
  return contents
}

async function readOne(folder: string, file: IdxFile): Promise<Buffer> {
  const kaggle = file.name.replace('-idx', '.idx')
  let wrong: Failure | undefined
  for (const name of [`${file.name}.gz`, file.name, kaggle, `${kaggle}.gz`]) {
    const path = join(folder, name)
    try {
      return await uncompress(file, await readFile(path))
    } catch (error) {
      if (error instanceof WrongBytes) wrong ??= new Failure('badData', `${path}: it ${error.message}`)
      else if (!isAbsent(error)) throw systemFailure('noInput', `cannot read ${path}`, error)
    }
  }
  throw wrong ?? new Failure('noInput', `there is no ${file.name}.gz in ${folder}, nor ${file.name} without the .gz`)
}

function isAbsent(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR', 'EISDIR'].includes((error as NodeJS.ErrnoException).code ?? '')
}
