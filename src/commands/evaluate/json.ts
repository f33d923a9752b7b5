/** Schema mnist-evaluate/1; the help of mnist-evaluate documents it. */
import type { DigitsRecord } from '../../digits.ts'
import { isSame } from '../../digits/record.ts'
import type { Comparison } from './comparison.ts'
import type { Measured, Unlabelled } from './measured.ts'

const SCHEMA = 'mnist-evaluate/1'

/** A network's line. */
export function asJson(
  network: Measured,
  data: DigitsRecord,
  comparison: (Comparison & { best: string }) | undefined,
): object {
  const { file, weights, digits, correct, accuracy, interval, classes, macro, confusion, calibration } = network
  return {
    schema: SCHEMA,
    file,
    data,
    trainedOn: isSame(weights.training.data, data),
    digits,
    correct,
    accuracy,
    interval: { level: 0.95, method: 'wilson', ...interval },
    ...finiteLoss(network),
    classes,
    macro,
    rows: 'label',
    confusion,
    calibration,
    mistakes: network.mistakes.map(
      ({ index, label, prediction, loss, probabilityOfLabel, probabilityOfPrediction }) => ({
        index,
        label,
        prediction,
        ...finiteLoss({ loss }),
        probabilityOfLabel,
        probabilityOfPrediction,
      }),
    ),
    ...(comparison && { comparison }),
  }
}

/** A network's line if the digits are unlabelled. */
export function unlabelledAsJson(network: Unlabelled, data: DigitsRecord): object {
  const { file, digits, predicted, confidence, bins } = network
  return { schema: SCHEMA, file, data, digits, predicted, confidence, bins }
}

/** JSON has no infinity. */
function finiteLoss({ loss }: { loss: number }) {
  return Number.isFinite(loss) ? { loss } : {}
}
