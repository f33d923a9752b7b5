/** Digits from files of digits, pictures and folders of pictures, in one order. */
import { basename, dirname } from 'node:path'
import { digitCount, emptyDigits, hasLabels, join, pixelsOf, type Digits } from '../../digits.ts'
import { STANDARD_INPUT } from '../../digits/default-source.ts'
import { readSources, type SourceOptions } from '../../digits/sources.ts'
import { Failure } from '../../failure.ts'
import { isFolder, isPicture, picturesIn, readPicture } from '../../picture-file.ts'
import { prepare } from '../../picture/prepare.ts'
import type { Progress } from '../../terminal/progress.ts'
import { counted } from '../../wording.ts'

/** Where the labels of pictures come from; they have none by default. */
export interface LabelOptions {
  label?: number | undefined
  labelFromName: boolean
}

/** Files that are read in the same way, one after the other. */
interface Run {
  arePictures: boolean
  paths: string[]
}

/**
 * Inputs in runs of files of digits and of pictures. A folder stands for its pictures.
 * @throws Failure `noInput` if a folder cannot be read or has no pictures
 */
export async function runsOf(inputs: string[]): Promise<Run[]> {
  const runs: Run[] = []
  const add = (arePictures: boolean, paths: string[]) => {
    const last = runs.at(-1)
    if (last?.arePictures === arePictures) last.paths.push(...paths)
    else runs.push({ arePictures, paths })
  }
  for (const input of inputs) {
    if (input !== STANDARD_INPUT && (await isFolder(input))) {
      add(true, await picturesIn(input))
    } else add(await isPicture(input), [input])
  }
  return runs
}

/**
 * Reads runs and joins their digits. Pictures are prepared as MNIST's digits were. Every picture that cannot be read is
 * reported; then none is used, so that no output lacks some of them.
 * @throws Failure `badData` if a picture cannot be read, or if some digits are labelled and some are not; as
 *   `readSources` does
 */
export async function readMixed(
  runs: Run[],
  labels: LabelOptions,
  bar: Progress,
  options: SourceOptions,
): Promise<Digits> {
  const parts: Digits[] = []
  let left = options.limit ?? Infinity
  for (const { arePictures, paths } of runs) {
    if (left === 0) break
    const part = arePictures
      ? await readPictures(paths.slice(0, left), labels, bar)
      : await readSources(paths, { ...options, limit: left })
    parts.push(part)
    left -= digitCount(part)
  }
  const unlabelled = parts.findIndex((part) => !hasLabels(part))
  if (unlabelled >= 0 && parts.some(hasLabels)) {
    const place = runs[unlabelled].paths.join(', ')
    const remedy = runs[unlabelled].arePictures
      ? 'label the pictures with --label or --label-from-name'
      : 'use one kind'
    throw new Failure('badData', `${place}: no labels, but the other inputs have some; ${remedy}`)
  }
  return join(parts)
}

async function readPictures(paths: string[], { label, labelFromName }: LabelOptions, bar: Progress): Promise<Digits> {
  const digits = emptyDigits(paths.length)
  const failures: Failure[] = []
  for (const [i, path] of paths.entries()) {
    bar.update('reading', i, paths.length)
    try {
      if (labelFromName) digits.labels[i] = labelIn(path)
      const { pixels, warnings } = prepare(await readPicture(path))
      pixelsOf(digits, i).set(pixels)
      for (const warning of warnings) bar.notice(`${path}: ${warning}`)
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      failures.push(error)
    }
  }
  const [first, ...others] = failures
  if (first) {
    if (others.length === 0) throw first
    bar.clear()
    const list = failures.map(({ message }) => message).join('\n')
    const share = `${failures.length} of ${counted(paths.length, 'picture')} cannot be used`
    throw new Failure('badData', `${share}; nothing is written:\n${list}`)
  }
  bar.notice(`${counted(paths.length, 'picture')}, prepared as MNIST's digits were`)
  if (label !== undefined) digits.labels.fill(label)
  return label === undefined && !labelFromName ? { ...digits, labels: new Uint8Array(0) } : digits
}

/**
 * The label that a picture's path says: its folder's name if that is a digit, else the digit that its name begins with.
 * @throws Failure `badData` if it says none
 */
function labelIn(path: string): number {
  const [, folder] = /^(\d)$/.exec(basename(dirname(path))) ?? []
  const [, first] = /^(\d)(?![\da-z])/i.exec(basename(path)) ?? []
  const label = folder ?? first
  if (label !== undefined) return Number(label)
  throw new Failure('badData', `${path}: the name does not say which digit it is; call it 7_${basename(path)}, or put it into a folder 7`) // prettier-ignore
}
