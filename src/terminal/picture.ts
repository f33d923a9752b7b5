/** Pictures of digits in the terminal. */

const SIDE = 28
const GAP = '  ' // between adjacent pictures
const ASCII = ' .:-=+*#%@' // from paper to ink

/**
 * A digit as 14 lines of 28 half blocks in 24 greys; without colour, as 28 lines of up to 56 characters, or as in
 * `pictures` if they do not fit.
 * @param pixels 784 bytes, row by row; 0 is paper, shown dark, 255 is ink, shown bright
 * @param width characters per line
 */
export function picture(pixels: Uint8Array, colour: boolean, width = Infinity): string {
  if (colour) return halfBlocks(pixels).join('\n')
  if (width < 2 * SIDE) return means(pixels).map((line) => line.trimEnd()).join('\n') // prettier-ignore
  const lines = Array.from({ length: SIDE }, (_, y) =>
    Array.from(pixels.subarray(y * SIDE, (y + 1) * SIDE), (pixel) => character(pixel).repeat(2)).join('').trimEnd(),
  ) // prettier-ignore
  return lines.join('\n')
}

/**
 * Digits under their titles, 14 lines of 28 characters each, as many side by side as fit. Without colour, a character
 * shows the mean of two pixels, one above the other.
 * @param digits 784 pixels each, as for `picture`; all titles have the same number of lines
 * @param width characters per line
 */
export function pictures(digits: { pixels: Uint8Array; title: string }[], colour: boolean, width: number): string {
  const columns = picturesBeside(width)
  const bands: string[] = []
  for (let i = 0; i < digits.length; i += columns) {
    const blocks = digits.slice(i, i + columns).map(({ pixels, title }) => {
      const titles = title.split('\n').map((line) => cut(line).padEnd(SIDE))
      return [...titles, ...(colour ? halfBlocks(pixels) : means(pixels))]
    })
    const lines = blocks[0].map((_, y) => blocks.map((block) => block[y]).join(GAP).trimEnd()) // prettier-ignore
    bands.push(lines.join('\n'))
  }
  return bands.join('\n\n')
}

/** How many pictures fit side by side. */
export function picturesBeside(width: number): number {
  return Math.max(1, Math.floor((width + GAP.length) / (SIDE + GAP.length)))
}

/** A title of at most 28 characters. Its end tells more than its beginning. */
function cut(title: string): string {
  return title.length > SIDE ? `…${title.slice(1 - SIDE)}` : title
}

/** 14 lines of 28 characters, each two pixels: the foreground colours the upper half, the background the lower. */
function halfBlocks(pixels: Uint8Array): string[] {
  const grey = (pixel: number) => 232 + Math.round((pixel / 255) * 23) // xterm's ramp of greys, 232 to 255
  const lines = pairs(pixels, (upper, lower) => `\u001b[38;5;${grey(upper)};48;5;${grey(lower)}m▀`)
  return lines.map((line) => `${line}\u001b[0m`)
}

function means(pixels: Uint8Array): string[] {
  return pairs(pixels, (upper, lower) => character((upper + lower) / 2))
}

/** 14 lines of 28 pairs of pixels, one above the other. */
function pairs(pixels: Uint8Array, show: (upper: number, lower: number) => string): string[] {
  return Array.from({ length: SIDE / 2 }, (_, i) => {
    const at = 2 * i * SIDE
    return Array.from({ length: SIDE }, (_, x) => show(pixels[at + x], pixels[at + SIDE + x])).join('')
  })
}

function character(pixel: number): string {
  return ASCII[Math.round((pixel / 255) * 9)]
}
