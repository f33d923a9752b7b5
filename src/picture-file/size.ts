import { Failure } from '../failure.ts'
import { grouped } from '../wording.ts'

const MOST = 50_000_000 // pixels; a telephone's camera makes 12 or 48 million

/**
 * Checks a picture's size before memory is taken for it.
 * @throws Failure `badData` if it has no pixels or more than 50 million
 */
export function checkSize(width: number, height: number, name: string): void {
  const size = `${grouped(width)}×${grouped(height)} pixels`
  if (!(width > 0 && height > 0)) throw new Failure('badData', `${name}: the picture has ${size}; save it again`)
  if (width * height > MOST) {
    throw new Failure(
      'badData',
      `${name}: the picture has ${size}, more than 50 million; shrink it or cut the digit out`,
    )
  }
}

/** What is wrong with a picture of a format, and what to do. */
export function damaged(name: string, format: string, fault: string, cause?: unknown): Failure {
  return new Failure('badData', `${name}: damaged ${format} picture (${fault}); save it again, or as PNG`, { cause })
}
