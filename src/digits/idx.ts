/** IDX, the format in which MNIST was published: a header of big-endian words, then one byte a pixel or a label. */
import { existsSync } from 'node:fs'
import { basename } from 'node:path'
import { Failure } from '../failure.ts'
import { counted, grouped } from './field.ts'
import type { Window } from './input.ts'
import { makeRoom, type Rows } from './rows.ts'

/** What an IDX file's header says. */
export interface IdxHeader {
  holds: 'images' | 'labels'
  /** How many of them. */
  count: number
}

const IMAGES = 0x0803 // unsigned bytes, three dimensions: count, rows, columns
const LABELS = 0x0801 // unsigned bytes, one dimension: count
const ELEMENT_TYPES = [0x08, 0x09, 0x0b, 0x0c, 0x0d, 0x0e]

/** Whether a file that begins so is IDX: two zeros, then a type of element and a number of dimensions. */
export function isIdx(head: Uint8Array): boolean {
  return head.length >= 4 && head[0] === 0 && head[1] === 0 && ELEMENT_TYPES.includes(head[2]) && head[3] < 8
}

/**
 * Reads the header and moves the window behind it.
 * @throws Failure `badData` where it announces anything else than pictures of 28×28 or labels
 */
export function readIdxHeader(window: Window): IdxHeader {
  const { bytes, name, start, end } = window
  const magic = bytes.readUInt32BE(start)
  if (magic !== IMAGES && magic !== LABELS) {
    throw new Failure('badData', `${name}: this IDX file holds neither pictures nor labels in bytes`)
  }
  const length = magic === IMAGES ? 16 : 8
  if (end - start < length) throw new Failure('badData', `${name}: the IDX file is cut off within its header`)
  const word = (i: number) => bytes.readUInt32BE(start + 4 * i)
  if (magic === IMAGES && (word(2) !== 28 || word(3) !== 28)) {
    throw new Failure('badData', `${name}: this IDX file holds pictures of ${word(2)}×${word(3)}, 28×28 are needed`)
  }
  const count = word(1)
  if (count === 0) throw new Failure('badData', `${name}: the IDX file announces no digits`)
  window.start += length
  return { holds: magic === IMAGES ? 'images' : 'labels', count }
}

/**
 * Reads `limit` rows, or all that the header announces, into `rows` from `base` on, and returns how many.
 * @throws Failure `badData` where there are fewer or more, or a label is none
 */
export async function readIdx(
  window: Window,
  { holds, count }: IdxHeader,
  rows: Rows,
  base: number,
  limit: number,
): Promise<number> {
  const { name } = window
  const wanted = Math.min(limit, count)
  const noun = holds === 'images' ? 'digit' : 'label'
  let done = 0
  while (done < wanted) {
    const whole = Math.floor((window.end - window.start) / rows.width)
    const more = Math.min(whole, wanted - done)
    if (more === 0) {
      if (window.ended) {
        const found = `the header announces ${counted(count, noun)} but the file ends after ${counted(done, noun)}`
        throw new Failure('badData', `${name}: ${found}: bring it again, whole`)
      }
      await window.fill()
      continue
    }
    makeRoom(rows, base + done + more - 1)
    const taken = window.bytes.subarray(window.start, window.start + more * rows.width)
    if (holds === 'labels') checkLabels(taken, done, name)
    rows.bytes.set(taken, (base + done) * rows.width)
    window.start += taken.length
    done += more
  }
  if (done < count) return done
  if (window.start === window.end && !window.ended) await window.fill()
  if (window.start < window.end) {
    throw new Failure(
      'badData',
      `${name}: the file goes on behind the ${counted(count, noun)} that its header announces`,
    )
  }
  return done
}

function checkLabels(labels: Uint8Array, done: number, name: string): void {
  const wrong = labels.findIndex((label) => label > 9)
  if (wrong === -1) return
  const number = grouped(done + wrong + 1)
  throw new Failure('badData', `${name}: label ${number} is ${labels[wrong]}, not a digit from 0 to 9`)
}

/** The header of an IDX file of so many pictures or labels. */
export function idxHeader({ holds, count }: IdxHeader): Buffer {
  const words = holds === 'images' ? [IMAGES, count, 28, 28] : [LABELS, count]
  const header = Buffer.alloc(4 * words.length)
  words.forEach((word, i) => header.writeUInt32BE(word, 4 * i))
  return header
}

/**
 * The files of pictures and of labels that go together, by the name of either, named as MNIST's are; undefined where
 * it is no name of IDX.
 * @throws Failure `usage` where it almost is one
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
    `${path}: IDX files are named …images-idx3-ubyte and …labels-idx1-ubyte, with .gz or not, so that the labels are found beside the pictures`,
  )
}

/** The file of labels that lies beside a file of pictures, named as MNIST's are; undefined where there is none. */
export function labelsBeside(path: string): string | undefined {
  const name = /images([-.])idx3([^/\\]*)$/
  if (!name.test(path)) return undefined
  const labels = path.replace(name, 'labels$1idx1$2')
  const otherwise = labels.endsWith('.gz') ? labels.slice(0, -3) : `${labels}.gz`
  return [labels, otherwise].find((candidate) => existsSync(candidate))
}
