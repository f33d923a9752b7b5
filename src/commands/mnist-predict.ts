/** mnist-predict: its options; predict.ts does the work. */
import {
  colorOption,
  integer,
  invertOption,
  jsonOption,
  networkOption,
  paths,
  pictureOption,
  transposeOption,
  weightsOption,
} from '../cli/options.ts'
import type { Definition } from '../cli/program.ts'
import { DATA_DEFAULT } from '../digits/default-source.ts'

const EXAMPLES = `Examples:
  mnist-predict --index 3                             row 3 of the data; the first row is 0
  mnist-predict --index 3 --data mnist_test.csv
  mnist-predict --index 3 --json | jq .prediction
`

const NOTES = `
JSON, schema mnist-predict/1: schema, index, data, prediction, label if there is one, probabilities (ten numbers).`

export const mnistPredict: Definition = (program, ends) => {
  const command = program
    .name('mnist-predict')
    .description('Show a digit, the prediction of the trained network, and the probability of each digit.')
    .addHelpText('before', EXAMPLES)
    .addHelpText('after', NOTES)
    .addOption(integer('-n, --index <n>', 'row of the digit; the first is 0 (required)', 0, 1e9))
    .addOption(weightsOption())
    .addOption(networkOption())
    .addOption(paths('-d, --data <file...>', `CSV or IDX files; "-" is stdin (default: ${DATA_DEFAULT})`))
    .addOption(transposeOption())
    .addOption(invertOption())
    .addOption(jsonOption('mnist-predict/1'))
    .addOption(pictureOption())
    .addOption(colorOption())
  command.action(
    ends(async (options) => {
      const { predict } = await import('./predict.ts')
      return predict({ ...options, isDataGiven: command.getOptionValueSource('data') === 'cli' })
    }),
  )
}
