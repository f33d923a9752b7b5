/** Recognises the kind of MNIST CSV a file is, by its header, if any, and its first rows. */
import { PIXELS } from '../../digits.ts'
import { Failure } from '../../failure.ts'
import { counted, excerpt } from '../../wording.ts'
import { isIntegerUpTo, numberIn } from './field.ts'

/** How many records recognition looks at: a header and enough rows to see a column count past 9. */
export const FIRST_RECORDS = 13

/** A record of a CSV: a line, or several if a quoted field contains newlines. */
export interface CsvRecord {
  /** Its fields, without quotes. */
  fields: string[]
  /** Its last line, from 1. */
  line: number
  /** Where it ends, newline included: bytes from where reading began. */
  end: number
}

/** What the columns of a CSV hold. Columns count from 0 here, from 1 in messages; those not listed are pixels. */
export interface Layout {
  /** The dialect, as notices call it: "Kaggle's label-first CSV". */
  readonly name: string
  /** Columns of every line. */
  readonly columns: number
  /** The column that counts the rows. */
  readonly index?: number
  /** The column of labels. */
  readonly label?: number
  readonly hasPixels: boolean
  /** Whether the first line is a header. */
  readonly hasHeader: boolean
  /** The first rows are 0 in both the first and the last column, so the first is only assumed to be the label. */
  readonly isLabelAssumed?: boolean
  /** The first rows have no ink, as in a transposed file, whose lines each hold one pixel of all digits. */
  readonly isBlank?: boolean
  /** What the user should double-check. */
  readonly remark?: string
}

const INDEX_NAMES = ['', 'unnamed: 0', 'index', 'id', 'imageid']
const LABEL_NAMES = ['label', 'labels', 'class', 'target', 'digit', 'y']
const LABELLED = 1 + PIXELS // columns

/** What a reader of digits expects, for messages. */
export const EXPECTED = `expected a CSV of MNIST digits (${LABELLED} columns)`

/** Examples of complete headers, for messages that ask for one. */
export const HEADER_EXAMPLE = 'label,pixel0,…,pixel783 or pixel0,…,pixel783,label'

/**
 * The layout of a CSV.
 * @param records its first records, at least one
 * @param name the file, as messages call it
 * @returns undefined if no dialect has this number of columns
 * @throws Failure `badData`, with its place, if the file is almost in one of the dialects
 */
export function recognise(records: CsvRecord[], name: string): Layout | undefined {
  const [{ fields, line }] = records
  const names = fields.map((field) => field.trim())
  const hasNames = isHeader(names) && !isCountingHeader(names)
  const rows = records
    .slice(isHeader(names) ? 1 : 0)
    .filter((record) => record.fields.length === fields.length)
    .map((record) => ({ line: record.line, values: record.fields.map(numberIn) }))
  const layout = hasNames ? layoutOfHeader(names, `${name}:${line}`) : layoutOfRows(names, rows, name)
  if (!layout) return undefined
  refuseScaled(layout, rows, name)
  return isBlank(layout, rows) ? { ...layout, isBlank: true } : layout
}

/** A record as numbers; NaN for fields that are not. */
interface Row {
  line: number
  values: number[]
}

/** What the columns of a layout hold, for messages: "a label and 784 pixels". */
function describeColumns({ index, label, hasPixels }: Layout): string {
  const kinds = [
    ...(index === undefined ? [] : ['an index']),
    ...(label === undefined ? [] : ['a label']),
    ...(hasPixels ? [`${PIXELS} pixels`] : []),
  ]
  return kinds.length === 1 ? kinds[0] : `${kinds.slice(0, -1).join(', ')} and ${kinds[kinds.length - 1]}`
}

function isHeader(names: string[]): boolean {
  const filled = names.filter((name) => name !== '')
  const words = filled.filter((name) => Number.isNaN(numberIn(name)))
  return (filled.length > 0 && 2 * words.length >= filled.length) || countingNames(names).length > 0
}

/** Whether a header only counts the columns, as pandas writes it for columns without names. */
function isCountingHeader(names: string[]): boolean {
  return countingNames(names).length >= names.length - (isIndexName(names[0]) ? 1 : 0)
}

