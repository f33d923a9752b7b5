import type { Engine } from './engine.ts'
import { assign, columnSums, scale, type Matrix } from './matrix.ts'
import type { Gradients, Params } from './network.ts'

export interface DescentOptions {
  iterations: number
  /** The learning rate α. */
  alpha: number
  /** As the notebook's code computes, not as its formulas say: `rows` are all rows of the data, those held out too. */
  notebook?: { rows: number }
}

/** An iteration: what was measured before its update, and the parameters after it. */
export interface Step {
  iteration: number
  /** Mean cross-entropy of the training set. */
  loss: number
  /** The share of the training set that is predicted right, from 0 to 1. */
  accuracy: number
  /** The parameters themselves, not a copy: the next iteration changes them. */
  params: Params
}

/** A descent that leads uphill; its message says how, as a clause. */
export class Divergence extends Error {}

const GUESSING = Math.log(10) // the loss of a network that gives every digit the same probability
const CHECK_EVERY = 100

/**
 * Gradient descent: downhill by α times the gradient, again and again. Yields every iteration, and nothing now and then while a long
 * one is computed, so that the caller can look up.
 * @throws Divergence where the loss or a parameter is no longer finite, or where the loss, looked at every 100th
 *   iteration and at the last, is above that of the first iteration and of a guess
 */
export function* gradientDescent(
  start: Params,
  engine: Engine,
  { iterations, alpha, notebook }: DescentOptions,
): Generator<Step | undefined, void> {
  const params = engine.place(start)
  let firstLoss = NaN
  for (let iteration = 0; iteration < iterations; iteration++) {
    const gradients = yield* engine.gradientsInSteps(params)
    const { loss, correct } = gradients
    if (!Number.isFinite(loss)) throw new Divergence(`the loss is no longer finite at iteration ${iteration}`)
    if (iteration === 0) firstLoss = loss
    const isLookedAt = iteration % CHECK_EVERY === 0 || iteration === iterations - 1
    if (isLookedAt && loss > firstLoss && loss > GUESSING) {
      const rise = `from ${firstLoss.toFixed(3)} to ${loss.toFixed(3)}`
      throw new Divergence(`the loss has risen ${rise} at iteration ${iteration}`)
    }
    if (notebook) asNotebook(gradients, engine.m / notebook.rows)
    engine.updateParams(params, gradients, alpha)
    if (!allFinite(params)) throw new Divergence(`a parameter is no longer finite after iteration ${iteration}`)
    yield { iteration, loss, accuracy: correct / engine.m, params }
  }
}

/**
 * Makes the gradients those of the notebook's code, which departs from its formulas twice: its m counts the rows held
 * out too, and its `np.sum(dZ)` adds up units as well as examples, so that a layer's biases all get one number.
 * @param share the training examples' part of all rows
 */
function asNotebook({ dW1, db1, dW2, db2 }: Gradients, share: number): void {
  for (const dW of [dW1, dW2]) assign(dW, scale(dW, share))
  for (const db of [db1, db2]) assign(db, scale(columnSums(db), share))
}

function allFinite(params: Params): boolean {
  return Object.values(params).every(({ data }: Matrix) => data.every(Number.isFinite))
}
