/** What was run: results with their intervals, options, data, and the command that repeats it; of several runs, a table. */
import type { DigitsRecord } from '../../digits.ts'
import { wilsonInterval, type Interval } from '../../evaluation.ts'
import { html, type Markup } from '../../page/html.ts'
import { counted, grouped } from '../../wording.ts'
import { comparisons } from '../evaluate/comparison.ts'
import { described, range, shownP } from '../evaluate/report.ts'
import { percent } from '../../page/shown.ts'
import { progressOf, shownColumns } from '../runs/table.ts'
import type { Evaluated, ShownRun } from './document.ts'
import { repeatingCommand, shownOptions } from './repeat.ts'
import { tableOf } from './table.ts'

const LONG = 12 // characters of a cell that paper may break

/** A result, in large type. */
interface Tile {
  name: string
  value: string
  about: string
}

export function runSection(runs: ShownRun[], shown: ShownRun, evaluated?: Evaluated): Markup {
  if (runs.length === 1)
    return html`<h1 id="run-title">${shown.file}</h1>
      ${details(shown, 'h2', evaluated)}`
  return html`<h1 id="run-title">${counted(runs.length, 'run')}</h1>
    <p>
      <span class="live">Sort by a column with its button.</span> The rest of the page shows the best,
      <b>${shown.file}</b>${basis(evaluated)}; chosen among ${runs.length}, it is likely a little worse on other digits.
    </p>
    ${table(runs, shown, evaluated)}
    <h2>${shown.file}</h2>
    ${details(shown, 'h3', evaluated)}`
}

function basis(evaluated?: Evaluated): string {
  return evaluated
    ? `: the most accurate on ${described(evaluated.data)}`
    : ': the most accurate on its held-out digits'
}

/** @param level the tag of its headings */
function details(run: ShownRun, level: 'h2' | 'h3', evaluated?: Evaluated): Markup {
  const { training } = run.weights
  const init = training.init === undefined ? '' : ` FILE is the weights file with the SHA-256 ${training.init}.`
  const words = repeatingCommand(run.weights)
    .split(/(?<= )(?=--)/)
    .map((option) => html`<span>${option}</span>`)
  return html`<div class="tiles">${tiles(run, evaluated).map(
    ({ name, value, about }) =>
      html`<div class="tile">
        <div class="name">${name}</div>
        <div class="value">${value}</div>
        <div class="about">${about}</div>
      </div>`,
  )}</div>
  <div class="columns">
    <div><${level} class="minor">Options</${level}><table class="plain"><tbody>${shownOptions(run.weights).map(
      ({ name, description, value }) =>
        html`<tr>
          <th scope="row"><code>${name}</code></th>
          <td>${description}</td>
          <td class="number">${value}</td>
        </tr>`,
    )}</tbody></table></div>
    <div><${level} class="minor">Data</${level}><table class="plain"><tbody>${dataRows(run)}</tbody></table>
    <${level} class="minor">Train it again</${level}>
    <pre class="command" tabindex="0" aria-label="Command"><code>${words}</code></pre>
    <p class="muted">The weights will be the same, byte for byte.${init}</p></div>
  </div>`
}

function tiles({ file, weights }: ShownRun, evaluated?: Evaluated): Tile[] {
  const { training, result } = weights
  const found = evaluated?.networks.find((network) => network.file === file)
  const { trainAccuracy, devAccuracy, testAccuracy, loss } = result
  const of = (m: number, interval: Interval) => `of ${grouped(m)}; 95 % interval ${range(interval)} %`
  const share = (name: string, accuracy: number | undefined, m: number): Tile[] => {
    if (accuracy === undefined) return []
    return [{ name, value: percent(accuracy), about: of(m, wilsonInterval(Math.round(accuracy * m), m)) }]
  }
  return [
    ...(found && evaluated
      ? [{ name: 'accuracy', value: percent(found.accuracy), about: `on ${described(evaluated.data)}; 95 % interval ${range(found.interval)} %` }] // prettier-ignore
      : []),
    ...(evaluated?.data.sha256 === training.test?.sha256
      ? []
      : share('test accuracy', testAccuracy, training.test?.rows ?? 0)),
    ...share('held-out accuracy', devAccuracy, training.dev),
    ...(trainAccuracy === undefined
      ? []
      : [{ name: 'training accuracy', value: percent(trainAccuracy), about: `of the ${grouped(training.data.rows - training.dev)} digits it learned from` }]), // prettier-ignore
    ...(loss === undefined ? [] : [{ name: 'training loss', value: loss.toFixed(4), about: 'mean cross-entropy' }]),
    { name: 'iterations', value: grouped(result.iterations), about: endOf(weights) },
  ]
}

function endOf({ training, result }: ShownRun['weights']): string {
  if (result.kept !== undefined) return `the best of them kept, after ${counted(result.kept, 'iteration')}`
  if (result.stopped === 'target-accuracy') return 'stopped at the target accuracy'
  if (result.stopped === 'patience') return 'stopped without further improvement'
  const { iterations } = training
  return result.iterations < iterations ? `of ${grouped(iterations)} planned` : 'as planned'
}

function dataRows({ weights: { training } }: ShownRun): Markup[] {
  const { data, dev, test } = training
  const row = (name: string, text: string, { sha256 }: DigitsRecord) =>
    html`<tr>
      <th scope="row">${name}</th>
      <td>
        ${text}
        <div class="hash">SHA-256 ${sha256}</div>
      </td>
    </tr>`
  const held = dev > 0 ? `, ${grouped(dev)} of them held out` : ''
  return [row('training', `${described(data)}${held}`, data), ...(test ? [row('test', described(test), test)] : [])]
}

function table(runs: ShownRun[], shown: ShownRun, evaluated?: Evaluated): Markup {
  const { options, results } = shownColumns(runs)
  const measured = new Map(evaluated?.networks.map((network) => [network.file, network]))
  const against = new Map(
    evaluated &&
      comparisons(evaluated.networks, evaluated.digits.labels).map((comparison, i) => [
        evaluated.networks[i + 1].file,
        comparison,
      ]),
  )
  const onData = evaluated ? ['accuracy', '95 % interval', 'p'] : []
  const header = ['name', ...onData, ...options, 'iterations', ...results]
  const rows = runs.map((run, i) => {
    const { row, file } = run
    const network = measured.get(file)
    const comparison = against.get(file)
    const p = comparison?.pHolm ?? comparison?.p
    const cells = [
      ...(network ? [percent(network.accuracy), range(network.interval), p === undefined ? 'best' : shownP(p).replace('= ', '')] : []), // prettier-ignore
      ...options.map((column) => String(row[column] ?? '–')),
      progressOf(row),
      ...results.map((column) => (typeof row[column] === 'number' ? row[column].toFixed(4) : '–')),
    ]
    const mark = run === shown ? html` <span class="badge">shown</span>` : undefined
    return html`<tr data-run="${i}">
      <th scope="row">
        <button type="button" class="link" data-highlight="${i}" aria-pressed="false">${file}</button>${mark}
      </th>
      ${cells.map((cell) => html`<td class="number${cell.length > LONG ? ' long' : ''}">${cell}</td>`)}
    </tr> `
  })
  const note = evaluated
    ? html`<p class="muted">
        Accuracy, its interval and p are on ${described(evaluated.data)}; p is of McNemar’s exact test against the
        best${evaluated.networks.length > 2 ? ', with Holm’s correction' : ''}.
      </p>`
    : undefined
  return html`${tableOf(header, rows, 'Table of runs', true)} ${note}`
}
