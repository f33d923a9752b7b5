/** Recognises the kind of MNIST CSV a file is, by its header, if any, and its first rows. */
import { PIXELS } from '../../digits.ts'
import { Failure } from '../../failure.ts'
import { counted, excerpt } from '../../wording.ts'
import { isIntegerUpTo, numberIn } from './field.ts'
import { lettersIn } from './letters.ts'
import { scaleOf } from './scale.ts'
import { wrongSeparator } from './separators.ts'

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
  /** Columns before it that count the rows, too, as in a file that was saved with its index twice. */
  readonly spare?: readonly number[]
  /** The column of labels. */
  readonly label?: number
  readonly hasPixels: boolean
  /** The first of the columns at the end that are empty in every row, as if each line ends with a comma. */
  readonly emptyFrom?: number
  /** What the labels of the first rows are, if they are letters: "labels 1–26: letters, not digits". */
  readonly letters?: string
  /** Whether the first line is a header. */
  readonly hasHeader: boolean
  /** The first rows are 0 in both the first and the last column, so the first is only assumed to be the label. */
  readonly isLabelAssumed?: boolean
  /** The first rows have no ink, as in a transposed file, whose lines each hold one pixel of all digits. */
  readonly isBlank?: boolean
  /** What the user should double-check. */
  readonly remark?: string
}

/** Names that pandas, R and people give to index columns. */
const INDEX_NAME =
  /^$|^unnamed: \d+(\.\d+)*$|^(level_\d+|(index|id|x)(\.\d+)?|imageid|image_id|row|rowid|row[ ._]?(names?|num|id|index))$/
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
  const place = `${name}:${line}`
  const found = fields.map((field) => field.trim())
  refuseMangled(found, place)
  const hasHeader = isHeader(found)
  const following = records.slice(hasHeader ? 1 : 0).filter((record) => !isBlankRow(record.fields))
  const { names, columns } = columnsOf(found, hasHeader, following)
  const rows = following
    .filter((record) => record.fields.length === columns)
    .map((record) => ({ line: record.line, values: record.fields.map(numberIn) }))
  refuseOneHot(names.length, rows, place)
  const hasNames = hasHeader && !isCountingHeader(names)
  const known = hasNames ? layoutOfHeader(names, place) : layoutOfRows(names, hasHeader, rows, name)
  if (!known) return undefined
  const layout = names.length < columns ? { ...known, columns, emptyFrom: names.length } : known
  refuseScaled(layout, rows, name)
  const letters = lettersOf(layout, rows)
  return {
    ...layout,
    ...(letters !== undefined && { letters }),
    ...(isBlank(layout, rows) && { isBlank: true }),
  }
}

/** Whether a row consists of commas, as spreadsheets write rows below a table. */
export function isBlankRow(fields: string[]): boolean {
  return fields.length > 1 && fields.every((field) => field.trim() === '')
}

/**
 * The names of the columns that hold something, and how many columns the rows have: more if lines end with commas.
 * R's header has no name for the row names; it gets an empty one.
 */
function columnsOf(found: string[], hasHeader: boolean, rows: CsvRecord[]): { names: string[]; columns: number } {
  const asFound = { names: found, columns: found.length }
  if (rows.length === 0) return asFound
  const columns = rows[0].fields.length
  if (!rows.every(({ fields }) => fields.length === columns)) return asFound
  const isEmpty = (column: number) => rows.every(({ fields }) => fields[column].trim() === '')
  let filled = columns
  while (filled > 1 && isEmpty(filled - 1)) filled--
  let named = found.length // only if there is a header
  while (named > 1 && found[named - 1] === '') named--

  if (hasHeader) {
    if (named === columns || (named < columns && filled === named)) return { names: found.slice(0, named), columns }
    const isCount = rows.every(({ fields }, i) => numberIn(fields[0]) === i + 1) || isRowName(rows, named)
    return named === found.length && columns === named + 1 && isCount ? { names: ['', ...found], columns } : asFound
  }
  // 784 columns and an empty one may also be a label and 783 pixels: of labels most are not 0, of corner pixels most are
  const inked = rows.filter(({ fields }) => numberIn(fields[0]) !== 0).length
  const isComplete = filled === LABELLED || filled === 1 || (filled === PIXELS && 2 * inked < rows.length)
  return isComplete ? { names: found.slice(0, filled), columns } : asFound
}

/** Whether the first column, which has no name, holds R's row names rather than labels: integers, none of them twice. */
function isRowName(rows: CsvRecord[], named: number): boolean {
  const values = rows.map(({ fields }) => numberIn(fields[0]))
  return (
    named >= LABELLED &&
    values.every((value) => isIntegerUpTo(value, Infinity)) &&
    new Set(values).size === values.length
  )
}

/** A record as numbers; NaN for fields that are not. */
interface Row {
  line: number
  values: number[]
}

