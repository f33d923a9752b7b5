/** Pictures that are damaged, hostile or of other formats. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { crc32, deflateSync } from 'node:zlib'
import fc from 'fast-check'
import jpeg from 'jpeg-js'
import { expect, test } from 'vitest'
import { Failure } from '../../src/failure.ts'
import { decodePicture, readPicture } from '../../src/picture-file.ts'
import { encodePng } from '../../src/picture-file/encode-png.ts'
import { newFolder } from '../support/folder.ts'

const folder = newFolder()

/** A PNG of these chunks, with right checksums. */
function png(...chunks: [type: string, content: Buffer][]): Buffer {
  const parts = chunks.map(([type, content]) => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), content])
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)]
    length.writeUInt32BE(content.length)
    sum.writeUInt32BE(crc32(body))
    return Buffer.concat([length, body, sum])
  })
  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), ...parts])
}

function header(width: number, height: number, depth = 8, colours = 0, interlace = 0): [string, Buffer] {
  const content = Buffer.alloc(13)
  content.writeUInt32BE(width, 0)
  content.writeUInt32BE(height, 4)
  content.set([depth, colours, 0, 0, interlace], 8)
  return ['IHDR', content]
}

const END: [string, Buffer] = ['IEND', Buffer.alloc(0)]
const data = (length: number): [string, Buffer] => ['IDAT', deflateSync(Buffer.alloc(length))]
const GOOD_PNG = encodePng(
  Uint8Array.from({ length: 784 }, (_, i) => i % 256),
  1,
)
const GOOD_JPEG = Buffer.from(jpeg.encode({ width: 40, height: 30, data: Buffer.alloc(4800, 120) }, 80).data)
const sized = (width: number, height: number) => {
  const bytes = Buffer.from(GOOD_JPEG)
  const at = bytes.indexOf(Buffer.from([0xff, 0xc0])) + 5
  bytes.writeUInt16BE(height, at)
  bytes.writeUInt16BE(width, at + 2)
  return bytes
}
function bmp(width: number, height: number, depth: number, compression: number, length: number): Buffer {
  const bytes = Buffer.alloc(54 + length)
  bytes.write('BM')
  bytes.writeUInt32LE(54, 10)
  bytes.writeUInt32LE(40, 14)
  bytes.writeInt32LE(width, 18)
  bytes.writeInt32LE(height, 22)
  bytes.writeUInt16LE(depth, 28)
  bytes.writeUInt32LE(compression, 30)
  return bytes
}

