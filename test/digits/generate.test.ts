import { describe, expect, test } from 'vitest'
import { pixelsOf, select } from '../../src/digits.ts'
import { fingerprint } from '../../src/digits/fingerprint.ts'
import { generate } from '../../src/digits/generate.ts'

const COUNT = 2000
const digits = generate(COUNT, 1)
const each = Array.from({ length: COUNT }, (_, i) => pixelsOf(digits, i))

describe('generated digits', () => {
  test('are the same bytes on every machine', () => {
    expect(fingerprint(digits)).toBe('bfe40e5d4f5b9f00f3f1cf3c3d02b9d21048a0a20cff41af87465fb090774573')
  })

  test('of a smaller count are the first of a larger one', () => {
    const rows = Uint32Array.from({ length: 50 }, (_, row) => row)
    expect(fingerprint(generate(50, 1))).toBe(fingerprint(select(digits, rows)))
  })

  test('differ with the seed', () => {
    expect(fingerprint(generate(COUNT, 2))).not.toBe(fingerprint(digits))
  })

  test('have each label about equally often', () => {
    for (let label = 0; label < 10; label++) {
      const count = digits.labels.filter((other) => other === label).length
      expect(count, `digits ${label}`).toBeGreaterThan(COUNT / 10 - 4 * Math.sqrt(COUNT * 0.09))
      expect(count, `digits ${label}`).toBeLessThan(COUNT / 10 + 4 * Math.sqrt(COUNT * 0.09))
    }
  })

  test('almost fill 20×20 pixels, and have ink, paper and grey edges', () => {
    for (const pixels of each) {
      const inked = Array.from(pixels.keys()).filter((p) => pixels[p] > 0)
      const [rows, columns] = [inked.map((p) => Math.floor(p / 28)), inked.map((p) => p % 28)]
      const height = Math.max(...rows) - Math.min(...rows) + 1
      const width = Math.max(...columns) - Math.min(...columns) + 1
      expect(Math.max(height, width)).toBeLessThanOrEqual(20)
      expect(Math.max(height, width)).toBeGreaterThanOrEqual(18)
      expect(pixels.some((ink) => ink > 200)).toBe(true)
      expect(pixels.some((ink) => ink > 0 && ink < 200)).toBe(true)
    }
  })

  test('have their centre of mass at the centre, to about a pixel', () => {
    for (const pixels of each) {
      let [mass, across, down] = [0, 0, 0]
      pixels.forEach((ink, p) => {
        mass += ink
        across += ink * ((p % 28) + 0.5)
        down += ink * (Math.floor(p / 28) + 0.5)
      })
      expect(Math.abs(across / mass - 14)).toBeLessThan(1.5)
      expect(Math.abs(down / mass - 14)).toBeLessThan(1.5)
    }
  })
})
