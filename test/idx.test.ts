import { describe, expect, test } from 'vitest'
import { generate } from '../src/digits/generate.ts'
import { parseIdx } from '../src/digits/idx.ts'
import { idxOf } from './small-mnist.ts'

describe('parseIdx', () => {
  const digits = generate(12, 1)

  test('gives the digits of a pair of files', () => {
    const { pixels, labels } = parseIdx(...idxOf(digits), 'some')
    expect([Uint8Array.from(pixels), Uint8Array.from(labels)]).toEqual([digits.pixels, digits.labels])
  })

  const other = idxOf(generate(11, 1))
  const cases: [string, (images: Buffer, labels: Buffer) => [Buffer, Buffer], string][] = [
    ['labels for images', (_, labels) => [labels, labels], 'this is not an IDX file of images'],
    ['images for labels', (images) => [images, images], 'this is not an IDX file of labels'],
    ['an empty file', (_, labels) => [Buffer.alloc(0), labels], 'this is not an IDX file of images'],
    ['a header and no more', (images) => [images, images.subarray(0, 4)], 'this is not an IDX file of labels'],
    ['cut images', (images, labels) => [images.subarray(0, -1), labels], 'the files are cut or too long'],
    ['cut labels', (images, labels) => [images, labels.subarray(0, -1)], 'the files are cut or too long'],
    ['a byte too many', (images, labels) => [images, Buffer.concat([labels, Buffer.from([1])])], 'the files are cut or too long'],
    ['images of another size', (images, labels) => [(images.writeUInt32BE(27, 8), images), labels], 'its images are 27×28, not 28×28'],
    ['labels of other images', (images) => [images, other[1]], 'it has 12 images but 11 labels'],
    ['a label that is no digit', (images, labels) => [images, labels.fill(10, 11, 12)], 'label 4 is 10, not a digit from 0 to 9'],
  ] // prettier-ignore
  test.each(cases)('refuses %s', (_, spoil, sentence) => {
    expect(() => parseIdx(...spoil(...idxOf(digits)), 'some')).toThrow(`some: ${sentence}`)
  })
})
