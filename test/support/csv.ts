/** Digits in every dialect of CSV, as cells that tests can change. */
import { pixelsOf, type Digits } from '../../src/digits.ts'

const numbers = (count: number, from: number) => Array.from({ length: count }, (_, i) => String(i + from))

export const PIXEL_NAMES = numbers(784, 0).map((p) => `pixel${p}`)
export const HEADER = ['label', ...PIXEL_NAMES].join(',')

/** Cells of a CSV, row by row. */
export type Cells = string[][]

/** Digits as cells, label first, without a header. */
export function cellsOf(digits: Digits): Cells {
  return Array.from(digits.labels, (label, i) => [label, ...pixelsOf(digits, i)].map(String))
}

/** Digits as lines, label first, without a header. */
export function csvOf(digits: Digits): string {
  return textOf(cellsOf(digits))
}

export function textOf(cells: Cells): string {
  return cells.map((fields) => `${fields.join(',')}\n`).join('')
}

/** Digits as cells, with labels in `column` and optionally a header and an index column. */
function arrange(digits: Digits, header: string[] | undefined, column: number, hasIndex = false): Cells {
  const lines = cellsOf(digits).map(([label, ...pixels], i) => {
    const fields = pixels.toSpliced(column, 0, label)
    return hasIndex ? [String(i), ...fields] : fields
  })
  return header ? [header, ...lines] : lines
}

const withoutLabels = (cells: Cells, column: number) => cells.map((fields) => fields.toSpliced(column, 1))
const FROM_ONE = numbers(784, 1).map((p) => `pixel${p}`)
const SIDES = numbers(784, 0).map((p) => `${Math.floor(Number(p) / 28) + 1}x${(Number(p) % 28) + 1}`)

/** A way to write digits, in one file or two. */
export interface Dialect {
  /** Its name in notices. */
  name: string
  files: (digits: Digits) => Cells[]
  isUnlabelled?: true
}

const openmlPixels = (digits: Digits) => withoutLabels(arrange(digits, ['', 'class', ...FROM_ONE], 0, true), 1)
const openmlLabels = (digits: Digits) => [
  ['', 'class'],
  ...Array.from(digits.labels, (label, i) => [`${i}`, `${label}`]),
]
const pixelsAlone = (digits: Digits) => withoutLabels(arrange(digits, ['class', ...FROM_ONE], 0), 0)
const labelsAlone = (digits: Digits) => [['class'], ...Array.from(digits.labels, (label) => [`${label}`])]

const fromOne = (prefix: string) => numbers(785, 1).map((column) => `${prefix}${column}`)
const saved = (digits: Digits) => arrange(digits, ['Unnamed: 0', 'label', ...PIXEL_NAMES], 0, true)
const savedTwice = (digits: Digits) =>
  saved(digits).map((fields, i) => [i > 0 ? String(i - 1) : 'Unnamed: 0.1', ...fields])
const withComma = (cells: Cells) => cells.map((fields) => [...fields, ''])
const withRowNames = (cells: Cells) => cells.map((fields, i) => (i > 0 ? [String(i), ...fields] : fields))

