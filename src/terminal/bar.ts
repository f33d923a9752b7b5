const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉']

/**
 * A horizontal bar, precise to an eighth of a character.
 * @param fraction from 0 to 1
 * @param width characters if `fraction` is 1
 */
export function bar(fraction: number, width: number): string {
  const eighths = Math.round(fraction * width * 8)
  return '█'.repeat(Math.floor(eighths / 8)) + EIGHTHS[eighths % 8]
}
