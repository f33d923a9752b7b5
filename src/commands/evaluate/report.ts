/** What mnist-evaluate prints for people. */
import { pixelsOf, type Digits, type DigitsRecord } from '../../digits.ts'
import { isSame } from '../../digits/record.ts'
import { GENERATED } from '../../digits/default-source.ts'
import { confusions, type Bin, type Interval, type Mistake } from '../../evaluation.ts'
import { confusionTable } from '../../terminal/confusion.ts'
import { pictures } from '../../terminal/picture.ts'
import { reliabilityBar } from '../../terminal/reliability.ts'
import { aligned } from '../../terminal/table.ts'
import { counted, escaped, grouped, wrapped } from '../../wording.ts'
import type { Comparison } from './comparison.ts'
import type { Measured, Unlabelled } from './measured.ts'

/** How it is printed. */
export interface Page {
  colour: boolean
  /** Characters per line of tables and pictures. */
  width: number
  /** Characters per line of sentences; Infinity if the output is not a terminal. */
  fold: number
}

const FREQUENT = 5 // confusions in words
const CHART = 40 // characters at most
const LEAST_CHART = 6
const SIGNIFICANT = 0.05
const NONE = '–'

/** The report on one network. */
export function report(network: Measured, data: DigitsRecord, page: Page): string {
  const { file, correct, digits, accuracy, interval, loss } = network
  const share = `accuracy ${percent(accuracy)} %, ${grouped(correct)} of ${grouped(digits)}`
  const head = [
    `${escaped(file)} on ${described(data)}`,
    `${share} (95 % interval ${range(interval)})`,
    `mean loss ${loss.toFixed(4)}`,
    ...trainedOn(network, data),
  ]
  return [
    wrapped(head.join('\n'), page.fold),
    perDigit(network, page),
    matrix(network, page),
    ...words(network),
    calibration(network, page),
  ].join('\n\n')
}

/** The report on unlabelled digits. */
export function unlabelledReport(network: Unlabelled, data: DigitsRecord, page: Page): string {
  const { file, predicted, confidence, bins } = network
  const head = [
    `${escaped(file)} on ${described(data)}`,
    'These digits are unlabelled, and accuracy needs labels: what follows is what the network says.',
    `mean confidence ${percent(confidence)} %`,
  ]
  const counts = predicted.map((count, digit) => [String(digit), grouped(count)])
  const sure = bins.map((bin) => [tenth(bin), grouped(bin.count), percent(bin.confidence)])
  return [
    wrapped(head.join('\n'), page.fold),
    `Predictions\n${aligned([['digit', 'predicted'], ...counts]).trimEnd()}`,
    `Confidence\n${aligned([['bin %', 'digits', 'conf %'], ...sure]).trimEnd()}`,
  ].join('\n\n')
}

/** Mistakes as pictures, as many side by side as fit. */
export function gallery(digits: Digits, shown: Mistake[], title: string, { colour, width, fold }: Page): string {
  const titled = shown.map(({ index, label, prediction, probabilityOfLabel, probabilityOfPrediction }) => ({
    pixels: pixelsOf(digits, index),
    title: [
      `row ${index}`,
      `label ${label} (${shownProbability(probabilityOfLabel)})`,
      `prediction ${prediction} (${shownProbability(probabilityOfPrediction)})`,
    ].join('\n'),
  }))
  return `${wrapped(`${title}, with the probabilities of both digits`, fold)}\n\n${pictures(titled, colour, width)}`
}

/**
 * The comparison of several networks.
 * @param networks `ranked`, at least two
 * @param found the `comparisons` of all but the first
 */
export function comparisonReport(networks: Measured[], found: Comparison[], data: DigitsRecord, page: Page): string {
  const [best, ...others] = networks
  const name = escaped(best.file)
  const head = [`${networks.length} networks on ${described(data)}`]
  for (const network of networks) head.push(...trainedOn(network, data))
  if (networks.length > 2) {
    const chosen = `${name} is the best of ${networks.length} on these digits, so its accuracy on others is likely lower.`
    head.push(chosen)
  }
  const beside = others.map((network, i) => {
    const { difference, onlyBest, onlyThis, ...comparison } = found[i]
    const p = comparison.pHolm ?? comparison.p
    const gap = `${percent(difference)} points below ${name} (95 % interval ${range(comparison, ' to ')})`
    const only = `only ${name} right: ${grouped(onlyBest)}, only this one: ${grouped(onlyThis)}`
    const verdict =
      p < SIGNIFICANT ? `worse than ${name}` : `no difference that ${counted(data.rows, 'digit')} can show`
    return wrapped(`${escaped(network.file)}: ${gap}; ${only}; ${verdict}, p ${shownP(p)}`, page.fold)
  })
  const test = found.length > 1 ? "McNemar's exact test, Holm-corrected" : "McNemar's exact test"
  return [
    wrapped(head.join('\n'), page.fold),
    ranking(networks, page),
    `${wrapped(`Against the best, ${test}`, page.fold)}\n${beside.join('\n')}`,
  ].join('\n\n')
}

