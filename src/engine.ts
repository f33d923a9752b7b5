import type { Digits } from './digits.ts'
import { referenceEngine } from './engine/reference.ts'
import { simdEngine } from './engine/simd.ts'
import type { Gradients, Params } from './network.ts'

/** What a network makes of examples, summed up. */
export interface Measured {
  /** Mean cross-entropy. */
  loss: number
  /** How many examples it takes for what they are. */
  correct: number
}

/** What a network makes of examples, one by one too. */
export interface Evaluation extends Measured {
  /** The digit that each is taken for. */
  predictions: Uint8Array
}

/** A way of computing gradients over one set of examples, which it holds. */
export interface Engine {
  /** How many examples it holds. */
  readonly m: number

  /** How many threads compute, the caller's among them. */
  readonly threads: number

  /** Copies parameters to where the engine wants them: give it these, and no step copies any. */
  place(params: Params): Params

  /**
   * Forward and backward propagation over all m examples, or over those of a batch: any of their numbers, in any order.
   * The matrices belong to the engine and hold until its next call.
   */
  gradients(params: Params, batch?: Uint32Array): Gradients & Measured

  /** The same, pausing every few tens of milliseconds at most so that the caller can look up. */
  gradientsInSteps(params: Params, batch?: Uint32Array): Generator<undefined, Gradients & Measured>

  /** One step downhill: network.ts's `updateParams`, for parameters and gradients, or a velocity, that lie in the engine. */
  updateParams(params: Params, gradients: Gradients, alpha: number): void

  /** Copies a velocity to where the engine wants it. */
  placeVelocity(velocity: Gradients): Gradients

  /** Momentum: network.ts's `accumulate`, for a velocity and gradients that lie in the engine. */
  accumulate(velocity: Gradients, gradients: Gradients, momentum: number): void

  /** Forward propagation alone, over all m examples. */
  evaluate(params: Params): Evaluation

  /** The same, pausing as `gradientsInSteps` does. */
  evaluateInSteps(params: Params): Generator<undefined, Evaluation>

  /** Ends the engine's threads. */
  close(): void
}

export interface EngineOptions {
  /** Which rows of the digits it holds, in this order; all, where none are given. */
  rows?: Uint32Array
  /** The network's hidden units. */
  hidden: number
  /** How many threads may compute, the caller's among them. */
  threads: number
  /** The largest batch that will be asked for, where all examples together never will be. */
  batch?: number
}

/** The engines by name. */
export const ENGINES = ['simd', 'reference'] as const

export type EngineName = (typeof ENGINES)[number]

/**
 * Makes an engine over the digits.
 * @throws Error where this Node lacks what the engine is made of
 */
export async function createEngine(name: EngineName, digits: Digits, options: EngineOptions): Promise<Engine> {
  return name === 'simd' ? simdEngine(digits, options) : referenceEngine(digits, options)
}
