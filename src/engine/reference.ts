/**
 * The formulas of network.ts as they stand, over whole matrices. Not fast: X is held as float64, 8 bytes per pixel, and
 * streamed from memory twice per iteration. `simd.ts` computes the same.
 */
import { constants } from 'node:buffer'
import { digitCount, PIXELS, select, toMatrix, type Digits } from '../digits.ts'
import { checkBatch, type Engine, type EngineGradients, type EngineOptions, type Evaluation } from '../engine.ts'
import type { EngineParams, EngineVelocity } from '../engine.ts'
import { Failure } from '../failure.ts'
import { clone, transpose, type Matrix } from '../matrix.ts'
import { accumulate, correct, predictions, type Params } from '../network.ts'
import { LESSON } from '../own-network.ts'
import { grouped } from '../wording.ts'

/**
 * An engine that calls network.ts, or the functions that a learner puts in their place. X, 784×m, is made once.
 * @throws Failure `usage` if there are more digits than one float64 array can hold
 */
export function referenceEngine(
  digits: Digits,
  { rows, labelSmoothing = 0, network = LESSON }: Pick<EngineOptions, 'rows' | 'labelSmoothing' | 'network'> = {},
): Engine {
  const { forwardProp, backProp, updateParams, loss } = network
  const most = Math.floor(constants.MAX_LENGTH / (PIXELS * Float64Array.BYTES_PER_ELEMENT))
  const m = rows?.length ?? digitCount(digits)
  if (m > most) {
    const limit = `the reference engine holds at most ${grouped(most)} digits`
    throw new Failure('usage', `${limit}, not ${grouped(m)}: use --take, or --engine simd`)
  }
  const held = rows ? select(digits, rows) : digits
  const all = examples(held)
  const measure = (A2: Matrix, Y: Uint8Array, smoothing = 0) => ({
    loss: loss(A2, Y, smoothing),
    correct: correct(A2, Y),
  })
  const gradients = (params: Params, batch?: Uint32Array) => {
    const { X, Y } = batch ? examples(select(held, checkBatch(batch, all.Y.length))) : all
    const activations = forwardProp(params, X)
    const slopes = backProp(params, activations, X, Y, labelSmoothing)
    return { ...slopes, ...measure(activations.A2, Y, labelSmoothing) } as EngineGradients
  }
  const evaluate = <WithA2 extends boolean = false>(params: Params, withA2?: WithA2) => {
    const { A2 } = forwardProp(params, all.X)
    const found = { ...measure(A2, all.Y), predictions: predictions(A2) }
    return (withA2 ? { ...found, A2: transpose(clone(transpose(A2))) } : found) as Evaluation<WithA2>
  }
  return {
    m: all.Y.length,
    threads: 1,
    place: ({ W1, b1, W2, b2 }) => ({ W1: clone(W1), b1: clone(b1), W2: clone(W2), b2: clone(b2) }) as EngineParams,
    gradients,
    *gradientsInSteps(params, batch) {
      return gradients(params, batch)
    },
    updateParams,
    placeVelocity: ({ dW1, db1, dW2, db2 }) =>
      ({ dW1: clone(dW1), db1: clone(db1), dW2: clone(dW2), db2: clone(db2) }) as EngineVelocity,
    accumulate,
    evaluate,
    *evaluateInSteps(params, withA2) {
      return evaluate(params, withA2)
    },
    close() {},
  }
}

/** X, 784×m, and the m labels Y. */
function examples(digits: Digits): { X: Matrix; Y: Uint8Array } {
  return { X: toMatrix(digits), Y: digits.labels }
}
