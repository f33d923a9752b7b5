/** A picture as a grey PNG without compression, which needs no library. */
import type { Picture } from '../picture.ts'

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]
const BLOCK = 65_535 // bytes of a stored block (RFC 1951)

/** The bytes of a PNG file, of 8 bits; the red of each pixel is its grey. */
export function storedPng({ width, height, rgba }: Picture): Uint8Array<ArrayBuffer> {
  const rows = new Uint8Array((width + 1) * height) // each begins with its filter, 0: none
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) rows[y * (width + 1) + 1 + x] = rgba[4 * (y * width + x)]
  }
  return Uint8Array.from([
    ...SIGNATURE,
    ...chunk('IHDR', [...big(width), ...big(height), 8, 0, 0, 0, 0]),
    ...chunk('IDAT', stored(rows)),
    ...chunk('IEND', []),
  ])
}

/** Bytes as zlib writes them at level 0 (RFC 1950). */
function stored(bytes: Uint8Array): number[] {
  const blocks: number[] = []
  for (let at = 0; at < bytes.length; at += BLOCK) {
    const block = bytes.subarray(at, at + BLOCK)
    const isLast = at + BLOCK >= bytes.length
    const length = [block.length & 0xff, block.length >> 8]
    blocks.push(Number(isLast), ...length, ...length.map((byte) => byte ^ 0xff))
    for (const byte of block) blocks.push(byte)
  }
  let [a, b] = [1, 0] // Adler-32
  for (const byte of bytes) {
    a = (a + byte) % 65_521
    b = (b + a) % 65_521
  }
  return [0x78, 0x01, ...blocks, ...big(b * 65_536 + a)]
}

function chunk(type: string, data: number[]): number[] {
  const named = [...Array.from(type, (letter) => letter.charCodeAt(0)), ...data]
  return [...big(data.length), ...named, ...big(crc32(named))]
}

function crc32(bytes: number[]): number {
  let crc = 0xffffffff
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1
  }
  return (crc ^ 0xffffffff) >>> 0
}

/** Four bytes, the most significant first. */
function big(value: number): number[] {
  return [value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff]
}
