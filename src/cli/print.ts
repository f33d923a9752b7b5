/** Results on stdout. */
import { inLocale } from '../terminal/charset.ts'
import { CONTROLS } from '../wording.ts'

/** Set when writing to stdout has failed, because its reader has left or its disk is full: nothing more is written there. */
export const stdout = { hasFailed: false }

/** Writes text for people to stdout, in characters that the locale has. */
export function printText(text: string): void {
  print(inLocale(text))
}

/** Writes text to stdout as it is, unless that has failed before. */
export function print(text: string): void {
  if (!stdout.hasFailed) process.stdout.write(text)
}

/**
 * Writes text to stdout piece by piece, none before the one before it is written, until that fails. Pieces of some 64 KiB
 * are as fast as larger ones.
 */
export async function printAll(pieces: Iterable<string>): Promise<void> {
  for (const piece of pieces) {
    if (stdout.hasFailed) return
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
