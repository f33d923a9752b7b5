/** Known mistakes are recognised. The functions are called in the test's own thread, which takes less time than a worker. */
import { describe, expect, test } from 'vitest'
import { checkStep } from '../../src/check/check-module.ts'
import type { Session } from '../../src/check/session.ts'
import { STEPS } from '../../src/check/steps.ts'
import * as matrix from '../../src/matrix.ts'
import type { ModuleFile } from '../../src/network-module.ts'
import { OPERATORS } from '../../src/network-module/received.ts'
import { LESSON } from '../../src/own-network.ts'
import { backProp, exerciseWith, LOOPS, SOLUTION } from '../support/exercise.ts'

/** Runs a module's text without importing it. */
function sessionOf(source: string): Session {
  const body = source.replace(/^import .*$/gm, '').replace(/^export /gm, '')
  const names = STEPS.map(({ name }) => `${name}: typeof ${name} === 'undefined' ? undefined : ${name}`)
  // oxlint-disable-next-line no-new-func
  const make = new Function(...Object.keys(matrix), `${body}\nreturn { ${names.join(', ')} }`) as (
    ...of: unknown[]
  ) => object
  const functions = make(...Object.values(matrix)) as Record<string, (...values: unknown[]) => unknown>
  return { types: new Map(), call: (name, values) => functions[name]!(...values), close() {} }
}

/** The result of a step of a module with this text. */
function resultOf(name: string, source: string) {
  const file: ModuleFile = { path: 'mine.mjs', source, record: { name: 'mine.mjs', sha256: '' }, tsx: undefined }
  const step = STEPS.find((step) => step.name === name)!
  return checkStep(step, sessionOf(source), file, LESSON)
}

describe.each([
  ['the solution', SOLUTION],
  ['the solution with loops', LOOPS],
])('%s', (_, solution) => {
  test.each(Object.keys(SOLUTION))('has the right %s', (name) => {
    expect(resultOf(name, exerciseWith(solution))).toEqual({ name, formula: expect.any(String), status: 'right' })
  })
})

/** The solution with loops, with fixed ends of the loops: those that fit the first example. */
const FIXED = Object.entries(LOOPS).flatMap(([name, body]) =>
  [['< m;', '< 5;'], ['< m;', '< 4;'], ['< h;', '< 10;']].map(([end, fixed]) => [name, fixed, body.replaceAll(end!, fixed!)]),
) // prettier-ignore

test.each(FIXED.filter(([name, , body]) => body !== LOOPS[name!]))(
  '%s with loops up to %s is wrong',
  (name, _, body) => {
    expect(resultOf(name!, exerciseWith({ ...LOOPS, [name!]: body! }))).toMatchObject({ status: 'wrong' })
  },
)

test('a result in float32 is right, and one that differs by a hundred-thousandth is wrong', () => {
  const relu = (body: string) => resultOf('relu', exerciseWith({ relu: `return map(Z, (z) => ${body})` }))
  expect(relu('Math.fround(Math.max(z, 0))')).toMatchObject({ status: 'right' })
  expect(relu('z > 1 ? z + 1e-5 : Math.max(z, 0)')).toMatchObject({ status: 'wrong' })
})

