import type { Digits } from './digits.ts'
import { referenceEngine } from './engine/reference.ts'
import type { Gradients, Params } from './network.ts'

/** What a network makes of the examples, summed up. */
export interface Measured {
  /** Mean cross-entropy. */
  loss: number
  /** How many it takes for what they are. */
  correct: number
}

/** A way of computing gradients over one set of examples, which it holds. */
export interface Engine {
  /** How many examples it holds. */
  readonly m: number
  /** Copies parameters to where the engine wants them; those are the ones to give it and to update in place. */
  place(params: Params): Params
  /** Forward and backward propagation over all m examples. The gradients may be overwritten by the next call. */
  gradients(params: Params): Gradients & Measured
  /** Forward propagation alone. */
  evaluate(params: Params): Measured
}

/** The engines by name. */
export const ENGINES = { reference: referenceEngine } satisfies Record<string, (digits: Digits) => Engine>

export type EngineName = keyof typeof ENGINES
