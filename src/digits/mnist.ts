/** MNIST: its files, their checksums, and where to download them. */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import type { Digits } from '../digits.ts'
import { Failure, systemFailure } from '../failure.ts'
import { grouped } from '../wording.ts'
import { isGzipped } from './gzip.ts'
import { HEADER_BYTES } from './idx.ts'

/** One of MNIST's files, in its own format, IDX. */
export interface IdxFile {
  /** Its name without `.gz`. */
  name: string
  /** Its size, uncompressed. */
  bytes: number
  /** SHA-256 of its uncompressed bytes, in hex. (The `.gz` differs between mirrors.) */
  sha256: string
}

/** A set of digits: the two files that hold it, and the CSV that `mnist-data get` writes. */
export interface DigitSet {
  /** The name of the CSV. */
  csv: string
  images: IdxFile
  labels: IdxFile
  /** The `fingerprint` of its digits. */
  sha256: string
}

/** MNIST as LeCun, Cortes and Burges published it: 60,000 training digits and 10,000 test digits. */
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

/** URLs of public folders that hold the four files, each as `NAME.gz`. */
export const MIRRORS = [
  'https://ossci-datasets.s3.amazonaws.com/mnist/',
  'https://storage.googleapis.com/cvdf-datasets/mnist/',
  'https://raw.githubusercontent.com/fgnt/mnist/master/',
  'https://azureopendatastorage.blob.core.windows.net/mnist/',
]

/** IDX files of bytes begin with this. */
const IDX = Buffer.from([0, 0, 0x08])

/** Bytes that are not those of the expected file. Its message has no place: "SHA-256 is …, expected …". */
export class WrongBytes extends Error {
  constructor(
    message: string,
    /** Whether the bytes may be the beginning of the file. */
    readonly isTruncated: boolean,
  ) {
    super(message)
  }
}

/**
 * The uncompressed bytes of a file of MNIST.
 * @param found bytes that should be the file's, gzipped or not
 * @throws WrongBytes if they are not
 */
export async function uncompress({ bytes, sha256 }: IdxFile, found: Buffer): Promise<Buffer> {
  if (found.length === 0) throw new WrongBytes('empty file', true)
  const gzipped = isGzipped(found)
  if (!gzipped && !IDX.equals(found.subarray(0, IDX.length))) {
    const beginning = JSON.stringify(found.toString('latin1', 0, 16))
    throw new WrongBytes(`neither gzip nor IDX (begins with ${beginning})`, false)
  }
  const content = gzipped ? await promisify(gunzip)(found, { maxOutputLength: bytes }).catch(gzipFailure) : found
  if (content.length !== bytes) {
    const message = `${grouped(content.length)} uncompressed bytes, expected ${grouped(bytes)}`
    throw new WrongBytes(message, content.length < bytes)
  }
  const digest = createHash('sha256').update(content).digest('hex')
  if (digest === sha256) return content
  throw new WrongBytes(`SHA-256 is ${digest}, expected ${sha256}`, false)
}

function gzipFailure({ code, message }: NodeJS.ErrnoException): never {
  if (code === 'Z_BUF_ERROR') throw new WrongBytes('truncated', true)
  if (code === 'ERR_BUFFER_TOO_LARGE') throw new WrongBytes('more bytes than expected', false)
  throw new WrongBytes(`corrupt gzip file (${message})`, false)
}

/**
 * The digits of a set.
 * @param contents the uncompressed bytes of its files by name
 * @throws TypeError if a file is missing
 */
export function digitsOf({ images, labels }: DigitSet, contents: Map<string, Buffer>): Digits {
  const content = ({ name }: IdxFile, headerBytes: number) => {
    const bytes = contents.get(name)
    if (!bytes) throw new TypeError(`the bytes of ${name} are missing`)
    return bytes.subarray(headerBytes)
  }
  return { pixels: content(images, HEADER_BYTES.images), labels: content(labels, HEADER_BYTES.labels) }
}

/** How many digits a set holds. */
export function sizeOf({ labels }: DigitSet): number {
  return labels.bytes - HEADER_BYTES.labels
}

/**
 * Reads files from a folder, gzipped or not, under MNIST's names or those of Kaggle's archive
 * (`train-images.idx3-ubyte`): their uncompressed bytes by name.
 * @throws Failure `noInput` if one is missing, `badData` if one is not MNIST's
 */
export async function readFolder(folder: string, files: IdxFile[]): Promise<Map<string, Buffer>> {
  const contents = new Map<string, Buffer>()
  for (const file of files) contents.set(file.name, await readOne(folder, file))
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
      if (error instanceof WrongBytes) wrong ??= new Failure('badData', `${path}: ${error.message}`)
      else if (!isAbsent(error)) throw systemFailure('noInput', path, error)
    }
  }
  throw wrong ?? new Failure('noInput', `${join(folder, file.name)}.gz: no such file, nor one without .gz`)
}

function isAbsent(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR', 'EISDIR'].includes((error as NodeJS.ErrnoException).code ?? '')
}
