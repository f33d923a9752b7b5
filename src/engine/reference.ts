/** The formulas of network.ts as they stand, over whole matrices. Not fast: X is held as doubles, 8 bytes a pixel. */
import { select, toMatrix, type Digits } from '../digits.ts'
import type { Engine, EngineOptions } from '../engine.ts'
import { copy, type Matrix } from '../matrix.ts'
import { accumulate, backProp, correct, forwardProp, loss, predictions, updateParams, type Params } from '../network.ts'

/** An engine over the digits that computes as network.ts reads; X, 784×m, is made once. */
export function referenceEngine(digits: Digits, { rows }: Pick<EngineOptions, 'rows'> = {}): Engine {
  const held = rows ? select(digits, rows) : digits
  const all = examples(held)
  const measure = (A2: Matrix, Y: Uint8Array) => ({ loss: loss(A2, Y), correct: correct(A2, Y) })
  const gradients = (params: Params, batch?: Uint32Array) => {
    const { X, Y } = batch ? examples(select(held, batch)) : all
    const activations = forwardProp(params, X)
    return { ...backProp(params, activations, X, Y), ...measure(activations.A2, Y) }
  }
  const evaluate = (params: Params) => {
    const { A2 } = forwardProp(params, all.X)
    return { ...measure(A2, all.Y), predictions: predictions(A2) }
  }
  return {
    m: all.Y.length,
    threads: 1,
    place: ({ W1, b1, W2, b2 }) => ({ W1: copy(W1), b1: copy(b1), W2: copy(W2), b2: copy(b2) }),
    gradients,
    *gradientsInSteps(params, batch) {
      return gradients(params, batch)
    },
    updateParams,
    placeVelocity: ({ dW1, db1, dW2, db2 }) => ({ dW1: copy(dW1), db1: copy(db1), dW2: copy(dW2), db2: copy(db2) }),
    accumulate,
    evaluate,
    *evaluateInSteps(params) {
      return evaluate(params)
    },
    close() {},
  }
}

/** X, 784×m, and the m labels Y. */
function examples(digits: Digits): { X: Matrix; Y: Uint8Array } {
  return { X: toMatrix(digits), Y: digits.labels }
}
