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
} from '../../evaluation.ts'
import { Failure } from '../../failure.ts'
import type { Matrix } from '../../matrix.ts'
import type { Weights } from '../../weights.ts'

/** A weights file and what it holds. */
export interface Network {
  file: string
  weights: Weights
}

/** A network's answers. */
export interface Answers extends Network {
  digits: number
  /** Mean cross-entropy; of no meaning if the digits are unlabelled. */
  loss: number
  /** m bytes. */
  predictions: Uint8Array
  /** 10×m. */
  A2: Matrix
}

/** Its answers, and the labels' verdict on them. */
export type Measured = Answers & ReturnType<typeof scores>

/** What can be said of answers without labels. */
export type Unlabelled = Answers & ReturnType<typeof withoutLabels>

/** The answers of several networks to the same digits, one after the other. */
export async function answersOf(networks: Network[], digits: Digits): Promise<Answers[]> {
  const m = digitCount(digits)
  const held = hasLabels(digits) ? digits : { ...digits, labels: new Uint8Array(m) } // an engine wants some
  const answers: Answers[] = []
  let open: { name: string; engine: Engine } | undefined
  for (const network of networks) {
    const { params, training } = network.weights
    const hidden = params.W1.shape[0]
    const name = `${training.engine} ${hidden}`
    if (open?.name !== name) {
      open?.engine.close()
      open = { name, engine: await createEngine(training.engine, held, { hidden, threads: 1 }) }
    }
    const { loss, predictions, A2 } = open.engine.evaluate(params, true)
    const row = predictions.findIndex((digit) => digit > 9)
    if (row !== -1) {
      throw new Failure('badData', `${network.file}: no probabilities for row ${row}: its weights are too large`)
    }
    answers.push({ ...network, digits: m, loss, predictions, A2 })
  }
  open?.engine.close()
  return answers
}

/** Measures answers to labelled digits. */
export function measured(answers: Answers, labels: Uint8Array): Measured {
  return { ...answers, ...scores(answers, labels) }
}

function scores({ predictions, A2, digits, loss }: Answers, labels: Uint8Array) {
  const confusion = confusionMatrix(labels, predictions)
  const correct = confusion.reduce((sum, row, digit) => sum + row[digit], 0)
  return {
    correct,
    accuracy: correct / digits,
    interval: wilsonInterval(correct, digits),
    loss,
    confusion,
    ...classReport(confusion),
    calibration: calibration(labels, predictions, confidences(A2)),
    mistakes: mistakes(labels, predictions, A2),
  }
}

/** Describes answers to unlabelled digits. */
export function unlabelled(answers: Answers): Unlabelled {
  return { ...answers, ...withoutLabels(answers) }
}

function withoutLabels({ predictions, A2, digits }: Answers) {
  const predicted = Array.from({ length: 10 }, () => 0)
  predictions.forEach((digit) => predicted[digit]++)
  const sure = confidences(A2)
  return { predicted, confidence: sure.reduce((sum, p) => sum + p, 0) / digits, bins: confidenceBins(sure) }
}
