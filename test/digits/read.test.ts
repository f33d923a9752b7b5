import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { digitCount, digitsFrom, pixelsOf, type Digits } from '../../src/digits.ts'
import { fingerprint } from '../../src/digits/fingerprint.ts'
import { recognise } from '../../src/digits/read/dialect.ts'
import { firstRecords } from '../../src/digits/read/csv.ts'
import { fileRows } from '../../src/digits/read/file-rows.ts'
import { generate } from '../../src/digits/generate.ts'
import { openWindow } from '../../src/digits/read/input.ts'
import { readDigits, type DigitsPart } from '../../src/digits/read.ts'
import { emptyRowBuffer } from '../../src/digits/read/row-buffer.ts'
import { scan } from '../../src/digits/read/scan.ts'
import { newFolder } from '../support/folder.ts'
import { isLong } from '../support/long.ts'
import { cellsOf, csvOf, DIALECTS, FORMS, textOf } from '../support/csv.ts'
import { bytesOf, longDigits, unlabelled } from '../support/digits.ts'

const folder = newFolder()

let files = 0
function write(content: string | Buffer, name = `${files++}.csv`): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

const digits = generate(15, 2)
const long = longDigits(2)
const slice = (from: number, count: number): Digits =>
  digitsFrom(pixelsOf(digits, from, count), digits.labels.subarray(from, from + count))
const first = (count: number): Digits => slice(0, count)
/** A digest to compare digits by; vitest is slow at comparing many bytes. */
const digestOf = (digits: Digits) => ({
  digits: digitCount(digits),
  labels: digits.labels.length,
  sha256: fingerprint(digits),
})
const fifteen = csvOf(first(15))

describe('readDigits reads and names a CSV', () => {
  describe.each(DIALECTS.map((dialect, d) => ({ ...dialect, d })))('$name', ({ name, files, isUnlabelled, d }) => {
    // Every form with Kaggle's dialect, a quarter of them with the others; all with MNIST_LONG_TESTS set.
    const forms = Object.entries(FORMS).filter((_, f) => isLong || d === 1 || (f + d) % 4 === 0)
    const expected = isUnlabelled ? unlabelled(first(15)) : first(15)
    test.each(forms)('with %s', async (_, form) => {
      const parts: DigitsPart[] = []
      const paths = files(first(15)).map((cells) => write(form(cells)))
      expect(digestOf(await readDigits(paths, { onPart: (part) => parts.push(part) }))).toEqual(digestOf(expected))
      expect(parts).toEqual([{ names: paths, rows: 15, dialect: name }])
    })

    test('gzipped, whatever its name', async () => {
      const paths = files(first(15)).map((cells) => write(gzipSync(textOf(cells))))
      expect(digestOf(await readDigits(paths))).toEqual(digestOf(expected))
    })

    test('longer than the window', async () => {
      const paths = files(long).map((cells) => write(textOf(cells)))
      expect(fingerprint(await readDigits(paths))).toBe(fingerprint(isUnlabelled ? unlabelled(long) : long))
    })

    test('up to the limit, ignoring what follows', async () => {
      const paths = files(first(15)).map((cells) => write(`${textOf(cells)}no,digit,this\n${textOf(cells)}`))
      expect(digestOf(await readDigits(paths, { limit: 15 }))).toEqual(digestOf(expected))
      expect(digestOf(await readDigits(paths, { limit: 1 }))).toEqual(
        digestOf(isUnlabelled ? unlabelled(first(1)) : first(1)),
      )
      await expect(readDigits(paths, { limit: 16 })).rejects.toThrow('3 columns, expected')
    })

    test('with the scanner alone if it is plain', async () => {
      for (const cells of files(first(15))) {
        const path = write(textOf(cells))
        const window = await openWindow(path)
        await window.fillUp()
        const records = firstRecords(window.bytes.subarray(0, window.end), window.ended, path)
        const layout = recognise(records, path)
        if (!layout) throw new Error('not recognised')
        window.start = layout.hasHeader ? records[0].end : 0
        const store = { pixels: emptyRowBuffer(784, Infinity), labels: emptyRowBuffer(1, Infinity) }
        const rows = fileRows({ name: path, layout, ...store, base: 0, limit: Infinity, line: 1 })
        expect([scan(window, rows), rows.rowsRead, window.start]).toEqual([true, 15, window.end])
        await window.close()
      }
    })
  })

  test('several files, including a pair', async () => {
    const [pair, kaggle] = [DIALECTS[13], DIALECTS[1]]
    const five = (from: number): Digits => slice(from, 5)
    const texts = [...kaggle.files(five(0)), ...pair.files(five(5)), ...kaggle.files(five(10))]
    const paths = texts.map((cells) => write(textOf(cells)))
    const parts: DigitsPart[] = []
    expect(digestOf(await readDigits(paths, { onPart: (part) => parts.push(part) }))).toEqual(digestOf(first(15)))
    expect(parts.map(({ names }) => names)).toEqual([[paths[0]], [paths[1], paths[2]], [paths[3]]])
    expect(digestOf(await readDigits(paths, { limit: 7 }))).toEqual(digestOf(first(7)))
    expect(digestOf(await readDigits([...paths.slice(0, 3), 'absent.csv'], { limit: 10 }))).toEqual(digestOf(first(10)))
  })

  test('progress rises to 1', async () => {
    const fractions: number[] = []
    await readDigits([write(csvOf(long)), write(fifteen)], { onProgress: (fraction) => fractions.push(fraction) })
    expect(fractions).toEqual(fractions.toSorted((a, b) => a - b))
    expect(fractions[0]).toBeGreaterThan(0)
    expect(fractions[fractions.length - 1]).toBe(1)
  })
})

