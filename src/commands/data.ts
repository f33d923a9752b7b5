/** Which digits a command works on, and reading them. */
import { existsSync } from 'node:fs'
import { basename, delimiter } from 'node:path'
import { fingerprint, join, type Digits } from '../digits.ts'
import { generate } from '../digits/generate.ts'
import { readDigits, type ReadOptions } from '../digits/read.ts'
import type { DataRecord } from '../weights.ts'

/** What `--data` calls the digits that the project draws itself. */
export const GENERATED = 'generated'
const GENERATED_COUNT = 10_000
const GENERATED_SEED = 1
const DEFAULT_FILE = 'data/mnist_train.csv'

/** What `defaultSources` finds, in the words of --help. */
export const DATA_DEFAULT = `$MNIST_DATA, else ${DEFAULT_FILE}, else ${GENERATED}`

/** The digits that a command works on where `--data` names none: `MNIST_DATA`, data/mnist_train.csv, or generated. */
export function defaultSources(): string[] {
  const named = process.env.MNIST_DATA?.split(delimiter).filter((path) => path !== '') ?? []
  if (named.length > 0) return named
  return [existsSync(DEFAULT_FILE) ? DEFAULT_FILE : GENERATED]
}

/** The sources' names as a weights file records them: no folders, so that the file is the same wherever they lie. */
export function namesOf(sources: string[]): string[] {
  return sources.map((source) => (source === GENERATED ? source : basename(source)))
}

/** What a weights file records of the digits. */
export function describeData(sources: string[], digits: Digits): DataRecord {
  return { names: namesOf(sources), rows: digits.labels.length, sha256: fingerprint(digits) }
}

/** All sources' digits joined in the order given, or the first `limit` of them, reading no further. */
export async function readSources(
  sources: string[],
  { limit = Infinity, onProgress }: ReadOptions = {},
): Promise<Digits> {
  const parts: Digits[] = []
  let left = limit
  for (const [i, source] of sources.entries()) {
    if (left === 0) break
    const part =
      source === GENERATED
        ? generate(Math.min(left, GENERATED_COUNT), GENERATED_SEED)
        : await readDigits(source, { limit: left, onProgress: (share) => onProgress?.((i + share) / sources.length) })
    parts.push(part)
    left -= part.labels.length
  }
  return join(parts)
}