export const DIALECTS: Dialect[] = [
  { name: 'a label-first CSV without a header', files: (d) => [arrange(d, undefined, 0)] },
  { name: "Kaggle's label-first CSV", files: (d) => [arrange(d, ['label', ...PIXEL_NAMES], 0)] },
  { name: 'a label-first CSV with pixels 1x1 to 28x28', files: (d) => [arrange(d, ['label', ...SIDES], 0)] },
  { name: 'a label-first CSV', files: (d) => [arrange(d, numbers(785, 0), 0)] },
  { name: 'a label-first CSV', files: (d) => [arrange(d, ['Class', ...numbers(784, 0)], 0)] },
  { name: "Kaggle's label-first CSV with an index column", files: (d) => [arrange(d, ['', 'label', ...PIXEL_NAMES], 0, true)] },
  { name: 'a label-last CSV without a header', files: (d) => [arrange(d, undefined, 784)] },
  { name: 'a label-last CSV', files: (d) => [arrange(d, [...FROM_ONE, 'class'], 784)] },
  { name: 'a label-last CSV with an index column', files: (d) => [arrange(d, ['Unnamed: 0', ...PIXEL_NAMES, 'target'], 784, true)] },
  { name: 'a CSV with the label in column 18', files: (d) => [arrange(d, PIXEL_NAMES.toSpliced(17, 0, 'target'), 17)] },
  { name: "Kaggle's CSV without labels", files: (d) => [withoutLabels(arrange(d, ['label', ...PIXEL_NAMES], 0), 0)], isUnlabelled: true },
  { name: 'a CSV of pixels without a header, without labels', files: (d) => [withoutLabels(arrange(d, undefined, 0), 0)], isUnlabelled: true },
  { name: "OpenML's CSV without labels with an index column", files: (d) => [openmlPixels(d)], isUnlabelled: true },
  { name: "OpenML's pair of CSVs", files: (d) => [openmlPixels(d), openmlLabels(d)] },
  { name: "OpenML's pair of CSVs", files: (d) => [openmlLabels(d), openmlPixels(d)] },
  { name: "OpenML's pair of CSVs", files: (d) => [pixelsAlone(d), labelsAlone(d)] },
  { name: "OpenML's pair of CSVs", files: (d) => [labelsAlone(d), pixelsAlone(d)] },
  { name: 'a pair of CSVs', files: (d) => [withoutLabels(arrange(d, undefined, 0), 0), labelsAlone(d).slice(1)] },
  { name: 'a label-first CSV', files: (d) => [arrange(d, fromOne('V'), 0)] },
  { name: 'a label-first CSV', files: (d) => [arrange(d, fromOne('V').with(0, 'label'), 0)] },
  { name: 'a label-first CSV with an index column', files: (d) => [withRowNames(arrange(d, fromOne('X'), 0))] },
  { name: "Kaggle's label-first CSV with an index column", files: (d) => [savedTwice(d)] },
  { name: "Kaggle's label-first CSV", files: (d) => [withComma(arrange(d, ['label', ...PIXEL_NAMES], 0))] },
  { name: 'a label-first CSV without a header', files: (d) => [withComma(withComma(arrange(d, undefined, 0)))] },
] // prettier-ignore

/** Ways to write the same cells. */
export const FORMS: Record<string, (cells: Cells) => string> = {
  'LF': textOf,
  'CRLF': (cells) => textOf(cells).replaceAll('\n', '\r\n'),
  'CR': (cells) => textOf(cells).replaceAll('\n', '\r'),
  'a byte order mark': (cells) => `\uFEFF${textOf(cells)}`,
  'a byte order mark and quotes': (cells) => `\uFEFF${textOf(cells.map((fields) => fields.map((field) => `"${field}"`)))}`,
  'quotes around every field': (cells) => textOf(cells.map((fields) => fields.map((field) => `"${field}"`))),
  'quotes around names': (cells) => textOf(cells.map((fields) => fields.map((field) => field.replace(/^\D.*/, '"$&"')))),
  'no last newline': (cells) => textOf(cells).trimEnd(),
  'no last newline after CRLF': (cells) => textOf(cells).trimEnd().replaceAll('\n', '\r\n'),
  'empty lines': (cells) => `\n${textOf(cells).replaceAll('\n', '\n\n')}\r\n`,
  'mixed line endings': (cells) => cells.map((fields, i) => fields.join(',') + ['\n', '\r\n', '\r'][i % 3]).join(''),
  'floats': (cells) => textOf(cells.map((fields, i) => fields.map((field) => (i > 0 && /^\d+$/.test(field) ? `${field}.0` : field)))),
  'floats as np.savetxt writes them': (cells) => textOf(cells.map((fields, i) => fields.map((field) => (i > 0 && /^\d+$/.test(field) ? Number(field).toExponential(18) : field)))),
  'spaces after the commas': (cells) => textOf(cells).replaceAll(',', ', '),
} // prettier-ignore
