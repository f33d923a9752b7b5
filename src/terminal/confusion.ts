/** A confusion matrix in the terminal. */

const LABEL = 'label ' // before the first row
const REDS = [52, 88, 124, 160, 196] // of xterm's 256 colours, dark to bright
const BOLD = '\u001b[1m'
const WHITE_ON = (background: number) => `\u001b[97;48;5;${background}m`
const OFF = '\u001b[0m'

/**
 * A confusion matrix as lines, with its axes named. If the counts are too wide, the cells are percentages of their row,
 * rounded down.
 * @param confusion 10×10 counts: row = label, column = prediction
 * @param colour make the diagonal bold and shade the mistakes in five reds, from a fifth of the most frequent one's count
 * @param width characters per line
 */
export function confusionTable(
  confusion: number[][],
  colour: boolean,
  width: number,
): { lines: string[]; unit: string } {
  const margin = LABEL.length + 1
  const longest = String(Math.max(...confusion.flat())).length
  const isCount = margin + 10 * Math.max(3, longest + 1) <= width
  const cell = isCount ? Math.max(3, longest + 1) : 3
  const most = Math.max(1, ...confusion.flatMap((row, i) => row.filter((_, j) => i !== j)))

  const body = confusion.map((row, label) => {
    const support = row.reduce((sum, count) => sum + count, 0)
    const cells = row.map((count, prediction) => {
      const value = isCount ? count : Math.floor((100 * count) / support)
      const text = (count === 0 ? '·' : String(value)).padStart(cell)
      return colour ? shaded(text, label === prediction, count / most) : text
    })
    return `${(label === 0 ? LABEL : '').padEnd(LABEL.length)}${label}${cells.join('')}`
  })
  const digits = confusion.map((_, digit) => String(digit).padStart(cell)).join('')
  const axis = 'prediction'.padStart(margin + cell + 'prediction'.length - 1)
  return { lines: [axis, `${' '.repeat(margin)}${digits}`, ...body], unit: isCount ? 'counts' : 'percent of the label' }
}

function shaded(text: string, isCorrect: boolean, share: number): string {
  if (isCorrect) return `${BOLD}${text}${OFF}`
  const red = REDS.at(Math.floor(share * REDS.length) - 1)
  return share * REDS.length >= 1 && red !== undefined ? `${WHITE_ON(red)}${text}${OFF}` : text
}