/** What the columns of a layout hold, for messages: "a label and 784 pixels". */
function describeColumns({ index, spare = [], label, hasPixels, columns, emptyFrom = columns }: Layout): string {
  const kinds = [
    ...spare.map(() => 'an index'),
    ...(index === undefined ? [] : ['an index']),
    ...(label === undefined ? [] : ['a label']),
    ...(hasPixels ? [`${PIXELS} pixels`] : []),
    ...Array.from({ length: columns - emptyFrom }, () => 'an empty column'),
  ]
  return kinds.length === 1 ? kinds[0] : `${kinds.slice(0, -1).join(', ')} and ${kinds[kinds.length - 1]}`
}

function isHeader(names: string[]): boolean {
  const filled = names.filter((name) => name !== '')
  const words = filled.filter((name) => Number.isNaN(numberIn(name)))
  return (filled.length > 0 && 2 * words.length >= filled.length) || countingNames(names).length > 0
}

/** Whether a header only counts the columns, as pandas, R and others write it for columns without names. */
function isCountingHeader(names: string[]): boolean {
  const others = indexColumns(names)
  if (countingNames(names).length >= names.length - others) return true
  const counted = names.slice(others)
  const [first] = counted
  const [, prefix, number] = (first.length < LONGEST_NAME && /^(.*?)(\d+)$/.exec(first)) || []
  if (prefix === undefined || counted.length < LABELLED) return false
  const from = Number(number)
  return from <= others + 1 && counted.every((name, i) => canonical(name) === canonical(`${prefix}${from + i}`))
}

const LONGEST_NAME = 64 // characters

/** The names as numbers if they count from 0 or 1, or for their columns, with at most two other names; otherwise none. */
function countingNames(names: string[]): number[] {
  const numbers = names.filter((name) => /^\d+$/.test(name)).map(Number)
  const others = names.length - numbers.length
  const isCounting = numbers[0] <= others + 1 && numbers.every((number, i) => number === numbers[0] + i)
  return isCounting && numbers.length >= PIXELS - 2 && others <= 2 ? numbers : []
}

/** A name without leading zeros in its numbers, so that `pixel007` is `pixel7`. */
function canonical(name: string): string {
  return name.length < LONGEST_NAME ? name.replace(/\d+/g, (digits) => String(Number(digits))) : name
}

/** How many columns, from the first on, are an index by their names. */
function indexColumns(names: string[]): number {
  const hasLabel = names.some((name) => LABEL_NAMES.includes(name.toLowerCase()))
  const isIndex = (name: string, column: number) => {
    if (name.length >= LONGEST_NAME) return false
    const [, prefix, number] = /^(\D*)(\d+)$/.exec(name) ?? []
    const isCounted = number !== undefined && names[column + 1] === `${prefix}${Number(number) + 1}` // V1, V2, …
    if (isCounted && (names[column + 2] === `${prefix}${Number(number) + 2}` || !hasLabel)) return false
    const isGivenByReader = hasLabel && /^(x|v|x\.|\.\.\.|column_?|_c|f)[01]$/i.test(name)
    return INDEX_NAME.test(name.toLowerCase()) || isGivenByReader
  }
  const end = names.findIndex((name, column) => !isIndex(name, column))
  return end === -1 ? names.length - 1 : end
}

/** The layout that a header names. */
function layoutOfHeader(names: string[], place: string): Layout | undefined {
  const indices = indexColumns(names)
  const labels = names.flatMap((name, column) => (LABEL_NAMES.includes(name.toLowerCase()) ? [column] : []))
  if (labels.length > 1) {
    const both = `${excerpt(names[labels[0]])} and ${excerpt(names[labels[1]])}`
    throw new Failure('badData', `${place}:${labels[1] + 1}: two label columns, ${both}; remove one`)
  }
  const [label] = labels
  const pixels = names.flatMap((_, column) => (column < indices || column === label ? [] : [column]))
  if (pixels.length === 0 && label === undefined) return undefined
  if (pixels.length > 0 && !arePixelNames(names, pixels, place)) return undefined

  const given = { columns: names.length, hasPixels: pixels.length > 0, hasHeader: true }
  const layout = { ...given, ...indexLayout(indices), ...(label !== undefined && { label }) }
  return { ...layout, name: nameOfLayout(names, pixels, layout) }
}

/** The last of several index columns, and those before it. */
function indexLayout(columns: number): Pick<Layout, 'index' | 'spare'> {
  if (columns === 0) return {}
  const index = columns - 1
  return index === 0 ? { index } : { index, spare: Array.from({ length: index }, (_, column) => column) }
}

/**
 * Whether these columns are named as the 784 pixels, in order.
 * @throws Failure `badData` if they almost are
 */
