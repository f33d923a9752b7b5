/**
 * A two-layer network, 784 → h (ReLU) → 10 (softmax), and its gradients. Write the functions one after the other, and see
 * after each whether it is right:
 *
 *   mnist-check .              what is right, and what is next
 *   mnist-check . --hint       a hint for what is next
 *   mnist-check . --watch      check again whenever you save
 *
 * When all are right, train with them:
 *
 *   mnist-train --network network.mjs --take 2000 --iters 100
 *
 *   X   784×m   m examples, one per column, pixels from 0 to 1    Y   m labels, 0 to 9
 *   W1  h×784   b1  h×1    the first layer; h hidden units        Z1  A1  dZ1   h×m
 *   W2  10×h    b2  10×1   the second layer; 10 digits            Z2  A2  dZ2  10×m
 *
 * Matrices are two-dimensional ndarrays of float64. Z.shape is [rows, columns], Z.get(i, j) is an entry, and M.set(i, j, z)
 * changes one. Do not change what you are given. These functions make new matrices from old ones:
 *
 *   matrix(rows, columns)              zeros                      np.zeros((rows, columns))
 *   dot(A, B)                          the matrix product         A.dot(B)
 *   transpose(A)                       Aᵀ                         A.T
 *   add(A, B)  subtract(A, B)          entry by entry; a B with   A + B   A - B
 *   multiply(A, B)  divide(A, B)         one column or row is     A * B   A / B
 *                                        used for all of A's
 *   scale(A, factor)                   A times a number           A * factor
 *   map(A, f)                          f of each entry            f(A)
 *   rowSums(A)                         one column                 A.sum(axis=1, keepdims=True)
 *   columnSums(A)  columnMaxima(A)     one row                    A.sum(axis=0, keepdims=True)
 *
 * Loops work, too. Both of these are −Z:
 *
 *   return scale(Z, -1)
 *
 *   const A = matrix(Z.shape[0], Z.shape[1])
 *   for (let i = 0; i < Z.shape[0]; i++) for (let j = 0; j < Z.shape[1]; j++) A.set(i, j, -Z.get(i, j))
 *   return A
 *
 * A function whose result no other of your functions uses may also return a list of rows, [[1, 2], [3, 4]]; dot, add and
 * the others take only matrices.
 */
import { add, columnMaxima, columnSums, divide, dot, map, matrix } from 'mnist-from-scratch/matrix'
import { multiply, rowSums, scale, subtract, transpose } from 'mnist-from-scratch/matrix'

/** ReLU: max(z, 0) for each entry z.   Z any shape → the same shape */
export function relu(Z) {
  // your code
}

/**
 * Softmax, column by column: exp(z) / (sum of exp(z) over the column). exp(1000) overflows to Infinity, so subtract each
 * column's maximum first, which does not change the result.   Z 10×m → 10×m, each column sums to 1
 */
export function softmax(Z) {
  // your code
}

/**
 * Forward propagation:
 *   Z1 = W1·X + b1     h×m        A1 = relu(Z1)       h×m
 *   Z2 = W2·A1 + b2   10×m        A2 = softmax(Z2)   10×m
 */
export function forwardProp({ W1, b1, W2, b2 }, X) {
  // your code
  // return { Z1, A1, Z2, A2 }
}

/** The labels as columns of ten: 1 in row Y[j] of column j, else 0.   Y m labels → 10×m */
export function oneHot(Y) {
  // your code
}

/** dZ2 = A2 − oneHot(Y): how the loss of each example changes with Z2.   A2 10×m, Y m labels → 10×m */
export function dZ2(A2, Y) {
  // your code
}

/** dW2 = dZ2·A1ᵀ / m, where m is the number of examples.   dZ2 10×m, A1 h×m → 10×h */
export function dW2(dZ2, A1) {
  // your code
}

/** db2 = the sum of each row of dZ2, divided by m.   dZ2 10×m → 10×1 */
export function db2(dZ2) {
  // your code
}

/** dZ1 = W2ᵀ·dZ2, times the slope of ReLU entry by entry: 1 where Z1 > 0, else 0.   W2 10×h, dZ2 10×m, Z1 h×m → h×m */
export function dZ1(W2, dZ2, Z1) {
  // your code
}

/** dW1 = dZ1·Xᵀ / m.   dZ1 h×m, X 784×m → h×784 */
export function dW1(dZ1, X) {
  // your code
}

/** db1 = the sum of each row of dZ1, divided by m.   dZ1 h×m → h×1 */
export function db1(dZ1) {
  // your code
}

/** One step downhill: W := W − alpha dW and b := b − alpha db. gradients are { dW1, db1, dW2, db2 }. */
export function updateParams({ W1, b1, W2, b2 }, { dW1, db1, dW2, db2 }, alpha) {
  // your code
  // return { W1: …, b1: …, W2: …, b2: … }
}

/** Backpropagation puts your functions together. */
export function backProp({ W2 }, { Z1, A1, A2 }, X, Y) {
  const second = dZ2(A2, Y)
  const first = dZ1(W2, second, Z1)
  return { dW1: dW1(first, X), db1: db1(first), dW2: dW2(second, A1), db2: db2(second) }
}
