/**
 * The lesson: a two-layer network, 784 → h (ReLU) → 10 (softmax), and its gradients by backpropagation.
 *
 *   X   784×m   m examples, one per column, pixels from 0 to 1    Y   m labels, 0 to 9
 *   W1  h×784   b1  h×1    the first layer; h hidden units        Z1  A1  dZ1   h×m
 *   W2  10×h    b2  10×1   the second layer; 10 digits            Z2  A2  dZ2  10×m
 *
 * Each column of dZ is ∂J/∂Z of one example's own loss J; dW and db are the gradients of the mean loss. This file is not
 * fast: every step makes whole matrices, so that each line is a formula. `engine/` computes the same in other ways.
 */
import type { InitScale } from './hyperparameters.ts'
import { add, assign, columnMaxima, columnSums, divide, dot, map, matrix, multiply } from './matrix.ts'
import { rowSums, scale, subtract, subtractScaled, transpose, type Matrix } from './matrix.ts'
import type { RandomStream } from './random.ts'

const DIGITS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]

/** What the network learns. */
export interface Params {
  /** h×784 */ W1: Matrix
  /** h×1 */ b1: Matrix
  /** 10×h */ W2: Matrix
  /** 10×1 */ b2: Matrix
}

/** Every layer after forward propagation. */
export interface Activations {
  /** h×m */ Z1: Matrix
  /** h×m */ A1: Matrix
  /** 10×m */ Z2: Matrix
  /** 10×m: each column is ten probabilities */ A2: Matrix
}

/** How the loss changes with each parameter. */
export interface Gradients {
  /** h×784 */ dW1: Matrix
  /** h×1 */ db1: Matrix
  /** 10×h */ dW2: Matrix
  /** 10×1 */ db2: Matrix
}

/** The functions that the propagations call; own-network.ts can replace each. */
export interface Parts {
  relu: (Z: Matrix) => Matrix
  reluSlope: (Z: Matrix) => Matrix
  softmax: (Z: Matrix) => Matrix
  oneHot: (Y: Uint8Array, smoothing?: number) => Matrix
}

const PARTS: Parts = { relu, reluSlope, softmax, oneHot }

/**
 * Initial parameters, drawn row by row, W1, b1, W2, b2. The notebook's are uniform in ±½; with `he`, W is uniform in
 * ±√(6/inputs) and b is 0 (He et al. 2015).
 */
export function initParams(random: RandomStream, hidden: number, scheme: InitScale = 'notebook'): Params {
  const draw = (rows: number, n: number, range = 0.5) => map(matrix(rows, n), () => (random.rand() - 0.5) * 2 * range)
  const he = (rows: number, n: number) => draw(rows, n, Math.sqrt(6 / n))
  if (scheme === 'he') return { W1: he(hidden, 784), b1: matrix(hidden, 1), W2: he(10, hidden), b2: matrix(10, 1) }
  return { W1: draw(hidden, 784), b1: draw(hidden, 1), W2: draw(10, hidden), b2: draw(10, 1) }
}

/** Forward propagation: from the examples X to probabilities A2. */
export function forwardProp({ W1, b1, W2, b2 }: Params, X: Matrix, { relu, softmax } = PARTS): Activations {
  const Z1 = add(dot(W1, X), b1) //   h×m
  const A1 = relu(Z1) //              h×m
  const Z2 = add(dot(W2, A1), b2) // 10×m
  const A2 = softmax(Z2) //          10×m
  return { Z1, A1, Z2, A2 }
}

