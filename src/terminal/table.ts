/** Cells in columns, a header above them; columns of numbers are right-aligned. */
export function aligned(lines: string[][]): string {
  const [header, ...body] = lines
  const columns = header.map((_, j) => ({
    width: lines.reduce((widest, line) => Math.max(widest, line[j].length), 0),
    isNumber: body.every((line) => /^([-–]|[\d.,e+–-]+)$/.test(line[j])),
  }))
  const format = (line: string[]) => {
    const cells = line.map((cell, j) => cell[columns[j].isNumber ? 'padStart' : 'padEnd'](columns[j].width))
    return `${cells.join('  ').trimEnd()}\n`
  }
  return lines.map(format).join('')
}
