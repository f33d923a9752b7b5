/** A hidden unit on the page: its W1 as a picture, which a script paints, and its weights to the ten outputs. */
import type { Params } from '../network.ts'
import { html, type Markup } from './html.ts'
import { decimal } from './shown.ts'

/**
 * @param isChangeKnown whether there is a picture of what training changed, too
 * @param weights the unit's column of W2
 * @param bias the unit's entry of b1
 * @param greatest the largest absolute value of W2, which fills half the height
 */
function unitCard(unit: number, isChangeKnown: boolean, weights: number[], bias: number, greatest: number): Markup {
  const heights = weights.map((weight) => (greatest > 0 ? (weight / greatest) * 20 : 0))
  const bars = heights.map((height, digit) => {
    const y = (20 - Math.max(height, 0)).toFixed(2)
    const kind = height < 0 ? 'against' : 'for'
    return html`<rect
      class="${kind}"
      x="${10 * digit + 1.5}"
      y="${y}"
      width="7"
      height="${Math.abs(height).toFixed(2)}"
    />`
  })
  const picture = (view: string, name: string) =>
    html`<canvas
      class="pixels"
      width="28"
      height="28"
      data-unit="${unit}"
      data-view="${view}"
      role="img"
      aria-label="${name}"
    ></canvas>`
  const named = weights.map((weight, digit) => `${digit}: ${decimal(weight)}`).join(', ')
  return html`<figure class="unit">
    <div class="pair live">
      ${picture('weights', `Weights of unit ${unit} to the 28×28 pixels`)}${
        isChangeKnown ? picture('change', `What training changed in them`) : undefined
      }
    </div>
    <svg
      viewBox="0 0 100 40"
      preserveAspectRatio="none"
      role="img"
      aria-label="Weights of unit ${unit} to the outputs. ${named}"
    >
      <line x1="0" y1="20" x2="100" y2="20" />
      ${bars}
    </svg>
    <div class="ten" aria-hidden="true">${weights.map((_, digit) => html`<span>${digit}</span>`)}</div>
    <figcaption>unit ${unit} <span>b1 ${decimal(bias)}</span></figcaption>
  </figure>`
}

/** Units that a page shows before one asks for all. */
export const FIRST_UNITS = 40

/** The cards of the units from `begin` to before `end`. */
export function unitCards({ b1, W2 }: Params, isChangeKnown: boolean, begin: number, end: number): Markup[] {
  const greatest = W2.data.reduce((most, weight) => Math.max(most, Math.abs(weight)), 0)
  const units = Array.from({ length: end - begin }, (_, i) => begin + i)
  return units.map((unit) => unitCard(unit, isChangeKnown, DIGITS.map((digit) => W2.get(digit, unit)), b1.get(unit, 0), greatest)) // prettier-ignore
}

const DIGITS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
