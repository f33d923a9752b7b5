/** Results on stdout. */
import { CONTROLS } from '../wording.ts'

/** Set when the reader of stdout has closed the pipe: nothing more is written there. */
export const reader = { left: false }

/** Writes text to stdout, unless its reader has left. */
export function print(text: string): void {
  if (!reader.left) process.stdout.write(text)
}

/** Writes a value as one line of JSON. */
export function printJson(value: object): void {
  const json = JSON.stringify(value).replace(CONTROLS, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
  print(`${json}\n`)
}
