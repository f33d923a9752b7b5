/** A digit → what the network makes of it, computed by the lesson, src/network.ts. */
import { digitsFrom, PIXELS, toMatrix } from '../digits.ts'
import { matrix } from '../matrix.ts'
import { forwardProp, predictions, type Params } from '../network.ts'
import { decodeNumbers } from './encoding.ts'
import type { ReportData } from './report-data.ts'

/** Every layer for one digit, and what decided. */
export interface Reading {
  /** 784, from 0 to 1. */
  x: Float64Array
  /** h */ Z1: number[]
  /** h */ A1: number[]
  /** 10 */ Z2: number[]
  /** 10 */ A2: number[]
  prediction: number
  /** The second most probable digit. */
  runnerUp: number
  /** How much each of the 784 pixels adds to Z2 of the prediction above that of the runner-up. */
  shares: Float64Array
}

/** The network of a report. */
export function paramsOf({ hidden, params }: Pick<ReportData, 'hidden' | 'params'>): Params {
  const part = (name: keyof Params, rows: number, columns: number) => matrix(rows, columns, decodeNumbers(params[name]))
  return {
    W1: part('W1', hidden, PIXELS),
    b1: part('b1', hidden, 1),
    W2: part('W2', 10, hidden),
    b2: part('b2', 10, 1),
  }
}

/** Reads a digit of 784 bytes. */
export function reading(params: Params, pixels: Uint8Array): Reading {
  const X = toMatrix(digitsFrom(pixels, new Uint8Array()))
  const { Z1, A1, Z2, A2 } = forwardProp(params, X)
  const [prediction] = predictions(A2)
  const columns = { Z1: [...Z1.data], A1: [...A1.data], Z2: [...Z2.data], A2: [...A2.data] }
  const others = columns.Z2.map((_, digit) => digit).filter((digit) => digit !== prediction)
  const runnerUp = others.reduce((best, digit) => (columns.Z2[digit] > columns.Z2[best] ? digit : best))
  const x = X.data
  return { x, ...columns, prediction, runnerUp, shares: sharesOf(params, { x, ...columns }, prediction, runnerUp) }
}

/**
 * The parts of Z2[one] − Z2[other] that the pixels bring. A unit passes on the share A1/Z1 of its sum, with ReLU all or
 * nothing; the rest of the difference comes from the biases. So the parts and the biases' add up to it exactly. Paper has
 * no part, although ink that is missing may be what decides.
 */
function sharesOf(
  { W1, W2 }: Params,
  { x, Z1, A1 }: Pick<Reading, 'x' | 'Z1' | 'A1'>,
  one: number,
  other: number,
): Float64Array {
  const passed = Z1.map((z, i) => (z === 0 ? 0 : (W2.get(one, i) - W2.get(other, i)) * (A1[i] / z)))
  return x.map((ink, p) => (ink === 0 ? 0 : ink * passed.reduce((sum, part, i) => sum + part * W1.get(i, p), 0)))
}