/** Wrong bodies of the exercise's functions, and the name of the mistake, or words of the sentence. */
const MISTAKES: [name: string, body: string, mistake: string][] = [
  ['relu', 'return Z', 'unchanged'],
  ['relu', 'return map(Z, (z) => Math.min(z, 0))', 'minimum'],
  ['relu', 'return map(Z, (z) => z > 0 ? 1 : 0)', 'slope'],
  ['softmax', 'const E = map(Z, Math.exp)\n  return divide(E, columnSums(E))', 'softmax-maximum'],
  ['softmax', 'const E = map(subtract(Z, columnMaxima(Z)), Math.exp)\n  return divide(E, columnSums(rowSums(E)))', 'softmax-axis'],
  ['softmax', 'const E = map(Z, Math.exp)\n  return divide(E, rowSums(E))', 'softmax-axis'],
  ['softmax', 'return map(Z, Math.exp)', 'softmax-sum'],
  ['forwardProp', SOLUTION.forwardProp!.replace('W1, X', 'W1, scale(X, 255)'), 'not-divided'],
  ['forwardProp', SOLUTION.forwardProp!.replace('W1, X', 'W1, scale(X, 1 / 255)'), 'divided-twice'],
  ['forwardProp', SOLUTION.forwardProp!.replace('add(dot(W1, X), b1)', 'dot(W1, X)'), 'bias-missing'],
  ['forwardProp', SOLUTION.forwardProp!.replace('relu(Z1)', 'Z1'), 'relu-missing'],
  ['forwardProp', SOLUTION.forwardProp!.replace('W2, A1', 'W2, Z1'), 'relu-missing'],
  ['forwardProp', SOLUTION.forwardProp!.replace('softmax(Z2)', 'Z2'), 'softmax-missing'],
  ['oneHot', SOLUTION.oneHot!.replace('set(y', 'set((y + 1) % 10'), 'one-hot-shifted'],
  ['oneHot', SOLUTION.oneHot!.replace('set(y', 'set((y + 9) % 10'), 'one-hot-shifted'],
  ['oneHot', SOLUTION.oneHot!.replace('matrix(10', 'matrix(Math.max(...Y) + 1'), 'one-hot-rows'],
  ['oneHot', SOLUTION.oneHot!.replace('return M', 'return transpose(M)'), 'one-hot-transposed'],
  ['dZ2', 'return subtract(oneHot(Y), A2)', 'sign'],
  ['dZ2', 'return subtract(A2, oneHot(Y.map((y) => (y + 1) % 10)))', 'one-hot-shifted'],
  ['dZ2', 'return multiply(subtract(A2, oneHot(Y)), multiply(A2, map(A2, (a) => 1 - a)))', 'sigmoid-slope'],
  ['dW2', 'return dot(dZ2, transpose(A1))', 'missing-m'],
  ['dW2', 'return scale(dot(dZ2, transpose(A1)), 1 / 60000)', 'wrong-m'],
  ['dW2', 'return transpose(scale(dot(dZ2, transpose(A1)), 1 / dZ2.shape[1]))', 'transposed'],
  ['db2', 'return dZ2.data.reduce((sum, x) => sum + x, 0) / dZ2.shape[1]', 'scalar-bias'],
  ['db2', 'const sum = columnSums(rowSums(dZ2)).get(0, 0)\n  return map(matrix(10, 1), () => sum / dZ2.shape[1])', 'scalar-bias'],
  ['db2', 'return scale(columnSums(dZ2), 1 / dZ2.shape[1])', 'bias-axis'],
  ['db2', 'return rowSums(dZ2)', 'missing-m'],
  ['dZ1', 'return dot(transpose(W2), dZ2)', 'slope-missing'],
  ['dZ1', SOLUTION.dZ1!.replace('z > 0', 'z >= 0'), 'slope-at-zero'],
  ['dZ1', SOLUTION.dZ1!.replace('transpose(W2)', 'W2'), 'not-transposed'],
  ['dW1', SOLUTION.dW1!.replace('transpose(X)', 'transpose(scale(X, 255))'), 'not-divided'],
  ['dW1', SOLUTION.dW1!.replace('1 / dZ1.shape[1]', '1'), 'missing-m'],
  ['db1', 'return columnSums(rowSums(dZ1)).get(0, 0) / dZ1.shape[1]', 'scalar-bias'],
  ['updateParams', SOLUTION.updateParams!.replaceAll('subtract', 'add'), 'uphill'],
  ['updateParams', SOLUTION.updateParams!.replaceAll('scale(dW1, alpha)', 'dW1'), 'alpha-missing'],
  ['relu', 'return map(Z, Math.abs)', 'absolute'],
  ['relu', 'return map(Z, Math.tanh)', 'activation'],
  ['relu', 'return map(Z, (z) => 1 / (1 + Math.exp(-z)))', 'activation'],
  ['softmax', 'return transpose(divide(transpose(map(Z, Math.exp)), transpose(rowSums(map(Z, Math.exp)))))', 'softmax-axis'],
  ['softmax', 'const E = map(subtract(Z, columnMaxima(Z)), Math.exp)\n  return map(divide(E, columnSums(E)), Math.log)', 'softmax-log'],
  ['forwardProp', SOLUTION.forwardProp!.replace('add(dot(W1, X), b1)', 'subtract(dot(W1, X), b1)'), 'bias-sign'],
  ['forwardProp', SOLUTION.forwardProp!.replace('softmax(Z2)', 'relu(Z2)'), 'relu-twice'],
  ['dZ2', 'return scale(subtract(A2, oneHot(Y)), 1 / Y.length)', 'm-early'],
  ['dZ2', 'return subtract(A2, matrix(1, Y.length, Float64Array.from(Y)))', 'labels'],
  ['dW2', 'return scale(dot(dZ2, transpose(A1)), -1 / dZ2.shape[1])', 'sign'],
  ['dW2', 'return scale(dot(dZ2, transpose(A1)), 1 / dZ2.shape[1] ** 2)', 'm-twice'],
  ['db2', 'return scale(dZ2, 1 / dZ2.shape[1])', 'not-summed'],
  ['db2', 'return transpose(scale(rowSums(dZ2), 1 / dZ2.shape[1]))', 'transposed'],
  ['dZ1', 'return multiply(dot(transpose(W2), dZ2), relu(Z1))', 'relu-for-slope'],
  ['dZ1', 'return multiply(dot(transpose(W2), dZ2), Z1)', 'relu-for-slope'],
  ['updateParams', 'return { W1, b1, W2, b2 }', 'unchanged'],
  ['updateParams', SOLUTION.updateParams!.replace('subtract(W1, scale(dW1, alpha))', 'scale(dW1, alpha)'), 'step-only'],
  ['updateParams', 'return { W1: dW1, b1: db1, W2: dW2, b2: db2 }', 'gradient-only'],
  ['updateParams', SOLUTION.updateParams!.replaceAll('alpha', '0.1'), 'alpha-fixed'],
  ['softmax', 'const E = map(subtract(Z, columnMaxima(Z)), Math.exp)\n  return divide(E, rowSums(E))', 'softmax-axis'],
  ['softmax', 'const most = Math.max(...Z.data)\n  const E = map(Z, (z) => Math.exp(z - most))\n  return divide(E, columnSums(E))', 'softmax-maximum'],
  ['softmax', 'return scale(divide(map(Z, Math.exp), columnSums(map(Z, Math.exp))), 1 / Z.shape[1])', 'factor'],
  ['relu', 'return map(Z, (z) => 2 * Math.max(z, 0))', 'factor'],
  ['oneHot', SOLUTION.oneHot!.replace('set(y, j, 1)', 'set(j, y, 1)'), 'one-hot-swapped'],
  ['dZ1', `return scale(${SOLUTION.dZ1!.slice(7)}, 1 / Z1.shape[1])`, 'm-early'],
  ['dW2', 'return scale(dot(dZ2, transpose(A1)), 1e6 / dZ2.shape[1])', 'factor'],
] // prettier-ignore

