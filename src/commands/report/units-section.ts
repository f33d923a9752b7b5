/** What the hidden units look for. */
import { html, type Markup } from '../../page/html.ts'
import { decimal } from '../../page/shown.ts'
import { FIRST_UNITS, unitCards } from '../../page/unit-card.ts'
import { toRows } from '../../matrix.ts'
import { counted } from '../../wording.ts'
import type { ShownRun } from './document.ts'

/** @param isChangeKnown whether the page has what training changed, too */
export function unitsSection({ weights: { params } }: ShownRun, isChangeKnown: boolean): Markup {
  const hidden = params.W1.shape[0]
  const more = hidden > FIRST_UNITS ? html`<button type="button" id="more-units" class="live">Show all ${hidden} units</button>` : undefined // prettier-ignore
  const scale = (view: string, name: string) =>
    html`<div class="scale">
      ${name} <span id="${view}-low"></span><canvas class="ramp" width="101" height="1" aria-hidden="true"></canvas
      ><span id="${view}-high"></span>
    </div>`
  const about = isChangeKnown
    ? html`The second is what training changed: the weights began as random numbers, which still show in the first.`
    : undefined
  return html`<h2 id="units-title">What the units learned</h2>
    <p>
      <span class="live"
        >The ${isChangeKnown ? 'first picture of a unit' : 'picture of a unit'} is its row of W1: how much ink at each
        pixel adds to the unit’s sum. ${about}</span
      >
      The bars are a unit’s weights to the ten outputs, its column of W2.
    </p>
    <div class="scales live">${scale('weights', 'W1')}${isChangeKnown ? scale('change', 'change') : undefined}</div>
    <div class="units${isChangeKnown ? ' paired' : ''}" id="unit-cards">
      ${unitCards(params, isChangeKnown, 0, Math.min(hidden, FIRST_UNITS))}
    </div>
    ${more} ${hidden > FIRST_UNITS ? undefined : table(toRows(params.W2), hidden)}`
}

function table(W2: number[][], hidden: number): Markup {
  const units = Array.from({ length: hidden }, (_, unit) => unit)
  return html`<details>
    <summary>W2 as a table, ${counted(hidden, 'unit')} to ten outputs</summary>
    <div class="scroll" tabindex="0" role="region" aria-label="W2">
      <table>
        <thead>
          <tr>
            <th scope="col">unit</th>
            ${W2.map((_, digit) => html`<th scope="col">${digit}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${units.map(
            (unit) =>
              html`<tr>
                <th scope="row">${unit}</th>
                ${W2.map((row) => html`<td class="number">${decimal(row[unit])}</td>`)}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </details>`
}