/** The names as numbers if they count 0, 1, 2, … or 1, 2, 3, …, with at most two other names; otherwise none. */
function countingNames(names: string[]): number[] {
  const numbers = names.filter((name) => /^\d+$/.test(name)).map(Number)
  const isCounting = numbers[0] <= 1 && numbers.every((number, i) => number === numbers[0] + i)
  return isCounting && numbers.length >= PIXELS - 2 && names.length - numbers.length <= 2 ? numbers : []
}

function isIndexName(name: string): boolean {
  return INDEX_NAMES.includes(name.toLowerCase())
}

/** The layout that a header names. */
function layoutOfHeader(names: string[], place: string): Layout | undefined {
  const index = isIndexName(names[0]) ? 0 : undefined
  const labels = names.flatMap((name, column) => (LABEL_NAMES.includes(name.toLowerCase()) ? [column] : []))
  if (labels.length > 1) {
    const both = `${excerpt(names[labels[0]])} and ${excerpt(names[labels[1]])}`
    throw new Failure('badData', `${place}:${labels[1] + 1}: two label columns, ${both}; remove one`)
  }
  const [label] = labels
  const pixels = names.flatMap((_, column) => (column === index || column === label ? [] : [column]))
  if (pixels.length === 0 && label === undefined) return undefined
  if (pixels.length > 0 && !arePixelNames(names, pixels, place)) return undefined

  const given = { columns: names.length, hasPixels: pixels.length > 0, hasHeader: true }
  const layout = { ...given, ...(index !== undefined && { index }), ...(label !== undefined && { label }) }
  return { ...layout, name: nameOfLayout(names, pixels, layout) }
}

/**
 * Whether these columns are named as the 784 pixels, in order.
 * @throws Failure `badData` if they almost are
 */
function arePixelNames(names: string[], columns: number[], place: string): boolean {
  const expected = pixelNames(names[columns[0]], names[columns[columns.length - 1]])
  const wrong = columns.findIndex((column, p) => names[column] !== expected(p))
  if (wrong === -1 && columns.length === PIXELS) return true
  const column = columns[Math.max(wrong, 0)]
  if (columns.length === PIXELS) {
    throw new Failure(
      'badData',
      `${place}:${column + 1}: column ${excerpt(names[column])}, expected "${expected(wrong)}"`,
    )
  }
  if (columns.length === LABELLED && columns.slice(wrong + 1).every((c, p) => names[c] === expected(wrong + p))) {
    const name = names[column] === '' ? 'unnamed column' : `column ${excerpt(names[column])}`
    const message = `${name} is neither a pixel nor a label; name the label column "label", "class" or "target"`
    throw new Failure('badData', `${place}:${column + 1}: ${message}`)
  }
  if (columns.filter((c, p) => names[c] === expected(p)).length * 2 <= columns.length) {
    if (columns.length !== LABELLED) return false
    const message = `column ${excerpt(names[columns[0]])}, expected "label", then ${PIXELS} pixel columns`
    throw new Failure('badData', `${place}:${columns[0] + 1}: ${message}`)
  }
  throw new Failure('badData', `${place}: header of ${counted(columns.length, 'pixel')}, expected ${PIXELS} (28×28)`)
}

/** The naming scheme that the names of the first and the last pixel suggest: the name of pixel p, from 0. */
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

/** The dialect with this header, as notices call it. */
function nameOfLayout(names: string[], pixels: number[], { index, label }: Omit<Layout, 'name'>): string {
  const indexed = index === undefined ? '' : ' with an index column'
  if (label === undefined) {
    const whose = { pixel0: "Kaggle's", pixel1: "OpenML's" }[names[pixels[0]]] ?? 'a'
    return `${whose} CSV without labels${indexed}`
  }
  if (pixels.length === 0) return `a CSV of labels${indexed}`
  if (label < pixels[0]) {
    const isKaggle = names[label] === 'label' && names[pixels[0]] === 'pixel0'
    const named = SIDES.test(names[pixels[0]]) ? ` with pixels ${names[pixels[0]]} to ${names[pixels[PIXELS - 1]]}` : ''
    return `${isKaggle ? "Kaggle's" : 'a'} label-first CSV${named}${indexed}`
  }
  if (label === names.length - 1) return `a label-last CSV${indexed}`
  return `a CSV with the label in column ${label + 1}${indexed}`
}

