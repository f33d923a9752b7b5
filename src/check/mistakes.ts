/** Known wrong versions of the formulas: a wrong result that equals one of them can be named. */
import { add, columnMaxima, columnSums, divide, dot, map, matrix, multiply, rowSums } from '../matrix.ts'
import { scale, subtract, transpose, type Matrix } from '../matrix.ts'
import type { Activations, Gradients, Params } from '../network.ts'
import type { NetworkFunctions } from '../own-network.ts'
import { factorOf, isSame, largest } from './comparison.ts'

/** A wrong version. */
export interface Mistake {
  /** Its name in JSON. */
  name: string
  /** What is wrong and what is right, after "relu is wrong: ". */
  sentence: string
  /** What it computes; of versions with an unknown number, the one that comes closest to what was found. */
  result: Matrix | ((found: Matrix) => Matrix | undefined)
}

/** The inputs of a formula. */
export interface Example {
  params: Params
  layers: Activations
  /** 784×m */ X: Matrix
  Y: Uint8Array
  our: NetworkFunctions
}

/**
 * The mistake that explains a result, if one does.
 * @param m the number of examples, if the result must be divided by it
 */
export function recognised(found: Matrix, expected: Matrix, mistakes: Mistake[], m?: number): Mistake | undefined {
  const known = mistakes.find(({ result }) => {
    const wrong = typeof result === 'function' ? result(found) : result
    // The sum of all of dZ2 is 0 but for rounding.
    return wrong !== undefined && isSame(found, wrong, Math.max(largest(wrong), largest(expected)))
  })
  return known ?? multiple(found, expected, m)
}

/** A result that is a multiple of the expected one, as any single number is of another. */
function multiple(found: Matrix, expected: Matrix, m = 1): Mistake | undefined {
  const k = factorOf(found, expected)
  if (k === undefined) return undefined
  const is = (one: number, other: number) => Math.abs(one / other - 1) < 1e-6
  const mistake = (name: string, sentence: string) => ({ name, sentence, result: found })
  if (is(k, -1)) return mistake('sign', 'its sign is reversed')
  const divisor = m / k
  if (m > 1) {
    if (is(divisor, 1))
      return mistake('missing-m', `it is m = ${m} times too large: divide by m, the number of examples`)
    if (is(divisor, m * m)) return mistake('m-twice', `it is divided by m = ${m} twice; once is enough`)
    const sentence = `it is divided by ${Math.round(divisor)}, not by m = ${m}, the number of examples`
    if (is(divisor, Math.round(divisor))) return mistake('wrong-m', sentence)
  }
  if (expected.shape[0] * expected.shape[1] === 1) return undefined
  return mistake('factor', `it is ${Number(k.toPrecision(6))} times what it must be`)
}

const OWN_ACTIVATION = 'to use an activation of your own, export it as relu and its slope as reluSlope'

/** Wrong versions of A = max(Z, 0). */
export function ofRelu(Z: Matrix): Mistake[] {
  return [
    { name: 'unchanged', sentence: 'it returns Z as it is; negative entries become 0', result: Z },
    { name: 'absolute', sentence: 'it takes the absolute value; negative entries become 0', result: map(Z, Math.abs) },
    { name: 'minimum', sentence: 'it takes the minimum of z and 0, not the maximum', result: map(Z, (z) => Math.min(z, 0)) },
    { name: 'activation', sentence: `it is tanh, not ReLU; ${OWN_ACTIVATION}`, result: map(Z, Math.tanh) },
    { name: 'activation', sentence: `it is the sigmoid, not ReLU; ${OWN_ACTIVATION}`, result: map(Z, (z) => 1 / (1 + Math.exp(-z))) },
    { name: 'slope', sentence: 'it returns the slope, 0 or 1, not max(z, 0)', result: map(Z, (z) => Number(z > 0)) },
  ]
} // prettier-ignore

