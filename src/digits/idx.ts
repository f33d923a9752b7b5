/** IDX, the format in which MNIST was published: its header and the names of its files. */
import { existsSync } from 'node:fs'
import { basename } from 'node:path'
import { Failure } from '../failure.ts'

/** What the header of an IDX file declares. */
export interface IdxHeader {
  holds: 'images' | 'labels'
  /** How many images or labels. */
  count: number
}

/** The first word: unsigned bytes in three dimensions (images, rows, columns), or in one (labels). */
export const MAGIC = { images: 0x0803, labels: 0x0801 } as const

/** Bytes of the header: four big-endian words before images, two before labels. */
export const HEADER_BYTES = { images: 16, labels: 8 } as const

/** The header of an IDX file, big-endian; images are 28×28. */
export function idxHeader({ holds, count }: IdxHeader): Buffer {
  const words = holds === 'images' ? [MAGIC.images, count, 28, 28] : [MAGIC.labels, count]
  const header = Buffer.alloc(4 * words.length)
  words.forEach((word, i) => header.writeUInt32BE(word, 4 * i))
  return header
}

/**
 * The paths of a file of images and its file of labels, given either of them, named as MNIST's files are.
 * @returns undefined if the name is not one of IDX
 * @throws Failure `usage` if it almost is
 */
export function idxPair(path: string): { images: string; labels: string } | undefined {
  const name = basename(path)
  const ending = /(?:images([-.])idx3|labels([-.])idx1)(-ubyte(?:\.gz)?|\.gz)?$/.exec(name)
  if (ending) {
    const [found, ofImages, ofLabels, rest = ''] = ending
    const mark = ofImages ?? ofLabels
    const beginning = path.slice(0, -found.length)
    return { images: `${beginning}images${mark}idx3${rest}`, labels: `${beginning}labels${mark}idx1${rest}` }
  }
  if (!/[-._]idx\d?([-._]|$)/.test(name) || /\.csv(\.gz)?$/.test(name)) return undefined
  throw new Failure(
    'usage',
    `${path}: not an IDX name; use …images-idx3-ubyte or …labels-idx1-ubyte, or either with .gz`,
  )
}

/**
 * The file of labels beside a file of images, by its name, gzipped or not: MNIST's or, with integers of 32 bits,
 * QMNIST's. Undefined if it does not exist.
 */
export function labelsBeside(path: string): string | undefined {
  const name = /images([-.])idx[2-4]([^/\\]*)$/
  if (!name.test(path)) return undefined
  const mnist = path.replace(name, 'labels$1idx1$2')
  const qmnist = path.replace(
    name,
    (_, mark: string, rest: string) => `labels${mark}idx2-int${/(\.gz)?$/.exec(rest)?.[0]}`,
  )
  const orOtherwise = (labels: string) => [labels, labels.endsWith('.gz') ? labels.slice(0, -3) : `${labels}.gz`]
  return [mnist, qmnist].flatMap(orOtherwise).find((candidate) => existsSync(candidate))
}
