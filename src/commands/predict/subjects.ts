/** What is predicted: rows of the data, or pictures. */
import { digitCount, hasLabels, pixelsOf, type Digits } from '../../digits.ts'
import { Failure } from '../../failure.ts'
import { grouped } from '../../wording.ts'

/** Digits that are predicted, and what to call them. */
export interface Subjects {
  /** What a name is. */
  kind: 'index' | 'file'
  /** For each digit its row in the data, from 0, or its file. */
  names: ArrayLike<number | string>
  /** With --many, for each digit its place in its picture's number, from 0. */
  places?: number[]
  digits: Digits
}

/** One of them, without its pixels. */
export interface Subject {
  name: number | string
  /** Undefined if it is not known. */
  label: number | undefined
}

/** How many there are. */
export function subjectCount({ digits }: Subjects): number {
  return digitCount(digits)
}

/**
 * Checks that there is one subject only.
 * @param option what asks for it
 * @throws Failure `usage` if there are several
 */
export function checkSingle(subjects: Subjects, option: string): void {
  const m = subjectCount(subjects)
  if (m === 1) return
  throw new Failure('usage', `${option} shows one digit, not ${grouped(m)}; name one, such as --index 3`)
}

/** One of the subjects, from 0. */
export function subjectAt({ names, digits }: Subjects, i: number): Subject {
  return { name: names[i], label: hasLabels(digits) ? digits.labels[i] : undefined }
}

/** The 784 bytes of a subject, as in `Digits`. */
export function pixelsAt({ digits }: Subjects, i: number): Uint8Array {
  return pixelsOf(digits, i)
}

/** A subject's name in a sentence: "row 3", "three.png". */
export function nameOf(kind: Subjects['kind'], name: number | string): string {
  return kind === 'index' ? `row ${name}` : String(name)
}
