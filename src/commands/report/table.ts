/** The page's tables. */
import { html, type Markup } from '../../page/html.ts'

/**
 * A table that scrolls if it is too wide for the page.
 * @param head titles of the columns
 * @param name what screen readers call it
 * @param isSortable whether the page's script sorts it by the column whose title is clicked
 */
export function tableOf(head: string[], rows: Markup[], name: string, isSortable = false): Markup {
  const title = (text: string) => (isSortable ? html`<button type="button">${text}</button>` : text)
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${name}">
    <table class="${isSortable ? 'sortable' : 'fixed'}">
      <thead>
        <tr>
          ${head.map((text) => html`<th scope="col">${title(text)}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
  </div>`
}