/** Wrong versions of the loss J of m examples. */
export function ofLoss(J: number, m: number): Mistake[] {
  const number = (x: number) => matrix(1, 1, Float64Array.of(x))
  return [
    { name: 'sum', sentence: 'it is the sum over the examples, not their mean: divide by m', result: number(J * m) },
    { name: 'sign', sentence: 'its sign is reversed: the loss is the mean of −log', result: number(-J) },
    { name: 'base', sentence: 'it has the logarithm to base 2, not the natural one', result: number(J / Math.LN2) },
    { name: 'base', sentence: 'it has the logarithm to base 10, not the natural one', result: number(J / Math.LN10) },
  ]
}

/** Wrong versions of the slope of ReLU, 1 where Z > 0, else 0. */
export function ofReluSlope(Z: Matrix): Mistake[] {
  return [
    { name: 'slope-at-zero', sentence: 'it is 1 where z = 0 (>= in place of >); there ReLU counts as off', result: atLeast(Z) },
    { name: 'relu', sentence: 'it returns ReLU itself, not its slope, 0 or 1', result: map(Z, (z) => Math.max(z, 0)) },
    { name: 'ones', sentence: 'it is 1 everywhere; where z is negative, the slope is 0', result: map(Z, () => 1) },
  ]
} // prettier-ignore

const atLeast = (Z: Matrix) => map(Z, (z) => Number(z >= 0))

/** Wrong versions of softmax, exp(Z) divided by the sum of each column. */
export function ofSoftmax(Z: Matrix): Mistake[] {
  const exp = map(Z, Math.exp)
  const below = (maximum: Matrix) => map(subtract(Z, maximum), Math.exp)
  const E = below(columnMaxima(Z))
  const fromWhole = below(columnMaxima(transpose(columnMaxima(Z))))
  const rows = transpose(Z)
  const byRows = map(subtract(rows, columnMaxima(rows)), Math.exp)
  const whole = (M: Matrix) => divide(M, columnSums(rowSums(M)))
  const axis = 'it sums over the wrong axis: each column, one example, must sum to 1, not each row'
  const sum = 'it divides by the sum of the whole matrix; divide each column by its own sum'
  return [
    { name: 'softmax-axis', sentence: axis, result: transpose(divide(byRows, columnSums(byRows))) },
    { name: 'softmax-axis', sentence: axis, result: divide(E, rowSums(E)) },
    { name: 'softmax-axis', sentence: sum, result: whole(exp) },
    { name: 'softmax-axis', sentence: sum, result: whole(E) },
    { name: 'softmax-maximum', sentence: OVERFLOW, result: divide(exp, columnSums(exp)) },
    { name: 'softmax-maximum', sentence: UNDERFLOW, result: divide(fromWhole, columnSums(fromWhole)) },
    { name: 'softmax-sum', sentence: 'exp is not divided by the sum of its column', result: exp },
    { name: 'softmax-sum', sentence: 'exp is not divided by the sum of its column', result: E },
    { name: 'softmax-missing', sentence: 'softmax is missing: it returns Z as it is', result: Z },
    { name: 'softmax-log', sentence: 'it is the logarithm of softmax', result: map(divide(E, columnSums(E)), Math.log) },
  ]
} // prettier-ignore

const OVERFLOW =
  'exp overflows at z = 1000: subtract the column’s maximum from each column first; the result is the same'
const UNDERFLOW =
  'the maximum of the whole matrix is subtracted: exp is 0 in all of a column far below it; subtract each column’s own maximum'

