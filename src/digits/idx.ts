/** MNIST's own format: a big-endian header of 32-bit words (what it is, then each dimension), then bytes. */
import { PIXELS, type Digits } from '../digits.ts'
import { Failure } from '../failure.ts'

const IMAGES = 0x0803 // unsigned bytes in 3 dimensions: digits, rows, columns
const LABELS = 0x0801 // unsigned bytes in 1 dimension
const SIDE = Math.sqrt(PIXELS)

/**
 * The digits of an uncompressed pair of IDX files; their pixels and labels are views of the files' bytes.
 * @param name what to call the pair in errors
 * @throws Failure `badData` where they are not such a pair
 */
export function parseIdx(images: Buffer, labels: Buffer, name: string): Digits {
  const refuse = (reason: string) => new Failure('badData', `${name}: ${reason}`)
  if (images.length < 16 || images.readUInt32BE(0) !== IMAGES) throw refuse('this is not an IDX file of images')
  if (labels.length < 8 || labels.readUInt32BE(0) !== LABELS) throw refuse('this is not an IDX file of labels')
  const [m, height, width] = [4, 8, 12].map((offset) => images.readUInt32BE(offset))
  if (height !== SIDE || width !== SIDE) throw refuse(`its images are ${height}×${width}, not ${SIDE}×${SIDE}`)
  if (labels.readUInt32BE(4) !== m) throw refuse(`it has ${m} images but ${labels.readUInt32BE(4)} labels`)
  if (images.length !== 16 + m * PIXELS || labels.length !== 8 + m) throw refuse('the files are cut or too long')
  const wrong = labels.subarray(8).findIndex((label) => label > 9)
  if (wrong !== -1) throw refuse(`label ${wrong + 1} is ${labels[8 + wrong]}, not a digit from 0 to 9`)
  return { pixels: images.subarray(16), labels: labels.subarray(8) }
}
