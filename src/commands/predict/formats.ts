/** Predictions as other programs read them, in pieces to write: plain digits, CSV, JSON and Kaggle's submission. */
import { toJson } from '../../cli/print.ts'
import type { Predicted } from './predicted.ts'
import { subjectAt, subjectCount, type Subject } from './subjects.ts'

const PIECE = 2 ** 16 // characters

/** The predicted digits, one per line. */
export function plain(found: Predicted): Generator<string> {
  return lines(found, (_, prediction) => `${prediction}`)
}

/**
 * A table with a header, a line per subject: index or file, label (empty if it is unknown), prediction, p0, …, p9.
 * @param quoted makes a field of a file's name
 */
export function* csv(found: Predicted, quoted: (name: string) => string): Generator<string> {
  yield `${found.subjects.kind},label,prediction,p0,p1,p2,p3,p4,p5,p6,p7,p8,p9\n`
  yield* lines(found, ({ name, label }, prediction, probabilities) => {
    const field = typeof name === 'string' ? quoted(name) : name
    const numbers = JSON.stringify(probabilities).slice(1, -1) // a sixth of the time of join
    return `${field},${label ?? ''},${prediction},${numbers}`
  })
}

/**
 * Schema mnist-predict/1, a line per subject. Rows have an `index` and the `data` that it counts in, pictures a `file`.
 * @param data the names of the data
 */
export function json(found: Predicted, data: string): Generator<string> {
  const { kind } = found.subjects
  const isRow = kind === 'index'
  return lines(found, ({ name, label }, prediction, probabilities) =>
    toJson({
      schema: 'mnist-predict/1',
      [kind]: name,
      ...(isRow && { data }),
      prediction,
      ...(label !== undefined && { label }),
      probabilities,
    }),
  )
}

/** Kaggle's submission: the digits in the order of the data, numbered from 1. */
export function* kaggle(found: Predicted): Generator<string> {
  yield 'ImageId,Label\n'
  yield* lines(found, (_, prediction, __, i) => `${i + 1},${prediction}`)
}

/** A line per subject, joined to pieces. */
export function* lines(
  { subjects, predictions, probabilities }: Predicted,
  line: (subject: Subject, prediction: number, probabilities: number[], i: number) => string,
): Generator<string> {
  const m = subjectCount(subjects)
  let piece = ''
  for (let i = 0; i < m; i++) {
    const ten = Array.from(probabilities.subarray(10 * i, 10 * i + 10))
    piece += `${line(subjectAt(subjects, i), predictions[i], ten, i)}\n`
    if (piece.length < PIECE) continue
    yield piece
    piece = ''
  }
  if (piece !== '') yield piece
}
