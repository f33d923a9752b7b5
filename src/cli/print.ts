/** Results on stdout. */
import { CONTROLS } from '../wording.ts'

/** Set when the reader of stdout has closed the pipe: nothing more is written there. */
export const reader = { left: false }

/** Writes text to stdout, unless its reader has left. */
export function print(text: string): void {
  if (!reader.left) process.stdout.write(text)
}

/**
 * Writes text to stdout piece by piece, none before the one before it is written, until its reader has left. Pieces of
 * some 64 KiB are as fast as larger ones.
 */
export async function printAll(pieces: Iterable<string>): Promise<void> {
  for (const piece of pieces) {
    if (reader.left) return
    await new Promise((resolve) => process.stdout.write(piece, resolve))
  }
}

/** Writes a value as one line of JSON. */
export function printJson(value: object): void {
  print(`${toJson(value)}\n`)
}

/** A value as JSON that cannot act on a terminal. */
export function toJson(value: object | string): string {
  return JSON.stringify(value).replace(CONTROLS, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
}
