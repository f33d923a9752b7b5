/** Whatever the files are, they are read as what was written or refused in a sentence, by the scanner as by csv-parse. */
import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { digitCount, digitsFrom, pixelsOf, select, type Digits } from '../../../src/digits.ts'
import { fingerprint } from '../../../src/digits/fingerprint.ts'
import { generate } from '../../../src/digits/generate.ts'
import { readDigits, type DigitsPart } from '../../../src/digits/read.ts'
import { Failure } from '../../../src/failure.ts'
import { claim, type Files, type MadeBy } from '../claim.ts'
import { cellsOf, DIALECTS, FORMS, PIXEL_NAMES, textOf, type Dialect } from '../csv.ts'
import { longDigits, unlabelled } from '../digits.ts'
import { idx, IMAGE_SIZES, LABEL_FILES, words } from '../idx.ts'

const digits = generate(1500, 8)
const slice = (from: number, rows: number): Digits =>
  digitsFrom(pixelsOf(digits, from, rows), digits.labels.subarray(from, from + rows))

/** The result of reading files: the digits, or the message. */
async function outcome(paths: string[], limit: number, scanner: boolean) {
  const parts: DigitsPart[] = []
  try {
    const read = await readDigits(paths, { limit, scanner, onPart: (part) => parts.push(part) })
    const { labels } = read
    ok(labels.every((label) => label <= 9))
    ok(digitCount(read) > 0 && digitCount(read) <= limit)
    ok(labels.length === 0 || labels.length === digitCount(read))
    return { digits: fingerprint(read), rows: digitCount(read), labels: labels.length, parts }
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    match(error.kind, /^(badData|noInput)$/)
    return { refusal: error.message }
  }
}

/** What both readers make of files, whose names begin with their position. */
async function sameOutcome(files: Files, folder: string, limit = Infinity) {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder)
  const paths = Object.entries(files).map(([name, content]) => {
    writeFileSync(join(folder, name), content)
    return join(folder, name)
  })
  const scanned = await outcome(paths, limit, true)
  deepStrictEqual(scanned, await outcome(paths, limit, false))
  return scanned
}

const happened = ({ refusal }: { refusal?: string }) => (refusal === undefined ? 'read' : 'refused')

const numbered = (contents: (string | Uint8Array)[]): Files =>
  Object.fromEntries(contents.map((content, i) => [`${i}.csv`, content]))

interface Damage {
  at: number
  length: number
  by: string
}

/** Damage to a text: at a fraction of it, `length` characters, or the field if -1, are replaced. */
const damage = fc.record({
  at: fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 0.01, noNaN: true })),
  length: fc.constantFrom(-1, -1, -1, 0, 1, 1, 2, 5, 2000),
  by: fc.oneof(
    fc.constantFrom(...',\n\r"0 59.-;x\0', '\r\n', '""', ',,', '\n\n', '256', '999', '300', '8', '1.0', '0.5', '10,', '007', '1e2', '\uFEFF', 'é'),
    fc.string({ maxLength: 4 }),
  ),
}) // prettier-ignore
const damaged = (text: string, { at, length, by }: Damage) => {
  let from = Math.floor(at * text.length)
  let to = from + length
  if (length === -1) {
    from = text.lastIndexOf(',', from) + 1
    to = from + text.slice(from, from + 99).search(/[,\r\n]|$/)
  }
  return text.slice(0, from) + by + text.slice(to)
}

/** Damage to bytes: at a fraction of them, `length` bytes are replaced. */
const byteDamage = fc.record({
  file: fc.nat(1),
  /** Whether the bytes are damaged before they are gzipped. */
  isInside: fc.boolean(),
  at: fc.oneof(
    { weight: 3, arbitrary: fc.double({ min: 0, max: 1, noNaN: true }) },
    { weight: 1, arbitrary: fc.double({ min: 0, max: 0.003, noNaN: true }) },
  ),
  length: fc.constantFrom(0, 1, 1, 1, 2, 4, 100, Infinity),
  by: fc.uint8Array({ maxLength: 5 }),
})
const damagedBytes = (bytes: Buffer, { at, length, by }: MadeBy<typeof byteDamage>) => {
  const from = Math.floor(at * bytes.length)
  return Buffer.concat([bytes.subarray(0, from), by, bytes.subarray(from + length)])
}

/** Without a header, the last column is recognised as the label only if enough labels are not 0. */
const isRecognisable = ({ name }: Dialect, { labels }: Digits) =>
  name !== 'a label-last CSV without a header' || 2 * labels.filter((label) => label > 0).length >= labels.length