describe('a mistake is recognised', () => {
  test.each(MISTAKES)('in %s: %s', (name, body, mistake) => {
    const result = resultOf(name, exerciseWith({ ...SOLUTION, [name]: body }))
    expect(result).toMatchObject({ status: 'wrong', mistake })
    expect(result.message).toMatch(/^mine\.mjs:\d+: \w+ is wrong: /)
  })
})

test.each([
  ['relu', 'return map(Z, (z) => 2 * Math.max(z, 0))', 'it is 2 times what it must be'],
  ['relu', 'return map(Z, (z) => Math.max(z, 0) / 4)', 'it is 0.25 times what it must be'],
  ['forwardProp', SOLUTION.forwardProp!.replace('add(dot(W1, X), b1)', 'scale(add(dot(W1, X), b1), 2)'), 'it is 2 times what it must be'],
  ['dZ2', 'return scale(subtract(A2, oneHot(Y)), 2)', 'it is 2 times what it must be'],
  ['dZ1', `return scale(${SOLUTION.dZ1!.slice(7)}, 0.5)`, 'it is 0.5 times what it must be'],
  ['dW2', 'return scale(dot(dZ2, transpose(A1)), 2 / dZ2.shape[1])', 'it is 2 times what it must be'],
  ['dW2', 'return scale(dot(dZ2, transpose(A1)), 1 / 10)', 'it is divided by 10, not by m = 5, the number of examples'],
  ['dW2', 'return transpose(scale(dot(dZ2, transpose(A1)), 1 / 5))', 'it is transposed: it must have the shape of W'],
  ['dZ2', 'return A2 - oneHot(Y)', `it is the number NaN, not 10×5; ${OPERATORS}`],
  ['dZ2', 'return A2 + oneHot(Y)', `it is a string; it must be 10×5; ${OPERATORS}`],
] as const)('%s is told no more than is known: %s', (name, body, sentence) => {
  const { message } = resultOf(name, exerciseWith({ ...SOLUTION, [name]: body }))
  expect(message!.replace(/^.* is wrong: /, '')).toBe(sentence)
}) // prettier-ignore

