/** Tries a learner's module before it runs in the thread that reacts to Ctrl-C. */
import { checkExports, type ModuleFile } from '../network-module.ts'
import { matrix } from '../matrix.ts'
import { FUNCTION_NAMES, LESSON } from '../own-network.ts'
import { randomStream } from '../random.ts'
import { networkIn, startOf } from './check-module.ts'
import { openSession } from './session.ts'

/** The time limit of each call. */
const SECONDS = 5

/**
 * Calls each function of a module once, on two blank digits, in a thread of its own: an endless loop can be ended there.
 * @throws Failure as `openSession` and the functions do
 */
export async function tryModule(file: ModuleFile): Promise<void> {
  const session = await openSession(file, SECONDS, () => {}) // what it prints will be printed when it trains
  try {
    checkExports(file, session.types)
    const own = networkIn(session, file, FUNCTION_NAMES)
    const [X, Y] = [matrix(784, 2), Uint8Array.of(3, 8)]
    if (session.types.has('initParams')) startOf(own)
    const params = LESSON.initParams(randomStream(1), 3)
    const layers = own.forwardProp(params, X)
    own.loss(layers.A2, Y)
    own.updateParams(params, own.backProp(params, layers, X, Y), 0.1)
  } finally {
    session.close()
  }
}
