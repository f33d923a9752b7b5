/** Numbers and quotations as messages show them. */

/** A count with thousands separators: 60,000. (The first `toLocaleString` of a process takes 25 ms.) */
export function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',')
}

/** A count with its noun: "1 column", "60,000 digits". */
export function counted(count: number, noun: string): string {
  return `${grouped(count)} ${noun}${count === 1 ? '' : 's'}`
}

/** Text from a file, in quotes and cut to a readable length. */
export function excerpt(text: string): string {
  return JSON.stringify(text.length > 24 ? `${text.slice(0, 24)}…` : text)
}
