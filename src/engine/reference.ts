/** The formulas of network.ts, as they stand, over the whole matrix X. Not fast: X is held as doubles, 8 bytes a pixel. */
import { toMatrix, type Digits } from '../digits.ts'
import type { Engine } from '../engine.ts'
import { backProp, correct, forwardProp, loss } from '../network.ts'

export function referenceEngine(digits: Digits): Engine {
  const X = toMatrix(digits) // 784×m
  const Y = digits.labels
  return {
    m: Y.length,
    gradients(params) {
      const activations = forwardProp(params, X)
      const { A2 } = activations // 10×m
      return { ...backProp(params, activations, X, Y), loss: loss(A2, Y), correct: correct(A2, Y) }
    },
  }
}
