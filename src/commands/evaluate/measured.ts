/** What is measured of a network on some digits, before any of it is shown. */
import { hasLabels, digitCount, type Digits } from '../../digits.ts'
import type { Engine } from '../../engine.ts'
import { createEngine } from '../../engine/create-engine.ts'
import {
  calibration,
  classReport,
  confidenceBins,
  confidences,
  confusionMatrix,
  mistakes,
  wilsonInterval,
  type Mistake,
} from '../../evaluation.ts'
import { Failure } from '../../failure.ts'
import type { Matrix } from '../../matrix.ts'
import type { Network } from '../../own-network.ts'
import type { Weights } from '../../weights.ts'

/** A weights file, what it holds, and what computes with it. */
export interface Trained {
  file: string
  weights: Weights
  network: Network
}

/** A network's answers. */
export interface Answers extends Trained {
  digits: number
  /** Mean cross-entropy; of no meaning if the digits are unlabelled. */
  loss: number
  /** m bytes. */
  predictions: Uint8Array
  /** 10×m. */
  A2: Matrix
}

/** What is kept of a network's answers: their probabilities would fill the memory if many networks are compared. */
type Kept = Omit<Answers, 'A2'>

/** A network, and the labels' verdict on its answers. */
export type Measured = Kept & ReturnType<typeof scores>

/** What can be said of answers without labels. */
export type Unlabelled = Kept & ReturnType<typeof withoutLabels>

/**
 * The answers of several networks to the same digits, one after the other.
 * @throws Failure `badData` if a network has no probabilities
 */
export async function* answersOf(networks: Trained[], digits: Digits): AsyncGenerator<Answers> {
  const m = digitCount(digits)
  const held = hasLabels(digits) ? digits : { ...digits, labels: new Uint8Array(m) } // an engine wants some
  let open: { name: string; engine: Engine } | undefined
  for (const trained of networks) {
    const { file, weights, network } = trained
    const { params, training } = weights
    const hidden = params.W1.shape[0]
    const name = `${training.engine} ${hidden} ${training.network?.sha256}`
    if (open?.name !== name) {
      open?.engine.close()
      open = { name, engine: await createEngine(training.engine, held, { hidden, threads: 1, network }) }
    }
    const { loss, predictions, A2 } = open.engine.evaluate(params, true)
    const row = predictions.findIndex((digit) => digit > 9)
    if (row !== -1) {
      throw new Failure('badData', `${file}: no probabilities for row ${row}: its weights are too large`)
    }
    yield { ...trained, digits: m, loss, predictions, A2 }
  }
  open?.engine.close()
}

/**
 * Measures answers to labelled digits.
 * @param shown which of the mistakes to keep
 */
export function measured(
  { A2, ...answers }: Answers,
  labels: Uint8Array,
  shown: (mistakes: Mistake[]) => Mistake[],
): Measured {
  return { ...answers, ...scores(answers, A2, labels, shown) }
}

function scores(
  { predictions, digits }: Kept,
  A2: Matrix,
  labels: Uint8Array,
  shown: (mistakes: Mistake[]) => Mistake[],
) {
  const confusion = confusionMatrix(labels, predictions)
  const correct = confusion.reduce((sum, row, digit) => sum + row[digit], 0)
  return {
    correct,
    accuracy: correct / digits,
    interval: wilsonInterval(correct, digits),
    confusion,
    ...classReport(confusion),
    calibration: calibration(labels, predictions, confidences(A2)),
    mistakes: shown(mistakes(labels, predictions, A2)),
  }
}

/** Describes answers to unlabelled digits. */
export function unlabelled({ A2, ...answers }: Answers): Unlabelled {
  return { ...answers, ...withoutLabels(answers, A2) }
}

function withoutLabels({ predictions, digits }: Kept, A2: Matrix) {
  const predicted = Array.from({ length: 10 }, () => 0)
  predictions.forEach((digit) => predicted[digit]++)
  const sure = confidences(A2)
  return { predicted, confidence: sure.reduce((sum, p) => sum + p, 0) / digits, bins: confidenceBins(sure) }
}
