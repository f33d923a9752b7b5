/** Picture files → subjects. */
import { digitsFrom, emptyDigits, join, type Digits } from '../../digits.ts'
import { checkStandardInput, inputName, STANDARD_INPUT } from '../../digits/default-source.ts'
import { Failure } from '../../failure.ts'
import type { Picture } from '../../picture.ts'
import { isFolder, picturesIn, readPicture } from '../../picture-file.ts'
import { ground, luminance } from '../../picture/luminance.ts'
import { SIDE } from '../../picture/mnist-rule.ts'
import { prepare, prepareMany, type Prepared, type Step } from '../../picture/prepare.ts'
import type { Progress } from '../../terminal/progress.ts'
import type { Subjects } from './subjects.ts'

const NO_LABELS = new Uint8Array(0)

/** Pictures that could be read, and why others could not. */
export interface ReadPictures {
  subjects: Subjects
  failures: Failure[]
}

/** How to read pictures. */
export interface ReadPicturesOptions {
  /** Take 28×28 pixels as they are, bright on dark. */
  asIs: boolean
  /** Find several digits in a picture, from left to right. */
  many: boolean
  /** Called for each digit, after its preparation. */
  onSteps?: ((file: string, steps: Step[]) => void) | undefined
}

/**
 * Reads pictures and prepares them the way MNIST was made.
 * @param paths files, folders of pictures, and `-`
 * @throws Failure `noInput` if a folder cannot be read or has no pictures; `usage` if standard input is given twice
 */
export async function readPictures(
  paths: string[],
  options: ReadPicturesOptions,
  screen: Progress,
): Promise<ReadPictures> {
  const { asIs, many, onSteps } = options
  const files = await filesOf(paths)
  const names: string[] = []
  const places: number[] = []
  const parts: Digits[] = []
  const failures: Failure[] = []
  for (const [i, file] of files.entries()) {
    screen.update('reading', i, files.length)
    try {
      const picture = await readPicture(file)
      const found = asIs ? [unprepared(picture, file)] : preparedFrom(picture, many)
      for (const [place, { pixels, warnings, steps }] of found.entries()) {
        names.push(file)
        places.push(place)
        parts.push(digitsFrom(pixels, NO_LABELS))
        onSteps?.(file, steps)
        if (!many && warnings.includes('several shapes')) {
          screen.notice(
            `${inputName(file)}: several shapes; the prediction is for the largest; to read them all: --many`,
          )
        }
      }
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      failures.push(error)
    }
  }
  screen.clear()
  const digits = parts.length > 0 ? join(parts) : emptyDigits(0)
  return { subjects: { kind: 'file', names, ...(many && { places }), digits }, failures }
}

/** The digit of a picture, or its digits; an empty picture has one, without ink. */
function preparedFrom(picture: Picture, many: boolean): Prepared[] {
  const found = many ? prepareMany(picture) : []
  return found.length > 0 ? found : [prepare(picture)]
}

async function filesOf(paths: string[]): Promise<string[]> {
  checkStandardInput(paths)
  const files: string[] = []
  for (const path of paths) {
    const isOne = path === STANDARD_INPUT || !(await isFolder(path))
    files.push(...(isOne ? [path] : await picturesIn(path)))
  }
  return files
}

/** The pixels of a 28×28 picture, bright on dark. */
function unprepared(picture: Picture, file: string): Prepared {
  const { width, height } = picture
  if (width !== SIDE || height !== SIDE) {
    throw new Failure('badData', `${file}: ${width}×${height} pixels; --as-is takes pictures of 28×28`)
  }
  const plane = luminance(picture, ground(picture))
  const pixels = Uint8Array.from(plane.values, (value) => Math.round(255 * value))
  return { pixels, steps: [{ name: 'as it is', plane }], warnings: [] }
}
