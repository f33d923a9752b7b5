/** mnist-predict: a digit → what the network predicts. */
import { print, printJson } from '../cli/print.ts'
import type { Ending } from '../cli/program.ts'
import { digitCount, hasLabels, pixelsOf, select, toMatrix } from '../digits.ts'
import { defaultSource, GENERATED } from '../digits/default-source.ts'
import { namesOf, readSources } from '../digits/sources.ts'
import { Failure } from '../failure.ts'
import { predictions } from '../network.ts'
import { bar } from '../terminal/bar.ts'
import { hasColour } from '../terminal/colour.ts'
import { picture } from '../terminal/picture.ts'
import { progress } from '../terminal/progress.ts'
import { noticeOfActivation } from './activation.ts'
import { loadWithNetwork } from './network.ts'
import { counted } from '../wording.ts'

export interface PredictOptions {
  index?: number | undefined
  weights: string
  network?: string | undefined
  data?: string[] | undefined
  /** Whether the command line names the data. */
  isDataGiven: boolean
  transpose: boolean
  invert: boolean
  json: boolean
  picture: boolean
  color: boolean
}

const BAR = 40 // characters

/** Prints a digit's prediction and probabilities. */
export async function predict({ index, weights, data, ...options }: PredictOptions): Promise<Ending> {
  if (index === undefined) throw new Failure('usage', 'say which digit: --index 3 is row 3')
  const loaded = await loadWithNetwork(weights, options.network)
  const { params, activation, training } = loaded.weights
  const sources = data ?? defaultSource()
  const names = namesOf(sources).join(', ')
  const trainedOn = training.data.names.join(', ')
  if (!options.isDataGiven && names !== trainedOn) {
    const message = `${weights} was trained on ${trainedOn}, but the default data is ${names}: name the data with --data`
    throw new Failure('usage', message)
  }

  const { notice } = progress(process.stderr, false)
  const unlike = training.network ? undefined : noticeOfActivation(weights, activation)
  if (unlike !== undefined) notice(unlike)
  const { transpose, invert } = options
  const onSuspicion = (sentence: string) => notice(`${names}: ${sentence}`)
  const digits = await readSources(sources, {
    limit: index + 1,
    transpose,
    invert,
    ...(names !== GENERATED && { onSuspicion }), // which takes 10 ms to load
  })
  const rows = digitCount(digits)
  if (index >= rows) {
    throw new Failure('usage', `--index ${index}: ${names} has ${counted(rows, 'digit')}, rows 0 to ${rows - 1}`)
  }
  const digit = select(digits, Uint32Array.of(index))
  const { A2 } = loaded.network.forwardProp(params, toMatrix(digit)) // 10×1
  const [prediction] = predictions(A2)
  const label = hasLabels(digit) ? { label: digit.labels[0] } : {}
  const probabilities = [...A2.data]

  if (options.json) {
    printJson({ schema: 'mnist-predict/1', index, data: names, prediction, ...label, probabilities })
    return 'done'
  }
  const lines = [`prediction ${prediction}`, ...('label' in label ? [`label ${label.label}`] : [])]
  lines.push(...probabilities.map((p, i) => `${i}  ${p.toFixed(6)} ${bar(p, BAR)}`.trimEnd()))
  if (options.picture) lines.push(picture(pixelsOf(digit, 0), hasColour(process.stdout, options.color)))
  print(`${lines.join('\n')}\n`)
  return 'done'
}
