/** mnist-predict: one digit, and what the network makes of it. */
import { count, hasLabels, select, toMatrix } from '../digits.ts'
import { Failure } from '../failure.ts'
import { forwardProp, predictions } from '../network.ts'
import { hasColour } from '../terminal/colour.ts'
import { picture } from '../terminal/picture.ts'
import { load } from '../weights.ts'
import { DATA_DEFAULT, defaultSource, namesOf, readSources } from './data.ts'
import { file, files, wholeNumber } from './options.ts'
import { reader, type Definition } from './run.ts'

interface PredictOptions {
  index?: number
  weights: string
  data?: string[]
  json: boolean
  picture: boolean
  color: boolean
}

const EXAMPLES = `Examples:
  mnist-predict --index 3                             row 3 of the data, counted from 0
  mnist-predict --index 3 --data mnist_test.csv
  mnist-predict --index 3 --json | jq .prediction
`

/** The command: its options, and what it does with them. */
export const predict: Definition = (program, end) => {
  program
    .name('mnist-predict')
    .description('Shows a digit, what the trained network takes it for, and the probability of each of the ten.')
    .addHelpText('before', EXAMPLES)
    .addOption(wholeNumber('-n, --index <n>', 'which digit: its row in the data, from 0 (required)', 0, 1e9))
    .addOption(file('-w, --weights <file>', 'weights that mnist-train wrote').default('weights.json'))
    .addOption(files('-d, --data <file...>', `digits as CSV or IDX (default: ${DATA_DEFAULT})`))
    .option('--json', 'the result as one JSON value (schema mnist-predict/1)', false)
    .option('--no-picture', 'leave the picture of the digit out')
    .option('--no-color', 'draw it in plain characters (so does NO_COLOR)')
    .action(async (options: PredictOptions) => {
      const output = await predictDigit(options, program.getOptionValueSource('data') === 'cli')
      if (!reader.left) process.stdout.write(`${output}\n`)
      end('done')
    })
}

/** The digit, its prediction and the probabilities, as the text or JSON to print. */
async function predictDigit({ index, weights, data, ...options }: PredictOptions, dataGiven: boolean): Promise<string> {
  if (index === undefined) {
    throw new Failure('usage', 'which digit is to be read is not said: name its row in the data, such as --index 3')
  }
  const { params, training } = await load(weights)
  const sources = data ?? defaultSource()
  const names = namesOf(sources).join(', ')
  const trainedOn = training.data.names.join(', ')
  if (!dataGiven && names !== trainedOn) {
    const asked = 'say which digits you mean with --data'
    throw new Failure('usage', `${weights} was trained on ${trainedOn}, but the data by default is ${names}: ${asked}`)
  }

  const digits = await readSources(sources, { limit: index + 1 })
  const rows = count(digits)
  if (index >= rows) throw new Failure('usage', `--index ${index}: ${names} has ${rows} digits, 0 to ${rows - 1}`)
  const digit = select(digits, Uint32Array.of(index))
  const { A2 } = forwardProp(params, toMatrix(digit)) // 10×1
  const [prediction] = predictions(A2)
  const label = hasLabels(digit) ? { label: digit.labels[0] } : {}
  const probabilities = [...A2.data]

  if (options.json) {
    return JSON.stringify({ schema: 'mnist-predict/1', index, data: names, prediction, ...label, probabilities })
  }
  const lines = [`prediction ${prediction}`, ...('label' in label ? [`label ${label.label}`] : [])]
  lines.push(...probabilities.map((probability, i) => `${i}  ${probability.toFixed(6)} ${bar(probability)}`.trimEnd()))
  if (options.picture) lines.push(picture(digit.pixels, hasColour(process.stdout, options.color)))
  return lines.join('\n')
}

const BAR = 40 // characters
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉']

/** A bar as long as a probability, to an eighth of a character. */
function bar(probability: number): string {
  const eighths = Math.round(probability * BAR * 8)
  return '█'.repeat(Math.floor(eighths / 8)) + EIGHTHS[eighths % 8]
}
