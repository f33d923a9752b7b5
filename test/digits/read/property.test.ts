/** For any CSV, the scanner and csv-parse read the same digits or refuse it with the same message. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { digitCount, digitsFrom, pixelsOf, type Digits } from '../../../src/digits.ts'
import { fingerprint } from '../../../src/digits/fingerprint.ts'
import { generate } from '../../../src/digits/generate.ts'
import { readDigits, type DigitsPart } from '../../../src/digits/read.ts'
import { unlabelled } from '../../support/digits.ts'
import { newFolder } from '../../support/folder.ts'
import { isLong } from '../../support/long.ts'
import { DIALECTS, FORMS, type Dialect } from '../../support/csv.ts'

const folder = newFolder()

const digits = generate(1500, 8)
const slice = (from: number, rows: number): Digits =>
  digitsFrom(pixelsOf(digits, from, rows), digits.labels.subarray(from, from + rows))

/** The result of reading files: the digits, or the message. */
async function outcome(paths: string[], limit: number, scanner: boolean) {
  const parts: DigitsPart[] = []
  try {
    const read = await readDigits(paths, { limit, scanner, onPart: (part) => parts.push(part) })
    return { digits: fingerprint(read), rows: digitCount(read), labels: read.labels.length, parts }
  } catch (error) {
    return { refusal: String(error) }
  }
}

async function sameOutcome(texts: (string | Buffer)[], limit = Infinity) {
  const paths = texts.map((text, i) => {
    const path = join(folder, `${i}.csv`)
    writeFileSync(path, text)
    return path
  })
  const scanned = await outcome(paths, limit, true)
  expect(scanned).toEqual(await outcome(paths, limit, false))
  return scanned
}

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

/** Without a header, the last column is recognised as the label only if enough labels are not 0. */
const isRecognisable = ({ name }: Dialect, { labels }: Digits) =>
  name !== 'a label-last CSV without a header' || 2 * labels.filter((label) => label > 0).length >= labels.length

const written = fc.record({
  from: fc.nat(1400),
  rows: fc.integer({ min: 1, max: 20 }),
  dialect: fc.constantFrom(...DIALECTS),
  form: fc.constantFrom(...Object.values(FORMS)),
})

test('valid files of every dialect and form give the digits that were written', async () => {
  await fc.assert(
    fc.asyncProperty(written, fc.boolean(), async ({ from, rows, dialect, form }, gzipped) => {
      fc.pre(isRecognisable(dialect, slice(from, Math.min(rows, 12))))
      const texts = dialect.files(slice(from, rows)).map(form)
      const read = await sameOutcome(gzipped ? texts.map((text) => gzipSync(text)) : texts)
      expect(read).toMatchObject({ rows, labels: dialect.isUnlabelled ? 0 : rows })
      const expected = slice(from, rows)
      expect(read.digits).toBe(fingerprint(dialect.isUnlabelled ? unlabelled(expected) : expected))
    }),
    { numRuns: isLong ? 200 : 20 },
  )
}, 120_000)

test('damaged files give the same digits or the same message', async () => {
  const seen = new Set<string>()
  await fc.assert(
    fc.asyncProperty(
      written,
      fc.array(damage, { minLength: 1, maxLength: 3 }),
      fc.constantFrom(Infinity, Infinity, 1, 7),
      async ({ from, rows, dialect, form }, damages, limit) => {
        const texts = dialect.files(slice(from, rows)).map(form)
        texts[0] = damages.reduce(damaged, texts[0])
        const { refusal } = await sameOutcome(texts, limit)
        seen.add(refusal === undefined ? 'read' : 'refused')
      },
    ),
    { numRuns: isLong ? 1000 : 100 },
  )
  expect([...seen].toSorted()).toEqual(['read', 'refused'])
}, 240_000)

test('files damaged near the end of the window give the same digits or the same message', async () => {
  const texts = DIALECTS.slice(0, 2).flatMap(({ files }) => files(digits).map(FORMS['LF']))
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...texts),
      fc.integer({ min: -3000, max: 3000 }),
      damage,
      async (text, at, change) => {
        await sameOutcome([damaged(text, { ...change, at: (2 ** 20 + at) / text.length })], 700)
      },
    ),
    { numRuns: isLong ? 40 : 6 },
  )
}, 240_000)