describe('without a header, the label column', () => {
  const rows = cellsOf(first(15))
  const labelled = (labels: number[]) => textOf(labels.map((label, i) => [String(label), ...rows[i].slice(1)]))

  test('gets a remark if it may be an index', async () => {
    const parts: DigitsPart[] = []
    await readDigits([write(labelled([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]))], { onPart: (part) => parts.push(part) })
    expect(parts[0].remark).toBe('the labels are 0, 1, 2, …: is this an index?')
  })

  test('is the first column if both candidates are all 0, or until the first shows a label', async () => {
    const zeros = rows.map(() => 0)
    expect((await readDigits([write(labelled(zeros))])).labels).toEqual(Uint8Array.from(zeros))
    const later = [...rows, ...rows].map((_, i) => (i < 20 || i > 25 ? 0 : 7))
    const text = textOf(later.map((label, i) => [String(label), ...rows[i % 15].slice(1, -1), i > 20 ? '3' : '0']))
    expect((await readDigits([write(text)])).labels).toEqual(Uint8Array.from(later))
  })
})

describe('readDigits reads IDX', () => {
  const word = (value: number) => [value >>> 24, value >>> 16, value >>> 8, value].map((byte) => byte & 255)
  const images = (digits: Digits) =>
    Buffer.from([0, 0, 8, 3, ...word(digitCount(digits)), ...word(28), ...word(28), ...bytesOf(digits)])
  const labels = ({ labels }: Digits) => Buffer.from([0, 0, 8, 1, ...word(labels.length), ...labels])

  test.each([
    ['a-images-idx3-ubyte', 'a-labels-idx1-ubyte'],
    ['b-images.idx3-ubyte.gz', 'b-labels.idx1-ubyte.gz'],
    ['c-images-idx3-ubyte.gz', 'c-labels-idx1-ubyte'],
    ['d-images-idx3-ubyte', 'd-labels-idx1-ubyte.gz'],
  ])('%s, with the labels beside it or given', async (one, two) => {
    const writeIdx = (name: string, bytes: Buffer) => write(name.endsWith('.gz') ? gzipSync(bytes) : bytes, name)
    const paths = [writeIdx(one, images(first(15))), writeIdx(two, labels(first(15)))]
    const parts: DigitsPart[] = []
    const onPart = (part: DigitsPart) => parts.push(part)
    expect(digestOf(await readDigits([paths[0]], { onPart }))).toEqual(digestOf(first(15)))
    expect(digestOf(await readDigits(paths, { onPart }))).toEqual(digestOf(first(15)))
    expect(digestOf(await readDigits(paths.toReversed(), { onPart }))).toEqual(digestOf(first(15)))
    expect(digestOf(await readDigits([paths[0]], { limit: 4 }))).toEqual(digestOf(first(4)))
    expect(parts[0]).toEqual({ names: paths, rows: 15, dialect: 'IDX' })
  })

  test('without labels if there are none, or with those of a CSV', async () => {
    const path = write(images(first(15)), 'alone-images-idx3-ubyte')
    expect(digestOf(await readDigits([path]))).toEqual(digestOf(unlabelled(first(15))))
    expect(digestOf(await readDigits([path, write(`${[...first(15).labels].join('\n')}\n`)]))).toEqual(
      digestOf(first(15)),
    )
  })

  test('longer than the window', async () => {
    const many = digitsFrom(
      new Uint8Array(1400 * 784).map((_, i) => i % 251),
      new Uint8Array(1400).map((_, i) => i % 7),
    )
    const paths = [write(images(many), 'many'), write(labels(many), 'their labels')]
    expect(fingerprint(await readDigits(paths))).toBe(fingerprint(many))
  })
})

test('a file that is absent, or a folder, is refused', async () => {
  const absent = join(folder, 'absent.csv')
  await expect(readDigits([absent])).rejects.toThrow(`${absent}: no such file`)
  await expect(readDigits([folder])).rejects.toThrow(`${folder}: is a folder, not a file`)
  await expect(readDigits([folder])).rejects.toMatchObject({ kind: 'noInput' })
})

test('an invalid label after the limit does not matter', async () => {
  const [pixels, labels] = DIALECTS[13].files(first(15)).map((cells) => write(textOf(cells)))
  const broken = write(textOf([...DIALECTS[13].files(first(15))[1].slice(0, 9), ['8', 'x']]))
  expect(digestOf(await readDigits([pixels, broken], { limit: 8 }))).toEqual(digestOf(first(8)))
  expect(digestOf(await readDigits([broken, pixels], { limit: 8 }))).toEqual(digestOf(first(8)))
  expect(digestOf(await readDigits([labels, pixels], { limit: 8 }))).toEqual(digestOf(first(8)))
})
