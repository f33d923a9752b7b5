/** Why a prediction may mean nothing: what the network sees is unlike MNIST, or it cannot decide. */
import { isNearlyAllInk } from '../../picture/mnist-rule.ts'
import type { Predicted } from './predicted.ts'
import { nameOf, pixelsAt, subjectCount, type Subjects } from './subjects.ts'
import { counted, grouped } from '../../wording.ts'

const DOUBTS = ['no ink', 'nearly all ink', 'mostly ink', 'undecided'] as const
export type Doubt = (typeof DOUBTS)[number]

// Ink is the sum of the pixels divided by 255. Of MNIST's digits, 99.8 % have from 27.6 to 232.7.
const LITTLE_INK = 3
const MUCH_INK = 784 / 2

/** The second probability, divided by the first, from which they are nearly equal. */
const NEARLY_EQUAL = 0.9

const LISTED = 5 // names of each kind

/**
 * Why one prediction may mean nothing.
 * @param pixels 784 bytes; 0 is paper, 255 is ink
 * @param probabilities ten, of the digits 0 to 9
 * @param kind a row may be inverted; a picture's digit lies in its box, as its preparation says of it, too
 */
export function doubtAbout(pixels: Uint8Array, probabilities: Float64Array, kind: Subjects['kind']): Doubt | undefined {
  let ink = 0
  for (let p = 0; p < pixels.length; p++) ink += pixels[p]
  if (ink < LITTLE_INK * 255) return 'no ink'
  if (kind === 'file' && isNearlyAllInk(pixels)) return 'nearly all ink'
  if (ink > MUCH_INK * 255) return 'mostly ink'
  const [first, second] = topTwo(probabilities)
  return probabilities[second] > NEARLY_EQUAL * probabilities[first] ? 'undecided' : undefined
}

/** Sentences about all that is doubtful: for one subject with its numbers, for several how many there are. */
export function doubtSentences({ subjects, probabilities }: Predicted): string[] {
  const { kind, names, places } = subjects
  const m = subjectCount(subjects)
  const found = new Map<Doubt, { count: number; first: (number | string)[] }>()
  for (let i = 0; i < m; i++) {
    const ten = probabilities.subarray(10 * i, 10 * i + 10)
    const doubt = doubtAbout(pixelsAt(subjects, i), ten, kind)
    if (doubt === undefined) continue
    if (m === 1) return [`${nameOf(kind, names[i])}: ${sentenceOf(doubt, ten)}`]
    const { count, first } = found.get(doubt) ?? { count: 0, first: [] }
    found.set(doubt, { count: count + 1, first: count < LISTED ? [...first, names[i]] : first })
  }
  return DOUBTS.flatMap((doubt) => {
    const { count, first } = found.get(doubt) ?? { count: 0, first: [] }
    const listed = `${first.join(', ')}${count > first.length ? ', …' : ''}`
    const of = `${grouped(count)} of ${counted(m, kind === 'index' ? 'row' : places ? 'digit' : 'picture')}`
    return count === 0 ? [] : [`${of} ${clauseOf(doubt, count === 1)}: ${listed}`]
  })
}

function sentenceOf(doubt: Doubt, probabilities: Float64Array): string {
  if (doubt === 'no ink') return 'no ink, so the prediction means nothing'
  if (doubt === 'nearly all ink')
    return 'nearly all ink, unlike any digit of MNIST; --steps shows what was taken for ink'
  if (doubt === 'mostly ink') return 'mostly ink, unlike any digit of MNIST; --invert exchanges ink and paper'
  const [first, second] = topTwo(probabilities).map((digit) => `${digit} (${probabilities[digit].toFixed(3)})`)
  return `undecided between ${first} and ${second}`
}

function clauseOf(doubt: Doubt, isOne: boolean): string {
  if (doubt === 'no ink') return `${isOne ? 'has' : 'have'} no ink`
  if (doubt === 'nearly all ink') return `${isOne ? 'is' : 'are'} nearly all ink (--steps shows what was taken for ink)`
  if (doubt === 'mostly ink') return `${isOne ? 'is' : 'are'} mostly ink (--invert exchanges ink and paper)`
  return `${isOne ? 'is' : 'are'} undecided between two digits`
}

/** The most probable digit and the next. */
function topTwo(probabilities: Float64Array): [number, number] {
  let [first, second] = probabilities[1] > probabilities[0] ? [1, 0] : [0, 1]
  for (let digit = 2; digit < 10; digit++) {
    if (probabilities[digit] > probabilities[first]) [first, second] = [digit, first]
    else if (probabilities[digit] > probabilities[second]) second = digit
  }
  return [first, second]
}
