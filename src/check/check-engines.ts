/** Checks the engines' gradients. */
import { toMatrix, type Digits } from '../digits.ts'
import { createEngine } from '../engine/create-engine.ts'
import { checkGradients, type TensorCheck } from '../gradient-check.ts'
import { ENGINES, type EngineName } from '../hyperparameters.ts'
import { clone } from '../matrix.ts'
import { forwardProp, initParams, type Params } from '../network.ts'
import { randomStream } from '../random.ts'

const HIDDEN = 10
const ALPHA = 0.1

/** When the gradients are checked: at the start, and when the parameters are no longer random. */
const ITERATIONS = [0, 20]

export interface EngineCheck {
  engine: EngineName
  /** Iterations done before the check. */
  iteration: number
  tensors: TensorCheck[]
}

/**
 * Compares both engines' gradients on some digits with central differences of the engines' own losses.
 * @param engineNamed makes the engines; tests pass their own
 */
export async function checkEngines(digits: Digits, engineNamed = createEngine): Promise<EngineCheck[]> {
  const X = toMatrix(digits)
  const checks: EngineCheck[] = []
  for (const name of ENGINES) {
    const engine = await engineNamed(name, digits, { hidden: HIDDEN, threads: 1 })
    const params = engine.place(initParams(randomStream(4), HIDDEN))
    const measure = (changed: Params) => ({
      loss: engine.evaluate(changed).loss,
      Z1: forwardProp(changed, X).Z1,
    })
    for (let done = 0; done <= Math.max(...ITERATIONS); done++) {
      const gradients = engine.gradients(params)
      if (ITERATIONS.includes(done)) {
        const { W1, b1, W2, b2 } = params
        // Copies: measuring other parameters overwrites these in the simd engine.
        const at = { W1: clone(W1), b1: clone(b1), W2: clone(W2), b2: clone(b2) }
        const { dW1, db1, dW2, db2 } = gradients
        const held = { dW1: clone(dW1), db1: clone(db1), dW2: clone(dW2), db2: clone(db2) }
        checks.push({ engine: name, iteration: done, tensors: checkGradients(held, at, X, measure, randomStream(5)) })
        engine.place(at)
        engine.gradients(params)
      }
      engine.updateParams(params, gradients, ALPHA)
    }
    engine.close()
  }
  return checks
}
