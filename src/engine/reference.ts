/** The formulas of network.ts, as they stand, over the whole matrix X. Not fast: X is held as doubles, 8 bytes a pixel. */
import { toMatrix, type Digits } from '../digits.ts'
import type { Engine } from '../engine.ts'
import { copy, type Matrix } from '../matrix.ts'
import { backProp, correct, forwardProp, loss } from '../network.ts'

export function referenceEngine(digits: Digits): Engine {
  const X = toMatrix(digits) // 784×m
  const Y = digits.labels
  const measure = (A2: Matrix) => ({ loss: loss(A2, Y), correct: correct(A2, Y) })
  return {
    m: Y.length,
    place: ({ W1, b1, W2, b2 }) => ({ W1: copy(W1), b1: copy(b1), W2: copy(W2), b2: copy(b2) }),
    gradients(params) {
      const activations = forwardProp(params, X)
      return { ...backProp(params, activations, X, Y), ...measure(activations.A2) }
    },
    evaluate: (params) => measure(forwardProp(params, X).A2),
  }
}