/** One line per network; the name stands on a line of its own if the table is too wide. */
function ranking(networks: Measured[], { width }: Page): string {
  const cells = networks.map(({ accuracy, interval, loss }) => [percent(accuracy), range(interval), loss.toFixed(4)])
  const header = ['acc %', '95 % interval', 'loss']
  const names = networks.map(({ file }) => escaped(file))
  const table = aligned([['network', ...header], ...cells.map((line, i) => [names[i], ...line])]).trimEnd()
  if (table.split('\n').every((line) => line.length <= width)) return table
  const [head, ...lines] = aligned([header, ...cells])
    .trimEnd()
    .split('\n')
  return [head, ...lines.flatMap((line, i) => [names[i], line])].join('\n')
}

/** "10,000 digits of mnist_test.csv". */
export function described({ names, rows }: DigitsRecord): string {
  if (names.join() === GENERATED) return counted(rows, 'generated digit')
  return `${counted(rows, 'digit')} of ${escaped(names.join(', '))}`
}

/** A sentence if the network was trained on these digits. */
export function trainedOn({ file, weights: { training } }: Measured, data: DigitsRecord): string[] {
  if (!isSame(training.data, data)) return []
  const held = training.dev > 0 ? ` (${grouped(training.dev)} of them held out)` : ''
  return [`${escaped(file)} was trained on these digits${held}: expect a lower accuracy on others.`]
}

function perDigit({ classes, macro }: Measured, { width }: Page): string {
  const lines = classes.map(({ digit, precision, recall, recallInterval, f1, support }) => [
    String(digit),
    percent(precision),
    percent(recall),
    recallInterval ? range(recallInterval) : NONE,
    percent(f1),
    grouped(support),
  ])
  const total = grouped(classes.reduce((sum, { support }) => sum + support, 0))
  const means = ['macro', percent(macro.precision), percent(macro.recall), '', percent(macro.f1), total]
  const table = [['digit', 'precision', 'recall', '95 % interval', 'F1', 'support'], ...lines, means]
  const whole = aligned(table).trimEnd()
  const isWide = whole.split('\n').some((line) => line.length > width)
  return `Per digit, in percent\n${isWide ? aligned(table.map((line) => line.toSpliced(3, 1))).trimEnd() : whole}`
}

function matrix({ confusion }: Measured, { colour, width }: Page): string {
  const { lines, unit } = confusionTable(confusion, colour, width)
  return `Confusion matrix, ${unit}\n${lines.join('\n')}`
}

/** The most frequent confusions in words. */
function words({ confusion }: Measured): string[] {
  const lines = confusions(confusion)
    .slice(0, FREQUENT)
    .map(({ label, prediction, count, support }) => {
      return `${label} read as ${prediction}: ${grouped(count)} of ${grouped(support)}`
    })
  return lines.length > 0 ? [`Most frequent confusions\n${lines.join('\n')}`] : []
}

function calibration({ calibration: { bins, expectedError } }: Measured, { width }: Page): string {
  const cells = bins.map((bin) => [tenth(bin), grouped(bin.count), percent(bin.confidence), percent(bin.accuracy)])
  const [header, ...lines] = aligned([['bin %', 'digits', 'conf %', 'acc %'], ...cells]).trimEnd().split('\n') // prettier-ignore
  const used = Math.max(header.length, ...lines.map((line) => line.length)) + 2
  const room = Math.min(width - used, CHART)
  const charted = lines.map((line, i) => {
    const { accuracy, confidence } = bins[i]
    if (room < LEAST_CHART || accuracy === null || confidence === null) return line
    return `${line.padEnd(used)}${reliabilityBar(accuracy, confidence, room)}`
  })
  const title = `Calibration, expected error ${percent(expectedError)} points`
  const legend = room < LEAST_CHART ? [] : ['bars: accuracy; │ is the mean confidence']
  return [title, header, ...charted, ...legend].join('\n')
}

/** A bin's bounds in percent: "90–100". */
export function tenth({ from, to }: Bin): string {
  return `${Math.round(from * 100)}–${Math.round(to * 100)}`
}

export function percent(share: number | null): string {
  return share === null ? NONE : (100 * share).toFixed(2)
}

export function range({ low, high }: Interval, between = '–'): string {
  return `${percent(low)}${between}${percent(high)}`
}

/** Four decimals, or the order of magnitude of what would be 0.0000. */
export function shownProbability(p: number): string {
  return p > 0 && p < 0.0001 ? p.toExponential(0) : p.toFixed(4)
}

/** A p-value in two digits: "= 0.41"; what float64 cannot hold is "< 1e-300". */
export function shownP(p: number): string {
  return p < 1e-300 ? '< 1e-300' : `= ${Number(p.toPrecision(2))}`
}
