import type { Digits } from './digits.ts'
import { referenceEngine } from './engine/reference.ts'
import type { Gradients, Params } from './network.ts'

/** A way of computing gradients over one training set, which it holds. */
export interface Engine {
  /** How many examples it holds. */
  readonly m: number
  /** Forward and backward propagation over all m examples: the gradients, their loss, and how many were right. */
  gradients(params: Params): Gradients & { loss: number; correct: number }
}

/** The engines by name. */
export const ENGINES = { reference: referenceEngine } satisfies Record<string, (digits: Digits) => Engine>

export type EngineName = keyof typeof ENGINES
