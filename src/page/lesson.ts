/** The lesson's numbers for one digit. */
import type { Params } from '../network.ts'
import { all, byId, press } from './element.ts'
import { html, type Markup } from './html.ts'
import type { Reading } from './reading.ts'
import { added, decimal, probability } from './shown.ts'

const LAYERS = ['Z1', 'A1', 'Z2', 'A2'] as const
const MOST = 64 // numbers of a layer

/** Returns what shows the numbers of a reading. */
export function startLesson(params: Params): (found: Reading | undefined) => void {
  const buttons = all('button', byId('choices'))
  let found: Reading | undefined
  let chosen: number | undefined
  const showSum = () => {
    const output = chosen ?? found?.prediction
    press(buttons, output === undefined ? undefined : buttons[output])
    byId('sum').innerHTML = found && output !== undefined ? sumOf(params, found, output).text : 'Draw a digit'
  }
  for (const button of buttons) {
    button.addEventListener('click', () => {
      chosen = Number(button.dataset.output)
      showSum()
    })
  }
  return (next) => {
    found = next
    for (const name of LAYERS) showLayer(name, found?.[name] ?? [], found?.prediction)
    showSum()
  }
}

function showLayer(name: (typeof LAYERS)[number], numbers: number[], prediction: number | undefined): void {
  const place = byId<HTMLTableSectionElement>(name)
  const isOutput = name.endsWith('2')
  const shown = name === 'A2' ? probability : (value: number) => decimal(value, 3)
  const rows = numbers.slice(0, MOST).map((value, i) => {
    const mark = isOutput && i === prediction ? 'first' : name === 'A1' && value === 0 ? 'silent' : ''
    return html`<tr class="${mark}">
      <th scope="row">${i}</th>
      <td class="number" data-value="${value}">${shown(value)}</td>
    </tr>`
  })
  const rest =
    numbers.length > MOST
      ? html`<tr>
          <td colspan="2">and ${numbers.length - MOST} more</td>
        </tr>`
      : ''
  place.innerHTML = html`${rows}${rest}`.text
}

/**
 * How one output comes about: the strongest unit's sum, the output's sum, and the softmax. "≈" is before what was computed
 * from more digits than are shown, so that nobody looks for an error in the last one.
 */
function sumOf({ b1, W2, b2 }: Params, { x, Z1, A1, Z2, A2 }: Reading, output: number): Markup {
  const parts = A1.map((activity, unit) => ({ unit, activity, weight: W2.get(output, unit) }))
  const active = parts.filter(({ activity }) => activity !== 0)
  const listed = active.toSorted((a, b) => Math.abs(b.weight * b.activity) - Math.abs(a.weight * a.activity)).slice(0, MOST) // prettier-ignore
  const strongest = listed[0]?.unit
  const inked = x.filter((ink) => ink > 0).length
  const greatest = Math.max(...Z2)
  const E = Z2.map((z) => Math.exp(z - greatest))
  const total = E.reduce((sum, e) => sum + e, 0)
  const three = (value: number) => decimal(value, 3)
  const plus = (value: number) => added(value, 3)
  const rows = listed.map(
    ({ unit, activity, weight }) =>
      html`<tr>
        <th scope="row">unit ${unit}</th>
        <td class="number">${three(weight)}</td>
        <td class="number">× ${three(activity)}</td>
        <td class="number">≈ ${three(weight * activity)}</td>
      </tr>`,
  )
  return html`${
      strongest === undefined
        ? undefined
        : html`<p>
            <code>Z1[${strongest}]</code> = Σ over ${inked} inked pixels of W1·x + b1 ≈
            ${three(Z1[strongest] - b1.get(strongest, 0))} ${plus(b1.get(strongest, 0))} ≈
            <b>${three(Z1[strongest])}</b>
          </p>`
    }
    <table>
      <thead>
        <tr>
          <th scope="col">unit</th>
          <th scope="col">W2[${output}]</th>
          <th scope="col">A1</th>
          <th scope="col">product</th>
        </tr>
      </thead>
      <tbody>
        ${rows}
        <tr>
          <th scope="row">b2[${output}]</th>
          <td></td>
          <td></td>
          <td class="number">${plus(b2.get(output, 0))}</td>
        </tr>
        <tr class="first">
          <th scope="row">Z2[${output}]</th>
          <td></td>
          <td></td>
          <td class="number">≈ ${three(Z2[output])}</td>
        </tr>
      </tbody>
    </table>
    ${active.length > listed.length ? html`<p class="muted">The ${listed.length} largest of ${active.length} products; the sum has all.</p>` : undefined}
    <p>
      <code>A2[${output}]</code> = exp(${three(Z2[output])} ${plus(-greatest)}) / Σ exp(Z2 ${plus(-greatest)}) ≈
      ${probability(E[output])} / ${probability(total)} ≈ <b>${probability(A2[output])}</b>
    </p>`
}
