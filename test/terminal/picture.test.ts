import { describe, expect, test } from 'vitest'
import { pixelsOf } from '../../src/digits.ts'
import { generate } from '../../src/digits/generate.ts'
import { picture, pictures, picturesBeside } from '../../src/terminal/picture.ts'

const pixels = pixelsOf(generate(1, 5), 0)
const widest = (text: string) => Math.max(...text.split('\n').map((line) => line.length))

describe('a picture', () => {
  test('has 28 lines, or 14 narrower ones if they do not fit', () => {
    const large = picture(pixels, false, 56)
    expect(large.split('\n')).toHaveLength(28)
    const small = picture(pixels, false, 55)
    expect(small.split('\n')).toHaveLength(14)
    expect(widest(large)).toBeGreaterThan(28)
    expect(widest(small)).toBeLessThanOrEqual(28)
  })

  test('beside others has the end of a title that is too long', () => {
    const title = `${'folder/'.repeat(9)}three.png: 3`
    const [first] = pictures([{ pixels, title }, { pixels, title: 'b' }], false, 80).split('\n') // prettier-ignore
    expect(first).toBe(`…${title.slice(-27)}  b`)
  })

  test('is beside as many others as fit', () => {
    expect([120, 88, 87, 58, 57, 40, 10].map(picturesBeside)).toEqual([4, 3, 2, 2, 1, 1, 1])
  })

  test('in colour has two pixels in a character, the upper one before the lower', () => {
    const [line] = picture(
      Uint8Array.from({ length: 784 }, (_, p) => (p < 28 ? 255 : 0)),
      true,
    ).split('\n')
    expect(line).toBe(`${'\u001b[38;5;255;48;5;232m▀'.repeat(28)}\u001b[0m`)
  })

  test('beside others shows the mean of the two', () => {
    const half = Uint8Array.from({ length: 784 }, (_, p) => (p < 28 ? 255 : 0))
    expect(pictures([{ pixels: half, title: '' }], false, 80).split('\n')[1]).toBe('+'.repeat(28))
  })
})