/** Wrong versions of the labels as columns, 10×m. */
export function ofOneHot(Y: Uint8Array, { oneHot }: NetworkFunctions): Mistake[] {
  const most = Math.max(...Y) + 1
  const some = matrix(most, Y.length)
  Y.forEach((y, j) => some.set(y, j, 1))
  const swapped = matrix(10, Y.length)
  Y.forEach((y, j) => swapped.set(j, y, 1))
  const rows = `it has ${most} rows because the largest label here is ${most - 1}; there are ten digits whatever the labels`
  return [
    ...shifted(Y),
    { name: 'one-hot-transposed', sentence: 'it is m×10: examples are columns, so it must be 10×m', result: transpose(oneHot(Y)) },
    { name: 'one-hot-rows', sentence: rows, result: some },
    { name: 'one-hot-swapped', sentence: 'set takes the row first, then the column: the row is Y[j], the column j', result: swapped },
  ]
} // prettier-ignore

/** One-hot columns whose 1 is in the row above or below; the last row's is in the first then, or nowhere. */
function shifted(Y: Uint8Array) {
  const by = (k: number, wraps: boolean) => {
    const columns = matrix(10, Y.length)
    for (const [j, y] of Y.entries()) if (wraps || (y + k >= 0 && y + k < 10)) columns.set((y + k + 10) % 10, j, 1)
    return columns
  }
  return [1, -1].flatMap((k) =>
    [true, false].map((wraps) => {
      const sentence = `the 1 is one row too ${k > 0 ? 'low' : 'high'}: the label 0 belongs in row 0`
      return { name: 'one-hot-shifted', sentence, result: by(k, wraps) }
    }),
  )
}

/** The wrong versions of each layer; each layer is compared only if those before it are right. */
export function ofForwardProp({ params, layers, X, our }: Example): Record<keyof Activations, Mistake[]> {
  const { W1, b1, W2, b2 } = params
  const { Z1, A1, Z2 } = layers
  const at255 = (factor: number) => add(dot(W1, scale(X, factor)), b1)
  return {
    Z1: [
      { name: 'bias-missing', sentence: 'b1 is not added', result: dot(W1, X) },
      { name: 'not-divided', sentence: 'X is not divided by 255: pixels must be from 0 to 1', result: at255(255) },
      { name: 'divided-twice', sentence: 'X is divided by 255 twice: it is already from 0 to 1', result: at255(1 / 255) },
      { name: 'bias-sign', sentence: 'b1 is subtracted; add it', result: subtract(dot(W1, X), b1) },
    ],
    A1: [{ name: 'relu-missing', sentence: 'ReLU is missing: A1 is Z1', result: Z1 }, ...ofRelu(Z1)],
    Z2: [
      { name: 'relu-missing', sentence: 'it is computed from Z1; the second layer takes A1', result: add(dot(W2, Z1), b2) },
      { name: 'bias-missing', sentence: 'b2 is not added', result: dot(W2, A1) },
    ],
    A2: [{ name: 'relu-twice', sentence: 'the last layer has softmax, not ReLU', result: our.relu(Z2) }, ...ofSoftmax(Z2)],
  }
} // prettier-ignore

/** Wrong versions of dZ2 = A2 − onehot(Y). */
export function ofdZ2({ layers: { A2 }, Y, our }: Example): Mistake[] {
  const dZ2 = subtract(A2, our.oneHot(Y))
  const sigmoid = 'it has an extra factor A2∘(1 − A2): for softmax with cross-entropy, A2 − onehot(Y) is all of it'
  return [
    { name: 'sign', sentence: SIGN, result: scale(dZ2, -1) },
    ...shifted(Y).map(({ name, result }) => ({ name, sentence: SHIFT, result: subtract(A2, result) })),
    { name: 'sigmoid-slope', sentence: sigmoid, result: multiply(dZ2, multiply(A2, map(A2, (a) => 1 - a))) },
    { name: 'labels', sentence: 'the labels themselves are subtracted, not their one-hot columns', result: minusLabels(A2, Y) },
    { name: 'm-early', sentence: 'it is divided by m; that comes with dW2 and db2', result: scale(dZ2, 1 / Y.length) },
  ]
} // prettier-ignore

const SIGN = 'its sign is reversed: dZ2 is A2 − onehot(Y), not onehot(Y) − A2'
const SHIFT = 'the one-hot columns are shifted by one row: the label 0 belongs in row 0'

