/** Results on stdout. */

/** Set when the reader of stdout has closed the pipe: nothing more is written there. */
export const reader = { left: false }

/** Writes text to stdout, unless its reader has left. */
export function print(text: string): void {
  if (!reader.left) process.stdout.write(text)
}

/** Writes a value as one line of JSON. */
export function printJson(value: object): void {
  print(`${JSON.stringify(value)}\n`)
}
