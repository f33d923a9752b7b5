/** What the drawings and signs of this program become where the terminal shows only ASCII: one character each. */
const IN_ASCII: Record<string, string> = {
  ...Object.fromEntries(Array.from('▏▎▍▌▋▊▉█', (block) => [block, '#'])),
  '│': '|',
  '–': '-',
  '−': '-',
  '·': '.',
  '…': '.',
}
const DRAWN = new RegExp(`[${Object.keys(IN_ASCII).join('')}]`, 'g')

/**
 * A text in characters that the locale has. Which one it is, POSIX says: LC_ALL, else LC_CTYPE, else LANG. If none is set,
 * as on Windows, it is taken for UTF-8.
 */
export function inLocale(text: string): string {
  const { LC_ALL, LC_CTYPE, LANG } = process.env
  const locale = LC_ALL || LC_CTYPE || LANG || 'UTF-8'
  return /utf-?8/i.test(locale) ? text : text.replace(DRAWN, (character) => IN_ASCII[character])
}
