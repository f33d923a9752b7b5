/** A digit in the terminal. */

const SIDE = 28
const ASCII = ' .:-=+*#%@' // from paper to ink

/**
 * A digit as 14 lines of 28 half blocks in the terminal's 24 greys, or, without colour, as 28 lines of 56 characters.
 * @param pixels 784 bytes, row by row; 0 is paper, shown dark, 255 is ink, shown bright
 */
export function picture(pixels: Uint8Array, colour: boolean): string {
  const lines: string[] = []
  for (let y = 0; y < SIDE; y += colour ? 2 : 1) {
    let line = ''
    for (let x = 0; x < SIDE; x++) {
      const pixel = pixels[y * SIDE + x]
      line += colour ? halfBlock(pixel, pixels[(y + 1) * SIDE + x]) : ASCII[Math.round((pixel / 255) * 9)].repeat(2)
    }
    lines.push(colour ? `${line}\u001b[0m` : line.trimEnd())
  }
  return lines.join('\n')
}

/** One character that shows two pixels, one above the other: its upper half in one grey, its ground in the other. */
function halfBlock(upper: number, lower: number): string {
  const grey = (pixel: number) => 232 + Math.round((pixel / 255) * 23) // xterm's ramp of greys, 232 to 255
  return `\u001b[38;5;${grey(upper)};48;5;${grey(lower)}m▀`
}
