/** Values at the pointer, and on arrow keys. */
import type { HistoryEntry } from '../weights.ts'
import { all, byId, press } from './element.ts'
import { html, type Markup } from './html.ts'
import { percent } from './shown.ts'
import type { RunData } from './report-data.ts'

/** Runs that have a colour each. */
const COLOURS = 8

const GAP = 12 // pixels between the line at the pointer and the values

/** What a chart shows of a report. */
type Shown = (entry: HistoryEntry, isOnly: boolean) => { name: string; text: string; y: number }[]

const CHARTS: Record<string, Shown> = {
  loss: ({ loss }) => [{ name: 'loss', text: loss.toFixed(6), y: loss }],
  accuracy: ({ accuracy, devAccuracy }, isOnly) => {
    const training = { name: 'training', text: percent(accuracy), y: accuracy }
    if (devAccuracy === undefined) return [training]
    const held = { name: 'held-out', text: percent(devAccuracy), y: devAccuracy }
    return isOnly ? [held, training] : [held]
  },
}

export function startCurves(runs: RunData[]): void {
  const charts = all('.chart')
  if (charts.length === 0) return
  const highlighted = startHighlights(runs)
  const parts = charts.map((chart) => startChart(chart, runs, highlighted))
  const showAll = (iteration: number | undefined) => parts.forEach((show) => show(iteration))
  for (const chart of charts) {
    const area = chart.querySelector<HTMLElement>('.area')
    if (area) listen(area, Number(chart.dataset.last), () => runs[highlighted() ?? 0].history, showAll)
  }
  startValues(runs)
}

/** Moves through the iterations with pointer and keys. */
function listen(
  area: HTMLElement,
  last: number,
  history: () => HistoryEntry[],
  show: (iteration: number | undefined) => void,
): void {
  let at = last
  const move = (iteration: number) => {
    at = Math.max(0, Math.min(last, iteration))
    show(at)
  }
  const follow = ({ clientX }: PointerEvent) => {
    const { left, width } = area.getBoundingClientRect()
    move(((clientX - left) / width) * last)
  }
  area.addEventListener('pointermove', follow)
  area.addEventListener('pointerdown', follow)
  area.addEventListener('pointerleave', () => show(document.activeElement === area ? at : undefined))
  area.addEventListener('focus', () => show(at))
  area.addEventListener('blur', () => show(undefined))
  area.addEventListener('keydown', (event) => {
    const reports = history()
    const index = reports.indexOf(nearest(reports, at))
    const steps: Record<string, number> = {
      ArrowLeft: index - 1,
      ArrowDown: index - 1,
      ArrowRight: index + 1,
      ArrowUp: index + 1,
      PageDown: index - 10,
      PageUp: index + 10,
      Home: 0,
      End: reports.length - 1,
    }
    if (!(event.key in steps)) return
    event.preventDefault()
    const to = Math.max(0, Math.min(reports.length - 1, steps[event.key]))
    move(reports[to].iteration)
  })
}

/** Shows the values of a chart at an iteration; undefined hides them. */
function startChart(
  chart: HTMLElement,
  runs: RunData[],
  highlighted: () => number | undefined,
): (iteration: number | undefined) => void {
  const [area, cursor, tip] = ['.area', '.cursor', '.tip'].map((name) => all(name, chart)[0])
  const shown = CHARTS[chart.dataset.chart ?? '']
  const [last, top] = [Number(chart.dataset.last), Number(chart.dataset.top)]
  return (iteration) => {
    cursor.hidden = tip.hidden = iteration === undefined
    if (iteration === undefined) return
    const chosen = chosenRuns(runs, highlighted()).filter(({ run }) => run.history.length > 0)
    const reports = chosen.map(({ run }) => nearest(run.history, iteration).iteration)
    const at = reports.reduce((best, one) => (Math.abs(one - iteration) < Math.abs(best - iteration) ? one : best))
    const lines = chosen.flatMap(({ run, index }) => {
      const entry = nearest(run.history, at)
      return entry.iteration === at ? shown(entry, runs.length === 1).map((value) => ({ ...value, run, index })) : []
    })
    const share = last > 0 ? at / last : 0
    cursor.style.left = `${100 * share}%`
    const dots = lines.map(
      ({ y, index }) => html`<span class="dot ${colourOf(runs, index)}" style="top:${100 - (100 * y) / top}%"></span>`,
    )
    cursor.innerHTML = textOf(dots)
    tip.innerHTML = html`<b>iteration ${at}</b
      >${lines.map(({ name, text, run, index }) => html`<div><span class="line ${colourOf(runs, index)}${runs.length === 1 && name === 'training' ? ' dashed' : ''}"></span>${runs.length > 1 ? run.name : name} <b>${text}</b></div>`)}`.text
    const [line, room] = [share * area.clientWidth, area.clientWidth - tip.offsetWidth]
    const beside = share > 0.5 ? line - tip.offsetWidth - GAP : line + GAP
    tip.style.left = `${Math.max(0, Math.min(beside, room))}px`
    area.setAttribute('aria-valuenow', String(at))
    const words = lines.map(({ name, text, run }) => `${runs.length > 1 ? `${run.name} ` : ''}${name} ${text}`)
    area.setAttribute('aria-valuetext', `iteration ${at}: ${words.join(', ')}`)
  }
}

