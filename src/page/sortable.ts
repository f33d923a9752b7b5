/** Tables whose columns can be sorted. */
import { all } from './element.ts'

export function startTables(): void {
  for (const table of all<HTMLTableElement>('table.sortable')) {
    const headers = all<HTMLTableCellElement>('thead th', table)
    headers.forEach((header, column) => {
      header.querySelector('button')?.addEventListener('click', () => {
        const isAscending = header.getAttribute('aria-sort') === 'descending'
        for (const other of headers) other.removeAttribute('aria-sort')
        header.setAttribute('aria-sort', isAscending ? 'ascending' : 'descending')
        sort(table, column, isAscending ? 1 : -1)
      })
    })
  }
}

function sort(table: HTMLTableElement, column: number, sign: 1 | -1): void {
  const [body] = table.tBodies
  const order = new Intl.Collator('en', { numeric: true })
  const rows = [...body.rows].map((row) => {
    const text = row.cells[column].textContent
    return { row, text, number: parseFloat(text.replace(/^< |,/g, '')) }
  })
  const isNumeric = rows.some(({ number }) => !Number.isNaN(number)) && rows.every(({ text }) => /^((< )?[\d.]|–$|best$)/.test(text)) // prettier-ignore
  rows.sort((a, b) => {
    if (!isNumeric) return sign * order.compare(a.text, b.text)
    if (Number.isNaN(a.number) || Number.isNaN(b.number)) return Number(Number.isNaN(a.number)) - Number(Number.isNaN(b.number)) // prettier-ignore
    return sign * (a.number - b.number)
  })
  body.append(...rows.map(({ row }) => row))
}
