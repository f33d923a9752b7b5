import type { Engine } from './engine.ts'
import type { Decay } from './hyperparameters.ts'
import { assign, columnSums, matrix, scale, type Matrix } from './matrix.ts'
import type { Gradients, Params } from './network.ts'
import type { RandomStream } from './random.ts'

/** How to descend, and how far. */
export interface DescentOptions {
  /** Iterations of the whole descent, those of `from` included. */
  iterations: number
  /** The learning rate α. */
  alpha: number
  /** How α falls from the first iteration to the last (default: it does not). */
  decay?: Decay | undefined
  /** The momentum coefficient μ, from 0 to below 1 (default: 0, no momentum). */
  momentum?: number | undefined
  /** Mini-batches: examples per iteration, and the stream that shuffles them every epoch (default: full batch). */
  batches?: { size: number; random: RandomStream } | undefined
  /** Reproduce the notebook's code instead of its formulas; `rows` counts all rows of the data, the held-out ones too. */
  notebook?: { rows: number } | undefined
  /** Where an earlier descent with these options stopped; `start` are its parameters. */
  from?: Stop | undefined
}

/** What a descent needs, besides its parameters, to continue as if it had never stopped. */
export interface Stop {
  /** Iterations done. */
  iterations: number
  /** The loss of the very first iteration, if there was one. */
  firstLoss?: number | undefined
  /** The epoch under way: its mean loss so far, and how many examples were classified correctly. */
  epoch?: { loss: number; correct: number } | undefined
  velocity?: Gradients | undefined
}

/** An iteration: what was measured before its update, and the parameters after it. */
export interface Step {
  iteration: number
  /** Mean cross-entropy, smoothed as the engine smooths labels, over the epoch so far; with full batches, over all examples. */
  loss: number
  /** How many of these examples were classified correctly. */
  correct: number
  /** The same as a fraction, from 0 to 1. */
  accuracy: number
  /** The parameters themselves, not a copy: the next iteration changes them. */
  params: Params
  /** The velocity itself, if momentum is on. */
  velocity?: Gradients
}

/** The descent goes uphill; its message says how, as a clause. */
export class Divergence extends Error {}

/** The loss of a network that gives every digit the same probability. */
const UNIFORM_LOSS = Math.log(10)

/** The factor by which the mean loss of mini-batches must exceed the loss of the first batch, which is noisy. */
const BATCH_MARGIN = 1.5

/** Iterations between checks for divergence. */
const CHECK_EVERY = 100

/**
 * Gradient descent: move the parameters downhill by α times the gradient, again and again. Yields every iteration, and
 * `undefined` now and then during a long one, so that the caller can react to events.
 * @throws Divergence if the loss is no longer finite; or if, at every 100th iteration and the last, a parameter is not
 *   finite or the loss exceeds both the first iteration's and that of guessing; with mini-batches, by half
 */
export function* gradientDescent(
  start: Params,
  engine: Engine,
  { iterations, alpha, decay = 'none', momentum = 0, batches, notebook, from }: DescentOptions,
): Generator<Step | undefined, void> {
  const params = engine.place(start)
  const velocity = momentum > 0 ? engine.placeVelocity(from?.velocity ?? zerosLike(params)) : undefined
  const nextBatch = batches && miniBatches(engine.m, batches.size, batches.random)
  if (nextBatch) {
    for (let done = 0; done < (from?.iterations ?? 0); done++) {
      nextBatch.next()
      if (done % CHECK_EVERY === 0) yield
    }
  }
  const margin = batches ? BATCH_MARGIN : 1
  let firstLoss = from?.firstLoss
  let seen = from?.epoch && batches ? (from.iterations % epochLength(engine.m, batches.size)) * batches.size : 0
  let [loss, correct] = [from?.epoch?.loss ?? 0, from?.epoch?.correct ?? 0]

  for (let iteration = from?.iterations ?? 0; iteration < iterations; iteration++) {
    const batch = nextBatch?.next().value
    const gradients = yield* engine.gradientsInSteps(params, batch)
    if (!Number.isFinite(gradients.loss)) throw new Divergence(`the loss is no longer finite at iteration ${iteration}`)

    if (seen === engine.m) [seen, loss, correct] = [0, 0, 0] // a new epoch
    const examples = batch?.length ?? engine.m
    seen += examples
    loss += (gradients.loss - loss) * (examples / seen)
    correct += gradients.correct
    firstLoss ??= loss

    if (notebook) asNotebook(gradients, engine.m / notebook.rows)
    if (velocity) engine.accumulate(velocity, gradients, momentum)
    engine.updateParams(params, velocity ?? gradients, alpha * learningRateFactor(decay, iteration / iterations))

    if (iteration % CHECK_EVERY === 0 || iteration === iterations - 1) {
      if (loss > margin * firstLoss && loss > margin * UNIFORM_LOSS) {
        const rise = `from ${firstLoss.toFixed(3)} to ${loss.toFixed(3)}`
        throw new Divergence(`the loss has risen ${rise} at iteration ${iteration}`)
      }
      checkFinite(params, iteration)
    }
    yield { iteration, loss, correct, accuracy: correct / seen, params, ...(velocity && { velocity }) }
  }
}

/** Iterations per epoch: how many batches hold each of m examples once. */
export function epochLength(m: number, batchSize = m): number {
  return Math.ceil(m / batchSize)
}

/** The batches of epoch after epoch: the m examples, shuffled anew each time and cut up; the last may be smaller. */
export function* miniBatches(m: number, size: number, random: RandomStream): Generator<Uint32Array, never> {
  const order = Uint32Array.from({ length: m }, (_, i) => i)
  for (;;) {
    random.shuffle(order)
    for (let i = 0; i < m; i += size) yield order.subarray(i, i + size)
  }
}

/**
 * The factor on α when a fraction t of the iterations is done: 1, 1 − t, or (1 + cos πt) / 2 (Loshchilov & Hutter 2017,
 * "SGDR").
 */
export function learningRateFactor(decay: Decay, t: number): number {
  if (decay === 'linear') return 1 - t
  if (decay === 'cosine') return (1 - sine(Math.PI * (t - 0.5))) / 2
  return 1
}

/** sin x for |x| ≤ π/2, by its Taylor series: `Math.sin` may differ from one Node to the next. */
function sine(x: number): number {
  let series = 1
  for (let k = 22; k > 0; k -= 2) series = 1 - ((x * x) / (k * (k + 1))) * series
  return x * series
}

/** A velocity of zeros for these parameters. */
function zerosLike({ W1, b1, W2, b2 }: Params): Gradients {
  const zeros = ({ shape: [rows, columns] }: Matrix) => matrix(rows, columns)
  return { dW1: zeros(W1), db1: zeros(b1), dW2: zeros(W2), db2: zeros(b2) }
}

/**
 * Turns the gradients into those of the notebook's code, which departs from its formulas twice: its m counts the
 * held-out rows too, and its `np.sum(dZ)` sums over units as well as examples, so that a layer's biases share one number.
 * @param fraction training examples ÷ all rows
 */
function asNotebook({ dW1, db1, dW2, db2 }: Gradients, fraction: number): void {
  for (const dW of [dW1, dW2]) assign(dW, scale(dW, fraction))
  for (const db of [db1, db2]) assign(db, scale(columnSums(db), fraction))
}

/** @throws Divergence if a parameter is infinite or NaN */
export function checkFinite(params: Params, iteration: number): void {
  const isFinite = Object.values(params).every(({ data }: Matrix) => data.every(Number.isFinite))
  if (!isFinite) throw new Divergence(`a parameter is no longer finite after iteration ${iteration}`)
}
