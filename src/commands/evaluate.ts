/** mnist-evaluate: networks and digits → how good the networks are. This file is the story of one run. */
import { printAll, printJson, printText } from '../cli/print.ts'
import type { Ending } from '../cli/program.ts'
import { hasLabels, type Digits, type DigitsRecord } from '../digits.ts'
import { defaultSource, GENERATED } from '../digits/default-source.ts'
import { lazyRecordOfDigits } from '../digits/record.ts'
import { namesOf, readLabelled, readSources } from '../digits/sources.ts'
import type { Mistake } from '../evaluation.ts'
import { Failure } from '../failure.ts'
import { hasColour } from '../terminal/colour.ts'
import { progress, widthOf, type Progress } from '../terminal/progress.ts'
import { load } from '../weights.ts'
import { counted, escaped, grouped } from '../wording.ts'
import { checkDefaultData } from './default-data.ts'
import { comparisons, ranked } from './evaluate/comparison.ts'
import { asJson, unlabelledAsJson } from './evaluate/json.ts'
import { answersOf, measured, unlabelled } from './evaluate/measured.ts'
import type { Answers, Measured, Trained, Unlabelled } from './evaluate/measured.ts'
import { comparisonReport, gallery, report, unlabelledReport, type Page } from './evaluate/report.ts'
import { checkInputs } from './inputs.ts'
import { networkOf, noticeOfNetwork } from './network.ts'
import { inputReplaced, isStdout } from './outputs.ts'

/** What `--predictions` calls stdout. */
const STANDARD_OUTPUT = '-'

export interface EvaluateOptions {
  data?: string[] | undefined
  network?: string | undefined
  transpose: boolean
  invert: boolean
  mistakes: number
  confusion?: { label: number; prediction: number } | undefined
  predictions?: string | undefined
  requireAccuracy?: number | undefined
  json: boolean
  quiet: boolean
  color: boolean
}

/** Measures the networks of some weights files. */
export async function evaluate(files: string[], given: EvaluateOptions): Promise<Ending> {
  const { predictions } = given
  const options =
    predictions !== undefined && isStdout(predictions) ? { ...given, predictions: STANDARD_OUTPUT } : given
  const { predictions: out, json, requireAccuracy } = options
  const sources = options.data ?? defaultSource()
  checkUse(files, sources, options)
  if (out !== undefined && out !== STANDARD_OUTPUT) await checkOutput(out, [...files, ...sources])
  const networks: Trained[] = []
  for (const file of files) {
    const weights = await load(file)
    const module = files.length === 1 || weights.training.network ? options.network : undefined
    networks.push({ file, weights, network: await networkOf(file, weights, module) })
  }
  if (options.data === undefined) {
    for (const { file, weights } of networks) checkDefaultData(file, weights.training, namesOf(sources))
  }

  const bar = progress(process.stderr, options.quiet)
  for (const { file, weights } of networks) {
    const unlike = noticeOfNetwork(file, weights)
    if (unlike !== undefined) bar.notice(unlike)
  }
  const digits = await readDigits(sources, options, bar)
  const data = lazyRecordOfDigits(sources, digits)
  const isShown = out !== STANDARD_OUTPUT
  const labelled: Measured[] = []
  const others: Unlabelled[] = []
  for await (const answers of answersOf(networks, digits)) {
    if (out !== undefined) await writePredictions(out, answers, digits)
    if (!hasLabels(digits)) others.push(unlabelled(answers))
    else labelled.push(measured(answers, digits.labels, (mistakes) => shownMistakes(mistakes, options)))
  }
  bar.clear()
  const found = ranked(labelled)
  if (json) printAsJson(found, others, digits, data)
  else if (isShown) printReport(found, others, digits, data, options)
  return verdict(found, requireAccuracy, bar)
}

/**
 * Refuses files that are named where others belong, or twice, and options that need a single network.
 * @throws Failure `usage`
 */
function checkUse(files: string[], sources: string[], { confusion, predictions, json }: EvaluateOptions): void {
  checkInputs(files, sources)
  const single = confusion ? '--confusion' : predictions === undefined ? undefined : '--predictions'
  if (single !== undefined && files.length > 1) {
    throw new Failure('usage', `${single}: for one network, but ${files.length} are named; name one`)
  }
  if (predictions === STANDARD_OUTPUT && json) {
    throw new Failure('usage', '--predictions - and --json both write to stdout: write the predictions to a file')
  }
}

