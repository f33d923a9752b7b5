/** Kinds of CSV besides DIALECTS: headers that count the columns, indices, commas at the ends, and any line ending. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { select, type Digits } from '../../../src/digits.ts'
import { fingerprint } from '../../../src/digits/fingerprint.ts'
import { generate } from '../../../src/digits/generate.ts'
import { readDigits } from '../../../src/digits/read.ts'
import { cellsOf, PIXEL_NAMES, textOf, type Cells } from '../../support/csv.ts'
import { longDigits } from '../../support/digits.ts'
import { newFolder } from '../../support/folder.ts'
import { isLong } from '../../support/long.ts'

const folder = newFolder()
const twenty = generate(20, 6)
const long = longDigits(6)
const rows = cellsOf(twenty)
const last = (cells: Cells) => cells.map(([label, ...pixels]) => [...pixels, label])
const numbered = (name: (i: number) => string, count = 785) => Array.from({ length: count }, (_, i) => name(i))

let written = ''
async function read(text: string, limit = Infinity, scanner = true): Promise<Digits> {
  const path = join(folder, 'a.csv')
  if (text !== written) writeFileSync(path, text)
  written = text
  return readDigits([path], { limit, scanner })
}

/** Expects these cells to be read as the twenty digits, with the scanner and without. */
async function expectTwenty(cells: Cells | string, labelled = true) {
  const text = typeof cells === 'string' ? cells : textOf(cells)
  const expected = fingerprint(labelled ? twenty : { ...twenty, labels: new Uint8Array(0) })
  for (const scanner of [true, false]) expect(fingerprint(await read(text, Infinity, scanner))).toBe(expected)
}

describe.each([
  ['V1', (i: number) => `V${i + 1}`],
  ['X1', (i: number) => `X${i + 1}`],
  ['Var1', (i: number) => `Var${i + 1}`],
  ['C1', (i: number) => `C${i + 1}`],
  ['column_1', (i: number) => `column_${i + 1}`],
  ['Column1', (i: number) => `Column${i + 1}`],
  ['...1', (i: number) => `...${i + 1}`],
  ['_c0', (i: number) => `_c${i}`],
  ['f0', (i: number) => `f${i}`],
  ['column000', (i: number) => `column${String(i).padStart(3, '0')}`],
  ['Unnamed: 0', (i: number) => `Unnamed: ${i}`],
  ['1', (i: number) => `${i + 1}`],
])('a header that counts from %s', (_, name) => {
  const header = numbered(name)
  test('is read, label first or last by the content', async () => {
    await expectTwenty([header, ...rows])
    await expectTwenty([header, ...last(rows)])
  })
  test('is read without labels', () => expectTwenty([header.slice(0, 784), ...rows.map((row) => row.slice(1))], false))
  test('is read if only the label has a name', async () => {
    await expectTwenty([['label', ...header.slice(1)], ...rows])
    await expectTwenty([['label', ...header.slice(0, 784)], ...rows])
    await expectTwenty([[...header.slice(0, 784), 'class'], ...last(rows)])
  })
  test('is read after a column of row names', async () => {
    const named = rows.map((row, i) => [String(i + 1), ...row])
    await expectTwenty([['', ...header], ...named])
    await expectTwenty([header, ...named])
    await expectTwenty([header, ...last(rows).map((row, i) => [String(17 * i + 4), ...row])])
  })
})

test.each([
  ['px0_0', (i: number) => `px${Math.floor(i / 28)}_${i % 28}`],
  ['r1c1', (i: number) => `r${Math.floor(i / 28) + 1}c${(i % 28) + 1}`],
  ['pixel000', (i: number) => `pixel${String(i).padStart(3, '0')}`],
])('pixels named %s are read', (_, name) => expectTwenty([['label', ...numbered(name, 784)], ...rows]))

test.each([
  [['Unnamed: 0.1', 'Unnamed: 0', 'label']],
  [['Unnamed: 0.2', 'Unnamed: 0.1', 'Unnamed: 0', 'label']],
  [['', 'Unnamed: 0', 'label']],
  [['level_0', 'index', 'label']],
  [['X.1', 'X', 'label']],
  [['...1', 'label']],
  [['row.names', 'target']],
])('an index saved once or more, %j, is read', (names) =>
  expectTwenty([
    [...names, ...PIXEL_NAMES],
    ...rows.map((row, i) => [...names.slice(1).map((_, n) => String(i + n)), ...row]),
  ]),
)

