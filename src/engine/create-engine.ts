import { digitCount, hasLabels, type Digits } from '../digits.ts'
import type { Engine, EngineOptions } from '../engine.ts'
import type { EngineName } from '../hyperparameters.ts'

/**
 * Makes an engine over the digits, which need labels. Only the engine asked for is loaded.
 * @throws RangeError if there are no labels, a row does not exist, or `hidden` or `threads` is not an integer from 1;
 *   Failure `usage` if this Node or machine lacks what the engine needs
 */
export async function createEngine(name: EngineName, digits: Digits, options: EngineOptions): Promise<Engine> {
  checkOptions(digits, options)
  if (name === 'reference') return (await import('./reference.ts')).referenceEngine(digits, options)
  return (await import('./simd.ts')).simdEngine(digits, options)
}

function checkOptions(digits: Digits, { rows, hidden, threads }: EngineOptions): void {
  if (!hasLabels(digits)) throw new RangeError('An engine needs labelled digits')
  const missing = rows?.find((row) => row >= digitCount(digits))
  if (missing !== undefined) throw new RangeError(`Row ${missing} is not one of ${digitCount(digits)}`)
  for (const [name, value] of Object.entries({ hidden, threads })) {
    if (!Number.isInteger(value) || value < 1) throw new RangeError(`${name} is ${value}, not an integer from 1`)
  }
}
