/**
 * Why a network says one digit rather than another.
 *
 * With its active hidden units held fixed, the network is linear. So the difference of two digits' logits is a sum of one
 * share for each pixel and a constant; the same difference is a sum of one share for each active unit and a bias. Both are
 * exact for this picture (the decomposition of Srinivas & Fleuret 2019, "Full-Gradient Representation"). A pixel's share is
 * its value times a weight, so that paper, which is 0, has none: shares are counted from blank paper.
 *
 * This file knows no screen and no Node, so that a page can use it.
 */
import { PIXELS } from './digits.ts'
import { matrix } from './matrix.ts'
import { forwardProp, type Params } from './network.ts'

/** What an active hidden unit adds to the difference. */
export interface UnitShare {
  /** From 0. */
  unit: number
  /** A1. */
  activation: number
  /** A1 · (W2[digit] − W2[against]). */
  share: number
}

/** The difference of two logits, taken apart twice: pixels + constant = units + bias = difference. */
export interface Explanation {
  digit: number
  /** The digit that it is compared with. */
  against: number
  /** Z2[digit] − Z2[against], the logarithm of how many times as probable the first is. */
  difference: number
  /** 784 shares, row by row: above 0 for `digit`, below 0 for `against`, 0 for paper. */
  pixels: Float64Array
  /** What is left without any ink, the same units being active. */
  constant: number
  /** The active units, those that add or take the most first. */
  units: UnitShare[]
  /** b2[digit] − b2[against]. */
  bias: number
}

/**
 * Explains one picture, for a network with ReLU.
 * @param pixels 784 bytes; 0 is paper, 255 is ink
 * @param digit the digit that is explained
 * @param against another digit (default: of the others, the most probable)
 */
export function explain(params: Params, pixels: Uint8Array, digit: number, against?: number): Explanation {
  const { W1, b1, W2, b2 } = params
  const [hidden] = W1.shape
  const X = matrix(
    PIXELS,
    1,
    Float64Array.from(pixels, (pixel) => pixel / 255),
  ) // 784×1
  const { Z1, A1, Z2 } = forwardProp(params, X)
  const other = against ?? mostProbableBeside(digit, Z2.data)

  const shares = new Float64Array(PIXELS)
  const units: UnitShare[] = []
  const bias = b2.get(digit, 0) - b2.get(other, 0)
  let constant = bias
  for (let unit = 0; unit < hidden; unit++) {
    if (Z1.get(unit, 0) <= 0) continue
    const slope = W2.get(digit, unit) - W2.get(other, unit) // of the difference, by A1 of this unit
    constant += slope * b1.get(unit, 0)
    for (let p = 0; p < PIXELS; p++) shares[p] += slope * W1.get(unit, p) * X.get(p, 0)
    units.push({ unit, activation: A1.get(unit, 0), share: slope * A1.get(unit, 0) })
  }
  units.sort((one, two) => Math.abs(two.share) - Math.abs(one.share))
  const difference = Z2.get(digit, 0) - Z2.get(other, 0)
  return { digit, against: other, difference, pixels: shares, constant, units, bias }
}

/** The digit with the greatest logit, other than `digit`. */
function mostProbableBeside(digit: number, Z2: Float64Array): number {
  let best = digit === 0 ? 1 : 0
  for (let i = 0; i < Z2.length; i++) if (i !== digit && Z2[i] > Z2[best]) best = i
  return best
}
