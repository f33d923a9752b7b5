/**
 * How good predictions are, and how certain that is: numbers alone, no screen. Labels and predictions are m digits from 0
 * to 9. A confusion matrix is 10×10 counts: row = label, column = prediction, as scikit-learn's `confusion_matrix`.
 *
 * Only two distributions are needed, the standard normal's 97.5 % quantile and the binomial's tail with p = ½: a constant
 * and a running product, for which no library is worth its size.
 */
import { columnMaxima, type Matrix } from './matrix.ts'

const DIGITS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]

/** The 97.5 % quantile of the standard normal distribution: R's `qnorm(0.975)`. */
const Z = 1.959963984540054

/** A 95 % confidence interval. */
export interface Interval {
  low: number
  high: number
}

/**
 * The 95 % Wilson score interval of a share, without continuity correction: R's `prop.test(correct = FALSE)` (Wilson 1927;
 * Brown, Cai and DasGupta 2001, "Interval Estimation for a Binomial Proportion").
 * @param successes from 0 to `trials`
 * @param trials at least 1
 */
export function wilsonInterval(successes: number, trials: number): Interval {
  const failures = trials - successes
  const middle = successes + (Z * Z) / 2
  const reach = Z * Math.sqrt((successes * failures) / trials + (Z * Z) / 4)
  const total = trials + Z * Z
  return {
    low: (middle - reach) / total, // without successes exactly 0
    high: failures === 0 ? 1 : (middle + reach) / total, // rounding could miss 1
  }
}

/** The confusion matrix of some predictions. */
export function confusionMatrix(labels: Uint8Array, predictions: Uint8Array): number[][] {
  const counts = DIGITS.map(() => DIGITS.map(() => 0))
  labels.forEach((label, i) => counts[label][predictions[i]]++)
  return counts
}

/** How well a network recognises one digit. */
export interface ClassScores {
  digit: number
  /** How many have this label. */
  support: number
  /** How many are predicted as this digit. */
  predicted: number
  /** How many are both. */
  correct: number
  /** correct / predicted; null if none is predicted. */
  precision: number | null
  /** correct / support; null if none has the label. */
  recall: number | null
  /** 95 % Wilson interval of the recall. (The precision has none: its denominator depends on the network.) */
  recallInterval: Interval | null
  /** 2 correct / (predicted + support); null if both are 0. */
  f1: number | null
}

/** Unweighted means over the digits. */
export type MacroScores = Record<'precision' | 'recall' | 'f1', number>

/**
 * Precision, recall and F1 of each digit, and their macro averages: scikit-learn's `classification_report`. As there, what
 * is undefined counts as 0 in an average, and a digit that is neither a label nor predicted does not count.
 */
export function classReport(confusion: number[][]): { classes: ClassScores[]; macro: MacroScores } {
  const share = (part: number, whole: number) => (whole > 0 ? part / whole : null)
  const classes = DIGITS.map((digit) => {
    const support = sum(confusion[digit])
    const predicted = sum(confusion.map((row) => row[digit]))
    const correct = confusion[digit][digit]
    return {
      digit,
      support,
      predicted,
      correct,
      precision: share(correct, predicted),
      recall: share(correct, support),
      recallInterval: support > 0 ? wilsonInterval(correct, support) : null,
      f1: share(2 * correct, predicted + support),
    }
  })
  const present = classes.filter(({ f1 }) => f1 !== null)
  const mean = (name: keyof MacroScores) => sum(present.map((scores) => scores[name] ?? 0)) / present.length
  return { classes, macro: { precision: mean('precision'), recall: mean('recall'), f1: mean('f1') } }
}

/** Digits of one label that are read as another. */
export interface Confusion {
  label: number
  prediction: number
  count: number
  /** How many have the label. */
  support: number
}

/** The confusions that occur, the most frequent first; equally frequent ones by label, then by prediction. */
export function confusions(confusion: number[][]): Confusion[] {
  const cells = confusion.flatMap((row, label) =>
    row.map((count, prediction) => ({ label, prediction, count, support: sum(row) })),
  )
  const wrong = cells.filter(({ label, prediction, count }) => label !== prediction && count > 0)
  return wrong.toSorted((a, b) => b.count - a.count) // which keeps the order of equals
}

/** A digit that is read as another. */
export interface Mistake {
  /** The example's row, from 0. */
  index: number
  label: number
  prediction: number
  /** −log of the label's probability; Infinity if that is 0. */
  loss: number
  probabilityOfLabel: number
  probabilityOfPrediction: number
}

/**
 * The mistakes, the greatest loss first; equal ones by index.
 * @param A2 10×m
 */
export function mistakes(labels: Uint8Array, predictions: Uint8Array, A2: Matrix): Mistake[] {
  const found: Mistake[] = []
  labels.forEach((label, index) => {
    const prediction = predictions[index]
    if (label === prediction) return
    const probabilityOfLabel = A2.get(label, index)
    const probabilityOfPrediction = A2.get(prediction, index)
    const loss = -Math.log(probabilityOfLabel)
    found.push({ index, label, prediction, loss, probabilityOfLabel, probabilityOfPrediction })
  })
  return found.toSorted((a, b) => b.loss - a.loss) // which keeps the order of equals, and of two that are infinite
}

/** The confidence of each prediction, its probability: the maxima of A2's columns. */
export function confidences(A2: Matrix): Float64Array {
  return columnMaxima(A2).data
}

