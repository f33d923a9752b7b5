/** The mistakes as pictures: the worst, or those of a cell of the confusion matrix. */
import { all, byId, press } from './element.ts'
import { unpackPixels } from './encoding.ts'
import { html } from './html.ts'
import { paintInk } from './paint.ts'
import type { MistakeData } from './report-data.ts'
import { probability } from './shown.ts'

const WORST = 12 // shown at first

/** @param look shows a digit in the pad */
export function startMistakes(mistakes: MistakeData[], look: (pixels: Uint8Array, name: string) => void): void {
  const table = document.getElementById('confusion')
  if (!table) return
  const buttons = all<HTMLButtonElement>('button', table)
  const title = byId('gallery-title')
  const back = byId('all-mistakes')
  const worst = () => {
    press(buttons, undefined)
    title.textContent = 'Worst mistakes'
    back.hidden = true
    fill(mistakes.slice(0, WORST), look)
  }
  for (const button of buttons) {
    button.addEventListener('click', () => {
      press(buttons, button)
      const [label, prediction] = [Number(button.dataset.label), Number(button.dataset.prediction)]
      const found = mistakes.filter((mistake) => mistake.label === label && mistake.prediction === prediction)
      const count = Number(button.textContent.replaceAll(',', ''))
      title.textContent = `${label} read as ${prediction}: ${shownCount(found.length, count)}`
      back.hidden = false
      fill(found, look)
    })
  }
  back.addEventListener('click', worst)
  moveWithArrows(buttons)
  worst()
}

function shownCount(shown: number, count: number): string {
  const all = `${count} ${count === 1 ? 'mistake' : 'mistakes'}`
  return shown < count ? `${all}, the ${shown} worst` : all
}

function fill(mistakes: MistakeData[], look: (pixels: Uint8Array, name: string) => void): void {
  const gallery = byId('gallery')
  gallery.innerHTML = mistakes
    .map(({ index, label, prediction, probabilityOfLabel, probabilityOfPrediction }) => {
      return html`<button type="button" class="mistake" data-index="${index}">
        <canvas class="pixels" width="28" height="28" role="img" aria-label="Digit of row ${index}"></canvas>
        <span>row ${index}</span><span>label <b>${label}</b> ${probability(probabilityOfLabel)}</span
        ><span>read as <b>${prediction}</b> ${probability(probabilityOfPrediction)}</span>
      </button>`.text
    })
    .join('')
  all('.mistake', gallery).forEach((button, i) => {
    const { index, label, pixels } = mistakes[i]
    const unpacked = unpackPixels(pixels)
    for (const canvas of all<HTMLCanvasElement>('canvas', button)) paintInk(canvas, unpacked)
    button.addEventListener('click', () => look(unpacked, `row ${index}, label ${label}`))
  })
}

/** Tab reaches one cell; arrow keys move to the nearest one in their direction. */
function moveWithArrows(buttons: HTMLButtonElement[]): void {
  const places = buttons.map((button) => ({
    button,
    row: Number(button.dataset.label),
    column: Number(button.dataset.prediction),
  }))
  const focus = (chosen: HTMLButtonElement) => {
    for (const button of buttons) button.tabIndex = button === chosen ? 0 : -1
  }
  if (buttons.length > 0) focus(buttons[0])
  for (const { button, row, column } of places) {
    button.addEventListener('focus', () => focus(button))
    button.addEventListener('keydown', (event) => {
      const ahead: Record<string, (place: (typeof places)[number]) => [along: number, aside: number]> = {
        ArrowRight: (place) => [place.column - column, place.row - row],
        ArrowLeft: (place) => [column - place.column, place.row - row],
        ArrowDown: (place) => [place.row - row, place.column - column],
        ArrowUp: (place) => [row - place.row, place.column - column],
      }
      const distance = ahead[event.key]
      if (!distance) return
      event.preventDefault()
      const cost = (place: (typeof places)[number]) => {
        const [along, aside] = distance(place)
        return along > 0 ? along + 10 * Math.abs(aside) : Infinity
      }
      const next = places.toSorted((a, b) => cost(a) - cost(b))[0]
      if (cost(next) < Infinity) next.button.focus()
    })
  }
}
