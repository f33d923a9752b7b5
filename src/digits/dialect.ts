/** Which of the CSVs of MNIST a file is: recognised from its header, where it has one, and its first rows. */
import { PIXELS } from '../digits.ts'
import { Failure } from '../failure.ts'
import { counted, isWhole, numberIn, quote } from './field.ts'

/** Records that recognition looks at: a header and rows enough to see that a column counts beyond 9. */
export const FIRST_RECORDS = 13

/** A line of a CSV, its fields without quotes. */
export interface CsvRecord {
  fields: string[]
  /** Its line, from 1; of several lines the last. */
  line: number
  /** Bytes up to its end, from where reading began. */
  end: number
}

/** What the columns of a CSV are. Columns count from 0 here and from 1 in errors; those not named are the pixels. */
export interface Layout {
  /** How a notice calls it. */
  readonly name: string
  /** Columns of every line. */
  readonly columns: number
  /** The column that counts the rows. */
  readonly index?: number
  /** The column of the labels. */
  readonly label?: number
  readonly hasPixels: boolean
  /** Whether the first line is a header. */
  readonly hasHeader: boolean
  /** That first and last column were all 0 in the first rows, so that the first is only supposed to be the label. */
  readonly isSupposed?: boolean
  /** That the first rows have no ink, as those of a transposed file, one pixel of all digits a line. */
  readonly isPale?: boolean
  /** What the user should look at. */
  readonly remark?: string
}

const INDEX_NAMES = ['', 'unnamed: 0', 'index', 'id', 'imageid']
const LABEL_NAMES = ['label', 'labels', 'class', 'target', 'digit', 'y']
const LABELLED = 1 + PIXELS // columns

/**
 * The layout of the CSV that begins with these records, of which there is at least one.
 * @returns undefined where the first has as many columns as none of them
 * @throws Failure `badData` where it is almost one of them
 */
export function recognise(records: CsvRecord[], name: string): Layout | undefined {
  const [{ fields, line }] = records
  const names = fields.map((field) => field.trim())
  const hasNames = isHeader(names) && !countsColumns(names)
  const rows = records
    .slice(isHeader(names) ? 1 : 0)
    .filter((record) => record.fields.length === fields.length)
    .map((record) => ({ line: record.line, values: record.fields.map(numberIn) }))
  const layout = hasNames ? ofHeader(names, `${name}:${line}`) : ofRows(names, rows, name)
  return layout && { ...layout, ...looksOf(layout, rows, name) }
}

/** A line of numbers, NaN where a field is none. */
interface Row {
  line: number
  values: number[]
}

/** What the columns of a layout hold, for errors: "a label and 784 pixels". */
export function contents({ index, label, hasPixels }: Layout): string {
  const parts = [
    ...(index === undefined ? [] : ['an index']),
    ...(label === undefined ? [] : ['a label']),
    ...(hasPixels ? [`${PIXELS} pixels`] : []),
  ]
  return parts.length === 1 ? parts[0] : `${parts.slice(0, -1).join(', ')} and ${parts[parts.length - 1]}`
}

function isHeader(names: string[]): boolean {
  const filled = names.filter((name) => name !== '')
  const words = filled.filter((name) => Number.isNaN(numberIn(name)))
  return (filled.length > 0 && 2 * words.length >= filled.length) || countingNames(names).length > 0
}

/** Whether a header only counts the columns, as pandas writes it of columns without names. */
function countsColumns(names: string[]): boolean {
  return countingNames(names).length >= names.length - (isIndexName(names[0]) ? 1 : 0)
}

/** The names where they count 0, 1, 2 … or 1, 2, 3 …, at most two of them aside; none otherwise. */
function countingNames(names: string[]): number[] {
  const counts = names.filter((name) => /^\d+$/.test(name)).map(Number)
  const isCounting = counts[0] <= 1 && counts.every((count, i) => count === counts[0] + i)
  return isCounting && counts.length >= PIXELS - 2 && names.length - counts.length <= 2 ? counts : []
}

function isIndexName(name: string): boolean {
  return INDEX_NAMES.includes(name.toLowerCase())
}