function arePixelNames(names: string[], columns: number[], place: string): boolean {
  const expected = pixelNames(names, columns)
  const isExpected = (column: number, p: number) => canonical(names[column]) === expected(p)
  const wrong = columns.findIndex((column, p) => !isExpected(column, p))
  if (wrong === -1 && columns.length === PIXELS) return true
  const column = columns[Math.max(wrong, 0)]
  if (columns.length === PIXELS) {
    throw new Failure(
      'badData',
      `${place}:${column + 1}: column ${excerpt(names[column])}, expected "${expected(wrong)}"`,
    )
  }
  if (columns.length === LABELLED && columns.slice(wrong + 1).every((c, p) => isExpected(c, wrong + p))) {
    const name = names[column] === '' ? 'unnamed column' : `column ${excerpt(names[column])}`
    const message = `${name} is neither a pixel nor a label; name the label column "label", "class" or "target"`
    throw new Failure('badData', `${place}:${column + 1}: ${message}`)
  }
  if (columns.filter(isExpected).length * 2 <= columns.length) {
    if (columns.length !== LABELLED) return false
    const message = `column ${excerpt(names[columns[0]])}, expected "label", then ${PIXELS} pixel columns`
    throw new Failure('badData', `${place}:${columns[0] + 1}: ${message}`)
  }
  throw new Failure('badData', `${place}: header of ${counted(columns.length, 'pixel')}, expected ${PIXELS} (28×28)`)
}

/** The naming scheme that the names of the first and the last pixel suggest: the name of pixel p, from 0. */
function pixelNames(names: string[], columns: number[]): (p: number) => string {
  const first = canonical(names[columns[0]])
  const last = canonical(names[columns[columns.length - 1]])
  const [, before, row, between, column, after] = sides(first) ?? []
  if (row !== undefined && sides(last)) {
    const from = (row === '0' && column === '0') || last === `${before}27${between}27${after}` ? 0 : 1
    return (p) => `${before}${Math.floor(p / 28) + from}${between}${(p % 28) + from}${after}`
  }
  // V2, V3, … after a label: named for their columns
  const [, mark, ordinal] = /^(\D*)(\d+)$/.exec(first) ?? []
  const byColumn = (p: number) => `${mark}${Number(ordinal) + (columns[p] ?? columns[0] + p) - columns[0]}`
  const isByColumn = ordinal !== undefined && Number(ordinal) <= columns[0] + 1 && !/p(i|x)/i.test(mark)
  if (isByColumn && last === byColumn(columns.length - 1)) return byColumn

  const [, prefix, number] = /^(\D*)([01])$/.exec(first) ?? /^(\D*)(78[34])$/.exec(last) ?? ['', 'pixel', '0']
  const from = Number(number) % (PIXELS - 1) // 0 of 0 and 783, 1 of 1 and 784
  return (p) => `${prefix}${p + from}`
}

/** The parts of a name of row and column: 1x1, r0c0, px0_0. */
function sides(name: string): RegExpExecArray | undefined {
  return (name.length < LONGEST_NAME && /^(\D*)(\d+)(\D+)(\d+)(\D*)$/.exec(name)) || undefined
}

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
    const named = sides(names[pixels[0]]) ? ` with pixels ${names[pixels[0]]} to ${names[pixels[PIXELS - 1]]}` : ''
    return `${isKaggle ? "Kaggle's" : 'a'} label-first CSV${named}${indexed}`
  }
  if (label === names.length - 1) return `a label-last CSV${indexed}`
  return `a CSV with the label in column ${label + 1}${indexed}`
}

