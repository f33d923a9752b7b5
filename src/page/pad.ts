/** The pad: strokes or a sample digit → what the network makes of it, at once. */
import type { Params } from '../network.ts'
import { prepare, type Warning } from '../picture/prepare.ts'
import type { Picture } from '../picture.ts'
import { answer } from './answer.ts'
import { all, byId, press } from './element.ts'
import { unpackPixels } from './encoding.ts'
import { html } from './html.ts'
import { paint, paintInk } from './paint.ts'
import { reading } from './reading.ts'
import type { SampleData } from './report-data.ts'
import { storedPng } from './stored-png.ts'
import { pictureOf, type Point, type Stroke } from './strokes.ts'

const WARNINGS: Record<Warning, string> = {
  'no ink': '',
  'nearly all ink': 'There is more ink than in any of MNIST’s digits.',
  'several shapes': 'There are several shapes; draw one digit.',
}

/** What is on the pad. */
interface Sheet {
  strokes: Stroke[]
  /** A digit of 784 bytes in their place. */
  sample?: { pixels: Uint8Array; name: string } | undefined
}

/** Starts the pad with the first sample. */
export function startPad(params: Params, samples: SampleData[]): { show: (pixels: Uint8Array, name: string) => void } {
  const canvas = byId<HTMLCanvasElement>('pad')
  const [undo, clear] = [byId<HTMLButtonElement>('undo'), byId<HTMLButtonElement>('clear')]
  const show = answer(params)
  const states: Sheet[] = [{ strokes: [] }]
  const sheet = () => states[states.length - 1]
  const buttons = startSamples(samples, (pixels, name) => change({ strokes: [], sample: { pixels, name } }))

  let isDue = false
  const draw = () => {
    if (!isDue) requestAnimationFrame(update)
    isDue = true
  }
  const update = () => {
    isDue = false
    const { strokes, sample } = sheet()
    paint(canvas, () => paintSheet(canvas, sheet()))
    const prepared = sample ? { pixels: sample.pixels, warnings: [] } : prepare(pictureOf(strokes))
    const isBlank = prepared.pixels.every((pixel) => pixel === 0)
    show(prepared.pixels, isBlank ? undefined : reading(params, prepared.pixels), sample?.name)
    const warning = byId('warning')
    warning.textContent = isBlank ? '' : prepared.warnings.map((name) => WARNINGS[name]).join(' ')
    warning.hidden = warning.textContent === ''
    undo.disabled = states.length === 1
    clear.disabled = strokes.length === 0 && !sample
  }
  const change = (next: Sheet) => {
    states.push(next)
    if (!next.sample) press(buttons, undefined)
    draw()
  }

  undo.addEventListener('click', () => {
    if (states.length > 1) states.pop()
    press(buttons, undefined)
    draw()
  })
  clear.addEventListener('click', () => change({ strokes: [] }))
  canvas.addEventListener('contextmenu', (event) => event.preventDefault())
  document.addEventListener('keydown', (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key === 'z' && !undo.disabled) undo.click()
  })
  listen(canvas, {
    begin(stroke) {
      const { strokes } = sheet()
      change({ strokes: [...strokes, stroke] })
    },
    moved: draw,
    cancel() {
      states.pop()
      draw()
    },
  })
  startSaving(() => sheet())

  buttons[0]?.click()
  states.shift() // the empty sheet before it
  return {
    show(pixels, name) {
      press(buttons, undefined)
      change({ strokes: [], sample: { pixels, name } })
      byId('draw').scrollIntoView({ behavior: isCalm() ? 'auto' : 'smooth' })
    },
  }
}

function isCalm(): boolean {
  return matchMedia('(prefers-reduced-motion: reduce)').matches
}

