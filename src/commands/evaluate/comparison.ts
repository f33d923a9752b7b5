/** Networks compared with the best of them. */
import { holm, mcNemar, paired, pairedDifference, type Interval } from '../../evaluation.ts'
import type { Measured } from './measured.ts'

/** A network beside the best one, on the same digits. */
export interface Comparison extends Interval {
  both: number
  onlyBest: number
  onlyThis: number
  neither: number
  /** Of the accuracies, best − this. */
  difference: number
  /** McNemar's exact p. */
  p: number
  /** The same, corrected by Holm's method; absent if only two networks are compared. */
  pHolm?: number
}

/** The networks, the most accurate first; equally accurate ones by loss, then in the order given. */
export function ranked(networks: Measured[]): Measured[] {
  return networks.toSorted((a, b) => b.correct - a.correct || a.loss - b.loss)
}

/**
 * Each network but the first beside the first.
 * @param networks `ranked`; without any, there is nothing to compare
 */
export function comparisons([best, ...others]: Measured[], labels: Uint8Array): Comparison[] {
  const found = others.map(({ predictions }) => {
    const counts = paired(labels, best.predictions, predictions)
    const { both, onlyFirst: onlyBest, onlySecond: onlyThis, neither } = counts
    return { both, onlyBest, onlyThis, neither, ...pairedDifference(counts), p: mcNemar(onlyBest, onlyThis) }
  })
  if (found.length < 2) return found
  const corrected = holm(found.map(({ p }) => p))
  return found.map((comparison, i) => ({ ...comparison, pHolm: corrected[i] }))
}
