import type { Matrix } from './matrix.ts'
import type { Gradients, Params } from './network.ts'
import type { Network } from './own-network.ts'

declare const home: unique symbol

/** Parameters in an engine's own memory, made by `place`. */
export type EngineParams = Params & { readonly [home]: 'params' }

/** Gradients in an engine's own memory, and what was measured with them; they hold until its next call. */
export type EngineGradients = Gradients & Measurement & { readonly [home]: 'gradients' }

/** A velocity in an engine's own memory, made by `placeVelocity`. */
export type EngineVelocity = Gradients & { readonly [home]: 'velocity' }

/** How well a network does on some examples. */
export interface Measurement {
  /** Mean cross-entropy, natural logarithm. */
  loss: number
  /** How many examples are classified correctly. */
  correct: number
}

/** What forward propagation finds; with the probabilities if they were asked for. */
export type Evaluation<WithA2 extends boolean = false> = Measurement & {
  /** The predicted digit of each example, m bytes. */
  predictions: Uint8Array
} & (WithA2 extends true ? Probabilities : unknown)

/** The network's output. */
export interface Probabilities {
  /** The ten probabilities of each example, 10×m, one after the other in memory: a transposed view, as X is. */
  A2: Matrix
}

/** Computes gradients over one training set, which it holds. Each engine is one implementation of network.ts. */
export interface Engine {
  /** How many examples it holds. */
  readonly m: number

  /** How many threads compute, the caller's included. */
  readonly threads: number

  /** Copies parameters, of as many hidden units as the engine has, into its memory, so that no iteration has to. */
  place(params: Params): EngineParams

  /**
   * Forward and backward propagation over all m examples, or over a batch of them: row numbers below m, in any order.
   * @throws RangeError if the batch is empty or names an example that does not exist
   */
  gradients(params: Params, batch?: Uint32Array): EngineGradients

  /** The same, pausing every few tens of milliseconds so that the caller can react to events. */
  gradientsInSteps(params: Params, batch?: Uint32Array): Generator<undefined, EngineGradients>

  /** network.ts's `updateParams`, along the gradients or a velocity of this engine. */
  updateParams(params: EngineParams, direction: EngineGradients | EngineVelocity, alpha: number): void

  /** Copies a velocity into the engine's memory. */
  placeVelocity(velocity: Gradients): EngineVelocity

  /** Momentum: network.ts's `accumulate`. */
  accumulate(velocity: EngineVelocity, gradients: EngineGradients, momentum: number): void

  /** Forward propagation alone, over all m examples; with A2 if `withA2` is true. The result is a copy. */
  evaluate<WithA2 extends boolean = false>(params: Params, withA2?: WithA2): Evaluation<WithA2>

  /** The same, pausing as `gradientsInSteps` does. */
  evaluateInSteps<WithA2 extends boolean = false>(
    params: Params,
    withA2?: WithA2,
  ): Generator<undefined, Evaluation<WithA2>>

  /** Ends the engine's threads. */
  close(): void
}

/** How an engine is made. */
export interface EngineOptions {
  /** The rows of the digits that it holds, from 0, in this order (default: all). */
  rows?: Uint32Array
  /** Hidden units of the network, at least 1. */
  hidden: number
  /** How many threads may compute, the caller's included; at least 1. */
  threads: number
  /** Called if a limit of the system lets fewer threads start than would help. */
  onFewerThreads?: ((started: number, wanted: number) => void) | undefined
  /** The largest batch that will be asked for, if the full set never will be. */
  batch?: number
  /** Label smoothing ε of the gradients and their loss, from 0 to 1 (default: 0); `evaluate` has none. */
  labelSmoothing?: number
  /** The formulas that the reference engine calls (default: network.ts's). The other engines have their own. */
  network?: Network
}

/**
 * Checks a batch of row numbers.
 * @throws RangeError if it is empty or names an example that is not one of m
 */
export function checkBatch(batch: Uint32Array, m: number): Uint32Array {
  if (batch.length === 0) throw new RangeError('A batch has at least one example')
  const missing = batch.find((row) => row >= m)
  if (missing !== undefined) throw new RangeError(`Example ${missing} of the batch is not one of ${m}`)
  return batch
}
