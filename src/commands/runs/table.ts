/** Runs as a table, as CSV, and as curves. */
import { basename, dirname } from 'node:path'
import { stringify } from 'csv-stringify/sync'
import { Failure } from '../../failure.ts'
import { chart, sparkline, type Curve } from '../../terminal/chart.ts'
import { aligned } from '../../terminal/table.ts'
import { escaped } from '../../wording.ts'
import type { DigitsRecord } from '../../digits.ts'
import type { HistoryEntry, Summary } from '../../weights.ts'

export interface TrainedRun {
  file: string
  summary: Summary
  row: Row
}
/** A run's name, options and results, by column. */
type Row = Record<string, string | number | boolean | undefined>

const ACCURACIES = ['trainAccuracy', 'devAccuracy', 'testAccuracy']
const RESULTS = ['iterations', 'planned', 'stopped', 'loss', ...ACCURACIES]
const CURVE = 24 // characters at most

export function rowOf(file: string, { hidden, activation, training, result }: Summary): Row {
  const { iterations: planned, data, test, init, network, ...options } = training
  const sources = {
    data: describe(data),
    test: test && describe(test),
    init: init?.slice(0, 8),
    network: network && hashed(network),
  }
  return { name: file, hidden, ...(activation && { activation }), ...options, ...sources, planned, ...result }
}

/** Digits by name and hash: mnist_train.csv:0f3a9c21. */
function describe({ names, sha256 }: DigitsRecord): string {
  return hashed({ name: names.join('+'), sha256 })
}

function hashed({ name, sha256 }: { name: string; sha256: string }): string {
  return `${name}:${sha256.slice(0, 8)}`
}

/** The columns that hold options. */
function optionsOf(runs: TrainedRun[]): string[] {
  const columns = new Set(runs.flatMap(({ row }) => Object.keys(row)))
  return [...columns].filter((column) => column !== 'name' && !RESULTS.includes(column))
}

/**
 * Sorts the runs by a column: accuracies descending, others ascending; runs without it come last in either direction.
 * @throws Failure `usage` if there is no such column
 */
export function sorted(runs: TrainedRun[], { sort, reverse }: { sort: string; reverse: boolean }): TrainedRun[] {
  const column = sort.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase()) // --log-every is logEvery
  const columns = ['name', ...optionsOf(runs), ...RESULTS]
  if (!columns.includes(column)) {
    throw new Failure('usage', `--sort "${sort}": no such column; the columns are ${columns.join(', ')}`)
  }
  const sign = ACCURACIES.includes(column) === reverse ? -1 : 1
  return runs.toSorted(({ row: { [column]: a } }, { row: { [column]: b } }) => {
    if (a === b) return 0
    if (a === undefined || b === undefined) return a === undefined ? 1 : -1
    return a < b ? sign : -sign
  })
}

/**
 * Everything about each run except its history, as CSV. A name that a spreadsheet would take for a formula begins with an
 * apostrophe.
 */
export function csv(runs: TrainedRun[]): string {
  const columns = ['name', ...optionsOf(runs), ...RESULTS]
  const rows = runs.map(({ row }) => row)
  return stringify(rows, { header: true, columns, cast: { boolean: String }, escape_formulas: true })
}

/**
 * One line per run: its name, the options that differ between the runs, its results and curve. If that takes more than
 * `columns` characters, the curves are left out; if it still does, each run has a line for each of these.
 */
export function table(runs: TrainedRun[], columns = Infinity): string {
  const { kind, scale, curves } = curvesOf(runs)
  const width = Math.min(CURVE, greatest(runs.map(({ summary }) => summary.history.length)))
  const { options, results } = shownColumns(runs)
  const isBare = !runs.some(({ file }) => dirname(file) !== dirname(runs[0].file))
  const header = ['name', ...options, 'iterations', ...results, `${kind} ${scale.join(' to ')}`]
  const lines = runs.map(({ row, file }, i) => [
    escaped(isBare ? basename(file) : file),
    ...options.map((column) => escaped(String(row[column] ?? '-'))),
    progressOf(row),
    ...results.map((column) => (row[column] as number | undefined)?.toFixed(4) ?? '-'),
    sparkline(curves[i], width),
  ])
  const fits = (text: string) => text.split('\n').every((line) => line.length <= columns)
  const shapes = [aligned([header, ...lines]), aligned([header, ...lines].map((line) => line.slice(0, -1)))]
  return shapes.find(fits) ?? blocks([...header.slice(0, -1), 'curve'], lines, `curves: ${header.at(-1)}`)
}

/** The options that differ between the runs, and the results that some of them have. */
export function shownColumns(runs: TrainedRun[]): { options: string[]; results: string[] } {
  const differ = (column: string) => runs.some(({ row }) => row[column] !== runs[0].row[column])
  const isThere = (column: string) => runs.some(({ row }) => row[column] !== undefined)
  return { options: optionsOf(runs).filter(differ), results: ['loss', ...ACCURACIES].filter(isThere) }
}

/** Each line as a block of its cells under each other, and what they have in common. */
function blocks(header: string[], lines: string[][], common: string): string {
  const margin = greatest(header.map((name) => name.length))
  const block = (line: string[]) => line.map((cell, j) => `${header[j].padEnd(margin)}  ${cell}`.trimEnd()).join('\n')
  return [...lines.map(block), common].join('\n\n') + '\n'
}

/** A large curve of each run, under its name. */
export function charts(runs: TrainedRun[], columns?: number): string {
  const { kind, scale, curves } = curvesOf(runs)
  const blocks = runs.map(({ row, summary }, i) => {
    const last = Math.max(summary.training.iterations - 1, 0)
    return `\n${escaped(String(row.name))}  ${kind}\n${chart(curves[i], scale, ['0', String(last)], columns)}\n`
  })
  return blocks.join('')
}

/** Iterations done and planned, and why they differ. */
export function progressOf({ iterations, planned, stopped }: Row): string {
  const why = stopped ?? (iterations === planned ? '' : 'incomplete')
  return `${iterations}/${planned} ${why}`.trimEnd()
}

/** The histories as curves on one scale: of held-out accuracy if every report has it, else of training accuracy. */
function curvesOf(runs: TrainedRun[]): { kind: string; scale: [low: string, high: string]; curves: Curve[] } {
  const histories = runs.map(({ summary }) => summary.history)
  const all = histories.flat()
  const isDev = all.every(({ devAccuracy }) => devAccuracy !== undefined)
  const accuracyOf = (entry: HistoryEntry) => (isDev ? entry.devAccuracy : undefined) ?? entry.accuracy
  const low = all.reduce((lowest, entry) => Math.min(lowest, accuracyOf(entry)), 1)
  const high = all.reduce((highest, entry) => Math.max(highest, accuracyOf(entry)), 0)
  const curves = runs.map(({ summary: { history, training } }) => {
    const last = training.iterations - 1
    return history.map((entry) => ({
      x: last > 0 ? entry.iteration / last : 1,
      y: high > low ? (accuracyOf(entry) - low) / (high - low) : 0,
    }))
  })
  return { kind: isDev ? 'devAccuracy' : 'trainAccuracy', scale: [low.toFixed(4), high.toFixed(4)], curves }
}

/** The greatest of some numbers above 0; a call of Math.max takes only some 100,000. */
function greatest(numbers: number[]): number {
  return numbers.reduce((most, number) => Math.max(most, number), 0)
}
