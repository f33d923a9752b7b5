/**
 * The doctor: what went wrong in a run, in one sentence with its number, and what to try. It looks at what the run left
 * and at up to 1,000 of its training digits, for less than 1 % of the time of a run. The thresholds come from some 200
 * runs on MNIST and on generated digits; healthy runs of any width, rate, batch and seed stay below them.
 */
import { select, toMatrix, type Digits } from './digits.ts'
import { faintestInk, invertedDigits } from './digits/suspicions.ts'
import { toRows, type Matrix } from './matrix.ts'
import { predictions } from './network.ts'
import { LESSON, type Network } from './own-network.ts'
import type { Weights } from './weights.ts'
import { counted, grouped } from './wording.ts'

/** What can be wrong. */
export const FAULTS = [
  'pixels',
  'labels',
  'dead-units',
  'learning-rate-too-high',
  'learning-rate-too-low',
  'one-class',
  'overfitting',
] as const
export type Fault = (typeof FAULTS)[number]

/** What may help: other options of mnist-train, or a look at the data. */
export type Remedy = { options: Partial<Record<RemedyOption, number | string | boolean>>; without?: 'take' } | 'inspect'
export type RemedyOption = 'alpha' | 'decay' | 'invert' | 'patience'

/** What is wrong with a run. */
export interface Diagnosis {
  fault: Fault
  /** The number that shows it, which the sentence contains. */
  value: number
  /** Without a full stop. */
  sentence: string
  remedy: Remedy
}

/** A run that is over. */
export interface Patient {
  weights: Weights
  /** What computes with them (default: the lesson). */
  network?: Network | undefined
  digits: Digits
  /** The rows that it trained on. */
  rows: Uint32Array
  /** Iterations of this session, and how many of them had a greater loss than the one before. */
  done: number
  rises: number
}

/** Digits that are looked at; the multiplications of a wide network leave fewer. */
const SAMPLE = { least: 200, most: 1000, work: 2e7, share: 1 / 1000 }

const FEWEST_FOR_LABELS = 200 // digits
const RELATED = 2 // variance ratio: of MNIST about 3 + n/35, of shuffled labels 1.0 ± 0.1
const FEWEST_ITERATIONS = { one: 10, low: 100, lowInBatches: 50 }
const MANY_DEAD = 1 / 2 // of the hidden units; of healthy runs up to 0.4
const MANY_RISES = 1 / 4 // of the iterations; a good network may have had as many
const POOR = 0.6 // accuracy
const LOST = 0.2 // accuracy that the last batches undid
const HIGH_LOSS = 1.75 // guessing is 2.30
const FEWEST_FOR_CLASSES = 20 // digits
const NEARLY_ALL = 0.98
const LEARNT = 0.9 // accuracy
const GAP = 0.2 // between training and held-out accuracy, beside twice the standard error
const FEWEST_HELD_OUT = 50

/** What is wrong with a run, the likeliest cause first; undefined if nothing is. */
export function diagnose(patient: Patient): Diagnosis | undefined {
  const { weights, network = LESSON, digits, done } = patient
  const data = pixelFault(digits)
  if (data || done === 0) return data
  const sample = sampleOf(patient)
  const { A1, A2 } = network.forwardProp(weights.params, toMatrix(sample))
  const predicted = predictions(A2)
  const m = sample.labels.length
  const accuracy = predicted.reduce((count, digit, i) => count + Number(digit === sample.labels[i]), 0) / m
  const trained: Trained = { ...patient, sample, predicted, accuracy, dead: deadUnits(A1) }
  for (const examine of [labels, dead, high, low, oneClass, overfitting]) {
    const found = examine(trained)
    if (found) return found
  }
  return undefined
}

/** A patient and how its network does on a sample of the training digits. */
interface Trained extends Patient {
  sample: Digits
  predicted: Uint8Array
  accuracy: number
  dead: number
}

/** A learning rate that a diverging run should try instead. */
export function smallerRate(alpha: number): number {
  return Math.min(0.1, Number((alpha / 10).toPrecision(1)))
}

