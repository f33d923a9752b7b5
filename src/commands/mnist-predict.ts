/** mnist-predict: its options; predict.ts does the work. */
import { Option } from '@commander-js/extra-typings'
import {
  colorOption,
  integer,
  invertOption,
  jsonOption,
  networkOption,
  path,
  paths,
  pathsArgument,
  pictureOption,
  quietOption,
  transposeOption,
  weightsOption,
} from '../cli/options.ts'
import { unexpectedArgument, type Definition } from '../cli/program.ts'
import { DATA_DEFAULT } from '../digits/default-source.ts'
import { parseRowRanges, type RowRange } from './predict/row-ranges.ts'

const EXAMPLES = `Examples:
  mnist-predict --index 3                             row 3 of the data; the first row is 0
  mnist-predict --index 3 --data mnist_test.csv
  mnist-predict --index 0-9,17                        a line for each of these rows
  mnist-predict --all --csv > predictions.csv         all rows, with all probabilities
  mnist-predict --data test.csv --kaggle submission.csv
  mnist-predict --index 3 --explain --against 9       why its prediction rather than 9
  mnist-predict --index 3 --over-time                 since the first iteration
  mnist-predict --index 3 --json | jq .prediction
  mnist-predict me.png                                a picture of a handwritten digit
  mnist-predict 1984.jpg --many                       a number, its digits written apart
  mnist-predict me.png --steps                        how its picture is prepared
  mnist-predict me.png scans/ --csv                   several, and those in a folder
`

/** Words that are no pictures: rows, weights and data. */
const NO_PICTURE = /^\d+$|\.(json|csv)(\.gz)?$|ubyte(\.gz)?$/i

const NOTES = `
One row is shown in full, several as a table: row, predicted digit, its probability, label, and "wrong" if they differ.
--csv writes a header and the columns index, label (empty if unknown), prediction, p0 to p9. --kaggle writes ImageId
and Label for all rows of unlabelled data, numbered from 1; an existing file is replaced only with --force.

Pictures are PNG, JPEG or BMP, and are prepared the way MNIST was made. One that cannot be read is reported, the others
are predicted, and the exit code is 65.

A notice says if digits have no ink, have more than any of MNIST's, or are undecided: the second probability is over
90 % of the first.

The same row has the same probabilities, to the last bit, alone and among others.

--explain says why. With its active hidden units held fixed, the network is linear, so the difference of two digits'
logits, Z2, is exactly a sum of one share for each pixel and a constant. # and + are ink for the prediction, = and - ink
for the other digit, strong and weak, and . is ink that hardly counts; on narrow terminals a character is the sum of two
pixels. Shares are counted from blank paper: paper has none, though missing ink can decide, too.

--over-time shows what the network predicted for a digit after 0, n, 2n … iterations, if it was trained with
mnist-train --snapshots n, and when it got the digit right.

JSON, schema mnist-predict/1, a line per digit: schema, index and data (or file), prediction, label if there is one,
probabilities (ten numbers). With --many, place (in its picture, from 0, left to right). With --over-time, a line per
snapshot, with iteration.

JSON with --explain, schema mnist-explain/1: schema, index, data, label if there is one, digit (the prediction),
against, difference, pixels (784 shares) and constant, which add up to it, units (unit, activation and share of each
active one) and bias, which do, too.`

export const mnistPredict: Definition = (program, ends) => {
  const command = program
    .name('mnist-predict')
    .description('Show digits, the predictions of the trained network, and the probability of each digit.')
    .addHelpText('before', EXAMPLES)
    .addHelpText('after', NOTES)
    .addArgument(pathsArgument('[file-or-folder...]', 'pictures, or folders of them; "-" is stdin'))
    .addOption(new Option('--as-is', 'do not prepare 28×28 pictures').default(false).conflicts('many'))
    .option('--many', 'read several digits in a picture, left to right', false)
    .addOption(
      new Option('--steps', 'show how pictures are prepared').default(false).conflicts(['plain', 'csv', 'json']),
    )
    .addOption(indexOption().conflicts(['all', 'kaggle']))
    .option('--all', 'predict all rows', false)
    .addOption(weightsOption())
    .addOption(networkOption())
    .addOption(paths('-d, --data <file...>', `CSV or IDX files; "-" is stdin (default: ${DATA_DEFAULT})`))
    .addOption(transposeOption())
    .addOption(invertOption())
    .addOption(
      new Option('--plain', 'only the digits, one per line').default(false).conflicts(['csv', 'json', 'kaggle']),
    )
    .addOption(
      new Option('--explain', 'the pixels and hidden units that decided')
        .default(false)
        .conflicts(['all', 'plain', 'csv', 'kaggle']),
    )
    .addOption(
      integer('--against <digit>', 'compare with this digit (default: the second)', 0, 9).implies({ explain: true }),
    )
    .addOption(
      new Option('--over-time', 'how the prediction changed during training')
        .default(false)
        .conflicts(['all', 'plain', 'csv', 'kaggle', 'explain', 'against']),
    )
    .addOption(new Option('--csv', 'CSV output with a header').default(false).conflicts(['json', 'kaggle']))
    .addOption(jsonOption('mnist-predict/1').conflicts('kaggle'))
    .addOption(path('--kaggle <file>', "write all predictions as Kaggle's submission"))
    .option('--force', 'replace an existing submission', false)
    .option('--picture', 'draw the digits (default: only a single one)')
    .addOption(pictureOption())
    .addOption(colorOption())
    .addOption(quietOption())
  command.action(
    ends(async (pictures = [], options) => {
      const word = pictures.find((path) => NO_PICTURE.test(path))
      if (word !== undefined) throw unexpectedArgument(command, word)
      const { predict } = await import('./predict.ts')
      const isGiven = (name: 'data' | 'transpose' | 'invert') => command.getOptionValueSource(name) === 'cli'
      return predict({ ...options, pictures, isGiven })
    }),
  )
}

function indexOption() {
  const option = new Option('-n, --index <rows>', 'rows of the digits, as 3 or 0-9,17; the first is 0')
  return option.argParser<RowRange[]>((text, before: RowRange[] | undefined = []) => [
    ...before,
    ...parseRowRanges(text),
  ])
}
