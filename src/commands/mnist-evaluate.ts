/** mnist-evaluate: its options; evaluate.ts does the work. */
import { Option } from '@commander-js/extra-typings'
import {
  colorOption,
  integer,
  invertOption,
  jsonOption,
  networkOption,
  numeric,
  path,
  paths,
  pathsArgument,
  quietOption,
  transposeOption,
  weightsFiles,
  weightsOption,
} from '../cli/options.ts'
import type { Definition } from '../cli/program.ts'
import { DATA_DEFAULT } from '../digits/default-source.ts'
import { Failure } from '../failure.ts'
import { RANGES } from '../hyperparameters.ts'
import { excerpt } from '../wording.ts'

const EXAMPLES = `Examples:
  mnist-evaluate --data mnist_test.csv                weights.json on MNIST's test digits
  mnist-evaluate --confusion 4:9 --mistakes 12        the 4s that are read as 9
  mnist-evaluate a.json b.json --data mnist_test.csv  which is better, and whether that is chance
  mnist-evaluate run.json --json | jq '.classes[] | [.digit, .recall]'
  mnist-evaluate --predictions - | awk -F, 'NR > 1 && $2 != $3'
  mnist-evaluate --require-accuracy 0.8 --quiet       exit code 1 below 80 %
`

const NOTES = `
Precision is the share of the digits read as a 4 that are 4s, recall the share of the 4s that are read as 4, F1 their
harmonic mean; the macro row has the means over the digits. Undefined values are shown as "–" and count as 0 in the
means, as in scikit-learn. Intervals of shares are Wilson's. They assume that digits are independent; digits of one writer
are not, so the true intervals are wider. Loss is the mean of −log of the label's probability. The expected
calibration error is the mean distance between accuracy and confidence over the ten bins. Some mistakes are the label's:
15 of MNIST's 10,000 test labels are wrong (Northcutt et al. 2021).

Several networks are compared with the best by McNemar's exact test on the digits that only one of them gets right,
with Holm's correction if there are more than two. A p below 0.05 is called a difference. Overlapping intervals say
nothing about it, because the digits are the same.

--predictions writes index,label,prediction,p0,…,p9 with a header, one line per digit; unlabelled digits have an empty
label. With "-", stdout carries them alone. A file that exists is replaced.

JSON, schema mnist-evaluate/1, one line per network, the most accurate first:
  schema, file, data (names, rows, sha256), trainedOn (whether it was trained on these digits)
  digits, correct, accuracy, interval (level, method, low, high), loss if it is finite
  classes: digit, support, predicted, correct, precision, recall, recallInterval, f1; null if undefined
  macro: precision, recall, f1
  rows ("label"), confusion: ten rows of ten counts
  calibration: bins (from, to, count, confidence, correct, accuracy), expectedError
  mistakes, as many as --mistakes: index, label, prediction, loss if finite, probabilityOfLabel, probabilityOfPrediction
  comparison, of all but the best: best (its file), both, onlyBest, onlyThis, neither, difference (of the accuracies, best − this), low and high of its 95 % interval, p, and pHolm if there are more than two networks
For unlabelled digits: schema, file, data, digits, predicted (ten counts), confidence (mean), bins.`

export const mnistEvaluate: Definition = (program, ends) => {
  const command = program
    .name('mnist-evaluate')
    .description('Measure how good trained networks are, how certain that is, and where they are wrong.')
    .addHelpText('before', EXAMPLES)
    .addHelpText('after', NOTES)
    .addArgument(pathsArgument('[weights-file...]', 'weights files to compare (default: --weights)'))
    .addOption(weightsOption())
    .addOption(networkOption())
    .addOption(paths('-d, --data <file...>', `CSV or IDX files; "-" is stdin (default: ${DATA_DEFAULT})`))
    .addOption(transposeOption())
    .addOption(invertOption())
    .addOption(integer('--mistakes <n>', 'worst mistakes to show; 0 for none', 0, 10_000).default(6))
    .addOption(confusionOption())
    .addOption(path('--predictions <file>', 'CSV of all predictions to write; "-" is stdout (default: none)'))
    .addOption(
      numeric('--require-accuracy <x>', 'exit code 1 below this accuracy (default: none)', RANGES.targetAccuracy),
    )
    .addOption(jsonOption('mnist-evaluate/1'))
    .addOption(quietOption())
    .addOption(colorOption())
  command.action(
    ends(async (files = [], { weights, ...options }) => {
      const named = weightsFiles(command, files, weights)
      const { evaluate } = await import('./evaluate.ts')
      return evaluate(named, options)
    }),
  )
}

function confusionOption() {
  const option = new Option('--confusion <pair>', 'show mistakes of one pair only, label:prediction (default: all)')
  return option.argParser((text): { label: number; prediction: number } => {
    const [, label, prediction] = /^(\d):(\d)$/.exec(text) ?? []
    if (label === undefined) {
      throw new Failure('usage', `--confusion ${excerpt(text)}: not a label and a prediction, such as 4:9`)
    }
    if (label !== prediction) return { label: Number(label), prediction: Number(prediction) }
    throw new Failure('usage', `--confusion ${text}: a ${label} read as ${label} is no mistake; name two digits`)
  })
}