/** Digits as CSVs. */
const written = fc.record({
  from: fc.nat(1400),
  rows: fc.integer({ min: 1, max: 20 }),
  dialect: fc.constantFrom(...DIALECTS),
  form: fc.constantFrom(...Object.keys(FORMS)),
})
const textsOf = ({ from, rows, dialect, form }: MadeBy<typeof written>) =>
  dialect.files(slice(from, rows)).map(FORMS[form])

const PACKINGS: Record<string, (bytes: Buffer) => Uint8Array> = {
  'plain': (bytes) => bytes,
  'gzipped': (bytes) => gzipSync(bytes),
  'gzipped in two members': (bytes) =>
    Buffer.concat([gzipSync(bytes.subarray(0, bytes.length >> 1)), gzipSync(bytes.subarray(bytes.length >> 1))]),
} // prettier-ignore
const packing = fc.constantFrom(...Object.keys(PACKINGS))
const packed = (how: string, content: string | Buffer) => PACKINGS[how](Buffer.from(content))

/** Digits as IDX: images and labels, in either order or the labels beside the images, or images alone. */
const idxFiles = fc.record({
  from: fc.nat(1400),
  rows: fc.integer({ min: 1, max: 20 }),
  images: fc.constantFrom(...Object.keys(IMAGE_SIZES)),
  labels: fc.constantFrom(...Object.keys(LABEL_FILES)),
  order: fc.constantFrom('images, labels', 'labels, images', 'images'),
  packing,
})
function contentsOfIdx({ from, rows, images, labels, order }: MadeBy<typeof idxFiles>): Buffer[] {
  const contents: Record<string, Buffer> = {
    images: idx(8, IMAGE_SIZES[images](rows), pixelsOf(digits, from, rows)),
    labels: LABEL_FILES[labels](slice(from, rows).labels),
  }
  return order.split(', ').map((part) => contents[part])
}
const filesOfIdx = (input: MadeBy<typeof idxFiles>) =>
  numbered(contentsOfIdx(input).map((content) => packed(input.packing, content)))

/** Encodings of a text. */
const ENCODINGS: Record<string, (text: string) => Buffer> = {
  'UTF-8': (text) => Buffer.from(text),
  'UTF-16': (text) => Buffer.from(text, 'utf16le'),
  'UTF-16 with a mark': (text) => Buffer.from(`\uFEFF${text}`, 'utf16le'),
  'UTF-16, big-endian': (text) => Buffer.from(text, 'utf16le').swap16(),
  'UTF-16, big-endian with a mark': (text) => Buffer.from(`\uFEFF${text}`, 'utf16le').swap16(),
  'Latin 1': (text) => Buffer.from(text, 'latin1'),
}

const encodedAndDamaged = fc.record({
  files: fc.oneof(
    fc.record({ written, encoding: fc.constantFrom(...Object.keys(ENCODINGS)), packing }),
    fc.record({ idx: idxFiles }),
  ),
  damages: fc.array(byteDamage, { maxLength: 3 }),
  limit: fc.constantFrom(Infinity, 1, 7),
})
function filesOfDamagedBytes({ files, damages }: MadeBy<typeof encodedAndDamaged>): Files {
  const [contents, packing] =
    'idx' in files
      ? [contentsOfIdx(files.idx), files.idx.packing]
      : [textsOf(files.written).map(ENCODINGS[files.encoding]), files.packing]
  return numbered(
    contents.map((content, i) => {
      const own = damages.filter(({ file }) => file % contents.length === i)
      const inside = own.filter(({ isInside }) => isInside).reduce(damagedBytes, content)
      return own.filter(({ isInside }) => !isInside).reduce(damagedBytes, Buffer.from(packed(packing, inside)))
    }),
  )
}

const validCsv = fc
  .record({ written, packing })
  .filter(({ written: { from, rows, dialect } }) => isRecognisable(dialect, slice(from, Math.min(rows, 12))))
const filesOfValidCsv = ({ written, packing }: MadeBy<typeof validCsv>) =>
  numbered(textsOf(written).map((text) => packed(packing, text)))

const damagedCsv = fc.record({
  written,
  damages: fc.array(damage, { minLength: 1, maxLength: 3 }),
  limit: fc.constantFrom(Infinity, Infinity, 1, 7),
})
function filesOfDamagedCsv({ written, damages }: MadeBy<typeof damagedCsv>): Files {
  const [first, ...rest] = textsOf(written)
  return numbered([damages.reduce(damaged, first), ...rest])
}

/** The reader's window is a mebibyte. */
const longTexts = DIALECTS.slice(0, 2).flatMap(({ files }) => files(longDigits(8)).map(FORMS['LF']))
const damagedAtTheEdge = fc.record({
  text: fc.nat(longTexts.length - 1),
  at: fc.integer({ min: -3000, max: 3000 }),
  damage,
})
function filesDamagedAtTheEdge({ text, at, damage }: MadeBy<typeof damagedAtTheEdge>): Files {
  return numbered([damaged(longTexts[text], { ...damage, at: (2 ** 20 + at) / longTexts[text].length })])
}

