/** Reads IDX, the format in which MNIST was published: a header of big-endian words, then a byte per pixel or label. */
import { PIXELS } from '../../digits.ts'
import { Failure } from '../../failure.ts'
import { type IdxHeader } from '../idx.ts'
import { counted, grouped } from '../../wording.ts'
import type { Window } from './input.ts'
import { lettersIn } from './letters.ts'
import { setRows, type RowBuffer } from './row-buffer.ts'

/** The header of an IDX file, and how its bytes are laid out. */
export interface IdxFormat extends IdxHeader {
  /** Bytes of each image, or of what belongs to each label. */
  readonly rowBytes: number
  /** Bytes of the big-endian integer that begins each row of labels; 1 for images. */
  readonly integerBytes: 1 | 2 | 4
}

/** The element types. */
const TYPES: Record<number, string> = {
  0x08: 'unsigned bytes',
  0x09: 'signed bytes',
  0x0b: '16-bit integers',
  0x0c: '32-bit integers',
  0x0d: '32-bit floats',
  0x0e: '64-bit floats',
}
const UNSIGNED_BYTES = 0x08

/** Bytes of the integers that labels may be. */
const INTEGERS: Record<number, 1 | 2 | 4> = { 0x08: 1, 0x0b: 2, 0x0c: 4 }

/** Columns of QMNIST's labels: the class, then what is known of the writer. */
const QMNIST_COLUMNS = 8

const MAX_DIMENSIONS = 4

/** Whether a file with this beginning is IDX of any kind: two zeros, an element type, a number of dimensions. */
export function isIdx(head: Uint8Array): boolean {
  return (head.length >= 4 && head[0] === 0 && head[1] === 0 && head[2] in TYPES && head[3] < 8) || isLittleEndian(head)
}

/** Whether the first word is that of an IDX file, but little-endian. */
function isLittleEndian(head: Uint8Array): boolean {
  return head.length >= 4 && head[0] >= 1 && head[0] <= MAX_DIMENSIONS && head[1] in TYPES && head[2] + head[3] === 0
}

/**
 * Reads the header and moves the window past it. Images are n×28×28, n×784, n×28×28×1 or n×1×28×28 bytes; labels are n
 * bytes or integers, or the n×8 integers of QMNIST, of which the first is the label.
 * @param window at the beginning of the file, filled
 * @throws Failure `badData` if the file holds neither 28×28 images nor labels
 */
export function readIdxHeader(window: Window): IdxFormat {
  const { bytes, name, start, end } = window
  const failure = (message: string) => new Failure('badData', `${name}: ${message}`)
  const swap = 'swap the bytes of its header, or download the original file'
  if (isLittleEndian(bytes.subarray(start, end))) throw failure(`little-endian IDX file, expected big-endian; ${swap}`)
  const type = bytes[start + 2]
  const dimensions = bytes[start + 3]
  const length = 4 + 4 * dimensions
  if (dimensions === 0 || dimensions > MAX_DIMENSIONS) {
    throw failure(`IDX file of ${counted(dimensions, 'dimension')}; ${EXPECTED_IDX}`)
  }
  if (end - start < length) throw failure('truncated IDX header; download the file again')
  const sizes = Array.from({ length: dimensions }, (_, i) => bytes.readUInt32BE(start + 4 + 4 * i))
  const [count, ...rest] = sizes
  const swapped = (word: number) => Buffer.from([word, word >>> 8, word >>> 16, word >>> 24]).readUInt32BE()
  const isSwapped = (size: number) => size > 2 ** 16 && swapped(size) < 2 ** 16
  const left = window.ended ? end - start - length : undefined
  if (rest.length > 0 ? rest.every(isSwapped) : isSwapped(count) && swapped(count) === left) {
    throw failure(`little-endian sizes in its IDX header, expected big-endian; ${swap}`)
  }

  const isImage = [`28×28`, `${PIXELS}`, '28×28×1', '1×28×28'].includes(rest.join('×'))
  const isLabel = rest.length === 0 || (rest.length === 1 && [1, QMNIST_COLUMNS].includes(rest[0]))
  if (isLabel && type in INTEGERS) {
    if (count === 0) throw failure('empty IDX file; its header declares 0 labels')
    window.start += length
    const integerBytes = INTEGERS[type]
    return { holds: 'labels', count, rowBytes: integerBytes * (rest[0] ?? 1), integerBytes }
  }
  if (!isImage && rest.length === 2) throw failure(`images of ${rest.join('×')} pixels, expected 28×28`)
  if (!isImage && !isLabel) throw failure(`IDX file of ${sizes.join('×')} ${TYPES[type]}; ${EXPECTED_IDX}`)
  if (type !== UNSIGNED_BYTES) {
    const what = isImage ? 'pixels' : 'labels'
    const remedy = isImage ? 'write them as bytes, 0 (paper) to 255 (ink)' : 'write them as bytes'
    throw failure(`IDX file of ${TYPES[type]}, expected ${what} as unsigned bytes; ${remedy}`)
  }
  if (count === 0) throw failure('empty IDX file; its header declares 0 images')
  window.start += length
  return { holds: 'images', count, rowBytes: PIXELS, integerBytes: 1 }
}

const EXPECTED_IDX = 'expected images of n×28×28 bytes, or n labels'

/**
 * Reads `limit` rows, or all that the header declares if there are fewer.
 * @param buffer where the rows go, from row `base` on
 * @returns how many rows were read
 * @throws Failure `badData` if the file is shorter or longer than its header declares, or a label is above 9
 */
export async function readIdx(
  window: Window,
  { holds, count, rowBytes, integerBytes }: IdxFormat,
  buffer: RowBuffer,
  base: number,
  limit: number,
): Promise<number> {
  const { name } = window
  const noun = holds === 'images' ? 'digit' : 'label'
  const wanted = Math.min(limit, count)
  let rowsRead = 0
  while (rowsRead < wanted) {
    const inWindow = Math.floor((window.end - window.start) / rowBytes)
    const more = Math.min(inWindow, wanted - rowsRead)
    if (more === 0) {
      if (window.ended) {
        const found = `truncated after ${grouped(rowsRead)} of ${counted(count, noun)}`
        throw new Failure('badData', `${name}: ${found}; download it again`)
      }
      await window.fill()
      continue
    }
    const rows = window.bytes.subarray(window.start, window.start + more * rowBytes)
    if (holds === 'labels') {
      const labels = Array.from({ length: more }, (_, i) => rows.readUIntBE(i * rowBytes, integerBytes))
      checkLabels(labels, rowsRead, name)
      setRows(buffer, base + rowsRead, Uint8Array.from(labels))
    } else setRows(buffer, base + rowsRead, rows)
    window.start += rows.length
    rowsRead += more
  }
  if (rowsRead < count) return rowsRead
  if (window.start === window.end && !window.ended) await window.fill()
  if (window.start < window.end) {
    const message = `${name}: more data after the ${counted(count, noun)} that its header declares; download it again`
    throw new Failure('badData', message)
  }
  return rowsRead
}

/** @param before how many labels come before these */
function checkLabels(labels: number[], before: number, name: string): void {
  const wrong = labels.findIndex((label) => label > 9)
  if (wrong === -1) return
  const found = `label ${grouped(before + wrong + 1)} is ${labels[wrong]}, expected 0–9`
  const letters = lettersIn(labels)
  throw new Failure('badData', `${name}: ${found}${letters === undefined ? '' : `; ${letters}`}`)
}
