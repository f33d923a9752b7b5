import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, test } from 'vitest'
import { fingerprint, type Digits } from '../src/digits.ts'
import { recognise } from '../src/digits/dialect.ts'
import { firstRecords } from '../src/digits/csv.ts'
import { fileRows } from '../src/digits/file-rows.ts'
import { generate } from '../src/digits/generate.ts'
import { openWindow } from '../src/digits/input.ts'
import { readDigits, type Part } from '../src/digits/read.ts'
import { emptyRows } from '../src/digits/rows.ts'
import { scan } from '../src/digits/scan.ts'
import { cellsOf, csvOf, DIALECTS, FORMS, textOf } from './csv.ts'

const folder = mkdtempSync(join(tmpdir(), 'mnist-read-'))
afterAll(() => rmSync(folder, { recursive: true }))

let files = 0
function write(content: string | Buffer, name = `${files++}.csv`): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

const digits = generate(1030, 2) // more than the 1 MiB that is looked at at once
const first = (count: number): Digits => ({
  pixels: digits.pixels.subarray(0, count * 784),
  labels: digits.labels.subarray(0, count),
})
const unlabelled = ({ pixels }: Digits): Digits => ({ pixels, labels: new Uint8Array(0) })
/** What digits are told apart by; comparing their bytes one by one takes vitest a while. */
const known = (digits: Digits) => ({
  pixels: digits.pixels.length,
  labels: digits.labels.length,
  sha256: fingerprint(digits),
})
const fifteen = csvOf(first(15))

describe('a CSV of digits is read to the byte and named', () => {
  describe.each(DIALECTS)('$name', ({ name, files, isUnlabelled }) => {
    const expected = isUnlabelled ? unlabelled(first(15)) : first(15)
    test.each(Object.entries(FORMS))('with %s', async (_, form) => {
      const parts: Part[] = []
      const paths = files(first(15)).map((cells) => write(form(cells)))
      expect(known(await readDigits(paths, { onPart: (part) => parts.push(part) }))).toEqual(known(expected))
      expect(parts).toEqual([{ names: paths, rows: 15, dialect: name }])
    })

    test('packed by gzip, whatever its name', async () => {
      const paths = files(first(15)).map((cells) => write(gzipSync(textOf(cells))))
      expect(known(await readDigits(paths))).toEqual(known(expected))
    })

    test('of more than is looked at at once', async () => {
      const paths = files(digits).map((cells) => write(textOf(cells)))
      expect(fingerprint(await readDigits(paths))).toBe(fingerprint(isUnlabelled ? unlabelled(digits) : digits))
    })

    test('and its first rows without looking at more', async () => {
      const paths = files(first(15)).map((cells) => write(`${textOf(cells)}no,digit,this\n${textOf(cells)}`))
      expect(known(await readDigits(paths, { limit: 15 }))).toEqual(known(expected))
      expect(known(await readDigits(paths, { limit: 1 }))).toEqual(
        known(isUnlabelled ? unlabelled(first(1)) : first(1)),
      )
      await expect(readDigits(paths, { limit: 16 })).rejects.toThrow('this line has 3 columns')
    })

    test('by the scanner alone, where it is plain', async () => {
      for (const cells of files(first(15))) {
        const path = write(textOf(cells))
        const window = await openWindow(path)
        await window.fillUp()
        const records = firstRecords(window.bytes.subarray(0, window.end), window.ended, path)
        const layout = recognise(records, path)!
        window.start = layout.hasHeader ? records[0].end : 0
        const store = { pixels: emptyRows(784), labels: emptyRows(1) }
        const rows = fileRows({ name: path, layout, ...store, base: 0, limit: Infinity, line: 1 })
        expect([scan(window, rows), rows.taken, window.start]).toEqual([true, 15, window.end])
        await window.close()
      }
    })
  })

  test('joined from several files, pairs among them', async () => {
    const [pair, kaggle] = [DIALECTS[13], DIALECTS[1]]
    const five = (from: number): Digits => ({
      pixels: digits.pixels.subarray(from * 784, (from + 5) * 784),
      labels: digits.labels.subarray(from, from + 5),
    })
    const texts = [...kaggle.files(five(0)), ...pair.files(five(5)), ...kaggle.files(five(10))]
    const paths = texts.map((cells) => write(textOf(cells)))
    const parts: Part[] = []
    expect(known(await readDigits(paths, { onPart: (part) => parts.push(part) }))).toEqual(known(first(15)))
    expect(parts.map(({ names }) => names)).toEqual([[paths[0]], [paths[1], paths[2]], [paths[3]]])
    expect(known(await readDigits(paths, { limit: 7 }))).toEqual(known(first(7)))
    expect(known(await readDigits([...paths.slice(0, 3), 'absent.csv'], { limit: 10 }))).toEqual(known(first(10)))
  })

  test('with progress from 0 to 1', async () => {
    const shares: number[] = []
    await readDigits([write(csvOf(digits)), write(fifteen)], { onProgress: (share) => shares.push(share) })
    expect(shares).toEqual(shares.toSorted((a, b) => a - b))
    expect(shares[0]).toBeGreaterThan(0)
    expect(shares[shares.length - 1]).toBe(1)
  })
})

