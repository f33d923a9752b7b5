/** Numbers, quotations and lines as messages show them. */

/** A count with thousands separators: 60,000. (The first `toLocaleString` of a process takes 25 ms.) */
export function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',')
}

/** A measurement in three digits, never with an exponent: 6,450, 41.7, 0.52. */
export function measured(value: number): string {
  return value >= 100 ? grouped(Math.round(value)) : value < 1e-6 ? '0' : value.toPrecision(3)
}

/** A count with its noun: "1 column", "60,000 digits", "2 entries". */
export function counted(count: number, noun: string, nouns = `${noun}s`): string {
  return `${grouped(count)} ${count === 1 ? noun : nouns}`
}

/** Text from a file, in quotes and cut to a readable length. */
export function excerpt(text: string): string {
  return JSON.stringify(text.length > 24 ? `${text.slice(0, 24)}…` : text)
}

/** Characters that act on a terminal: controls (C0, DEL, C1), the marks and overrides that reorder text, and line separators. */
export const CONTROLS = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu

/** Text without characters that act on a terminal: each is written as in JSON, `\u001b`. */
export function escaped(text: string): string {
  return text.replace(CONTROLS, (character) => {
    const json = JSON.stringify(character).slice(1, -1)
    return json.length > 1 ? json : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
}

/** The same for a message of several lines, whose line feeds stay. */
export function escapedLines(text: string): string {
  return text.split('\n').map(escaped).join('\n')
}

/** The lines of a message cut to `width` characters; indented ones, which may be commands to paste, stay as they are. */
export function wrapped(text: string, width: number): string {
  const lines = text.split('\n').flatMap((line) => (line.startsWith(' ') ? [line] : folded(line, width)))
  return lines.join('\n')
}

/**
 * A help text in lines of at most `width` characters. Adjacent lines that are not indented are one paragraph. What
 * follows two or more spaces in an indented line keeps its column, or moves to the next line if little room is left.
 * Examples are continued with a backslash, so that they can still be pasted.
 */
export function wrappedHelp(text: string, width: number): string {
  let isExample = false
  const lines = text.replace(/(?<=(^|\n)\S.*)\n(?=\S)/g, ' ').split('\n')
  const fold = (line: string) => {
    if (/^\S/.test(line)) isExample = line === 'Examples:'
    return line.startsWith(' ') ? foldedEntry(line, width, isExample ? ' \\' : '') : folded(line, width)
  }
  return lines.flatMap(fold).join('\n')
}

const LEAST_ROOM = 24 // characters for a description beside its term

/** An indented line of a help text: a term, and perhaps its description. `mark` ends the lines that break the term. */
function foldedEntry(line: string, width: number, mark: string): string[] {
  const [, indent, term, gap = '', about = ''] = /^( +)(.*?)(?:( {2,})(.*))?$/.exec(line) ?? ['', '', line]
  if (line.length <= width) return [line]
  const head = indent + term + gap
  if (about && width - head.length >= LEAST_ROOM) {
    return folded(about, width - head.length).map((part, i) => (i === 0 ? head : ' '.repeat(head.length)) + part)
  }
  const terms = folded(term, width - indent.length - 4 - mark.length)
  const abouts = about ? folded(about, width - indent.length - 6) : []
  return [
    ...terms.map((part, i) => `${indent}${i > 0 ? '    ' : ''}${part}${i < terms.length - 1 ? mark : ''}`),
    ...abouts.map((part) => `${indent}      ${part}`),
  ]
}

/** A line cut between words, or at another gap, to at most `width` characters; no word is broken. */
export function folded(line: string, width: number, gap = ' '): string[] {
  const lines: string[] = []
  for (const word of line.split(gap)) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + gap.length + word.length <= width)
      lines[lines.length - 1] = last + gap + word
    else lines.push(word)
  }
  return lines
}