function minusLabels(A2: Matrix, Y: Uint8Array): Matrix {
  return subtract(A2, matrix(1, Y.length, Float64Array.from(Y)))
}

/** Wrong versions of dW = dZ·Aᵀ / m. */
export function ofdW(dZ: Matrix, A: Matrix, before?: Matrix): Mistake[] {
  const m = dZ.shape[1]
  const of = (A: Matrix) => scale(dot(dZ, transpose(A)), 1 / m)
  return [
    { name: 'transposed', sentence: 'it is transposed: it must have the shape of W', result: transpose(of(A)) },
    ...(before
      ? [{ name: 'relu-missing', sentence: 'it is computed with Z1 in place of A1', result: of(before) }]
      : []),
    { name: 'not-divided', sentence: 'X is not divided by 255: pixels must be from 0 to 1', result: of(scale(A, 255)) },
  ]
}

/** Wrong versions of db = row sums of dZ / m. */
export function ofdb(dZ: Matrix): Mistake[] {
  const [n, m] = dZ.shape
  const sum = columnSums(rowSums(dZ)) // 1×1
  const scalar = `one number for all ${n} biases: np.sum(dZ) adds up the whole matrix (the notebook’s own slip); each bias needs the sum of its row`
  const everywhere = (total: Matrix) => map(matrix(n, 1), () => total.get(0, 0))
  const totals = [scale(sum, 1 / m), sum, scale(sum, 1 / (n * m))]
  const axis = 'it sums each column; sum each row, over the examples'
  return [
    ...totals.flatMap((total) => [total, everywhere(total)]).map((result) => ({ name: 'scalar-bias', sentence: scalar, result })),
    { name: 'bias-axis', sentence: axis, result: scale(columnSums(dZ), 1 / m) },
    { name: 'bias-axis', sentence: axis, result: columnSums(dZ) },
    { name: 'not-summed', sentence: 'it is not summed: each row of dZ is added up', result: scale(dZ, 1 / m) },
    { name: 'not-summed', sentence: 'it is not summed: each row of dZ is added up', result: dZ },
    { name: 'transposed', sentence: 'it is transposed: it must have the shape of b', result: transpose(scale(rowSums(dZ), 1 / m)) },
  ]
} // prettier-ignore

/** Wrong versions of dZ1 = W2ᵀ·dZ2 ∘ slope(Z1), with their names. */
export function wrongdZ1({ params: { W2 }, layers: { Z1, A1 }, Y, our }: Example, dZ2: Matrix) {
  const back = dot(transpose(W2), dZ2)
  const right = multiply(back, our.reluSlope(Z1))
  const isSquare = W2.shape[0] === W2.shape[1]
  return [
    { name: 'slope-missing', sentence: 'the slope of ReLU is missing: where Z1 is not above 0, dZ1 is 0', dZ1: back },
    { name: 'slope-at-zero', sentence: 'the slope of ReLU is 1 where Z1 = 0 (>= in place of >); there ReLU counts as off', dZ1: multiply(back, atLeast(Z1)) },
    { name: 'relu-for-slope', sentence: 'it is multiplied by A1; multiply by the slope of ReLU, 0 or 1', dZ1: multiply(back, A1) },
    { name: 'relu-for-slope', sentence: 'it is multiplied by Z1; multiply by the slope of ReLU, 0 or 1', dZ1: multiply(back, Z1) },
    { name: 'm-early', sentence: 'it is divided by m; that comes with dW1 and db1', dZ1: scale(right, 1 / Y.length) },
    ...(isSquare ? [{ name: 'not-transposed', sentence: 'W2 is not transposed', dZ1: multiply(dot(W2, dZ2), our.reluSlope(Z1)) }] : []),
  ]
} // prettier-ignore

/**
 * Wrong versions of all gradients, made of the wrong versions of their parts: but for dZ divided by m, which is the same as
 * dW or db divided by m twice.
 */
