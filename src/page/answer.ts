/** What the page shows of a reading: probabilities, activity, evidence, and the lesson's numbers. */
import type { Params } from '../network.ts'
import { all, byId } from './element.ts'
import { packPixels } from './encoding.ts'
import { html } from './html.ts'
import { startLesson } from './lesson.ts'
import { paintDiverging, paintInk } from './paint.ts'
import type { Reading } from './reading.ts'
import { decimal, percent } from './shown.ts'

const MOST_UNITS = 24 // listed
const QUIET = 600 // ms without a change after which a screen reader is told

const BLANK = new Float64Array(784)

/** Returns what shows a reading; undefined if there is no ink. */
export function answer(params: Params): (pixels: Uint8Array, found: Reading | undefined, name?: string) => void {
  const lesson = startLesson(params)
  const rows = all<HTMLTableRowElement>('#probabilities tr')
  const [verdict, spoken] = [byId('verdict'), byId('spoken')]
  const [seen, evidence] = [byId<HTMLCanvasElement>('seen'), byId<HTMLCanvasElement>('evidence')]
  let timer: ReturnType<typeof setTimeout> | undefined
  return (pixels, found, name) => {
    paintInk(seen, pixels)
    seen.dataset.pixels = packPixels(pixels)
    rows.forEach((row, digit) => {
      const p = found?.A2[digit]
      row.classList.toggle('first', digit === found?.prediction)
      row.dataset.value = p === undefined ? '' : String(p)
      fillBar(row, p ?? 0, p === undefined ? '–' : percent(p))
    })
    const text = found ? `Reads as ${found.prediction}, ${percent(found.A2[found.prediction])}` : 'Draw a digit'
    verdict.innerHTML = found
      ? html`Reads as
          <b>${found.prediction}</b>${name === undefined ? undefined : html` <span class="muted">${name}</span>`}`.text
      : 'Draw a digit'
    clearTimeout(timer)
    timer = setTimeout(() => (spoken.textContent = text), QUIET)
    showEvidence(evidence, found)
    showActivity(found)
    lesson(found)
  }
}

function fillBar(row: HTMLTableRowElement, share: number, text: string): void {
  for (const bar of all('.bar', row)) bar.style.width = `${100 * share}%`
  row.cells[row.cells.length - 1].textContent = text
}

function showEvidence(canvas: HTMLCanvasElement, found: Reading | undefined): void {
  const shares = found?.shares ?? BLANK
  paintDiverging(canvas, shares, shares.reduce((most, share) => Math.max(most, Math.abs(share)), 0)) // prettier-ignore
  byId('evidence-caption').innerHTML = found
    ? html`<span class="swatch for"></span>spoke for ${found.prediction}, <span class="swatch against"></span>for
        ${found.runnerUp}, the next`.text
    : 'Which pixels spoke for and against'
}

/** The units' A1, the most active first if there are too many. */
function showActivity(found: Reading | undefined): void {
  const place = byId('activity')
  const A1 = found?.A1 ?? []
  const most = A1.reduce((most, activity) => Math.max(most, Math.abs(activity)), 0)
  const units = A1.map((activity, unit) => ({ activity, unit }))
  const listed =
    units.length > MOST_UNITS
      ? units.toSorted((a, b) => Math.abs(b.activity) - Math.abs(a.activity)).slice(0, MOST_UNITS)
      : units
  if (place.children.length !== listed.length) {
    place.innerHTML = listed
      .map(
        () =>
          html`<tr>
            <th scope="row"></th>
            <td class="track"><div class="bar"></div></td>
            <td class="number"></td>
          </tr>`.text,
      )
      .join('')
  }
  all<HTMLTableRowElement>('tr', place).forEach((row, i) => {
    const { activity, unit } = listed[i]
    row.cells[0].textContent = String(unit)
    row.classList.toggle('silent', activity === 0)
    fillBar(row, most > 0 ? Math.abs(activity) / most : 0, decimal(activity))
  })
}