/** Buttons with the sample digits. */
function startSamples(samples: SampleData[], choose: (pixels: Uint8Array, name: string) => void): HTMLElement[] {
  const place = byId('samples')
  place.innerHTML = samples
    .map(({ label }) => {
      return html`<button type="button" aria-pressed="false" aria-label="Sample: ${label}">
        <canvas class="pixels" width="28" height="28" aria-hidden="true"></canvas>
      </button>`.text
    })
    .join('')
  const buttons = all('button', place)
  buttons.forEach((button, i) => {
    const pixels = unpackPixels(samples[i].pixels)
    for (const canvas of all<HTMLCanvasElement>('canvas', button)) paintInk(canvas, pixels)
    button.addEventListener('click', () => {
      choose(pixels, `label ${samples[i].label}`)
      press(buttons, button)
    })
  })
  return buttons
}

interface Pen {
  begin(stroke: Stroke): void
  moved(): void
  /** The stroke was none: the system took the pointer for something else. */
  cancel(): void
}

/** Follows mouse, finger and pen. */
function listen(canvas: HTMLCanvasElement, { begin, moved, cancel }: Pen): void {
  const width = byId<HTMLInputElement>('pen')
  let drawn: { pointer: number; stroke: Stroke } | undefined
  const pointOf = ({ clientX, clientY }: PointerEvent): Point => {
    const { left, top, width, height } = canvas.getBoundingClientRect()
    return { x: (clientX - left) / width, y: (clientY - top) / height }
  }
  canvas.addEventListener('pointerdown', (event) => {
    if (!event.isPrimary || event.button !== 0 || drawn) return
    event.preventDefault()
    canvas.setPointerCapture(event.pointerId)
    const stroke = { points: [pointOf(event)], width: Number(width.value) / 100 }
    drawn = { pointer: event.pointerId, stroke }
    begin(stroke)
  })
  canvas.addEventListener('pointermove', (event) => {
    if (event.pointerId !== drawn?.pointer) return
    const events = event.getCoalescedEvents?.() ?? []
    drawn.stroke.points.push(...(events.length > 0 ? events : [event]).map(pointOf))
    moved()
  })
  canvas.addEventListener('pointerup', (event) => {
    if (event.pointerId === drawn?.pointer) drawn = undefined
  })
  canvas.addEventListener('pointercancel', (event) => {
    if (event.pointerId !== drawn?.pointer) return
    drawn = undefined
    cancel()
  })
}

/** Draws strokes as they are, or a sample's pixels. Only for the eye: the network gets `pictureOf`. */
function paintSheet(canvas: HTMLCanvasElement, { strokes, sample }: Sheet): void {
  const context = canvas.getContext('2d')
  if (!context) return
  const style = getComputedStyle(document.documentElement)
  const [paper, ink] = ['--paper', '--ink'].map((name) => style.getPropertyValue(name))
  const side = canvas.width
  context.fillStyle = paper
  context.fillRect(0, 0, side, side)
  context.fillStyle = context.strokeStyle = ink
  context.lineCap = context.lineJoin = 'round'
  if (sample) {
    sample.pixels.forEach((pixel, i) => {
      context.globalAlpha = pixel / 255
      context.fillRect((i % 28) * (side / 28), Math.floor(i / 28) * (side / 28), side / 28, side / 28)
    })
    context.globalAlpha = 1
  }
  for (const { points, width } of strokes) {
    context.lineWidth = width * side
    context.beginPath()
    for (const { x, y } of points) context.lineTo(x * side, y * side)
    const [{ x, y }] = points
    if (points.length === 1) context.lineTo(x * side + 0.01, y * side) // a dot
    context.stroke()
  }
}

/** Saves what is on the pad as a file that mnist-predict reads as the page does. */
function startSaving(sheet: () => Sheet): void {
  byId('save').addEventListener('click', () => {
    const { strokes, sample } = sheet()
    const picture: Picture = sample ? inkPicture(sample.pixels) : pictureOf(strokes)
    const link = document.createElement('a')
    link.href = URL.createObjectURL(new Blob([storedPng(picture)], { type: 'image/png' }))
    link.download = 'digit.png'
    link.click()
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000) // the browser reads it later
  })
}

/** A digit's 784 bytes as they are: bright ink on black. */
function inkPicture(pixels: Uint8Array): Picture {
  return { width: 28, height: 28, rgba: Uint8Array.from({ length: 4 * 784 }, (_, i) => (i % 4 === 3 ? 255 : pixels[i >> 2])) } // prettier-ignore
}