test.each([
  ['dZ2', 'return toRows(subtract(A2, oneHot(Y)))', 'dZ2 returns a list, not a matrix'],
  ['dZ1', `const D = ${SOLUTION.dZ1!.slice(7)}\n  return { shape: D.shape, data: D.data }`, 'dZ1 returns an object, not a matrix'],
])('%s must be a matrix, because backProp passes it on: %s', (name, body, sentence) => {
  const { status, message } = resultOf(name, exerciseWith({ ...SOLUTION, [name]: body }))
  expect([status, message]).toEqual(['wrong', expect.stringContaining(`: ${sentence}; what your functions pass`)])
}) // prettier-ignore

test.each([
  ['z >= 0 ? 1 : 0', 'slope-at-zero'],
  ['Math.max(z, 0)', 'relu'],
  ['1', 'ones'],
])('a slope of %s is recognised', (slope, mistake) => {
  const source = (slope: string) => `export const reluSlope = (Z) => map(Z, (z) => ${slope})\n`
  expect(resultOf('reluSlope', source(slope))).toMatchObject({ status: 'wrong', mistake })
  expect(resultOf('reluSlope', source('z > 0 ? 1 : 0'))).toMatchObject({ status: 'right' })
})

test.each([
  ['1', 'sum'],
  ['-m', 'sign'],
  ['m * Math.LN2', 'base'],
  ['m * Math.LN10', 'base'],
  ['m * m', 'm-twice'],
  ['60000', 'wrong-m'],
])('a loss divided by %s is recognised', (divisor, mistake) => {
  const source = `export function loss(A2, Y) {
  const m = Y.length
  return Y.reduce((sum, y, j) => sum - Math.log(A2.get(y, j)), 0) / (${divisor})
}`
  expect(resultOf('loss', source)).toMatchObject({ status: 'wrong', mistake })
  expect(resultOf('loss', source.replace(`(${divisor})`, 'm'))).toMatchObject({ status: 'right' })
})

test.each([
  ['/ 1', 'it is the sum over the examples, not their mean: divide by m; it is 13.724295, not 2.7448589'],
  ['* 0.3', 'it is 4.1172884, not 2.7448589'],
  ['* NaN', 'it is NaN, not 2.7448589'],
  ['+ "!"', 'it is a string; it must be a number'],
])('a wrong loss, %s, is shown beside the right one', (wrong, sentence) => {
  const source = `export const loss = (A2, Y) => Y.reduce((sum, y, j) => sum - Math.log(A2.get(y, j)), 0) ${wrong}`
  expect(resultOf('loss', source).message).toContain(`loss is wrong: ${sentence}`)
})

