/** Predictions as people read them. */
import { bar } from '../../terminal/bar.ts'
import { picture, pictures, picturesBeside } from '../../terminal/picture.ts'
import { aligned } from '../../terminal/table.ts'
import { escaped, grouped } from '../../wording.ts'
import { lines } from './formats.ts'
import type { Predicted } from './predicted.ts'
import { nameOf, pixelsAt, subjectAt, subjectCount } from './subjects.ts'

/** How to show predictions. */
export interface TextOptions {
  /** Draw the digits; by default only a single one. */
  picture: boolean | undefined
  colour: boolean
  /** Characters per line; undefined if the output is no terminal. */
  width: number | undefined
}

const BAR = 40 // characters
const BEFORE_BAR = '0  0.000000 '.length
const LONGEST_NAME = 32 // characters that the other names are aligned with

/** One subject in full, several as a table, the digits of a picture as a number. */
export function* text(found: Predicted, options: TextOptions): Generator<string> {
  if (subjectCount(found.subjects) === 1) {
    yield `${one(found, options)}\n`
    return
  }
  if (found.subjects.places) yield numbers(found, found.subjects.places)
  else yield* table(found)
  if (options.picture) yield* gallery(found, options)
}

/** The prediction, the label if it is known, ten probabilities with bars, and the picture. */
function one({ subjects, predictions, probabilities }: Predicted, options: TextOptions): string {
  const { label } = subjectAt(subjects, 0)
  const width = Math.min(BAR, Math.max(0, (options.width ?? Infinity) - BEFORE_BAR))
  return [
    `prediction ${predictions[0]}`,
    ...(label === undefined ? [] : [`label ${label}`]),
    ...Array.from(probabilities, (p, digit) => `${digit}  ${p.toFixed(6)} ${bar(p, width)}`.trimEnd()),
    ...((options.picture ?? true) ? [picture(pixelsAt(subjects, 0), options.colour, options.width)] : []),
  ].join('\n')
}

/** A line per subject: its name, the digit, its probability, the label if it is known, and whether they differ. */
function* table({ subjects, predictions, probabilities }: Predicted): Generator<string> {
  const { kind, names } = subjects
  const m = subjectCount(subjects)
  const title = kind === 'index' ? 'row' : 'file'
  const shown = Array.from({ length: m }, (_, i) => escaped(String(names[i])))
  const width = shown.reduce((width, name) => Math.max(width, Math.min(name.length, LONGEST_NAME)), title.length)
  const aligned = (name: string) => (kind === 'index' ? name.padStart(width) : name.padEnd(width))
  const isLabelled = subjectAt(subjects, 0).label !== undefined

  yield `${aligned(title)}  digit  probability${isLabelled ? '  label' : ''}\n`
  yield* lines(subjects, (i) => {
    const { label } = subjectAt(subjects, i)
    const prediction = predictions[i]
    const answer = `${prediction}`.padStart(7) + probabilities[10 * i + prediction].toFixed(6).padStart(13)
    const check = label === undefined ? '' : `${label}`.padStart(7) + (label === prediction ? '' : '  wrong')
    return aligned(shown[i]) + answer + check
  })
  if (!isLabelled) return
  const correct = predictions.reduce((count, digit, i) => count + Number(digit === subjectAt(subjects, i).label), 0)
  yield `${grouped(correct)} of ${grouped(m)} correct (accuracy ${(correct / m).toFixed(6)})\n`
}

/** A line per picture: its file, the number that its digits make, and the probability of each digit. */
function numbers({ subjects, predictions, probabilities }: Predicted, places: number[]): string {
  const rows: [name: string, number: string, shares: string][] = []
  predictions.forEach((digit, i) => {
    const share = probabilities[10 * i + digit].toFixed(3)
    if (places[i] === 0) rows.push([escaped(String(subjects.names[i])), `${digit}`, share])
    else {
      const row = rows[rows.length - 1]
      row[1] += digit
      row[2] += ` ${share}`
    }
  })
  return aligned([['file', 'number', 'probabilities'], ...rows])
}

/** The pictures, as many side by side as fit. */
function* gallery({ subjects, predictions }: Predicted, { colour, width = 80 }: TextOptions): Generator<string> {
  const { names } = subjects
  const m = subjectCount(subjects)
  const perBand = picturesBeside(width)
  for (let i = 0; i < m; i += perBand) {
    const band = Array.from({ length: Math.min(perBand, m - i) }, (_, at) => {
      const name = escaped(nameOf(subjects.kind, names[i + at]))
      return { pixels: pixelsAt(subjects, i + at), title: `${name}: ${predictions[i + at]}` }
    })
    yield `\n${pictures(band, colour, width)}\n`
  }
}
