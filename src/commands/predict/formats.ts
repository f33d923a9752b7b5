/** Predictions as other programs read them, in pieces to write: plain digits, CSV, JSON and Kaggle's submission. */
import { toJson } from '../../cli/print.ts'
import { probabilitiesAt, type Predicted } from './predicted.ts'
import { subjectAt, subjectCount, type Subjects } from './subjects.ts'

const PIECE = 2 ** 16 // characters

/** The predicted digits, one per line. */
export function plain({ subjects, predictions }: Predicted): Generator<string> {
  return lines(subjects, (i) => `${predictions[i]}`)
}

/**
 * A table with a header, a line per subject: index or file, label (empty if it is unknown), prediction, p0, …, p9.
 * @param quoted makes a field of a file's name
 */
export function* csv(found: Predicted, quoted: (name: string) => string): Generator<string> {
  const { subjects, predictions } = found
  yield `${subjects.kind},label,prediction,p0,p1,p2,p3,p4,p5,p6,p7,p8,p9\n`
  yield* lines(subjects, (i) => {
    const { name, label = '' } = subjectAt(subjects, i)
    const field = typeof name === 'string' ? quoted(name) : name
    const numbers = JSON.stringify(probabilitiesAt(found, i)).slice(1, -1) // a sixth of the time of join
    return `${field},${label},${predictions[i]},${numbers}`
  })
}

/**
 * Schema mnist-predict/1, a line per subject. Rows have an `index` and the `data` that it counts in, pictures a `file`.
 * @param data the names of the data
 */
export function json(found: Predicted, data: string): Generator<string> {
  const { subjects, predictions } = found
  return lines(subjects, (i) => {
    const { name, label } = subjectAt(subjects, i)
    return toJson({
      schema: 'mnist-predict/1',
      [subjects.kind]: name,
      ...(subjects.kind === 'index' && { data }),
      ...(subjects.places && { place: subjects.places[i] }),
      prediction: predictions[i],
      ...(label !== undefined && { label }),
      probabilities: probabilitiesAt(found, i),
    })
  })
}

/** Kaggle's submission: the digits in the order of the data, numbered from 1. */
export function* kaggle({ subjects, predictions }: Predicted): Generator<string> {
  yield 'ImageId,Label\n'
  yield* lines(subjects, (i) => `${i + 1},${predictions[i]}`)
}

/** A line for each subject, joined to pieces. */
export function* lines(subjects: Subjects, line: (i: number) => string): Generator<string> {
  const m = subjectCount(subjects)
  let piece = ''
  for (let i = 0; i < m; i++) {
    piece += `${line(i)}\n`
    if (piece.length < PIECE) continue
    yield piece
    piece = ''
  }
  if (piece !== '') yield piece
}