/** The layout of rows without a header, or with one that only counts the columns. */
function layoutOfRows(names: string[], rows: Row[], name: string): Layout | undefined {
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
    const counting = `${first[0]}, ${first[1]}, ${first[2]}, …`
    if (first[first.length - 1] <= 9) return { ...labelFirst, remark: `the labels are ${counting}: is this an index?` }
    const place = `${name}:${rows[0].line}:${from + 1}`
    const found = `the first column (${counting}) is an index, not a label`
    throw new Failure('badData', `${place}: ${found}; remove it or add a header that names the columns`)
  }
  switch (whichIsLabel(first, final)) {
    case 'first':
      return labelFirst
    case 'last':
      return { ...given, name: `a label-last CSV${header}`, label: last }
    case 'all 0':
      return { ...labelFirst, isLabelAssumed: true }
    case 'either':
      throw new Failure(
        'badData',
        `${name}: the label could be the first or the last column; add a header, ${HEADER_EXAMPLE}`,
      )
  }
}

/** Which of the first and the last column holds the labels. The other one is a corner pixel, which rarely has ink. */
function whichIsLabel(first: number[], last: number[]): 'first' | 'last' | 'all 0' | 'either' {
  const inked = (values: number[]) => values.filter((value) => value !== 0).length
  const areLabels = (values: number[]) => values.every((value) => isIntegerUpTo(value, 9))
  const arePixels = (values: number[]) => values.every((value) => isIntegerUpTo(value, 255))
  const isMostlyInked = (values: number[]) => 2 * inked(values) >= values.length // of labels, 9 in 10 are not 0
  if (!areLabels(last)) return 'first'
  if (!areLabels(first)) return arePixels(first) && isMostlyInked(last) ? 'last' : 'first'
  if (inked(last) === 0) return inked(first) === 0 ? 'all 0' : 'first'
  if (inked(first) === 0) return isMostlyInked(last) ? 'last' : 'either'
  return inked(first) > 2 * inked(last) ? 'first' : 'either'
}

/**
 * Refuses pixels that are all from 0 to 1.
 * @throws Failure `badData`
 */
function refuseScaled(layout: Layout, rows: Row[], name: string): void {
  const isScaled = ({ values }: Row) =>
    values.every((value, column) => !isPixel(layout, column) || (value >= 0 && value <= 1))
  if (!layout.hasPixels || !rows.every(isScaled)) return
  for (const { line, values } of rows) {
    const column = values.findIndex((value, i) => isPixel(layout, i) && value !== 0)
    if (column === -1) continue
    const message = 'pixels are scaled to 0–1, expected 0 (paper) to 255 (ink); multiply them by 255'
    throw new Failure('badData', `${name}:${line}:${column + 1}: ${message}`)
  }
}

/** Whether there are enough rows to judge and only the first of them has ink. */
function isBlank(layout: Layout, rows: Row[]): boolean {
  const hasInk = ({ values }: Row) => values.some((value, column) => isPixel(layout, column) && value !== 0)
  return layout.hasPixels && rows.length >= FIRST_RECORDS - 2 && !rows.slice(1).some(hasInk)
}

function isPixel({ label, index }: Layout, column: number): boolean {
  return column !== label && column !== index
}

/**
 * What is wrong with a line that has the wrong number of columns.
 * @param layout of the file; undefined if its first line fits none
 */
export function wrongColumns(fields: string[], layout: Layout | undefined): string {
  const separators = { ';': 'semicolons', '\t': 'tabs', ' ': 'spaces' }
  for (const [separator, plural] of Object.entries(separators)) {
    const isSeparated = fields.length < 3 && fields[0].trim().split(separator).length >= PIXELS
    if (isSeparated) return `fields are separated by ${plural}, expected commas`
  }
  const expected = layout ? `${layout.columns} (${describeColumns(layout)})` : LABEL_FIRST
  const advice = !layout && fields.length === LABELLED + 1 ? '; if one is an index, add a header that names it' : ''
  return `${counted(fields.length, 'column')}, expected ${expected}${advice}`
}

const LABEL_FIRST = `${LABELLED} (a label and ${PIXELS} pixels)`
