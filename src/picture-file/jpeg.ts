/** JPEG files → pictures, decoded by jpeg-js. */
import jpeg from 'jpeg-js'
import { Failure } from '../failure.ts'
import type { Picture } from '../picture.ts'
import { orientationOf, upright } from './orientation.ts'
import { checkSize, damaged } from './size.ts'

const MEMORY = 1500 // MB that a picture of 50 million pixels fits into
const MOST_WORK = 1e9 // pixels times scans; cameras and programs make at most some ten scans

/**
 * Decodes a JPEG, and turns it upright as its EXIF data says.
 * @param name what messages call it
 * @throws Failure `badData`
 */
export function decodeJpeg(bytes: Buffer, name: string): Picture {
  const orientation = checkMarkers(bytes, name)
  try {
    const { width, height, data } = jpeg.decode(bytes, {
      useTArray: true,
      formatAsRGBA: true,
      maxResolutionInMP: 51,
      maxMemoryUsageInMB: MEMORY,
    })
    return upright({ width, height, rgba: data }, orientation)
  } catch (error) {
    const message = error instanceof Error ? error.message : ''
    if (/maxMemory/.test(message)) throw new Failure('badData', `${name}: takes too much memory; shrink it`, { cause: error })
    throw damaged(name, 'JPEG', /end of|EOI|truncat|marker was not found/i.test(message) ? 'it is truncated' : 'its data is invalid', error)
  } // prettier-ignore
}

/** Checks the size and the number of scans; returns the orientation. */
function checkMarkers(bytes: Buffer, name: string): number {
  let orientation = 1
  let pixels: number | undefined
  let scans = 0
  for (let at = 2; at + 4 <= bytes.length;) {
    if (bytes[at] !== 0xff) {
      at = bytes.indexOf(0xff, at) // in the data of a scan
      if (at < 0) break
      continue
    }
    const marker = bytes[at + 1]
    const isAlone = marker === 0x00 || marker === 0x01 || marker === 0xff || (marker >= 0xd0 && marker <= 0xd8)
    if (isAlone) {
      at += marker === 0xff ? 1 : 2
      continue
    }
    if (marker === 0xd9) break
    const length = bytes.readUInt16BE(at + 2)
    const content = bytes.subarray(at + 4, at + 2 + length)
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)
    if (isFrame && content.length >= 6) {
      const [height, width] = [content.readUInt16BE(1), content.readUInt16BE(3)]
      checkSize(width, height, name)
      if (![0xc0, 0xc1, 0xc2].includes(marker)) throw new Failure('badData', `${name}: is a rare kind of JPEG; save it again as PNG`)
      if (pixels !== undefined) throw damaged(name, 'JPEG', 'it has two pictures in one')
      pixels = width * height
    } // prettier-ignore
    if (marker === 0xda) {
      scans++
      if (pixels !== undefined && scans * pixels > MOST_WORK)
        throw damaged(name, 'JPEG', `more than ${scans - 1} scans`)
    }
    if (marker === 0xe1 && content.toString('latin1', 0, 6) === 'Exif\0\0')
      orientation = orientationOf(content.subarray(6))
    at += 2 + Math.max(2, length)
  }
  if (pixels === undefined) throw damaged(name, 'JPEG', 'it is truncated')
  return orientation
}