/** Pixels that are not like MNIST's: inverted or nearly blank. */
export function pixelFault(digits: Digits): Diagnosis | undefined {
  const inverted = invertedDigits(digits)
  if (inverted) {
    const sentence = `the digits are dark on bright: ${grouped(inverted.count)} of ${grouped(inverted.of)} have a bright border`
    return { fault: 'pixels', value: inverted.count, sentence, remedy: { options: { invert: true } } }
  }
  const greatest = faintestInk(digits)
  if (greatest === undefined) return undefined
  const sentence = `the pixels do not go from 0 to 255: the greatest is ${greatest}`
  return { fault: 'pixels', value: greatest, sentence, remedy: 'inspect' }
}

/** Labels that have nothing to do with the pixels. */
function labels({ sample }: Trained): Diagnosis | undefined {
  if (sample.labels.length < FEWEST_FOR_LABELS) return undefined
  const ratio = varianceRatio(sample)
  if (ratio === undefined || ratio >= RELATED) return undefined
  const sentence = `the labels look shuffled: between digits of different labels, pixels vary ${ratio.toFixed(1)} times as much as between those of one (chance: 1.0)`
  return { fault: 'labels', value: ratio, sentence, remedy: 'inspect' }
}

/** Hidden units that no longer learn. */
function dead({ dead, weights: { params, training }, predicted }: Trained): Diagnosis | undefined {
  const [hidden] = params.W1.shape
  if (dead < hidden && (dead < 2 || dead < MANY_DEAD * hidden)) return undefined
  const why =
    dead === hidden
      ? `all ${counted(hidden, 'hidden unit')} are dead: every digit gets the same probabilities and is predicted as ${predicted[0]}`
      : `${dead} of ${counted(hidden, 'hidden unit')} are dead, 0 for every digit: the learning rate is too high`
  return {
    fault: 'dead-units',
    value: dead,
    sentence: why,
    remedy: { options: { alpha: smallerRate(training.alpha) } },
  }
}

/** Steps that go too far. */
function high({ weights: { training, result }, accuracy, done, rises }: Trained): Diagnosis | undefined {
  const { alpha, batch } = training
  const fault = 'learning-rate-too-high'
  if (batch === undefined && rises >= MANY_RISES * done && done >= FEWEST_ITERATIONS.one && accuracy < POOR) {
    const sentence = `the learning rate is too high: the loss rose in ${grouped(rises)} of ${counted(done, 'iteration')}`
    return { fault, value: rises, sentence, remedy: { options: { alpha: smallerRate(alpha) } } }
  }
  const { trainAccuracy = 0 } = result
  if (batch === undefined || result.kept !== undefined || accuracy > trainAccuracy - LOST) return undefined
  const lost = `accuracy was ${trainAccuracy.toFixed(3)} during the last epoch and is ${accuracy.toFixed(3)} at its end`
  const sentence = `the learning rate is too high for the last batches: ${lost}`
  const remedy: Remedy = { options: training.decay ? { alpha: smallerRate(alpha) } : { decay: 'linear' } }
  return { fault, value: accuracy, sentence, remedy }
}

/** Steps that lead nowhere in the time given. */
function low({
  weights: { training, result, history, descent },
  accuracy,
  done,
  rises,
}: Trained): Diagnosis | undefined {
  const { alpha, batch, momentum = 0 } = training
  const { loss } = result
  const fewest = batch === undefined ? FEWEST_ITERATIONS.low : FEWEST_ITERATIONS.lowInBatches
  const first = descent?.firstLoss ?? history[0]?.loss
  if (loss === undefined || first === undefined || done < fewest || loss < HIGH_LOSS || accuracy > 0.5) return undefined
  const isFalling = loss < first && (batch !== undefined || rises === 0)
  if (!isFalling) return undefined
  const usual = Number((0.1 * (1 - momentum)).toPrecision(1))
  const larger = Math.max(usual, Number((10 * alpha).toPrecision(1)))
  const fall = `from ${first.toFixed(3)} to ${loss.toFixed(3)} in ${counted(result.iterations, 'iteration')}`
  const sentence = `the learning rate is too low: the loss has only fallen ${fall}`
  return { fault: 'learning-rate-too-low', value: loss, sentence, remedy: { options: { alpha: larger } } }
}