/** Backpropagation: the chain rule, from the loss back to the first layer. */
export function backProp(
  { W2 }: Params,
  { Z1, A1, A2 }: Activations,
  X: Matrix,
  Y: Uint8Array,
  smoothing = 0,
  { oneHot, reluSlope } = PARTS,
): Gradients {
  const m = Y.length
  const dZ2 = subtract(A2, oneHot(Y, smoothing)) //                       10×m
  const dW2 = scale(dot(dZ2, transpose(A1)), 1 / m) //                    10×h
  const db2 = scale(rowSums(dZ2), 1 / m) //                               10×1
  const dZ1 = multiply(dot(transpose(W2), dZ2), reluSlope(Z1)) //          h×m
  const dW1 = scale(dot(dZ1, transpose(X)), 1 / m) //                      h×784
  const db1 = scale(rowSums(dZ1), 1 / m) //                                h×1
  return { dW1, db1, dW2, db2 }
}

/** One step downhill, in place: W := W − α dW, b := b − α db; α is the learning rate. */
export function updateParams(params: Params, gradients: Gradients, alpha: number): void {
  subtractScaled(params.W1, alpha, gradients.dW1)
  subtractScaled(params.b1, alpha, gradients.db1)
  subtractScaled(params.W2, alpha, gradients.dW2)
  subtractScaled(params.b2, alpha, gradients.db2)
}

/** Momentum, in place: V := μ V + dW. The step is then α V instead of α dW (Polyak 1964). */
export function accumulate(velocity: Gradients, gradients: Gradients, momentum: number): void {
  for (const dW of ['dW1', 'db1', 'dW2', 'db2'] as const) {
    assign(velocity[dW], add(scale(velocity[dW], momentum), gradients[dW]))
  }
}

/** ReLU(z) = max(z, 0). */
export function relu(Z: Matrix): Matrix {
  return map(Z, (z) => Math.max(z, 0))
}

/** The slope of ReLU: 1 if z > 0, else 0. */
export function reluSlope(Z: Matrix): Matrix {
  return map(Z, (z) => (z > 0 ? 1 : 0))
}

/** softmax(z)ᵢ = exp(zᵢ) / Σₖ exp(zₖ), column by column, minus the column's maximum so that exp cannot overflow. */
export function softmax(Z: Matrix): Matrix {
  const E = map(subtract(Z, columnMaxima(Z)), Math.exp) // 10×m
  return divide(E, columnSums(E)) //                       10×m
}

/**
 * The labels as columns of ten: 1 in the label's row, else 0. Label smoothing takes a part ε of the 1 and spreads it evenly
 * over all ten (Szegedy et al. 2016, "Rethinking the Inception Architecture").
 */
export function oneHot(Y: Uint8Array, smoothing = 0): Matrix {
  const columns = map(matrix(10, Y.length), () => smoothing / 10) // 10×m
  Y.forEach((y, j) => columns.set(y, j, 1 - smoothing + smoothing / 10))
  return columns
}

/**
 * The loss J: mean cross-entropy, −log of the probability given to the label (natural logarithm). With label smoothing, a
 * part ε of it is the mean of −log over all ten.
 */
export function loss(A2: Matrix, Y: Uint8Array, smoothing = 0): number {
  const H = (i: number, j: number) => -Math.log(A2.get(i, j))
  const meanH = (j: number) => DIGITS.reduce((sum, i) => sum + H(i, j), 0) / 10
  const each = (y: number, j: number) => (smoothing > 0 ? (1 - smoothing) * H(y, j) + smoothing * meanH(j) : H(y, j))
  return Y.reduce((sum, y, j) => sum + each(y, j), 0) / Y.length
}

/** The predicted digit of each example: the row of its column's maximum, the first of equals; 255 if that is NaN. */
export function predictions(A2: Matrix): Uint8Array {
  const maxima = columnMaxima(A2) // 1×m
  return Uint8Array.from({ length: A2.shape[1] }, (_, j) => DIGITS.findIndex((i) => A2.get(i, j) === maxima.get(0, j)))
}

/** How many predictions are correct. */
export function correct(A2: Matrix, Y: Uint8Array): number {
  const predicted = predictions(A2)
  return Y.reduce((sum, y, j) => sum + Number(predicted[j] === y), 0)
}
