/** Where the network is wrong: what mnist-evaluate says, and the confusion matrix to choose from. */
import { confusions } from '../../evaluation.ts'
import { html, type Markup } from '../../page/html.ts'
import { percent as withSign } from '../../page/shown.ts'
import { counted, grouped } from '../../wording.ts'
import type { Measured } from '../evaluate/measured.ts'
import { described, percent, range, tenth, trainedOn } from '../evaluate/report.ts'
import type { Evaluated } from './document.ts'
import { tableOf } from './table.ts'

const FREQUENT = 5 // confusions in words

export function mistakesSection({ networks: [network], data }: Evaluated): Markup {
  const { correct, digits, accuracy, interval, loss, confusion } = network
  const wrong = digits - correct
  return html`<h2 id="mistakes-title">Where it is wrong</h2>
    <p>
      <b>${withSign(accuracy)}</b> correct, ${grouped(correct)} of ${described(data)} (95 % interval ${range(interval)}
      %); mean loss ${loss.toFixed(4)}.${trainedOn(network, data).map((sentence) => ` ${sentence}`)} The interval takes
      the digits for independent; those of one writer are not, so it is rather too narrow.
    </p>
    <div class="columns wide">
      <div>
        <h3 id="confusion-title">Confusion matrix</h3>
        <p class="muted">
          Rows are labels, columns predictions; the shade is the share of the row.
          <span class="live">Choose a cell to see its mistakes. Arrow keys move between cells.</span>
        </p>
        ${matrix(confusion)}${words(confusion)}
      </div>
      <div class="live">
        <h3 id="gallery-title" aria-live="polite">Worst mistakes</h3>
        <p class="muted">
          ${wrong === 0 ? 'There are none.' : 'Those with the greatest loss first: with the label, the prediction, and the probability of each. Choose one to look at it in the pad. Some mistakes are the label’s.'}
        </p>
        <button type="button" id="all-mistakes" hidden>Back to the worst of all</button>
        <div id="gallery" class="gallery"></div>
      </div>
    </div>
    <details>
      <summary>Precision, recall and F1 of each digit</summary>
      ${perDigit(network)}
    </details>
    <details>
      <summary>Calibration: is the confidence the accuracy?</summary>
      ${calibration(network)}
    </details>`
}

function matrix(confusion: number[][]): Markup {
  const digits = confusion.map((_, digit) => digit)
  const cell = (label: number, prediction: number, count: number, support: number) => {
    const style = `--share:${support > 0 ? (count / support).toFixed(4) : 0}`
    if (label === prediction || count === 0) {
      return html`<td class="${label === prediction ? 'right' : 'none'}" style="${style}">
        ${count === 0 ? '·' : grouped(count)}
      </td>`
    }
    return html`<td style="${style}">
      <button
        type="button"
        data-label="${label}"
        data-prediction="${prediction}"
        aria-pressed="false"
        aria-label="${label} read as ${prediction}: ${grouped(count)} of ${grouped(support)}"
      >
        ${grouped(count)}
      </button>
    </td>`
  }
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Confusion matrix">
    <table class="confusion" id="confusion" aria-labelledby="confusion-title">
      <thead>
        <tr>
          <td></td>
          <th colspan="10" scope="colgroup">prediction</th>
        </tr>
        <tr>
          <th scope="col">label</th>
          ${digits.map((digit) => html`<th scope="col">${digit}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${confusion.map((row, label) => {
          const support = row.reduce((sum, count) => sum + count, 0)
          return html`<tr>
            <th scope="row">${label}</th>
            ${row.map((count, prediction) => cell(label, prediction, count, support))}
          </tr>`
        })}
      </tbody>
    </table>
  </div>`
}

/** The most frequent confusions in words. */
function words(confusion: number[][]): Markup | undefined {
  const found = confusions(confusion).slice(0, FREQUENT)
  if (found.length === 0) return undefined
  return html`<p class="muted">
    Most frequent:
    ${found
      .map(
        ({ label, prediction, count, support }) =>
          `${label} read as ${prediction}, ${grouped(count)} of ${grouped(support)}`,
      )
      .join('; ')}.
  </p>`
}

function perDigit({ classes, macro, digits }: Measured): Markup {
  const row = (name: string | number, cells: string[]) =>
    html`<tr>
      <th scope="row">${name}</th>
      ${cells.map((cell) => html`<td class="number">${cell}</td>`)}
    </tr>`
  const head = ['digit', 'precision %', 'recall %', '95 % interval', 'F1 %', 'support']
  const rows = classes.map(({ digit, precision, recall, recallInterval, f1, support }) =>
    row(digit, [percent(precision), percent(recall), recallInterval ? range(recallInterval) : '–', percent(f1), grouped(support)]),
  ) // prettier-ignore
  const means = [percent(macro.precision), percent(macro.recall), '', percent(macro.f1), grouped(digits)]
  return tableOf(head, [...rows, row('macro', means)], 'Precision, recall and F1')
}

function calibration({ calibration: { bins, expectedError } }: Measured): Markup {
  const rows = bins.map((bin) => {
    const bar = bin.accuracy === null || bin.confidence === null ? undefined : html`<svg class="reliability" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true"><rect width="${(100 * bin.accuracy).toFixed(1)}" height="10" /><line x1="${(100 * bin.confidence).toFixed(1)}" x2="${(100 * bin.confidence).toFixed(1)}" y1="0" y2="10" /></svg>` // prettier-ignore
    return html`<tr>
      <th scope="row">${tenth(bin)}</th>
      <td class="number">${grouped(bin.count)}</td>
      <td class="number">${percent(bin.confidence)}</td>
      <td class="number">${percent(bin.accuracy)}</td>
      <td>${bar}</td>
    </tr>`
  })
  return html`<p class="muted">
      Bars are the accuracy, the line is the mean confidence. Expected calibration error: ${percent(expectedError)}
      points, the mean distance of the two over ${counted(bins.length, 'bin')}.
    </p>
    ${tableOf(['confidence %', 'digits', 'mean confidence %', 'accuracy %', 'chart'], rows, 'Calibration')}`
}