const REFUSED: [string, Buffer, string][] = [
  ['an empty file', Buffer.alloc(0), 'empty file; pictures are read as PNG, JPEG or BMP'],
  ['text', Buffer.from('label,pixel0\n'), 'is text, not a picture; pictures are read as PNG, JPEG or BMP'],
  ['random bytes', Buffer.from([1, 2, 0, 255]), 'not a picture; pictures are read as PNG, JPEG or BMP'],
  ['a PNG of 50,000×50,000', png(header(50_000, 50_000), data(9), END), 'the picture has 50,000×50,000 pixels, more than 50 million; shrink it or cut the digit out'],
  ['a PNG of 0×0', png(header(0, 0), data(0), END), 'the picture has 0×0 pixels; save it again'],
  ['a PNG without a palette', png(header(2, 2, 8, 3), data(6), END), 'damaged PNG picture (its palette is missing); save it again, or as PNG'],
  ['a PNG without data', png(header(2, 2), END), 'damaged PNG picture (it has no image data); save it again, or as PNG'],
  ['a PNG of depth 3', png(header(2, 2, 3), data(6), END), 'damaged PNG picture (its header is invalid); save it again, or as PNG'],
  ['a PNG with too little data', png(header(20, 20), data(60), END), 'damaged PNG picture (it is truncated); save it again, or as PNG'],
  ['a PNG bomb', png(header(20, 20), data(50_000_000), END), 'damaged PNG picture (more data than 20×20 pixels have); save it again, or as PNG'],
  ['an interlaced PNG bomb', png(header(20, 20, 8, 0, 1), data(50_000_000), END), 'damaged PNG picture (more data than 20×20 pixels have); save it again, or as PNG'],
  ['a PNG with corrupt data', png(header(2, 2), ['IDAT', Buffer.from('nonsense')], END), 'damaged PNG picture (its data is corrupt); save it again, or as PNG'],
  ['a truncated PNG', GOOD_PNG.subarray(0, -20), 'damaged PNG picture (it is truncated); save it again, or as PNG'],
  ['a PNG with a wrong checksum', Buffer.from(GOOD_PNG).fill(7, GOOD_PNG.length - 16, GOOD_PNG.length - 12), 'damaged PNG picture (a checksum is wrong); save it again, or as PNG'],
  ['a JPEG of 50,000×50,000', sized(50_000, 50_000), 'the picture has 50,000×50,000 pixels, more than 50 million; shrink it or cut the digit out'],
  ['a JPEG of 0×0', sized(0, 0), 'the picture has 0×0 pixels; save it again'],
  ['a JPEG of 20 bytes', GOOD_JPEG.subarray(0, 20), 'damaged JPEG picture (it is truncated); save it again, or as PNG'],
  ['a truncated JPEG', GOOD_JPEG.subarray(0, -12), 'damaged JPEG picture (it is truncated); save it again, or as PNG'],
  ['a BMP of 50,000×50,000', bmp(50_000, 50_000, 24, 0, 10), 'the picture has 50,000×50,000 pixels, more than 50 million; shrink it or cut the digit out'],
  ['a BMP of 0×0', bmp(0, 0, 24, 0, 10), 'the picture has 0×0 pixels; save it again'],
  ['a truncated BMP', bmp(20, 20, 24, 0, 100), 'damaged BMP picture (it is truncated); save it again, or as PNG'],
  ['a BMP that holds a JPEG', bmp(20, 20, 24, 4, 100), 'is a rare kind of BMP (24 bits, compression 4); save it as PNG'],
  ['a GIF', Buffer.from('GIF89a\0\0'), 'is a GIF picture; convert it: magick me.png[0] me-converted.png'],
  ['a WebP', Buffer.from('RIFF\0\0\0\0WEBPVP8 '), 'is a WebP picture; convert it: dwebp me.png -o me-converted.png'],
  ['a HEIC', Buffer.from('\0\0\0\x18ftypheic'), 'is a HEIC picture; convert it: heif-convert me.png me-converted.png'],
  ['a TIFF', Buffer.from('II*\0\x08\0\0\0'), 'is a TIFF picture; convert it: magick me.png[0] me-converted.png'],
  ['a PDF', Buffer.from('%PDF-1.7'), 'is a PDF document; convert it: pdftoppm -png -singlefile me.png me-converted'],
  ['an SVG', Buffer.from('<?xml version="1.0"?>\n<svg xmlns="x">'), 'is an SVG drawing; convert it: rsvg-convert me.png -o me-converted.png'],
] // prettier-ignore

test.each(REFUSED)('%s is refused in a sentence', async (_, bytes, message) => {
  const error: unknown = await decodePicture(bytes, 'me.png').catch((error: unknown) => error)
  expect(error).toBeInstanceOf(Failure)
  expect((error as Failure).message).toBe(`me.png: ${message}`)
  expect((error as Failure).kind).toBe('badData')
})

test('a folder is refused', async () => {
  const path = join(folder, 'x.png')
  mkdirSync(path)
  await expect(readPicture(path)).rejects.toThrow(`${path}: is a folder, not a picture`)
})

test('a file that never ends is refused when it is too large', async () => {
  await expect(readPicture('/dev/zero')).rejects.toThrow('/dev/zero: more than 134,217,728 bytes')
})

test('a missing file is no input', async () => {
  await expect(readPicture('nope.png')).rejects.toMatchObject({ kind: 'noInput', message: 'nope.png: no such file' })
})

test('names are quoted in the command that converts', async () => {
  await expect(decodePicture(Buffer.from('GIF89a'), "my 'best' 7.gif")).rejects.toThrow(
    String.raw`magick 'my '\''best'\'' 7.gif'[0] 'my '\''best'\'' 7.png'`,
  )
})

test.each([
  ['PNG', GOOD_PNG],
  ['JPEG', GOOD_JPEG],
  ['BMP', Buffer.concat([bmp(20, 20, 8, 1, 0), Buffer.alloc(1500, 3)])],
])('bytes changed anywhere in a %s end in a picture or a Failure', async (_, good) => {
  const change = fc.tuple(fc.nat(good.length - 1), fc.nat(255))
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
      const bytes = Buffer.from(good)
      for (const [at, value] of changes) bytes[at] = value
      const result: unknown = await decodePicture(bytes, 'me').catch((error: unknown) => error)
      if (!(result instanceof Failure)) expect(result).toHaveProperty('rgba')
    }),
    { numRuns: 60 },
  )
})
