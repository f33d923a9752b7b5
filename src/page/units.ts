/** The hidden units' pictures. */
import { PIXELS } from '../digits.ts'
import type { Params } from '../network.ts'
import { all, byId } from './element.ts'
import { paintDiverging } from './paint.ts'
import { decimal } from './shown.ts'
import { FIRST_UNITS, unitCards } from './unit-card.ts'

/** Paints W1, all units on one scale. */
export function startUnits(params: Params): void {
  const { W1 } = params
  const limit = limitOf(W1.data)
  byId('scale-low').textContent = decimal(-limit)
  byId('scale-high').textContent = decimal(limit)
  const ramp = Array.from({ length: 101 }, (_, i) => (i - 50) / 50)
  for (const canvas of all<HTMLCanvasElement>('.ramp')) paintDiverging(canvas, ramp, 1)

  const units = byId('units')
  const paintAll = () => {
    for (const canvas of all<HTMLCanvasElement>('canvas[data-unit]', units)) {
      paintUnit(canvas, params, Number(canvas.dataset.unit), limit)
    }
  }
  paintAll()
  const more = document.getElementById('more-units')
  more?.addEventListener('click', () => {
    const cards = unitCards(params, FIRST_UNITS, W1.shape[0])
    units.insertAdjacentHTML('beforeend', cards.map(({ text }) => text).join(''))
    paintAll()
    more.remove()
  })
}

function paintUnit(canvas: HTMLCanvasElement, { W1 }: Params, unit: number, limit: number): void {
  paintDiverging(canvas, W1.data.subarray(unit * PIXELS, (unit + 1) * PIXELS), limit)
}

/** The absolute value that 99.5 % of the weights do not exceed: a few large ones would pale all others. */
function limitOf(weights: Float64Array): number {
  const sizes = weights.map(Math.abs).sort()
  return sizes[Math.floor(0.995 * (sizes.length - 1))]
}
