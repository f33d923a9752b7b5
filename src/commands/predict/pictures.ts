/** Picture files → subjects. */
import { emptyDigits, select, type Digits } from '../../digits.ts'
import { STANDARD_INPUT } from '../../digits/default-source.ts'
import { Failure } from '../../failure.ts'
import type { Picture } from '../../picture.ts'
import { isFolder, picturesIn, readPicture } from '../../picture-file.ts'
import { ground, luminance } from '../../picture/luminance.ts'
import { SIDE } from '../../picture/mnist-rule.ts'
import { prepare } from '../../picture/prepare.ts'
import type { Progress } from '../../terminal/progress.ts'
import type { Subjects } from './subjects.ts'

/** Pictures that could be read, and why others could not. */
export interface ReadPictures {
  subjects: Subjects
  failures: Failure[]
}

/**
 * Reads pictures and prepares them the way MNIST was made.
 * @param paths files, folders of pictures, and `-`
 * @param asIs take 28×28 pictures as they are, bright on dark
 * @throws Failure `noInput` if a folder cannot be read or has no pictures
 */
export async function readPictures(paths: string[], asIs: boolean, screen: Progress): Promise<ReadPictures> {
  const files = await filesOf(paths)
  const digits = emptyDigits(files.length)
  const read: number[] = []
  const failures: Failure[] = []
  for (const [i, file] of files.entries()) {
    screen.update('reading', i, files.length)
    try {
      const picture = await readPicture(file)
      const { pixels, warnings = [] } = asIs ? { pixels: unprepared(picture, file) } : prepare(picture)
      digits.pixels.set(pixels, i * pixels.length)
      read.push(i)
      if (warnings.includes('several shapes'))
        screen.notice(`${file}: several shapes; the prediction is for the largest`)
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      failures.push(error)
    }
  }
  screen.clear()
  const chosen: Digits = { ...select(digits, Uint32Array.from(read)), labels: new Uint8Array(0) }
  return { subjects: { kind: 'file', names: read.map((i) => files[i]), digits: chosen }, failures }
}

async function filesOf(paths: string[]): Promise<string[]> {
  const files: string[] = []
  for (const path of paths) {
    if (path === STANDARD_INPUT || !(await isFolder(path))) {
      files.push(path)
      continue
    }
    const found = await picturesIn(path)
    if (found.length === 0) throw new Failure('noInput', `${path}: the folder has no pictures`)
    files.push(...found)
  }
  return files
}

/** The pixels of a 28×28 picture, bright on dark. */
function unprepared(picture: Picture, file: string): Uint8Array {
  const { width, height } = picture
  if (width !== SIDE || height !== SIDE) {
    throw new Failure('badData', `${file}: ${width}×${height} pixels; --as-is takes pictures of 28×28`)
  }
  return Uint8Array.from(luminance(picture, ground(picture).colour).values, (value) => Math.round(255 * value))
}
