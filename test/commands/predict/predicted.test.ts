import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { predicted } from '../../../src/commands/predict/predicted.ts'
import { select } from '../../../src/digits.ts'
import { generate } from '../../../src/digits/generate.ts'
import { initParams } from '../../../src/network.ts'
import { randomStream } from '../../../src/random.ts'
import type { Weights } from '../../../src/weights.ts'

const digits = generate(700, 3) // more than two tiles of the kernel
const subjects = (rows: number[]) => {
  return { kind: 'index' as const, names: rows, digits: select(digits, Uint32Array.from(rows)) }
}
const all = subjects(Array.from({ length: 700 }, (_, row) => row))
const weights = (hidden: number, engine: 'simd' | 'reference') =>
  ({ params: initParams(randomStream(2), hidden), training: { engine } }) as Weights

describe.each(['simd', 'reference'] as const)('the probabilities of the %s engine', (engine) => {
  test('have the same bits for a row alone and among all', async () => {
    const { probabilities, predictions } = await predicted(all, { weights: weights(17, engine) }, 'w.json')
    for (const row of [0, 1, 255, 256, 511, 699]) {
      const alone = await predicted(subjects([row]), { weights: weights(17, engine) }, 'w.json')
      expect(alone.probabilities).toEqual(probabilities.slice(10 * row, 10 * row + 10))
      expect(alone.predictions).toEqual(predictions.slice(row, row + 1))
    }
  })

  test('are refused if they are no numbers', async () => {
    const overflowing = weights(10, engine)
    overflowing.params.W1.data.fill(1e308)
    overflowing.params.W2.data.fill(1e308)
    const refused = predicted(subjects([5, 6]), { weights: overflowing }, 'w.json')
    await expect(refused).rejects.toThrow("w.json: the network's numbers overflow on row 5; train another")
  })
})

test('probabilities have the same bits on any number of threads', async () => {
  const many = subjects(Array.from({ length: 30_000 }, (_, i) => i % 700)) // with 100 units worth several threads
  const bitsOn = async (threads: number) => {
    const { probabilities } = await predicted(many, { weights: weights(100, 'simd') }, 'w.json', threads)
    return createHash('sha256').update(probabilities).digest('hex')
  }
  expect(await bitsOn(3)).toBe(await bitsOn(1))
})
