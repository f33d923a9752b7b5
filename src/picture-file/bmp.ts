/** BMP files → pictures: 1 to 32 bits per pixel, plain, with bit masks, or run-length encoded in 8 bits. */
import { Failure } from '../failure.ts'
import type { Picture } from '../picture.ts'
import { checkSize, damaged } from './size.ts'

const FILE_HEADER = 14 // bytes
const CORE = 12 // bytes of OS/2's header
const RLE8 = 1
const [PLAIN, MASKS] = [0, 3]

/**
 * Decodes a BMP. The opacity of 32 bits per pixel is ignored, as by most programs.
 * @param name what messages call it
 * @throws Failure `badData`
 */
export function decodeBmp(bytes: Buffer, name: string): Picture {
  const need = (end: number) => {
    if (end > bytes.length) throw damaged(name, 'BMP', 'it is truncated')
  }
  need(FILE_HEADER + CORE)
  const start = bytes.readUInt32LE(10)
  const headerSize = bytes.readUInt32LE(14)
  need(FILE_HEADER + headerSize)
  const isCore = headerSize === CORE
  const width = isCore ? bytes.readUInt16LE(18) : bytes.readInt32LE(18)
  const signed = isCore ? bytes.readUInt16LE(20) : bytes.readInt32LE(22)
  const height = Math.abs(signed)
  const depth = bytes.readUInt16LE(isCore ? 24 : 28)
  const compression = isCore ? PLAIN : bytes.readUInt32LE(30)
  checkSize(width, height, name)
  const isPlain = compression === PLAIN && [1, 4, 8, 16, 24, 32].includes(depth)
  const hasMasks = compression === MASKS && [16, 32].includes(depth)
  const isRle = compression === RLE8 && depth === 8
  if (!isPlain && !hasMasks && !isRle) {
    throw new Failure(
      'badData',
      `${name}: is a rare kind of BMP (${depth} bits, compression ${compression}); save it as PNG`,
    )
  }
  const rgba = new Uint8Array(4 * width * height)
  const rowAt = (y: number) => 4 * width * (signed > 0 ? height - 1 - y : y) // from the bottom, unless negative

  if (depth <= 8) {
    const entry = isCore ? 3 : 4
    const paletteAt = FILE_HEADER + headerSize
    const used = isCore ? 0 : bytes.readUInt32LE(46)
    const colours = Math.min(used || 2 ** depth, 2 ** depth)
    need(paletteAt + entry * colours)
    const indices = isRle
      ? runs(bytes.subarray(start), width, height)
      : packed(bytes, start, width, height, depth, need)
    for (let y = 0; y < height; y++) {
      const to = rowAt(y)
      for (let x = 0; x < width; x++) {
        const from = paletteAt + entry * Math.min(indices[y * width + x], colours - 1)
        rgba.set([bytes[from + 2], bytes[from + 1], bytes[from], 255], to + 4 * x)
      }
    }
    return { width, height, rgba }
  }

  const bytesPerPixel = depth / 8
  const stride = Math.ceil((width * bytesPerPixel) / 4) * 4
  need(start + stride * (height - 1) + width * bytesPerPixel)
  const channels = channelsOf(bytes, depth, hasMasks, need)
  for (let y = 0; y < height; y++) {
    const to = rowAt(y)
    for (let x = 0; x < width; x++) {
      const value = bytes.readUIntLE(start + y * stride + x * bytesPerPixel, bytesPerPixel)
      rgba.set([...channels.map((channel) => channel(value)), 255], to + 4 * x)
    }
  }
  return { width, height, rgba }
}

/** How red, green and blue are got from a pixel's value, 0 to 255. */
function channelsOf(bytes: Buffer, depth: number, hasMasks: boolean, need: (end: number) => void) {
  if (hasMasks) need(66)
  const usual = depth === 16 ? [0x7c00, 0x3e0, 0x1f] : [0xff0000, 0xff00, 0xff]
  const masks = hasMasks ? [54, 58, 62].map((at) => bytes.readUInt32LE(at)) : usual
  return masks.map((mask) => {
    if (mask === 0) return () => 0
    const shift = 31 - Math.clz32(mask & -mask)
    const most = mask >>> shift
    return (value: number) => Math.round((255 * ((value & mask) >>> shift)) / most)
  })
}

/** Palette indices of 1, 4 or 8 bits, a row after the other, each row filled up to 4 bytes. */
function packed(
  bytes: Buffer,
  start: number,
  width: number,
  height: number,
  depth: number,
  need: (end: number) => void,
) {
  const stride = Math.ceil((width * depth) / 32) * 4
  need(start + stride * (height - 1) + Math.ceil((width * depth) / 8))
  const indices = new Uint8Array(width * height)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const bit = x * depth
      const shift = 8 - depth - (bit % 8)
      indices[y * width + x] = (bytes[start + y * stride + Math.floor(bit / 8)] >> shift) & (2 ** depth - 1)
    }
  }
  return indices
}

/** Run-length encoded indices; what the runs leave out is 0. A truncated one leaves the rest at 0, too. */
function runs(bytes: Buffer, width: number, height: number): Uint8Array {
  const indices = new Uint8Array(width * height)
  let [x, y] = [0, 0]
  const put = (index: number) => {
    if (x < width && y < height) indices[y * width + x] = index
    x++
  }
  for (let at = 0; at + 1 < bytes.length && y < height;) {
    const [count, value] = [bytes[at], bytes[at + 1]]
    at += 2
    if (count > 0) for (let i = 0; i < count; i++) put(value)
    else if (value === 0) [x, y] = [0, y + 1]
    else if (value === 1) break
    else if (value === 2) {
      x += bytes[at] ?? 0
      y += bytes[at + 1] ?? 0
      at += 2
    } else {
      for (let i = 0; i < value; i++) put(bytes[at + i] ?? 0)
      at += value + (value % 2)
    }
  }
  return indices
}
