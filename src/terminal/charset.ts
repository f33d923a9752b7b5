/** What the drawings and signs of this program become where the terminal shows only ASCII: one character each. */
const IN_ASCII: Record<string, string> = {
  ...Object.fromEntries(Array.from('▏▎▍▌▋▊▉█', (block) => [block, '#'])),
  ...Object.fromEntries(Array.from('▁▂▃▄▅▆▇', (height, i) => [height, '_.:-=+*'[i]])),
  '│': '|',
  '┤': '|',
  '└': '+',
  '─': '-',
  '–': '-',
  '−': '-',
  '·': '.',
  '…': '.',
  '×': 'x',
}
const DRAWN = new RegExp(`[${Object.keys(IN_ASCII).join('')}]`, 'g')

/** A text in characters that the locale has. */
export function inLocale(text: string): string {
  return isUtf8() ? text : text.replace(DRAWN, (character) => IN_ASCII[character])
}

/** Each of some texts in characters that the locale has. */
export function* eachInLocale(texts: Iterable<string>): Generator<string> {
  for (const text of texts) yield inLocale(text)
}

/** Whether the locale has all characters. POSIX: LC_ALL, else LC_CTYPE, else LANG; with none, as on Windows, it has. */
export function isUtf8(): boolean {
  const { LC_ALL, LC_CTYPE, LANG } = process.env
  return /utf-?8/i.test(LC_ALL || LC_CTYPE || LANG || 'UTF-8')
}
