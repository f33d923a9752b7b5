/** Pictures of 28×28 on canvases, in the colours of the style sheet. A canvas is only written, never read. */

type Colour = [red: number, green: number, blue: number]

/** How to paint each canvas, to do it again when the colours change. */
const painted = new Map<HTMLCanvasElement, () => void>()

/** Paints ink, bytes from 0 (paper) to 255. */
export function paintInk(canvas: HTMLCanvasElement, pixels: Uint8Array): void {
  paint(canvas, () => {
    const [paper, ink] = [colourOf('--paper'), colourOf('--ink')]
    put(
      canvas,
      Array.from(pixels, (pixel) => mixed(paper, ink, pixel / 255)),
    )
  })
}

/** Paints numbers around 0: from `-limit` over 0 to `limit`, what is beyond in the colour of the end. */
export function paintDiverging(canvas: HTMLCanvasElement, values: ArrayLike<number>, limit: number): void {
  paint(canvas, () => {
    const [low, zero, high] = [colourOf('--against'), colourOf('--zero'), colourOf('--for')]
    const colours = Array.from(values, (value) => {
      const share = limit > 0 ? Math.min(1, Math.abs(value) / limit) : 0
      return mixed(zero, value < 0 ? low : high, share)
    })
    put(canvas, colours)
  })
}

/** Paints a canvas, again whenever the colours of the page change, as they do for the printer. */
export function paint(canvas: HTMLCanvasElement, draw: () => void): void {
  if (painted.size === 0) {
    for (const query of ['(prefers-color-scheme: dark)', 'print']) {
      matchMedia(query).addEventListener('change', repaint)
    }
  }
  painted.set(canvas, draw)
  draw()
}

/** Paints what is still on the page again. */
function repaint(): void {
  for (const [canvas, draw] of painted) {
    if (canvas.isConnected) draw()
    else painted.delete(canvas)
  }
}

function put(canvas: HTMLCanvasElement, colours: Colour[]): void {
  const context = canvas.getContext('2d')
  const image = new ImageData(canvas.width, canvas.height)
  colours.forEach((colour, i) => image.data.set([...colour, 255], 4 * i))
  context?.putImageData(image, 0, 0)
}

/** A colour of the style sheet, which writes them as #rrggbb. */
function colourOf(name: string): Colour {
  const text = getComputedStyle(document.documentElement).getPropertyValue(name).trim()
  const hex = text.length === 4 ? text.replace(/[^#]/g, '$&$&') : text // a minifier shortens #ffffff
  const part = (at: number) => parseInt(hex.slice(at, at + 2), 16)
  return [part(1), part(3), part(5)]
}

function mixed(from: Colour, to: Colour, share: number): Colour {
  const part = (i: 0 | 1 | 2) => Math.round(from[i] + (to[i] - from[i]) * share)
  return [part(0), part(1), part(2)]
}