function ofHeader(names: string[], place: string): Layout | undefined {
  const index = isIndexName(names[0]) ? 0 : undefined
  const labels = names.flatMap((name, column) => (LABEL_NAMES.includes(name.toLowerCase()) ? [column] : []))
  if (labels.length > 1) {
    const both = `${quote(names[labels[0]])} and ${quote(names[labels[1]])}`
    throw new Failure('badData', `${place}:${labels[1] + 1}: the header names two labels, ${both}: leave one out`)
  }
  const [label] = labels
  const pixels = names.flatMap((_, column) => (column === index || column === label ? [] : [column]))
  if (pixels.length === 0 && label === undefined) return undefined
  if (pixels.length > 0 && !checkPixelNames(names, pixels, place)) return undefined

  const given = { columns: names.length, hasPixels: pixels.length > 0, hasHeader: true }
  const layout = { ...given, ...(index !== undefined && { index }), ...(label !== undefined && { label }) }
  return { ...layout, name: nameOfLayout(names, pixels, layout) }
}

/**
 * Whether these columns are named as pixels, 784 of them in their order.
 * @throws Failure `badData` where they almost are
 */
function checkPixelNames(names: string[], columns: number[], place: string): boolean {
  const expected = pixelNames(names[columns[0]], names[columns[columns.length - 1]])
  const wrong = columns.findIndex((column, p) => names[column] !== expected(p))
  if (wrong === -1 && columns.length === PIXELS) return true
  const column = columns[Math.max(wrong, 0)]
  if (columns.length === PIXELS) {
    const found = `the header has ${quote(names[column])} where "${expected(wrong)}" is expected`
    throw new Failure('badData', `${place}:${column + 1}: ${found}`)
  }
  if (columns.length === LABELLED && columns.slice(wrong + 1).every((c, p) => names[c] === expected(wrong + p))) {
    const name = names[column] === '' ? 'a column without a name' : quote(names[column])
    const found = `the header has ${name}, which is neither a pixel nor a label`
    throw new Failure('badData', `${place}:${column + 1}: ${found}: name the label "label", "class" or "target"`)
  }
  if (columns.filter((c, p) => names[c] === expected(p)).length * 2 <= columns.length) {
    if (columns.length !== LABELLED) return false
    const found = `the header has ${quote(names[columns[0]])} where "label" is expected`
    throw new Failure('badData', `${place}:${columns[0] + 1}: ${found}, and the names of ${PIXELS} pixels behind it`)
  }
  throw new Failure(
    'badData',
    `${place}: the header names ${counted(columns.length, 'pixel')} where ${PIXELS} are expected, 28 rows of 28`,
  )
}

/** How the p-th pixel, from 0, is named where the first and the last are named so. */
function pixelNames(first: string, last: string): (p: number) => string {
  if (SIDES.test(first)) {
    const from = first === '0x0' || last === '27x27' ? 0 : 1
    return (p) => `${Math.floor(p / 28) + from}x${(p % 28) + from}`
  }
  const [, prefix, number] = /^(\D*)([01])$/.exec(first) ?? /^(\D*)(78[34])$/.exec(last) ?? ['', 'pixel', '0']
  const from = Number(number) % (PIXELS - 1) // 0 of 0 and 783, 1 of 1 and 784
  return (p) => `${prefix}${p + from}`
}

const SIDES = /^\d+x\d+$/

function nameOfLayout(names: string[], pixels: number[], { index, label }: Omit<Layout, 'name'>): string {
  const indexed = index === undefined ? '' : ' with an index column'
  if (label === undefined) {
    const whose = { pixel0: "Kaggle's", pixel1: "OpenML's" }[names[pixels[0]]] ?? 'a'
    return `${whose} CSV without labels${indexed}`
  }
  if (pixels.length === 0) return `a CSV of labels${indexed}`
  if (label < pixels[0]) {
    const isKaggles = names[label] === 'label' && names[pixels[0]] === 'pixel0'
    const named = SIDES.test(names[pixels[0]]) ? ` with pixels ${names[pixels[0]]} to ${names[pixels[PIXELS - 1]]}` : ''
    return `${isKaggles ? "Kaggle's" : 'a'} label-first CSV${named}${indexed}`
  }
  if (label === names.length - 1) return `a label-last CSV${indexed}`
  return `a CSV with the label in column ${label + 1}${indexed}`
}

