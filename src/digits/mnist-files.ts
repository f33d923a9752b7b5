/** MNIST's files: verified, read from a folder, and made into digits. */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { digitsFrom, type Digits } from '../digits.ts'
import { Failure, systemFailure } from '../failure.ts'
import { grouped } from '../wording.ts'
import { isGzipped } from './gzip.ts'
import { HEADER_BYTES } from './idx.ts'
import type { DigitSet, IdxFile } from './mnist.ts'

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
  return digitsFrom(content(images, HEADER_BYTES.images), content(labels, HEADER_BYTES.labels))
}

/** How many digits a set holds. */
export function sizeOf({ labels }: DigitSet): number {
  return labels.bytes - HEADER_BYTES.labels
}

/**
 * Reads files from a folder, gzipped or not, under MNIST's names or those of Kaggle's archive
 * (`train-images.idx3-ubyte`), also from folders of these names, as that archive has them
 * (`train-images-idx3-ubyte/train-images-idx3-ubyte`): their uncompressed bytes by name.
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
  const names = [`${file.name}.gz`, file.name, kaggle, `${kaggle}.gz`]
  const inFolders = [file.name, kaggle].flatMap((inner) => names.map((name) => join(inner, name)))
  for (const name of [...names, ...inFolders]) {
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
