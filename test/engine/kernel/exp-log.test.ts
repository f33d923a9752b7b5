import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { expect, test } from 'vitest'
import { randomStream } from '../../../src/random.ts'

const binary = readFileSync(createRequire(import.meta.url).resolve('#kernel'))
const memory = new WebAssembly.Memory({ initial: 16, maximum: 65536, shared: true })
const { exports } = new WebAssembly.Instance(new WebAssembly.Module(binary), { env: { memory } })
const { exp, logOf } = exports as { exp(at: number, end: number): void; logOf(x: number): number }
const pair = new Float64Array(memory.buffer, 8192, 2)
const expOf = (x: number) => {
  pair.fill(x)
  exp(pair.byteOffset, pair.byteOffset + pair.byteLength)
  return pair[0]
}

const ONE = 1n << 400n

/** x · 2⁴⁰⁰, rounded towards 0. */
function fixed(x: number): bigint {
  const [bits] = new BigInt64Array(Float64Array.of(x).buffer) as unknown as [bigint]
  const exponent = Number((bits >> 52n) & 0x7ffn) || 1
  const mantissa = (bits & 0xfffffffffffffn) | ((bits >> 52n) & 0x7ffn ? 1n << 52n : 0n)
  const shift = BigInt(exponent - 1075 + 400)
  const size = shift >= 0n ? mantissa << shift : mantissa >> -shift
  return bits < 0n ? -size : size
}

/** exp(x) in units of 2⁻⁴⁰⁰: the Taylor series at x ∕ 2²⁰, squared 20 times. */
function exact(x: bigint): bigint {
  const small = x >> 20n
  let [sum, term] = [ONE, ONE]
  for (let k = 1n; term !== 0n && term !== -1n; k++) {
    term = ((term * small) >> 400n) / k
    sum += term
  }
  for (let i = 0; i < 20; i++) sum = (sum * sum) >> 400n
  return sum
}

/** The distance between adjacent doubles at x. */
function ulp(x: number): number {
  return 2 ** Math.max(Math.floor(Math.log2(Math.abs(x))) - 52, -1074)
}

test('exp is off by at most 0.9 units in the last place', () => {
  const { rand } = randomStream(3)
  let worst = 0
  for (let i = 0; i < 3000; i++) {
    const x = i % 3 ? -rand() * 30 : -rand() * 150
    const error = Number(((fixed(expOf(x)) - exact(fixed(x))) << 80n) / fixed(ulp(Math.exp(x)))) / 2 ** 80
    worst = Math.max(worst, Math.abs(error))
  }
  expect(worst).toBeLessThanOrEqual(0.9)
})

test('log is off by at most 0.9 units in the last place', () => {
  const { rand } = randomStream(4)
  let worst = 0
  for (let i = 0; i < 3000; i++) {
    const x = i % 3 ? rand() : i % 2 ? 1 - rand() / 1024 : 2 ** (-60 * rand())
    const L = logOf(x)
    const error = Number(((exact(fixed(L)) - fixed(x)) << 120n) / fixed(x)) / 2 ** 120 / ulp(L)
    worst = Math.max(worst, Math.abs(error))
  }
  expect(worst).toBeLessThanOrEqual(0.9)
})

test('exp and log are exact at the ends of their ranges', () => {
  expect([0, -0, -745.2, -1e5, -Infinity, NaN].map(expOf)).toEqual([1, 1, 0, 0, 0, NaN])
  expect(expOf(-745.1)).toBe(5e-324)
  expect(expOf(-710) / Math.exp(-710)).toBeCloseTo(1, 12)
  expect([1, 0, -0, NaN, -1].map(logOf)).toEqual([0, -Infinity, -Infinity, NaN, NaN])
  expect(logOf(5e-324)).toBe(-744.4400719213812)
})