/** The predictions whose confidence lies in one tenth, above `from` and up to `to`. */
export interface Bin {
  from: number
  to: number
  count: number
  /** Mean confidence; null if there is no prediction. */
  confidence: number | null
}

/** A bin of labelled digits. */
export interface ScoredBin extends Bin {
  correct: number
  /** correct / count; null if there is no prediction. */
  accuracy: number | null
}

/** The predictions in ten bins of confidence, (0, 0.1] to (0.9, 1]. */
export function confidenceBins(confidences: Float64Array): Bin[] {
  return binned(confidences).map(({ total, rows, ...bin }) => ({
    ...bin,
    count: rows.length,
    confidence: rows.length > 0 ? total / rows.length : null,
  }))
}

/**
 * Whether confidence is accuracy: ten bins of equal width, and the expected calibration error, the mean over all
 * predictions of their bin's |accuracy − mean confidence| (Guo et al. 2017, "On Calibration of Modern Neural Networks").
 */
export function calibration(
  labels: Uint8Array,
  predictions: Uint8Array,
  confidences: Float64Array,
): { bins: ScoredBin[]; expectedError: number } {
  const rowsOf = binned(confidences)
  const bins = confidenceBins(confidences).map((bin, b) => {
    const correct = rowsOf[b].rows.filter((row) => labels[row] === predictions[row]).length
    return { ...bin, correct, accuracy: bin.count > 0 ? correct / bin.count : null }
  })
  const gaps = bins.map(({ count, accuracy, confidence }) => count * Math.abs((accuracy ?? 0) - (confidence ?? 0)))
  return { bins, expectedError: sum(gaps) / confidences.length }
}

function binned(confidences: Float64Array) {
  const bins = DIGITS.map((b) => ({ from: b / 10, to: (b + 1) / 10, total: 0, rows: [] as number[] }))
  confidences.forEach((confidence, row) => {
    let b = 0
    while (b < 9 && confidence > bins[b].to) b++
    bins[b].total += confidence
    bins[b].rows.push(row)
  })
  return bins
}

/** How many of the same digits two networks get right. */
export interface Paired {
  both: number
  onlyFirst: number
  onlySecond: number
  neither: number
}

/** Compares the predictions of two networks for the same digits. */
export function paired(labels: Uint8Array, first: Uint8Array, second: Uint8Array): Paired {
  const counts = { both: 0, onlyFirst: 0, onlySecond: 0, neither: 0 }
  labels.forEach((label, i) => {
    if (first[i] === label) counts[second[i] === label ? 'both' : 'onlyFirst']++
    else counts[second[i] === label ? 'onlySecond' : 'neither']++
  })
  return counts
}

/**
 * The difference of two accuracies on the same digits, first − second, and its 95 % interval: Wald's for matched
 * proportions after half a digit is added to each of the four counts (Agresti and Min 2005, "Simple improved confidence
 * intervals for comparing matched proportions"; R's `PropCIs::diffpropci.mp`).
 */
export function pairedDifference({ both, onlyFirst, onlySecond, neither }: Paired): { difference: number } & Interval {
  const m = both + onlyFirst + onlySecond + neither
  const gap = onlyFirst - onlySecond
  const centre = gap / (m + 2)
  const reach = (Z * Math.sqrt(onlyFirst + onlySecond + 1 - (gap * gap) / (m + 2))) / (m + 2)
  return { difference: gap / m, low: Math.max(centre - reach, -1), high: Math.min(centre + reach, 1) }
}

/**
 * McNemar's exact two-sided p: how probable so uneven a split of the discordant digits is if neither network is better.
 * R's `binom.test(onlyFirst, onlyFirst + onlySecond)$p.value` (McNemar 1947).
 * @returns from 0, for what is below 5e-324, to 1
 */
export function mcNemar(onlyFirst: number, onlySecond: number): number {
  return Math.min(1, 2 * Math.exp(logTail(Math.min(onlyFirst, onlySecond), onlyFirst + onlySecond)))
}

/**
 * log P(X ≤ k) of n tosses of a fair coin, k ≤ n / 2: the last term times the sum of all terms relative to it. The powers
 * of two are kept apart, because 2⁻ⁿ is 0 in float64 if n is above 1074.
 */
export function logTail(k: number, n: number): number {
  let [mantissa, exponent] = [1, -n]
  for (let i = 0; i < k; i++) {
    mantissa *= (n - i) / (i + 1) // in the end the binomial coefficient
    if (mantissa < 2 ** 512) continue
    mantissa *= 2 ** -512
    exponent += 512
  }
  let [terms, term] = [1, 1]
  for (let i = k; i > 0; i--) {
    term *= i / (n - i + 1)
    terms += term
  }
  return Math.log(mantissa) + Math.log(terms) + exponent * Math.LN2
}

/** p values corrected for making several comparisons: R's `p.adjust(p, "holm")` (Holm 1979). In the same order. */
export function holm(p: number[]): number[] {
  const order = Array.from(p.keys()).toSorted((a, b) => p[a] - p[b])
  const corrected = [...p]
  let least = 0
  order.forEach((at, rank) => {
    least = Math.max(least, Math.min(1, (p.length - rank) * p[at]))
    corrected[at] = least
  })
  return corrected
}

/** The sum of some numbers. */
function sum(numbers: number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
