/** A network of which some functions are a learner's own, and the others are network.ts's. */
import { backProp, forwardProp, initParams, loss, oneHot, relu, reluSlope, softmax, updateParams } from './network.ts'
import type { Activations, Gradients, Params, Parts } from './network.ts'
import { map, matrix, toRows, type Matrix } from './matrix.ts'
import { randomStream } from './random.ts'

/** The functions that train a network. */
export interface Network {
  initParams: typeof initParams
  forwardProp: (params: Params, X: Matrix) => Activations
  loss: typeof loss
  backProp: (params: Params, activations: Activations, X: Matrix, Y: Uint8Array, smoothing?: number) => Gradients
  updateParams: typeof updateParams
}

/** All functions of the lesson that can be one's own, under the lesson's names. */
export type NetworkFunctions = Network & Parts

/** The lesson as it stands. */
export const LESSON: NetworkFunctions = {
  initParams,
  relu,
  softmax,
  forwardProp: (params, X) => forwardProp(params, X),
  loss,
  reluSlope,
  oneHot,
  backProp: (params, activations, X, Y, smoothing) => backProp(params, activations, X, Y, smoothing),
  updateParams,
}

/** The names of these functions, in the order in which a run first calls them. */
export const FUNCTION_NAMES = Object.keys(LESSON) as (keyof NetworkFunctions)[]

/** A network with some functions of one's own: where network.ts calls one of them, it calls yours. */
export function ownNetwork(own: Partial<NetworkFunctions>): NetworkFunctions {
  const parts = { ...LESSON, ...own }
  return {
    ...parts,
    forwardProp: own.forwardProp ?? ((params, X) => forwardProp(params, X, parts)),
    backProp: own.backProp ?? ((params, layers, X, Y, smoothing) => backProp(params, layers, X, Y, smoothing, parts)),
  }
}

/**
 * The function that label smoothing must change and does not, if there is one: such a run would not descend its loss.
 * @param own the functions that are the learner's own
 */
export function withoutSmoothing(
  { forwardProp, backProp, loss }: Network,
  own: (keyof NetworkFunctions)[],
): keyof NetworkFunctions | undefined {
  const random = randomStream(0)
  const params = initParams(random, 4)
  const X = map(matrix(784, 2), () => random.rand())
  const Y = Uint8Array.of(3, 7)
  const layers = forwardProp(params, X)
  const [plain, smoothed] = [0, 0.1].map((smoothing) => toRows(backProp(params, layers, X, Y, smoothing).dW2).flat())
  if (plain.every((entry, i) => entry === smoothed[i])) {
    return own.includes('backProp') ? 'backProp' : 'oneHot'
  }
  return loss(layers.A2, Y, 0) === loss(layers.A2, Y, 0.1) ? 'loss' : undefined
}