describe('commas at the end of lines', () => {
  const kaggle = ['label', ...PIXEL_NAMES]
  const comma = (row: string[]) => [...row, '']
  test.each([
    ['everywhere', [comma(kaggle), ...rows.map(comma)], true],
    ['below the header', [kaggle, ...rows.map(comma)], true],
    ['of the header', [comma(kaggle), ...rows], true],
    ['without a header', rows.map(comma), true],
    ['three of them', [kaggle, ...rows.map(comma).map(comma).map(comma)], true],
    ['without labels', rows.map((row) => comma(row.slice(1))), false],
    ['label last', [comma([...PIXEL_NAMES, 'label']), ...last(rows).map(comma)], true],
    ['and rows of commas below', [...[kaggle, ...rows].map(comma), Array<string>(786).fill(''), Array<string>(786).fill('')], true],
  ] as [string, Cells, boolean][])('%s are read', (_, cells, labelled) => expectTwenty(cells, labelled)) // prettier-ignore
})

test.each(['sep=,\n', 'sep=,\r\n', '"sep=,"\n', 'SEP=,\r'])('the line %j is skipped', async (line) => {
  await expectTwenty(line + textOf(rows))
  await expectTwenty(line + textOf([['label', ...PIXEL_NAMES], ...rows]))
  const wrong = textOf(rows.with(4, rows[4].with(6, '256')))
  await expect(read(line + wrong)).rejects.toThrow('a.csv:6:7: "256" is not a pixel value (0–255)')
})

test('lines that end in CR are read at any size', async () => {
  for (const header of [[], [['label', ...PIXEL_NAMES]]]) {
    const text = textOf([...header, ...cellsOf(long)]).replaceAll('\n', '\r')
    expect(text.length).toBeGreaterThan(2 ** 20)
    expect(fingerprint(await read(text))).toBe(fingerprint(long))
    expect([...(await read(text, 3)).labels]).toEqual([...long.labels.subarray(0, 3)])
  }
})

describe('what a file is does not depend on how far it is read', () => {
  const order = Uint32Array.from(long.labels.keys()).toSorted((a, b) => long.labels[a] - long.labels[b])
  const sorted = cellsOf(select(long, order))
  const first0 = sorted.filter(([label]) => label === '0')
  const zeros = Array.from({ length: 380 }, (_, i) => first0[i % first0.length]) // more than the window holds
  const limits = [1, 4, 70, Infinity]

  test.each([
    ['sorted', sorted],
    ['sorted, longer than the window', [...zeros, ...sorted]],
  ])('labels last, %s, without a header, are refused', async (_, cells) => {
    const text = textOf(last(cells))
    const line = cells.findIndex(([label]) => label !== '0') + 1
    const message = `a.csv:${line}:785: the label could be the first column (always 0 so far) or the last (1 here)`
    for (const limit of limits) {
      for (const scanner of [true, false]) await expect(read(text, limit, scanner)).rejects.toThrow(message)
    }
  })

  test('labels first, sorted, without a header, are read', async () => {
    const labelsOf = (cells: Cells) => Uint8Array.from(cells, ([label]) => Number(label))
    expect((await read(textOf([...zeros, ...sorted]))).labels).toEqual(labelsOf([...zeros, ...sorted]))
    for (const limit of [1, 4, 70])
      expect((await read(textOf(sorted), limit)).labels).toEqual(labelsOf(sorted).subarray(0, limit))
  })

  test('a transposed file of 784 digits is refused', async () => {
    const some = rows.map((row) => row.slice(1))
    const pixels = Array.from({ length: 784 }, (_, i) => some[i % 20])
    const text = textOf(some[0].map((_, p) => pixels.map((row) => row[p])))
    for (const limit of [4, 783, 784, Infinity]) {
      for (const scanner of limit === 4 || isLong ? [true, false] : [true]) {
        await expect(read(text, limit, scanner)).rejects.toThrow('transposed (784 lines of 784 columns)')
      }
    }
  })
})