/** The layout of rows without a header, or with one that only counts the columns. */
function layoutOfRows(names: string[], hasHeader: boolean, rows: Row[], name: string): Layout | undefined {
  const from = hasHeader ? indexColumns(names) : 0
  const index = indexLayout(from)
  const columns = names.length
  const last = columns - 1
  const given = { columns, hasHeader, hasPixels: true, ...index }
  const header = from > 0 ? ' with an index column' : hasHeader ? '' : ' without a header'
  if (columns - from === 1 && !hasHeader && !Number.isNaN(numberIn(names[0]))) {
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
  const isMostlyInked = (values: number[]) => 2 * inked(values) >= values.length // of labels, 9 in 10 are not 0
  if (!areLabels(last)) return 'first'
  if (!areLabels(first)) return first.every(Number.isFinite) && isMostlyInked(last) ? 'last' : 'first'
  if (inked(last) === 0) return inked(first) === 0 ? 'all 0' : 'first'
  if (inked(first) === 0) return isMostlyInked(last) ? 'last' : 'either'
  return inked(first) > 2 * inked(last) ? 'first' : 'either'
}

/** Whether there are enough rows to judge and only the first of them has ink. */
function isBlank(layout: Layout, rows: Row[]): boolean {
  const hasInk = ({ values }: Row) => values.some((value, column) => isPixel(layout, column) && value !== 0)
  return layout.hasPixels && rows.length >= FIRST_RECORDS - 2 && !rows.slice(1).some(hasInk)
}

function isPixel({ label, index = -1, columns, emptyFrom = columns }: Layout, column: number): boolean {
  return column !== label && column > index && column < emptyFrom
}

/** What the labels of the first rows are, if they are letters. */
function lettersOf({ label }: Layout, rows: Row[]): string | undefined {
  if (label === undefined) return undefined
  const labels = rows.map(({ values }) => values[label])
  return labels.every((value) => isIntegerUpTo(value, 61)) ? lettersIn(labels) : undefined
}

/**
 * Refuses pixels that are scaled or not whole.
 * @throws Failure `badData` if most of the first rows' pixels are
 */
function refuseScaled(layout: Layout, rows: Row[], name: string): void {
  if (!layout.hasPixels) return
  const pixels = rows.flatMap(({ values }) => values.filter((_, column) => isPixel(layout, column)))
  const scale = scaleOf(pixels)
  if (scale === undefined) return
  const isOdd = pixels.every((value) => value >= 0 && value <= 1)
    ? (value: number) => value !== 0
    : (value: number) => !isIntegerUpTo(value, 255)
  for (const { line, values } of rows) {
    const column = values.findIndex((value, i) => isPixel(layout, i) && isOdd(value))
    if (column !== -1) throw new Failure('badData', `${name}:${line}:${column + 1}: ${scale}`)
  }
}

/**
 * Refuses a header that was a row of digits.
 * @throws Failure `badData`
 */
function refuseMangled(names: string[], place: string): void {
  if (!isMangledRow(names)) return
  const remedy = 'read the original with header=None (pandas) or header = FALSE (R) and write it again'
  const [a, b, c] = names.slice(0, 3).map(excerpt)
  throw new Failure(
    'badData',
    `${place}: the header is a row of digits made into names (${a}, ${b}, ${c}, …); ${remedy}`,
  )
}

/** Whether these names are a row of digits whose repeated values were made distinct: 7, 0, 0.1, 0.2, … */
function isMangledRow(names: string[]): boolean {
  if (names.length < PIXELS || names.length > PIXELS + 4) return false
  const latest = new Map<string, number>()
  let marked = 0
  let fitting = 0
  for (const name of names) {
    const [, value, separator, number] = (name.length < LONGEST_NAME && MANGLED.exec(name)) || []
    if (value === undefined || Number(value) > 255) continue
    const before = latest.get(value)
    const repeat = Number(number ?? 0)
    if (number !== undefined) marked++
    // The first of equal values keeps its name, except in tibbles (0...2, 0...3).
    if (before === undefined ? number === undefined || separator === '...' : repeat > before) fitting++
    latest.set(value, Math.max(before ?? 0, repeat))
  }
  return 2 * marked > names.length && fitting > 0.8 * names.length
}

const MANGLED = /^[xXvV]?(\d{1,3}(?:\.0)?)(?:(\.{3}|[._]|_duplicated_)(\d+))?$/

/**
 * Refuses labels that are spread over ten columns, 1 of 10.
 * @throws Failure `badData`
 */
function refuseOneHot(columns: number, rows: Row[], place: string): void {
  const extra = columns - PIXELS - 10
  if (extra < 0 || extra > 1 || rows.length === 0) return
  const isOneHot = (from: number) =>
    rows.every(({ values }) => {
      const ten = values.slice(from, from + 10)
      return ten.every((value) => value === 0 || value === 1) && ten.filter((value) => value === 1).length === 1
    })
  const from = [0, extra, PIXELS, PIXELS + extra].find(isOneHot)
  if (from === undefined) return
  const found = `${columns} columns: ${PIXELS} pixels and ten for a label, 1 of 10 (columns ${from + 1}–${from + 10})`
  throw new Failure('badData', `${place}: ${found}; write the label as one number, 0–9`)
}

/**
 * What is wrong with a line that has the wrong number of columns.
 * @param layout of the file; undefined if its first line fits none
 */
export function wrongColumns(fields: string[], layout: Layout | undefined): string {
  const wrong = wrongSeparator(Buffer.from(fields.join(','), 'latin1'))
  if (wrong) return wrong.message
  const expected = layout ? `${layout.columns} (${describeColumns(layout)})` : LABEL_FIRST
  const advice = layout
    ? ''
    : fields.length === LABELLED + 1
      ? '; if one is an index, add a header that names it'
      : [2 * PIXELS, 2 * PIXELS + 1, 2 * LABELLED].includes(fields.length)
        ? '; if the numbers have decimal commas, write decimal points'
        : ''
  return `${counted(fields.length, 'column')}, expected ${expected}${advice}`
}

const LABEL_FIRST = `${LABELLED} (a label and ${PIXELS} pixels)`