/** @throws Failure `usage` if the output is an input, `cannotCreate` if it cannot be written */
async function checkOutput(out: string, inputs: string[]): Promise<void> {
  const input = inputReplaced(out, inputs)
  if (input !== undefined)
    throw new Failure('usage', `--predictions ${out}: is read as ${input}; write to another file`)
  const { checkWritable } = await import('../staged-file.ts') // here, so that evaluating alone does not load it
  await checkWritable(out)
}

/** @throws Failure `badData` if an option needs labels that are not there */
async function readDigits(sources: string[], options: EvaluateOptions, bar: Progress): Promise<Digits> {
  const { transpose, invert, requireAccuracy, confusion } = options
  const read = requireAccuracy !== undefined || confusion ? readLabelled : readSources
  const names = namesOf(sources).join(', ')
  return read(sources, {
    transpose,
    invert,
    onProgress: (fraction) => bar.update('reading', fraction, 1),
    ...(names !== GENERATED && { onSuspicion: (sentence: string) => bar.notice(`${names}: ${sentence}`) }),
  })
}

/** Writes all predictions as CSV, atomically, or to stdout. */
async function writePredictions(out: string, answers: Answers, { labels }: Digits): Promise<void> {
  const { predictionsCsv } = await import('./evaluate/predictions.ts')
  const pieces = predictionsCsv(answers, labels)
  if (out === STANDARD_OUTPUT) return printAll(pieces)
  const { replaceFile } = await import('../staged-file.ts')
  await replaceFile(out, async (file) => {
    for (const piece of pieces) await file.writeFile(piece)
  })
}

/** The mistakes to show: the worst, of one pair if one is asked for. */
function shownMistakes(mistakes: Mistake[], { mistakes: count, confusion }: EvaluateOptions): Mistake[] {
  const isAskedFor = ({ label, prediction }: Mistake) =>
    confusion === undefined || (label === confusion.label && prediction === confusion.prediction)
  return mistakes.filter(isAskedFor).slice(0, count)
}

function printAsJson(found: Measured[], others: Unlabelled[], { labels }: Digits, data: DigitsRecord): void {
  for (const network of others) printJson(unlabelledAsJson(network, data))
  const compared = comparisons(found, labels)
  found.forEach((network, i) => {
    printJson(asJson(network, data, i > 0 ? { best: found[0].file, ...compared[i - 1] } : undefined))
  })
}

function printReport(
  found: Measured[],
  others: Unlabelled[],
  digits: Digits,
  data: DigitsRecord,
  options: EvaluateOptions,
): void {
  const page = pageOf(options)
  const parts = others.map((network) => unlabelledReport(network, data, page))
  if (found.length > 1) parts.push(comparisonReport(found, comparisons(found, digits.labels), data, page))
  if (found.length === 1) {
    const [network] = found
    const { confusion, mistakes: wanted } = options
    const which = confusion ? `${confusion.label} read as ${confusion.prediction}` : 'Worst mistakes'
    parts.push(report(network, data, page))
    if (network.mistakes.length > 0) parts.push(gallery(digits, network.mistakes, which, page))
    else if (confusion && wanted > 0) parts.push(`${which}: none`)
  }
  printText(`${parts.join('\n\n')}\n`)
}

function pageOf({ color }: EvaluateOptions): Page {
  const width = widthOf(process.stdout)
  return { colour: hasColour(process.stdout, color), width: width ?? 80, fold: width ?? Infinity }
}

/** Whether all networks reach the required accuracy; says which do not. */
function verdict(found: Measured[], required: number | undefined, bar: Progress): Ending {
  if (required === undefined) return 'done'
  const below = found.filter(({ accuracy }) => accuracy < required)
  for (const { file, accuracy, correct, digits } of below) {
    const share = `${accuracy} (${grouped(correct)} of ${counted(digits, 'digit')})`
    bar.notice(`${escaped(file)}: accuracy ${share} is below the required ${required}`)
  }
  return below.length > 0 ? 'no' : 'done'
}
