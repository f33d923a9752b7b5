/** PNG files → pictures. pngjs decodes; what it would not notice, or allocate for without limit, is checked first. */
import { crc32, inflateSync } from 'node:zlib'
import { PNG } from 'pngjs'
import { Failure } from '../failure.ts'
import type { Picture } from '../picture.ts'
import { grouped } from '../wording.ts'
import { orientationOf, upright } from './orientation.ts'
import { checkSize, damaged } from './size.ts'

const SIGNATURE = 8 // bytes
const DEPTHS: Record<number, number[]> = { 0: [1, 2, 4, 8, 16], 2: [8, 16], 3: [1, 2, 4, 8], 4: [8, 16], 6: [8, 16] } // by colour type
const CHANNELS: Record<number, number> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 }

/** The seven passes of interlacing: first column and row, and the steps between them. */
const ADAM7 = [[0, 0, 8, 8], [4, 0, 8, 8], [0, 4, 4, 8], [2, 0, 4, 4], [0, 2, 2, 4], [1, 0, 2, 2], [0, 1, 1, 2]] // prettier-ignore

interface Header {
  width: number
  height: number
  depth: number
  colours: number
  isInterlaced: boolean
}

/**
 * Decodes a PNG of any kind.
 * @param name what messages call it
 * @throws Failure `badData`
 */
export function decodePng(bytes: Buffer, name: string): Picture {
  const { header, data, exif, end } = checkChunks(bytes, name)
  checkData(header, data, name)
  const { width, height } = header
  try {
    const { data: rgba } = PNG.sync.read(bytes.subarray(0, end), { skipRescale: false })
    return upright({ width, height, rgba }, exif ? orientationOf(exif) : 1)
  } catch (error) {
    throw damaged(name, 'PNG', 'its data is invalid', error)
  }
}

function checkChunks(bytes: Buffer, name: string) {
  let header: Header | undefined
  let hasPalette = false
  let exif: Buffer | undefined
  const data: Buffer[] = []
  for (let at = SIGNATURE; at + 12 <= bytes.length;) {
    const length = bytes.readUInt32BE(at)
    const type = bytes.toString('latin1', at + 4, at + 8)
    const end = at + 12 + length
    if (end > bytes.length) break
    const content = bytes.subarray(at + 8, at + 8 + length)
    if (crc32(bytes.subarray(at + 4, end - 4)) !== bytes.readUInt32BE(end - 4))
      throw damaged(name, 'PNG', 'a checksum is wrong')
    if (type === 'CgBI') throw new Failure('badData', `${name}: is a PNG for iOS only; save it again as PNG`)
    if (!header) header = headerIn(type, content, name)
    else if (type === 'IHDR') throw damaged(name, 'PNG', 'it has two headers')
    if (type === 'PLTE') hasPalette = true
    if (type === 'IDAT') data.push(content)
    if (type === 'eXIf') exif = content
    at = end
    if (type !== 'IEND') continue
    if (data.length === 0) throw damaged(name, 'PNG', 'it has no image data')
    if (header.colours === 3 && !hasPalette) throw damaged(name, 'PNG', 'its palette is missing')
    return { header, data, exif, end }
  }
  throw damaged(name, 'PNG', 'it is truncated')
}

function headerIn(type: string, content: Buffer, name: string): Header {
  if (type !== 'IHDR' || content.length !== 13) throw damaged(name, 'PNG', 'its header is missing')
  const [width, height] = [content.readUInt32BE(0), content.readUInt32BE(4)]
  const [depth, colours, compression, filter, interlace] = content.subarray(8)
  checkSize(width, height, name)
  if (!DEPTHS[colours]?.includes(depth) || compression !== 0 || filter !== 0 || interlace > 1) {
    throw damaged(name, 'PNG', 'its header is invalid')
  }
  return { width, height, depth, colours, isInterlaced: interlace === 1 }
}

/** Inflates the image data as far as it may go: no more than the picture's size allows. */
function checkData({ width, height, depth, colours, isInterlaced }: Header, data: Buffer[], name: string): void {
  const passes = isInterlaced ? ADAM7 : [[0, 0, 1, 1]]
  const bytesOf = ([x, y, stepX, stepY]: number[]) => {
    const [columns, rows] = [Math.ceil((width - x) / stepX), Math.ceil((height - y) / stepY)]
    return columns > 0 && rows > 0 ? rows * (1 + Math.ceil((columns * depth * CHANNELS[colours]) / 8)) : 0
  }
  const expected = passes.reduce((sum, pass) => sum + bytesOf(pass), 0)
  let found: number
  try {
    found = inflateSync(Buffer.concat(data), { maxOutputLength: expected }).length
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code === 'ERR_BUFFER_TOO_LARGE') throw damaged(name, 'PNG', `more data than ${grouped(width)}×${grouped(height)} pixels have`, error) // prettier-ignore
    throw damaged(name, 'PNG', code === 'Z_BUF_ERROR' ? 'it is truncated' : 'its data is corrupt', error)
  }
  if (found < expected) throw damaged(name, 'PNG', 'it is truncated')
}