/** One answer for nearly all. */
function oneClass({ weights, sample, predicted, done }: Trained): Diagnosis | undefined {
  const m = predicted.length
  const counts = new Uint32Array(10)
  for (const digit of predicted) counts[digit]++
  const count = Math.max(...counts)
  const digit = counts.indexOf(count)
  if (done < FEWEST_ITERATIONS.one || m < FEWEST_FOR_CLASSES || count < NEARLY_ALL * m) return undefined
  const share = sample.labels.filter((label) => label === digit).length / m
  const sentence = `${grouped(count)} of ${counted(m, 'training digit')} are predicted as ${digit}, which is the label of ${Math.round(100 * share)} %`
  const remedy: Remedy = share > 1 / 2 ? 'inspect' : { options: { alpha: smallerRate(weights.training.alpha) } }
  return { fault: 'one-class', value: count, sentence, remedy }
}

/** Training digits learnt by heart. */
function overfitting({ weights: { training, result }, accuracy }: Trained): Diagnosis | undefined {
  const { devAccuracy = accuracy } = result
  if (training.dev < FEWEST_HELD_OUT || accuracy < LEARNT) return undefined
  const error = Math.sqrt((devAccuracy * (1 - devAccuracy)) / training.dev)
  const gap = accuracy - devAccuracy
  if (gap < GAP + 2 * error) return undefined
  const sentence = `overfitting: accuracy ${accuracy.toFixed(3)} on training digits, ${devAccuracy.toFixed(3)} on held-out ones, ${gap.toFixed(3)} less`
  const remedy: Remedy = training.take === undefined ? { options: { patience: 3 } } : { options: {}, without: 'take' }
  return { fault: 'overfitting', value: gap, sentence, remedy }
}

/** Training digits: as many as cost a thousandth of what the run has read, but enough to see something. */
function sampleOf({ weights: { params, training }, digits, rows, done }: Patient): Digits {
  const [hidden, inputs] = params.W1.shape
  const read = done * (training.batch ?? rows.length)
  const wanted = Math.min(Math.max(Math.floor(read * SAMPLE.share), SAMPLE.least), SAMPLE.most)
  return select(digits, rows.slice(0, Math.max(1, Math.min(wanted, Math.floor(SAMPLE.work / (hidden * inputs))))))
}

/** How many hidden units are 0 for every digit, so that their gradients are 0 and they never change. A1 is h×m. */
function deadUnits(A1: Matrix): number {
  return toRows(A1).filter((row) => row.every((a) => a === 0)).length
}

/**
 * How much more the classes' means differ than chance would have it: the variance between classes divided by that within
 * them, each by its degrees of freedom, summed over all pixels (the F of an analysis of variance). 1 is chance; undefined
 * if there are fewer than two classes or no variance.
 */
export function varianceRatio({ labels, ...digits }: Digits): number | undefined {
  const m = labels.length
  const X = toMatrix({ labels, ...digits }).transpose(1, 0) // m×784
  const [, pixels] = X.shape
  const sums = new Float64Array(10 * pixels)
  const counts = new Uint32Array(10)
  let squares = 0
  for (let i = 0; i < m; i++) {
    const into = labels[i] * pixels
    counts[labels[i]]++
    for (let p = 0; p < pixels; p++) {
      const x = X.data[i * pixels + p]
      sums[into + p] += x
      squares += x * x
    }
  }
  let ofClasses = 0 // sums of squares, of the classes' means and of the mean of all
  let ofAll = 0
  for (let p = 0; p < pixels; p++) {
    let sum = 0
    for (let c = 0; c < 10; c++) {
      if (counts[c] > 0) ofClasses += sums[c * pixels + p] ** 2 / counts[c]
      sum += sums[c * pixels + p]
    }
    ofAll += sum ** 2 / m
  }
  const classes = counts.filter((count) => count > 0).length
  const within = (squares - ofClasses) / (m - classes)
  return classes < 2 || m <= classes || within <= 0 ? undefined : (ofClasses - ofAll) / (classes - 1) / within
}
