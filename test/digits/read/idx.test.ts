/** The kinds of IDX that are about, besides MNIST's own. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { fingerprint } from '../../../src/digits/fingerprint.ts'
import { generate } from '../../../src/digits/generate.ts'
import { readDigits } from '../../../src/digits/read.ts'
import { newFolder } from '../../support/folder.ts'
import { bytesOf, unlabelled } from '../../support/digits.ts'
import { idx, IMAGE_SIZES, LABEL_FILES, words } from '../../support/idx.ts'

const folder = newFolder()
const digits = generate(20, 4)
const pixels = bytesOf(digits)
const qmnist = LABEL_FILES["QMNIST's n×8 integers"]

const write = (name: string, bytes: Buffer) => {
  const path = join(folder, name)
  writeFileSync(path, bytes)
  return path
}
test.each(Object.entries(IMAGE_SIZES))('images of %s bytes are read', async (_, sizes) => {
  const read = await readDigits([write('images', idx(8, sizes(20), pixels))])
  expect(fingerprint(read)).toBe(fingerprint(unlabelled(digits)))
})

test.each(Object.entries(LABEL_FILES))('labels of %s are read', async (_, file) => {
  const paths = [write('images', idx(8, [20, 28, 28], pixels)), write('labels', file(digits.labels))]
  expect(fingerprint(await readDigits(paths))).toBe(fingerprint(digits))
  expect([...(await readDigits(paths, { limit: 3 })).labels]).toEqual([...digits.labels.subarray(0, 3)])
})

test.each([
  ['a-images-idx3-ubyte', 'a-labels-idx2-int'],
  ['b-images-idx3-ubyte', 'b-labels-idx1-ubyte'],
  ['c-images-idx2-ubyte', 'c-labels-idx1-ubyte'],
  ['d-images-idx4-ubyte', 'd-labels-idx1-ubyte'],
])('the labels of %s lie beside it as %s', async (images, labels) => {
  write(labels, labels.endsWith('int') ? qmnist(digits.labels) : idx(8, [20], digits.labels))
  const path = write(images, idx(8, [20, 28, 28], pixels))
  expect(fingerprint(await readDigits([path]))).toBe(fingerprint(digits))
})

const { labels } = digits
const LE = 'swap the bytes of its header, or download the original file'
test.each([
  ['little-endian', Buffer.concat([words([0x0803, 20, 28, 28], true), pixels]), `little-endian IDX file, expected big-endian; ${LE}`],
  ['little-endian labels', Buffer.concat([words([0x0801, 20], true), labels]), `little-endian IDX file, expected big-endian; ${LE}`],
  ['little-endian sizes', Buffer.concat([words([0x0803]), words([20, 28, 28], true), pixels]), `little-endian sizes in its IDX header, expected big-endian; ${LE}`],
  ['little-endian sizes of labels', Buffer.concat([words([0x0801]), words([20], true), labels]), `little-endian sizes in its IDX header, expected big-endian; ${LE}`],
  ['signed bytes', idx(9, [20, 28, 28], pixels), 'IDX file of signed bytes, expected pixels as unsigned bytes; write them as bytes, 0 (paper) to 255 (ink)'],
  ['doubles', idx(14, [20, 784], pixels), 'IDX file of 64-bit floats, expected pixels as unsigned bytes; write them as bytes, 0 (paper) to 255 (ink)'],
  ['labels as floats', idx(13, [20], [...labels, ...labels, ...labels, ...labels]), 'IDX file of 32-bit floats, expected labels as unsigned bytes; write them as bytes'],
  ['colours', idx(8, [5, 28, 28, 3], new Uint8Array(5 * 28 * 28 * 3)), 'IDX file of 5×28×28×3 unsigned bytes; expected images of n×28×28 bytes, or n labels'],
  ['six dimensions', idx(8, [5, 28, 28, 1, 1, 1], pixels), 'IDX file of 6 dimensions; expected images of n×28×28 bytes, or n labels'],
  ['letters', idx(8, [20], labels.map((label, i) => label + i)), 'label 11 is 13, expected 0–9; labels 1–26: letters, not digits'],
] as [string, Buffer, string][])('IDX of %s is refused in its own words', async (what, bytes, message) => {
  const images = what === 'letters' ? [write('images', idx(8, [20, 28, 28], pixels))] : []
  const path = write('wrong', bytes)
  await expect(readDigits([...images, path])).rejects.toThrow(what === 'letters' ? /labels 1–26: letters, not digits$/ : `${path}: ${message}`)
}) // prettier-ignore
