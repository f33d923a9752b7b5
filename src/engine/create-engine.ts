import type { Digits } from '../digits.ts'
import type { Engine, EngineOptions } from '../engine.ts'
import type { EngineName } from '../hyperparameters.ts'

/**
 * Makes an engine over the digits. Only the engine asked for is loaded.
 * @throws Failure `usage` if this Node or machine lacks what the engine needs
 */
export async function createEngine(name: EngineName, digits: Digits, options: EngineOptions): Promise<Engine> {
  if (name === 'reference') return (await import('./reference.ts')).referenceEngine(digits, options)
  return (await import('./simd.ts')).simdEngine(digits, options)
}