/** The layout of rows under no header, or under one that only counts the columns. */
function ofRows(names: string[], rows: Row[], name: string): Layout | undefined {
  const hasHeader = isHeader(names)
  const index = hasHeader && isIndexName(names[0]) ? { index: 0 } : {}
  const from = hasHeader && isIndexName(names[0]) ? 1 : 0
  const columns = names.length
  const last = columns - 1
  const given = { columns, hasHeader, hasPixels: true, ...index }
  const header = hasHeader ? '' : ' without a header'
  if (columns - from === 1 && !Number.isNaN(numberIn(names[0]))) {
    return { ...given, name: `a CSV of labels${header}`, hasPixels: false, label: 0 }
  }
  if (columns - from === PIXELS) return { ...given, name: `a CSV of pixels${header}, without labels` }
  if (columns - from !== LABELLED) return undefined

  const [first, final] = [from, last].map((column) => rows.map(({ values }) => values[column]))
  const labelFirst = { ...given, name: `a label-first CSV${header}`, label: from }
  if (first.length > 2 && first.every((value, i) => value === first[0] + i)) {
    const counting = `${first[0]}, ${first[1]}, ${first[2]} …`
    if (first[first.length - 1] <= 9) {
      return { ...labelFirst, remark: `the labels are ${counting} in this order: are they an index?` }
    }
    const found = `the first column counts the rows, ${counting}: it is an index, no label`
    const place = `${name}:${rows[0].line}:${from + 1}`
    throw new Failure('badData', `${place}: ${found}; leave it out or name the columns in a header`)
  }
  switch (whichIsLabel(first, final)) {
    case 'first':
      return labelFirst
    case 'last':
      return { ...given, name: `a label-last CSV${header}`, label: last }
    case 'all 0':
      return { ...labelFirst, isSupposed: true }
    case 'either':
      throw new Failure('badData', `${name}: ${EITHER}: name the columns in a header, ${HEADER_EXAMPLE}`)
  }
}

const EITHER = 'the first column and the last could both be the label'

/** Which column holds the labels, the first or the last: the other is a corner of the pictures, where there is no ink. */
function whichIsLabel(first: number[], last: number[]): 'first' | 'last' | 'all 0' | 'either' {
  const inked = (values: number[]) => values.filter((value) => value !== 0).length
  const areLabels = (values: number[]) => values.every((value) => isWhole(value, 9))
  const arePixels = (values: number[]) => values.every((value) => isWhole(value, 255))
  const isOften = (values: number[]) => 2 * inked(values) >= values.length // of labels nine in ten are not 0
  if (!areLabels(last)) return 'first'
  if (!areLabels(first)) return arePixels(first) && isOften(last) ? 'last' : 'first'
  if (inked(last) === 0) return inked(first) === 0 ? 'all 0' : 'first'
  if (inked(first) === 0) return isOften(last) ? 'last' : 'either'
  return inked(first) > 2 * inked(last) ? 'first' : 'either'
}

/** A header that says all, for errors that ask for one. */
export const HEADER_EXAMPLE = 'label,pixel0,…,pixel783 or pixel0,…,pixel783,label'

/**
 * What the pixels of the first rows look like.
 * @throws Failure `badData` where all are from 0 to 1
 */
function looksOf(layout: Layout, rows: Row[], name: string): { isPale?: true } {
  if (!layout.hasPixels || rows.length === 0) return {}
  const isPixel = (column: number) => column !== layout.label && column !== layout.index
  const isInked = ({ values }: Row) => values.some((value, column) => isPixel(column) && value !== 0)
  const isScaled = rows.every(({ values }) => values.every((value, i) => !isPixel(i) || (value >= 0 && value <= 1)))
  const inked = rows.find(isInked)
  if (isScaled && inked) {
    const column = inked.values.findIndex((value, i) => isPixel(i) && value !== 0)
    const found = 'all pixels so far are from 0 to 1, where 0 is paper and 255 is ink'
    throw new Failure('badData', `${name}:${inked.line}:${column + 1}: ${found}: multiply them by 255`)
  }
  const isPale = rows.length >= FIRST_RECORDS - 2 && !rows.slice(1).some(isInked)
  return isPale ? { isPale } : {}
}
