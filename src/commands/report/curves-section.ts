/** The curves as SVG, with values that a script shows at the pointer. */
import { html, type Markup } from '../../page/html.ts'
import { ticks } from '../../page/ticks.ts'
import { grouped } from '../../wording.ts'
import type { HistoryEntry } from '../../weights.ts'
import type { ShownRun } from './document.ts'

/** The size of the SVG's own coordinates; the page stretches them. */
const WIDTH = 1000
const HEIGHT = 400
const TOLERANCE = 0.5 // of those: what a simplified curve may be away from its points

/** Runs that have a colour each. */
const COLOURS = 8

type Value = (entry: HistoryEntry) => number | undefined

interface Series {
  kind: 'training' | 'held-out'
  value: Value
}

const LOSS: Series[] = [{ kind: 'training', value: ({ loss }) => loss }]
const TRAINING: Series = { kind: 'training', value: ({ accuracy }) => accuracy }
const HELD_OUT: Series = { kind: 'held-out', value: ({ devAccuracy }) => devAccuracy }

export function curvesSection(runs: ShownRun[], shown: ShownRun): Markup {
  const title = html`<h2 id="curves-title">How it learned</h2>`
  const reports = runs.map(({ weights }) => weights.history.length)
  if (reports.every((count) => count === 0))
    return html`${title}
      <p>There are no reports to draw.</p>`
  const isDev = runs.every(({ weights }) => weights.history.every(({ devAccuracy }) => devAccuracy !== undefined))
  const accuracy = isDev ? (runs.length === 1 ? [HELD_OUT, TRAINING] : [HELD_OUT]) : [TRAINING]
  const kinds = accuracy.map(({ kind }) => kind).join(' and ')
  const losses = runs.flatMap(({ weights }) => weights.history.map(({ loss }) => loss))
  const most = losses.reduce((most, loss) => Math.max(most, loss), 0)
  return html`${title}
    <p class="muted">
      Loss and training accuracy are measured before an iteration’s update, held-out accuracy after it.
      <span class="live">Point at a curve, or use the arrow keys, to read its values.</span>
    </p>
    ${legend(runs, accuracy)}
    <div class="charts">
      ${chart('loss', 'Loss', 'mean cross-entropy on the training digits', runs, shown, LOSS, ticks(most, 4), 1)}
      ${chart('accuracy', 'Accuracy', `in percent, on ${kinds} digits`, runs, shown, accuracy, ticks(1, 5), 100)}
    </div>
    <details class="values live">
      <summary>All values as a table</summary>
      ${
        runs.length > 1
          ? html`<label
              >Run
              <select id="values-run">
                ${runs.map(({ file }, i) => html`<option value="${i}">${file}</option>`)}
              </select></label
            >`
          : undefined
      }
      <div class="scroll" id="values" tabindex="0" role="region" aria-label="Values of the curves"></div>
    </details>`
}

function legend(runs: ShownRun[], accuracy: Series[]): Markup | undefined {
  if (runs.length === 1) {
    if (accuracy.length === 1) return undefined
    return html`<ul class="legend">
      <li><span class="line c0"></span>held-out</li>
      <li><span class="line c0 dashed"></span>training</li>
    </ul>`
  }
  if (runs.length > COLOURS) {
    return html`<p class="muted">
      The strong curve is the network shown<span class="live">; choose another in the table to see its curve</span>.
    </p>`
  }
  return html`<ul class="legend">
    ${runs.map(({ file }, i) => html`<li><span class="line c${i}"></span>${file}</li>`)}
  </ul>`
}

function chart(
  id: string,
  title: string,
  about: string,
  runs: ShownRun[],
  shown: ShownRun,
  series: Series[],
  marks: number[],
  factor: number,
): Markup {
  const last = runs.reduce((most, { weights }) => Math.max(most, weights.history.at(-1)?.iteration ?? 0), 0)
  const top = marks.at(-1) ?? 1
  const x = (iteration: number) => (last > 0 ? (iteration / last) * WIDTH : 0)
  const y = (value: number) => HEIGHT - (value / top) * HEIGHT
  const curves = runs.flatMap((run, i) =>
    series.map(({ kind, value }) => {
      const points = run.weights.history.flatMap((entry): Point[] => {
        const found = value(entry)
        return found === undefined ? [] : [[x(entry.iteration), y(found)]]
      })
      const colour = runs.length > COLOURS ? (run === shown ? 'strong' : 'faint') : `c${i}`
      const dash = kind === 'training' && series.length > 1 ? ' dashed' : ''
      const path = simplified(points).map((point) => point.map((place) => Number(place.toFixed(1))).join(',')).join(' ') // prettier-ignore
      return html`<polyline class="curve ${colour}${dash}" data-run="${i}" data-kind="${kind}" points="${path}" />`
    }),
  )
  const lines = curves.toReversed() // the best above the others
  const heights = marks.map((mark) => ({ label: shownMark(mark * factor), share: 1 - mark / top }))
  const across = ticks(last, 4).filter((mark) => mark <= last)
  return html`<figure class="chart" data-chart="${id}" data-last="${last}" data-top="${top}">
    <figcaption><b>${title}</b> <span class="muted">${about}</span></figcaption>
    <div class="frame">
      <div class="ys" aria-hidden="true">
        ${heights.map(({ label, share }) => html`<span style="top:${round(100 * share)}%">${label}</span>`)}
      </div>
      <div
        class="area"
        tabindex="0"
        role="slider"
        aria-label="${title} by iteration"
        aria-valuemin="0"
        aria-valuemax="${last}"
        aria-valuenow="${last}"
        aria-valuetext="iteration ${last}"
      >
        <svg viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" aria-hidden="true">
          ${heights.map(({ share }) => html`<line class="grid" x1="0" x2="${WIDTH}" y1="${round(HEIGHT * share)}" y2="${round(HEIGHT * share)}" />`)}
          ${lines}
        </svg>
        <div class="cursor" hidden></div>
        <div class="tip" hidden></div>
      </div>
      <div class="xs" aria-hidden="true">
        ${across.map((mark) => html`<span style="left:${round(last > 0 ? (100 * mark) / last : 0)}%">${grouped(mark)}</span>`)}
      </div>
      <div class="axis muted" aria-hidden="true">iteration</div>
    </div>
  </figure>`
}

function shownMark(mark: number): string {
  return String(Number(mark.toPrecision(6)))
}

function round(value: number): number {
  return Number(value.toFixed(2))
}

type Point = [x: number, y: number]

/** The points without those that a line between others passes closely (Ramer, Douglas and Peucker). */
function simplified(points: Point[]): Point[] {
  if (points.length < 3) return points
  const kept = new Set([0, points.length - 1])
  const open: [number, number][] = [[0, points.length - 1]]
  for (let range = open.pop(); range; range = open.pop()) {
    const [begin, end] = range
    const [[x0, y0], [x1, y1]] = [points[begin], points[end]]
    let [furthest, distance] = [-1, TOLERANCE]
    for (let i = begin + 1; i < end; i++) {
      const [x, y] = points[i]
      const away = Math.abs(y - (x1 > x0 ? y0 + ((y1 - y0) * (x - x0)) / (x1 - x0) : y0))
      if (away > distance) [furthest, distance] = [i, away]
    }
    if (furthest === -1) continue
    kept.add(furthest)
    open.push([begin, furthest], [furthest, end])
  }
  return points.filter((_, i) => kept.has(i))
}
