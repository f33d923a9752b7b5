/** Checks what a learner's functions return, so that a mistake is a sentence with its place. */
import { Failure } from '../failure.ts'
import { assign, type Matrix } from '../matrix.ts'
import type { Activations, Gradients, Params } from '../network.ts'
import type { NetworkFunctions } from '../own-network.ts'
import { adviceOn, inWords, received, shapeOf } from './received.ts'

/** A learner's functions, about which nothing is known. */
export type UnknownFunctions = Partial<Record<keyof NetworkFunctions, (...values: unknown[]) => unknown>>

/** Where a function is in the learner's file, or a line of it that sets a variable: "mine.mjs:12". */
export type PlaceOf = (name: string, variable?: string) => string

type Shape = [rows: number, columns: number]
type Shapes = Record<string, Shape>

const DIGITS = 10

/** The shapes of the parameters for h hidden units. */
export function shapesOfParams(hidden: number): Record<keyof Params, Shape> {
  return { W1: [hidden, 784], b1: [hidden, 1], W2: [DIGITS, hidden], b2: [DIGITS, 1] }
}

/** The shapes of the gradients for h hidden units. */
export function shapesOfGradients(hidden: number): Record<keyof Gradients, Shape> {
  const { W1: dW1, b1: db1, W2: dW2, b2: db2 } = shapesOfParams(hidden)
  return { dW1, db1, dW2, db2 }
}

/** The shapes of the layers for h hidden units and m examples. */
export function shapesOfActivations(hidden: number, m: number): Record<keyof Activations, Shape> {
  return { Z1: [hidden, m], A1: [hidden, m], Z2: [DIGITS, m], A2: [DIGITS, m] }
}

/**
 * The same functions with checked results: matrices of the right shape, with NaN only if they were given NaN, or numbers as
 * large as those of a training that diverges. They throw a Failure `badData` otherwise.
 */
export function guarded(own: UnknownFunctions, placeOf: PlaceOf): Partial<NetworkFunctions> {
  const refuse = (name: string, problem: string, variable?: string) =>
    new Failure('badData', `${placeOf(name, variable)}: ${name} returns ${problem}`)

  /** The result as a matrix. */
  const one = (name: string, result: unknown, shape: Shape, given: unknown): Matrix => {
    const problem = problemOf(result, shape, given)
    if (problem) throw refuse(name, problem)
    return received(result) as Matrix
  }
  /** The result as several matrices. */
  const several = <T extends object>(name: string, result: unknown, shapes: Shapes, given: unknown): T => {
    const names = Object.keys(shapes)
    if (typeof result !== 'object' || result === null || result instanceof Promise) {
      throw refuse(name, `${inWords(result)}, not { ${names.join(', ')} }${adviceOn(result)}`)
    }
    const matrices = names.map((key) => {
      const value = (result as Record<string, unknown>)[key]
      if (value === undefined) throw refuse(name, `no ${key}; it must return { ${names.join(', ')} }`)
      const problem = problemOf(value, shapes[key], given)
      if (problem) throw refuse(name, `${key} as ${problem}`, key)
      return [key, received(value)]
    })
    return Object.fromEntries(matrices) as T
  }

  const guards: {
    [Name in keyof NetworkFunctions]: (call: (...values: unknown[]) => unknown) => NetworkFunctions[Name]
  } = {
    initParams: (call) => (random, hidden, scheme) =>
      several('initParams', call(random, hidden, scheme), shapesOfParams(hidden), []),
    relu: (call) => (Z) => one('relu', call(Z), shape(Z), Z),
    reluSlope: (call) => (Z) => one('reluSlope', call(Z), shape(Z), Z),
    softmax: (call) => (Z) => one('softmax', call(Z), shape(Z), Z),
    oneHot: (call) => (Y, smoothing) => one('oneHot', call(Y, smoothing), [DIGITS, Y.length], []),
    forwardProp: (call) => (params, X) =>
      several('forwardProp', call(params, X), shapesOfActivations(params.W1.shape[0], X.shape[1]), params),
    loss: (call) => (A2, Y, smoothing) => {
      const result = call(A2, Y, smoothing)
      if (typeof result !== 'number') throw refuse('loss', `${inWords(result)}, not a number${adviceOn(result)}`)
      return result
    },
    backProp: (call) => (params, activations, X, Y, smoothing) => {
      const shapes = shapesOfGradients(params.W1.shape[0])
      return several('backProp', call(params, activations, X, Y, smoothing), shapes, [params, activations])
    },
    updateParams: (call) => (params, gradients, alpha) => {
      const result = call(params, gradients, alpha)
      if (result === undefined) return // it changed them in place
      const updated = several<Params>('updateParams', result, shapesOfParams(params.W1.shape[0]), [params, gradients])
      for (const key of ['W1', 'b1', 'W2', 'b2'] as const) assign(params[key], updated[key])
    },
  }
  const entries = Object.entries(own).map(([name, call]) => [name, guards[name as keyof NetworkFunctions](call)])
  return Object.fromEntries(entries) as Partial<NetworkFunctions>
}

/** What is wrong with a matrix that a function returns: "10×5; it must be 10×784". NaN is not its fault if it was given extremes. */
export function problemOf(result: unknown, [rows, columns]: Shape, given: unknown): string | undefined {
  const M = received(result)
  const needed = `it must be ${rows}×${columns}`
  if (typeof M === 'string') return `${M}; ${needed}${adviceOn(result)}`
  if (M.shape[0] !== rows || M.shape[1] !== columns) return `${shapeOf(M)}; ${needed}`
  return hasEntry(M, Number.isNaN) && !hasEntry(given, isExtreme)
    ? `${shapeOf(M)} with NaN, though what it was given is finite`
    : undefined
}

function shape(Z: Matrix): Shape {
  return [Z.shape[0], Z.shape[1]]
}

/** Whether a matrix, or one of several, has such an entry. */
function hasEntry(of: unknown, is: (x: number) => boolean): boolean {
  if (typeof of !== 'object' || of === null) return false
  if ('data' in of) return (of as Matrix).data.some((x) => is(x))
  return Object.values(of).some((value) => hasEntry(value, is))
}

/** Whether a number is not finite, or so large that a training that diverges has come to it. */
function isExtreme(x: number): boolean {
  return !(Math.abs(x) < 1e100)
}
