/** Digits from what the user names: files, standard input, and the program's own. */
import { basename } from 'node:path'
import { digitCount, hasLabels, join, type Digits } from '../digits.ts'
import { Failure } from '../failure.ts'
import { counted } from '../wording.ts'
import { GENERATED } from './default-source.ts'
import { readDigits, type DigitsPart, type ReadOptions } from './read.ts'
import { makeBright, makeUpright, suspicions } from './suspicions.ts'

const GENERATED_COUNT = 10_000
const GENERATED_SEED = 1

/** The sources' names without folders, so that a weights file is the same wherever they are. */
export function namesOf(sources: string[]): string[] {
  return sources.map((source) => (source === GENERATED ? source : basename(source)))
}

/** How to read sources. */
export interface SourceOptions extends ReadOptions {
  /** Exchange the digits' rows and columns, unless they are clearly upright. */
  transpose?: boolean
  /** Exchange their ink and paper, if most are dark on bright. */
  invert?: boolean
  /** Called with what looks wrong with the digits, a sentence each. */
  onSuspicion?: (sentence: string) => void
  /** Called for generated digits, as `onPart` is for files. */
  onGenerated?: (part: DigitsPart) => void
}

/**
 * The digits of all sources, joined in order, or the first `limit` of them. They are unlabelled if no source has
 * labels.
 * @throws Failure as `readDigits` does
 */
export async function readSources(sources: string[], options: SourceOptions = {}): Promise<Digits> {
  const { limit = Infinity, onProgress, onGenerated } = options
  const parts: Digits[] = []
  let left = limit
  for (const [begin, end] of groups(sources)) {
    if (left === 0) break
    const onFraction = (fraction: number) => onProgress?.((begin + fraction * (end - begin)) / sources.length)
    let part: Digits
    if (sources[begin] === GENERATED) {
      const { generate } = await import('./generate.ts')
      part = generate(Math.min(left, GENERATED_COUNT), GENERATED_SEED)
      onGenerated?.({ names: [GENERATED], rows: digitCount(part), dialect: 'drawn by this program' })
    } else {
      part = await readDigits(sources.slice(begin, end), { ...options, limit: left, onProgress: onFraction })
    }
    parts.push(part)
    left -= digitCount(part)
  }
  if (!parts.every((part) => hasLabels(part) === hasLabels(parts[0]))) {
    throw new Failure('badData', `the ${GENERATED} digits have labels, the others have none; use one kind`)
  }
  return corrected(join(parts), options)
}

/** Transposes and inverts digits as asked; reports what still looks wrong. */
async function corrected(digits: Digits, { transpose, invert, onSuspicion }: SourceOptions): Promise<Digits> {
  if (!transpose && !invert && !onSuspicion) return digits
  if (transpose) makeUpright(digits)
  if (invert) makeBright(digits)
  if (onSuspicion) suspicions(digits).forEach(onSuspicion)
  return digits
}

/**
 * As `readSources`, for digits that must have labels.
 * @throws Failure `badData` if they have none
 */
export async function readLabelled(sources: string[], options: SourceOptions = {}): Promise<Digits> {
  const digits = await readSources(sources, options)
  if (hasLabels(digits)) return digits
  throw new Failure('badData', `${sources.join(', ')}: no labels; add the file that holds them, or use labelled digits`)
}

/** What was read, for a notice: "mnist_train.csv: 60,000 digits, Kaggle's label-first CSV". */
export function describePart({ names, rows, dialect, remark }: DigitsPart): string {
  const about = `${names.join(' and ')}: ${counted(rows, 'digit')}, ${dialect}`
  return remark === undefined ? about : `${about}; ${remark}`
}

/** Runs of sources that are read together: adjacent files, or generated digits. */
function groups(sources: string[]): [begin: number, end: number][] {
  const begins = sources.flatMap((source, i) =>
    i === 0 || source === GENERATED || sources[i - 1] === GENERATED ? [i] : [],
  )
  return begins.map((begin, i) => [begin, begins[i + 1] ?? sources.length])
}
