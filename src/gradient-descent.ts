import type { Engine } from './engine.ts'
import { assign, columnSums, matrix, scale, type Matrix } from './matrix.ts'
import type { Gradients, Params } from './network.ts'
import type { RandomStream } from './random.ts'

/** The ways in which α falls. */
export const DECAYS = ['none', 'linear', 'cosine'] as const

export type Decay = (typeof DECAYS)[number]

export interface DescentOptions {
  /** The iterations of the whole descent, those of `from` among them. */
  iterations: number
  /** The learning rate α. */
  alpha: number
  /** How α falls from the first iteration to the last; not at all by default. */
  decay?: Decay
  /** The part μ of its velocity that the descent keeps; 0, no velocity at all, by default. */
  momentum?: number
  /** Mini-batches: examples an iteration, and the stream that shuffles them for every epoch. By default all at once. */
  batches?: { size: number; random: RandomStream }
  /** As the notebook's code computes, not as its formulas say: `rows` are all rows of the data, those held out too. */
  notebook?: { rows: number }
  /** Where an earlier descent with these options stopped; `start` are its parameters. */
  from?: Stop
}

/** What a descent needs, beside its parameters, to go on as if it had never stopped. */
export interface Stop {
  /** Iterations done. */
  iterations: number
  /** The loss of the first iteration of all, if there was one. */
  firstLoss?: number
  /** Of the epoch under way: the mean loss so far, and how many examples were predicted right. */
  epoch?: { loss: number; correct: number }
  velocity?: Gradients
}

/** An iteration: what was measured before its update, and the parameters after it. */
export interface Step {
  iteration: number
  /** Mean cross-entropy of the epoch's examples so far: without mini-batches those of this iteration, which are all. */
  loss: number
  /** How many of them were predicted right. */
  correct: number
  /** The same as a share, from 0 to 1. */
  accuracy: number
  /** The parameters themselves, not a copy: the next iteration changes them. */
  params: Params
  /** The velocity itself, where there is one. */
  velocity?: Gradients
}

/** A descent that leads uphill; its message says how, as a clause. */
export class Divergence extends Error {}

const GUESSING = Math.log(10) // the loss of a network that gives every digit the same probability
const CHECK_EVERY = 100

/**
 * Gradient descent: downhill by α times the gradient, again and again. Yields every iteration, and nothing now and then while a long
 * one is computed, so that the caller can look up.
 * @throws Divergence where the loss is no longer finite; where at every 100th iteration or at the last a parameter is not,
 *   or the loss is above that of the first iteration and of a guess
 */
export function* gradientDescent(
  start: Params,
  engine: Engine,
  { iterations, alpha, decay = 'none', momentum = 0, batches, notebook, from }: DescentOptions,
): Generator<Step | undefined, void> {
  const params = engine.place(start)
  const velocity = momentum > 0 ? engine.placeVelocity(from?.velocity ?? motionless(params)) : undefined
  const nextBatch = batches && miniBatches(engine.m, batches.size, batches.random)
  for (let done = 0; done < (from?.iterations ?? 0); done++) {
    nextBatch?.next()
    if (done % CHECK_EVERY === 0) yield
  }
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
    engine.updateParams(params, velocity ?? gradients, alpha * remaining(decay, iteration / iterations))

    if (iteration % CHECK_EVERY === 0 || iteration === iterations - 1) {
      if (loss > firstLoss && loss > GUESSING) {
        const rise = `from ${firstLoss.toFixed(3)} to ${loss.toFixed(3)}`
        throw new Divergence(`the loss has risen ${rise} at iteration ${iteration}`)
      }
      checkFinite(params, iteration)
    }
    yield { iteration, loss, correct, accuracy: correct / seen, params, ...(velocity && { velocity }) }
  }
}

/** How many iterations an epoch has: the batches in which each of m examples is once. */
export function epochLength(m: number, batchSize = m): number {
  return Math.ceil(m / batchSize)
}

/** The batches of epoch after epoch: the m examples in a new order each time, cut into batches; the last may be smaller. */
export function* miniBatches(m: number, size: number, random: RandomStream): Generator<Uint32Array, never> {
  const order = Uint32Array.from({ length: m }, (_, i) => i)
  for (;;) {
    random.shuffle(order)
    for (let i = 0; i < m; i += size) yield order.subarray(i, i + size)
  }
}

/** What is left of α when so much of the iterations, from 0 to 1, is done. Cosine: Loshchilov & Hutter 2017, SGDR. */
export function remaining(decay: Decay, done: number): number {
  if (decay === 'linear') return 1 - done
  if (decay === 'cosine') return (1 - sine(Math.PI * (done - 0.5))) / 2 // (1 + cos(π·done)) / 2
  return 1
}

/** sin x, |x| <= π/2, by its Taylor series: `Math.sin` is free to differ from one Node to the next. */
function sine(x: number): number {
  let series = 1
  for (let k = 22; k > 0; k -= 2) series = 1 - ((x * x) / (k * (k + 1))) * series
  return x * series
}

/** A velocity of zeros for these parameters. */
function motionless({ W1, b1, W2, b2 }: Params): Gradients {
  const zeros = ({ shape: [rows, columns] }: Matrix) => matrix(rows, columns)
  return { dW1: zeros(W1), db1: zeros(b1), dW2: zeros(W2), db2: zeros(b2) }
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

/**
 * Checks that no parameter has become infinite or NaN.
 * @throws Divergence
 */
export function checkFinite(params: Params, iteration: number): void {
  const isFinite = Object.values(params).every(({ data }: Matrix) => data.every(Number.isFinite))
  if (!isFinite) throw new Divergence(`a parameter is no longer finite after iteration ${iteration}`)
}