/** The runs whose values are shown: all if there are few, else the highlighted one or the one that is shown. */
function chosenRuns(runs: RunData[], highlighted: number | undefined): { run: RunData; index: number }[] {
  const indexed = runs.map((run, index) => ({ run, index }))
  if (highlighted !== undefined) return [indexed[highlighted]]
  if (runs.length <= COLOURS) return indexed
  const strong = all<SVGElement>('.curve.strong')[0]
  return [indexed[Number(strong?.dataset.run ?? 0)]]
}

function colourOf(runs: RunData[], index: number): string {
  return runs.length > COLOURS ? 'strong' : `c${index}`
}

/** The report whose iteration is nearest. */
function nearest(history: HistoryEntry[], iteration: number): HistoryEntry {
  let [low, high] = [0, history.length - 1]
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (history[middle].iteration <= iteration) low = middle
    else high = middle
  }
  const isHigher = iteration - history[low].iteration > history[high].iteration - iteration
  return history[isHigher ? high : low]
}

/** Curves of the run under the pointer, or chosen, in the table. Returns which one that is. */
function startHighlights(runs: RunData[]): () => number | undefined {
  let [chosen, pointed]: (number | undefined)[] = [undefined, undefined]
  const curves = all<SVGElement>('.curve')
  const buttons = all('button[data-highlight]')
  const draw = () => {
    const run = pointed ?? chosen
    for (const curve of curves) {
      const isRun = Number(curve.dataset.run) === run
      curve.classList.toggle('highlight', isRun)
      curve.classList.toggle('behind', run !== undefined && !isRun)
      if (isRun) curve.parentElement?.append(curve) // above the others
    }
  }
  if (runs.length > 1) {
    for (const row of all<HTMLTableRowElement>('tr[data-run]')) {
      row.addEventListener('pointerenter', () => {
        pointed = Number(row.dataset.run)
        draw()
      })
      row.addEventListener('pointerleave', () => {
        pointed = undefined
        draw()
      })
    }
  }
  for (const button of buttons) {
    button.addEventListener('click', () => {
      const run = Number(button.dataset.highlight)
      chosen = chosen === run ? undefined : run
      press(buttons, chosen === undefined ? undefined : button)
      draw()
    })
  }
  return () => chosen
}

/** The table of all values, made when it is opened. */
function startValues(runs: RunData[]): void {
  const place = byId('values')
  const choice = document.getElementById('values-run') as HTMLSelectElement | null
  const fill = () => {
    place.innerHTML = tableOf(runs[Number(choice?.value ?? 0)]).text
  }
  choice?.addEventListener('change', fill)
  place.closest('details')?.addEventListener('toggle', fill, { once: true })
}

function tableOf({ history }: RunData): Markup {
  const isDev = history.some(({ devAccuracy }) => devAccuracy !== undefined)
  const cell = (text: string) => html`<td class="number">${text}</td>`
  const rows = history.map(({ iteration, loss, accuracy, devAccuracy }) => {
    const held = isDev ? cell(devAccuracy?.toFixed(6) ?? '–') : undefined
    return html`<tr>
      <th scope="row">${iteration}</th>
      ${cell(loss.toFixed(6))}${cell(accuracy.toFixed(6))}${held}
    </tr>`
  })
  const names = ['iteration', 'loss', 'training accuracy', ...(isDev ? ['held-out accuracy'] : [])]
  return html`<table>
    <thead>
      <tr>
        ${names.map((name) => html`<th scope="col">${name}</th>`)}
      </tr>
    </thead>
    <tbody>
      ${rows}
    </tbody>
  </table>`
}

function textOf(parts: Markup[]): string {
  return parts.map(({ text }) => text).join('')
}