export function ofBackProp(example: Example): Record<keyof Gradients, Mistake[]> {
  const { params, layers, X, Y, our } = example
  const { A1, A2, Z1 } = layers
  const m = Y.length
  const dZ2 = subtract(A2, our.oneHot(Y))
  const dW = (dZ: Matrix, A: Matrix) => scale(dot(dZ, transpose(A)), 1 / m)
  const db = (dZ: Matrix) => scale(rowSums(dZ), 1 / m)
  const back = (W2: Matrix) => multiply(dot(transpose(W2), dZ2), our.reluSlope(Z1))
  const isKnown = ({ name }: { name: string }) => name !== 'm-early'
  const inFirst = ofdZ2(example)
    .filter(isKnown)
    .map(({ name, sentence, result }) => {
      const wrong = result as Matrix
      return { name, sentence: `dZ2: ${sentence}`, dW2: dW(wrong, A1), db2: db(wrong) }
    })
  const inSecond = wrongdZ1(example, dZ2)
    .filter(isKnown)
    .map(({ name, sentence, dZ1 }) => ({
      name,
      sentence: `dZ1: ${sentence}`,
      dW1: dW(dZ1, X),
      db1: db(dZ1),
    }))
  const dZ1 = back(params.W2)
  const stale = back(dW(dZ2, A1)) // what dZ1 loses, times α, if W2 is updated first
  const updatedFirst = (right: Matrix, lost: Matrix): Mistake => ({
    name: 'updated-early',
    sentence: 'W2 is updated before dZ1 is computed: dZ1 needs W2 as it was in the forward pass',
    result: (found) => leastSquares(found, right, lost),
  })
  const pick = <T extends { name: string; sentence: string }>(from: T[], of: keyof T) =>
    from.map((version) => ({ name: version.name, sentence: version.sentence, result: version[of] as Matrix }))
  return {
    dW2: [...pick(inFirst, 'dW2'), ...ofdW(dZ2, A1, Z1)],
    db2: [...pick(inFirst, 'db2'), ...ofdb(dZ2)],
    dW1: [...pick(inSecond, 'dW1'), ...ofdW(dZ1, X), updatedFirst(dW(dZ1, X), dW(stale, X))],
    db1: [...pick(inSecond, 'db1'), ...ofdb(dZ1), updatedFirst(db(dZ1), db(stale))],
  }
}

/** right − α·lost for the α that comes closest to what was found. */
function leastSquares(found: Matrix, right: Matrix, lost: Matrix): Matrix | undefined {
  if (found.shape[0] !== right.shape[0] || found.shape[1] !== right.shape[1]) return undefined
  const product = (A: Matrix, B: Matrix) => columnSums(rowSums(multiply(A, B))).get(0, 0)
  const alpha = product(subtract(right, found), lost) / product(lost, lost)
  return Number.isFinite(alpha) ? subtract(right, scale(lost, alpha)) : undefined
}

/** Wrong versions of one parameter's update, W := W − α dW. */
export function ofUpdate(W: Matrix, dW: Matrix, alpha: number): Mistake[] {
  return [
    { name: 'uphill', sentence: 'the step goes uphill: subtract α times the gradient', result: add(W, scale(dW, alpha)) },
    { name: 'alpha-missing', sentence: 'α is missing: subtract α times the gradient', result: subtract(W, dW) },
    { name: 'unchanged', sentence: 'it has not changed', result: W },
    { name: 'step-only', sentence: 'it is the step, α times the gradient; subtract that from the parameter', result: scale(dW, alpha) },
    { name: 'alpha-fixed', sentence: 'the gradient is multiplied by a number other than α, the argument alpha', result: (found) => leastSquares(found, W, dW) },
    { name: 'gradient-only', sentence: 'it is the gradient; subtract α times it from the parameter', result: dW },
  ]
} // prettier-ignore