describe('which column is the label where no header says it', () => {
  const rows = cellsOf(first(15))
  const labelled = (labels: number[]) => textOf(labels.map((label, i) => [String(label), ...rows[i].slice(1)]))

  test('is noticed where the labels may be an index', async () => {
    const parts: Part[] = []
    await readDigits([write(labelled([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]))], { onPart: (part) => parts.push(part) })
    expect(parts[0].remark).toBe('the labels are 0, 1, 2 … in this order: are they an index?')
  })

  test('is the first column where all are 0, and where a label follows', async () => {
    const zeros = rows.map(() => 0)
    expect((await readDigits([write(labelled(zeros))])).labels).toEqual(Uint8Array.from(zeros))
    const later = [...rows, ...rows].map((_, i) => (i < 20 || i > 25 ? 0 : 7))
    const text = textOf(later.map((label, i) => [String(label), ...rows[i % 15].slice(1, -1), i > 20 ? '3' : '0']))
    expect((await readDigits([write(text)])).labels).toEqual(Uint8Array.from(later))
  })
})

describe('IDX is read', () => {
  const word = (value: number) => [value >>> 24, value >>> 16, value >>> 8, value].map((byte) => byte & 255)
  const images = ({ pixels, labels }: Digits) =>
    Buffer.from([0, 0, 8, 3, ...word(labels.length), ...word(28), ...word(28), ...pixels])
  const labels = ({ labels }: Digits) => Buffer.from([0, 0, 8, 1, ...word(labels.length), ...labels])

  test.each([
    ['a-images-idx3-ubyte', 'a-labels-idx1-ubyte'],
    ['b-images.idx3-ubyte.gz', 'b-labels.idx1-ubyte.gz'],
    ['c-images-idx3-ubyte.gz', 'c-labels-idx1-ubyte'],
    ['d-images-idx3-ubyte', 'd-labels-idx1-ubyte.gz'],
  ])('%s with the labels beside it, and with them given', async (one, two) => {
    const packed = (name: string, bytes: Buffer) => write(name.endsWith('.gz') ? gzipSync(bytes) : bytes, name)
    const paths = [packed(one, images(first(15))), packed(two, labels(first(15)))]
    const parts: Part[] = []
    const onPart = (part: Part) => parts.push(part)
    expect(known(await readDigits([paths[0]], { onPart }))).toEqual(known(first(15)))
    expect(known(await readDigits(paths, { onPart }))).toEqual(known(first(15)))
    expect(known(await readDigits(paths.toReversed(), { onPart }))).toEqual(known(first(15)))
    expect(known(await readDigits([paths[0]], { limit: 4 }))).toEqual(known(first(4)))
    expect(parts[0]).toEqual({ names: paths, rows: 15, dialect: 'IDX' })
  })

  test('without labels where there are none, and with those of a CSV', async () => {
    const path = write(images(first(15)), 'alone-images-idx3-ubyte')
    expect(known(await readDigits([path]))).toEqual(known(unlabelled(first(15))))
    expect(known(await readDigits([path, write(`${[...first(15).labels].join('\n')}\n`)]))).toEqual(known(first(15)))
  })

  test('of more than is looked at at once', async () => {
    const many = generate(1400, 3)
    const paths = [write(images(many), 'many'), write(labels(many), 'their labels')]
    expect(fingerprint(await readDigits(paths))).toBe(fingerprint(many))
  })
})

test('no file, and a folder', async () => {
  const absent = join(folder, 'absent.csv')
  await expect(readDigits([absent])).rejects.toThrow(`cannot read ${absent}: there is no such file`)
  await expect(readDigits([folder])).rejects.toThrow(`cannot read ${folder}: it is a folder, not a file`)
  await expect(readDigits([folder])).rejects.toMatchObject({ kind: 'noInput' })
})

test('a label of a pair that is wrong is not looked at beyond the limit', async () => {
  const [pixels, labels] = DIALECTS[13].files(first(15)).map((cells) => write(textOf(cells)))
  const broken = write(textOf([...DIALECTS[13].files(first(15))[1].slice(0, 9), ['8', 'x']]))
  expect(known(await readDigits([pixels, broken], { limit: 8 }))).toEqual(known(first(8)))
  expect(known(await readDigits([broken, pixels], { limit: 8 }))).toEqual(known(first(8)))
  expect(known(await readDigits([labels, pixels], { limit: 8 }))).toEqual(known(first(8)))
})
