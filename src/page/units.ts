/** The hidden units' pictures. */
import { PIXELS } from '../digits.ts'
import type { Params } from '../network.ts'
import { all, byId } from './element.ts'
import { unpackPixels } from './encoding.ts'
import { paintDiverging } from './paint.ts'
import type { ReportData } from './report-data.ts'
import { greatestBut } from './scale.ts'
import { decimal } from './shown.ts'
import { FIRST_UNITS, unitCards } from './unit-card.ts'

/** Numbers for the pixels of all units. */
interface View {
  values: { subarray(begin: number, end: number): ArrayLike<number> }
  /** The end of the scale in those numbers. */
  limit: number
  /** The same as it is shown. */
  shownLimit: number
}

/** Paints W1, and what training changed in it, all units on one scale. */
export function startUnits(params: Params, change: ReportData['change']): void {
  const limit = greatestBut(params.W1.data, 0.005)
  const views = new Map<string, View>([['weights', { values: params.W1.data, limit, shownLimit: limit }]])
  if (change) {
    const values = new Int8Array(unpackPixels(change.steps))
    views.set('change', { values, limit: 127, shownLimit: change.limit })
  }
  for (const [name, { shownLimit }] of views) {
    byId(`${name}-low`).textContent = decimal(-shownLimit)
    byId(`${name}-high`).textContent = decimal(shownLimit)
  }
  const ramp = Array.from({ length: 101 }, (_, i) => (i - 50) / 50)
  for (const canvas of all<HTMLCanvasElement>('.ramp')) paintDiverging(canvas, ramp, 1)

  const units = byId('unit-cards')
  const paint = () => {
    for (const canvas of all<HTMLCanvasElement>('canvas[data-unit]', units)) {
      const view = views.get(canvas.dataset.view ?? '')
      const begin = Number(canvas.dataset.unit) * PIXELS
      if (view) paintDiverging(canvas, view.values.subarray(begin, begin + PIXELS), view.limit)
    }
  }
  paint()
  const more = document.getElementById('more-units')
  more?.addEventListener('click', () => {
    const cards = unitCards(params, change !== undefined, FIRST_UNITS, params.W1.shape[0])
    units.insertAdjacentHTML('beforeend', cards.map(({ text }) => text).join(''))
    paint()
    more.remove()
  })
}
