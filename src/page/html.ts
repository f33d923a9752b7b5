/** HTML from templates, in which text stays text whatever it contains. */
import { escaped } from '../wording.ts'

/** A piece of HTML. */
export class Markup {
  constructor(readonly text: string) {}
}

/** What a template can hold. Strings are text: they are escaped, control characters included. */
type Content = string | number | Markup | undefined | readonly Content[]

/** Markup from a template literal. Lists are joined, undefined is nothing. */
export function html(pieces: TemplateStringsArray, ...contents: Content[]): Markup {
  const outdented = pieces.map((piece) => piece.replace(/\n\s+/g, '\n')) // indentation is for those who read the source
  const parts = contents.map((content, i) => outdented[i] + textOf(content))
  return new Markup(parts.join('') + outdented[contents.length])
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

function textOf(content: Content): string {
  if (content === undefined) return ''
  if (content instanceof Markup) return content.text
  if (typeof content === 'object') return content.map(textOf).join('')
  return escaped(String(content)).replace(/[&<>"']/g, (character) => ENTITIES[character])
}