/** One number of a label-first CSV, or one label of an IDX pair, is another. */
const changedNumber = fc.record({
  isIdx: fc.boolean(),
  from: fc.nat(1400),
  rows: fc.integer({ min: 2, max: 20 }),
  row: fc.nat(19),
  /** Column 0 is the label. */
  column: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 784 })),
  value: fc.oneof(fc.nat(9), fc.nat(255), fc.integer({ min: 250, max: 320 })),
})
type ChangedNumber = MadeBy<typeof changedNumber>
const mostOf = ({ column }: ChangedNumber) => (column === 0 ? 9 : 255)
function filesOfChangedNumber({ isIdx, from, rows, row, column, value }: ChangedNumber): Files {
  const some = slice(from, rows)
  if (isIdx) {
    const labels = Array.from(some.labels).with(row % rows, value)
    return numbered([idx(8, [rows, 28, 28], pixelsOf(digits, from, rows)), idx(0x0c, [rows], words(labels))])
  }
  const cells = cellsOf(some)
  cells[row % rows][column] = String(value)
  return numbered([textOf([['label', ...PIXEL_NAMES], ...cells])])
}

export const reader = {
  changedNumber: claim<ChangedNumber>({
    title: 'a number that is changed is read as what it is, or refused with its place',
    inputs: changedNumber.map((input) => (input.isIdx ? { ...input, column: 0 } : input)),
    files: filesOfChangedNumber,
    async check(input, folder) {
      const { isIdx, from, rows, row, column, value } = input
      const read = await sameOutcome(filesOfChangedNumber(input), folder)
      if (value > mostOf(input)) {
        const place = isIdx
          ? `label ${(row % rows) + 1} is ${value}`
          : `:${(row % rows) + 2}:${column + 1}: "${value}" is not`
        ok(read.refusal?.includes(place), `${read.refusal} does not name ${place}`)
        return 'refused'
      }
      const expected = select(
        slice(from, rows),
        Uint32Array.from({ length: rows }, (_, i) => i),
      )
      if (column === 0) expected.labels[row % rows] = value
      else pixelsOf(expected, row % rows)[column - 1] = value
      strictEqual(read.digits, fingerprint(expected))
      return 'read'
    },
  }),

  valid: claim<MadeBy<typeof validCsv>>({
    title: 'valid files of every dialect and form give the digits that were written',
    inputs: validCsv,
    files: filesOfValidCsv,
    async check(input, folder) {
      const { from, rows, dialect } = input.written
      const read = await sameOutcome(filesOfValidCsv(input), folder)
      const expected = slice(from, rows)
      deepStrictEqual([read.refusal, read.rows, read.labels], [undefined, rows, dialect.isUnlabelled ? 0 : rows])
      strictEqual(read.digits, fingerprint(dialect.isUnlabelled ? unlabelled(expected) : expected))
      return 'read'
    },
  }),

  idx: claim<MadeBy<typeof idxFiles>>({
    title: 'IDX files of every kind give the digits that were written',
    inputs: idxFiles,
    files: filesOfIdx,
    async check(input, folder) {
      const { from, rows, order } = input
      const read = await sameOutcome(filesOfIdx(input), folder)
      const expected = slice(from, rows)
      strictEqual(read.refusal, undefined)
      strictEqual(read.digits, fingerprint(order === 'images' ? unlabelled(expected) : expected))
      return 'read'
    },
  }),

  damaged: claim<MadeBy<typeof damagedCsv>>({
    title: 'damaged files give the same digits or the same message',
    inputs: damagedCsv,
    files: filesOfDamagedCsv,
    check: async (input, folder) => happened(await sameOutcome(filesOfDamagedCsv(input), folder, input.limit)),
  }),

  damagedAtTheEdge: claim<MadeBy<typeof damagedAtTheEdge>>({
    title: 'files damaged near the end of the window give the same digits or the same message',
    inputs: damagedAtTheEdge,
    files: filesDamagedAtTheEdge,
    check: async (input, folder) => happened(await sameOutcome(filesDamagedAtTheEdge(input), folder, 380)),
  }),

  damagedBytes: claim<MadeBy<typeof encodedAndDamaged>>({
    title: 'files with damaged bytes, in any encoding, give the same digits or the same message',
    inputs: encodedAndDamaged,
    files: filesOfDamagedBytes,
    check: async (input, folder) => happened(await sameOutcome(filesOfDamagedBytes(input), folder, input.limit)),
  }),
}
