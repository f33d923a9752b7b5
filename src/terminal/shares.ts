/** Shares of pixels in the terminal: signs say for or against, colours only repeat it. */

const SIDE = 28
const FOR = '\u001b[38;5;39m' // blue and orange, which most colour-blind people tell apart
const AGAINST = '\u001b[38;5;208m'
const OFF = '\u001b[0m'
const STRONG = 1 / 3 // of the greatest share
const WEAK = 1 / 20

/**
 * Shares as 28 lines of up to 56 characters, or of the sums of two, one above the other, as 14 lines of up to 28.
 * @param shares 784, row by row; above 0 is for, below 0 against, 0 blank
 * @param width characters per line
 */
export function sharesPicture(shares: Float64Array, colour: boolean, width = Infinity): string {
  const isLarge = width >= 2 * SIDE
  const at = (y: number, x: number) => shares[y * SIDE + x]
  const rows = Array.from({ length: isLarge ? SIDE : SIDE / 2 }, (_, y) =>
    Array.from({ length: SIDE }, (_, x) => (isLarge ? at(y, x) : at(2 * y, x) + at(2 * y + 1, x))),
  )
  const greatest = rows.flat().reduce((greatest, share) => Math.max(greatest, Math.abs(share)), 0)
  return rows.map((row) => line(row, greatest, isLarge ? 2 : 1, colour)).join('\n')
}

function line(row: number[], greatest: number, repeated: number, colour: boolean): string {
  const last = row.findLastIndex((share) => share !== 0)
  const cells = row.slice(0, last + 1).map((share) => {
    const character = sign(share, greatest).repeat(repeated)
    return colour && /[^ .]/.test(character) ? `${share > 0 ? FOR : AGAINST}${character}${OFF}` : character
  })
  return cells.join('')
}

function sign(share: number, greatest: number): string {
  const size = Math.abs(share) / greatest
  if (share === 0) return ' '
  if (size < WEAK) return '.'
  if (share > 0) return size < STRONG ? '+' : '#'
  return size < STRONG ? '-' : '='
}
