/** Reads IDX, the format in which MNIST was published: a header of big-endian words, then a byte per pixel or label. */
import { Failure } from '../../failure.ts'
import { HEADER_BYTES, MAGIC, type IdxHeader } from '../idx.ts'
import { counted, grouped } from '../../wording.ts'
import type { Window } from './input.ts'
import { ensureRow, type RowBuffer } from './row-buffer.ts'

const ELEMENT_TYPES = [0x08, 0x09, 0x0b, 0x0c, 0x0d, 0x0e]

/** Whether a file with this beginning is IDX of any kind: two zeros, an element type, a number of dimensions. */
export function isIdx(head: Uint8Array): boolean {
  return head.length >= 4 && head[0] === 0 && head[1] === 0 && ELEMENT_TYPES.includes(head[2]) && head[3] < 8
}

/**
 * Reads the header and moves the window past it.
 * @param window at the beginning of the file, filled
 * @throws Failure `badData` if the file holds neither 28×28 images nor labels
 */
export function readIdxHeader(window: Window): IdxHeader {
  const { bytes, name, start, end } = window
  const magic = bytes.readUInt32BE(start)
  const holds = (['images', 'labels'] as const).find((kind) => MAGIC[kind] === magic)
  if (!holds) throw new Failure('badData', `${name}: unknown kind of IDX file; expected images or labels as bytes`)
  const length = HEADER_BYTES[holds]
  if (end - start < length) throw new Failure('badData', `${name}: truncated IDX header; download the file again`)
  const word = (i: number) => bytes.readUInt32BE(start + 4 * i)
  if (holds === 'images' && (word(2) !== 28 || word(3) !== 28)) {
    throw new Failure('badData', `${name}: images of ${word(2)}×${word(3)} pixels, expected 28×28`)
  }
  const count = word(1)
  if (count === 0) throw new Failure('badData', `${name}: empty IDX file; its header declares 0 ${holds}`)
  window.start += length
  return { holds, count }
}

/**
 * Reads `limit` rows, or all that the header declares if there are fewer.
 * @param buffer where the rows go, from row `base` on
 * @returns how many rows were read
 * @throws Failure `badData` if the file is shorter or longer than its header declares, or a label is above 9
 */
export async function readIdx(
  window: Window,
  { holds, count }: IdxHeader,
  buffer: RowBuffer,
  base: number,
  limit: number,
): Promise<number> {
  const { name } = window
  const noun = holds === 'images' ? 'digit' : 'label'
  const wanted = Math.min(limit, count)
  let rowsRead = 0
  while (rowsRead < wanted) {
    const inWindow = Math.floor((window.end - window.start) / buffer.width)
    const more = Math.min(inWindow, wanted - rowsRead)
    if (more === 0) {
      if (window.ended) {
        const found = `truncated after ${grouped(rowsRead)} of ${counted(count, noun)}`
        throw new Failure('badData', `${name}: ${found}; download it again`)
      }
      await window.fill()
      continue
    }
    ensureRow(buffer, base + rowsRead + more - 1)
    const rows = window.bytes.subarray(window.start, window.start + more * buffer.width)
    if (holds === 'labels') checkLabels(rows, rowsRead, name)
    buffer.bytes.set(rows, (base + rowsRead) * buffer.width)
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
function checkLabels(labels: Uint8Array, before: number, name: string): void {
  const wrong = labels.findIndex((label) => label > 9)
  if (wrong === -1) return
  throw new Failure('badData', `${name}: label ${grouped(before + wrong + 1)} is ${labels[wrong]}, expected 0–9`)
}
