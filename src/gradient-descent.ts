import type { Engine } from './engine.ts'
import { map, scale, type Matrix } from './matrix.ts'
import { updateParams, type Gradients, type Params } from './network.ts'

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
 * Gradient descent: downhill by α times the gradient, again and again. Yields after every iteration.
 * @throws Divergence where the loss or a parameter is no longer finite, or where the loss, looked at every 100th
 *   iteration and at the last, is above that of the first iteration and of a guess
 */
export function* gradientDescent(
  start: Params,
  engine: Engine,
  { iterations, alpha, notebook }: DescentOptions,
): Generator<Step, void> {
  const params = engine.place(start)
  let firstLoss = NaN
  for (let iteration = 0; iteration < iterations; iteration++) {
    const gradients = engine.gradients(params)
    const { loss, correct } = gradients
    if (!Number.isFinite(loss)) throw new Divergence(`the loss is no longer finite at iteration ${iteration}`)
    if (iteration === 0) firstLoss = loss
    const isLookedAt = iteration % CHECK_EVERY === 0 || iteration === iterations - 1
    if (isLookedAt && loss > firstLoss && loss > GUESSING) {
      const rise = `from ${firstLoss.toFixed(3)} to ${loss.toFixed(3)}`
      throw new Divergence(`the loss has risen ${rise} at iteration ${iteration}`)
    }
    updateParams(params, notebook ? asNotebook(gradients, engine.m / notebook.rows) : gradients, alpha)
    if (!allFinite(params)) throw new Divergence(`a parameter is no longer finite after iteration ${iteration}`)
    yield { iteration, loss, accuracy: correct / engine.m, params }
  }
}

/**
 * The gradients as the notebook's code has them, which departs from its formulas twice: its m counts the rows held
 * out too, and its `np.sum(dZ)` adds up units as well as examples, so that a layer's biases all get one number.
 * @param share the training examples' part of all rows
 */
function asNotebook({ dW1, db1, dW2, db2 }: Gradients, share: number): Gradients {
  const total = (db: Matrix) => map(db, () => share * db.data.reduce((sum, entry) => sum + entry, 0))
  return { dW1: scale(dW1, share), db1: total(db1), dW2: scale(dW2, share), db2: total(db2) }
}

function allFinite(params: Params): boolean {
  return Object.values(params).every(({ data }: Matrix) => data.every(Number.isFinite))
}