test('a loss of nothing must be a number', () => {
  const { message } = resultOf('loss', 'export function loss(A2, Y) {\n  Y\n}')
  expect(message).toBe('mine.mjs:1: loss returns nothing; it must return a number; is its return missing?')
})

describe('in one backProp', () => {
  test.each([
    [{ dZ2: 'scale(subtract(A2, oneHot(Y)), 1 / m)' }, 'dW2'],
    [{ dZ1: 'scale(multiply(dot(transpose(W2), dZ2), map(Z1, (z) => (z > 0 ? 1 : 0))), 1 / m)' }, 'dW1'],
    [{ dW1: 'scale(dot(dZ1, transpose(X)), 1 / m / m)' }, 'dW1'],
  ])('%j divides by m twice, wherever that is', (lines: Record<string, string>, name) => {
    const result = resultOf('backProp', backProp(lines))
    expect(result.message).toContain(`${name} is wrong: it is divided by m = 5 twice; once is enough`)
  })

  test('gradients of NaN are no known mistake', () => {
    const result = resultOf('backProp', backProp({ dW1: 'map(dot(dZ1, transpose(X)), () => NaN)' }))
    expect(result).toMatchObject({ status: 'wrong', message: 'mine.mjs:14: dW1 is wrong: it is NaN at [0, 0]' })
  })

  test('nothing is wrong if it is right', () => {
    expect(resultOf('backProp', backProp())).toMatchObject({ status: 'right' })
  })

  test.each<[Record<string, string>, string, string]>([
    [{ db2: '1 / m * sum(dZ2)', db1: '1 / m * sum(dZ1)' }, 'scalar-bias', 'mine.mjs:12: db2 is wrong: one number for all 10 biases'],
    [{ db1: '1 / m * sum(dZ1)' }, 'scalar-bias', 'mine.mjs:15: db1 is wrong: one number for all 10 biases'],
    [{ dZ2: 'subtract(oneHot(Y), A2)' }, 'sign', 'mine.mjs:11: dW2 is wrong: dZ2: its sign'],
    [{ dW2: 'dot(dZ2, transpose(A1))' }, 'missing-m', 'mine.mjs:11: dW2 is wrong: it is m = 5 times too large'],
    [{ dW2: 'scale(dot(dZ2, transpose(A1)), 1 / 41000)' }, 'wrong-m', 'it is divided by 41000, not by m = 5'],
    [{ dZ1: 'dot(transpose(W2), dZ2)' }, 'slope-missing', 'mine.mjs:14: dW1 is wrong: dZ1: the slope of ReLU is missing'],
    [{ dZ1: 'multiply(dot(transpose(W2), dZ2), map(Z1, (z) => z >= 0 ? 1 : 0))' }, 'slope-at-zero', 'dZ1: the slope of ReLU is 1 where'],
    [{ dZ1: 'multiply(dot(W2, dZ2), map(Z1, (z) => z > 0 ? 1 : 0))' }, 'not-transposed', 'dZ1: W2 is not transposed'],
    [{ dZ1: 'multiply(dot(transpose(subtract(W2, scale(dW2, 0.3))), dZ2), map(Z1, (z) => z > 0 ? 1 : 0))' }, 'updated-early', 'W2 is updated before dZ1'],
    [{ dZ2: 'subtract(A2, oneHot(Y.map((y) => (y + 9) % 10)))' }, 'one-hot-shifted', 'dZ2: the one-hot columns are shifted'],
    [{ dW1: 'scale(dot(dZ1, transpose(scale(X, 255))), 1 / m)' }, 'not-divided', 'X is not divided by 255'],
  ])('%j is recognised', (lines, mistake, sentence) => {
    const result = resultOf('backProp', backProp(lines))
    expect(result).toMatchObject({ status: 'wrong', mistake })
    expect(result.message).toContain(sentence)
  }) // prettier-ignore
})
