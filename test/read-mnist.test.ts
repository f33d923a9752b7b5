/** The real digits, from the IDX files in MNIST_DIR: whatever form they come in, they are the same. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { afterAll, describe, expect, test } from 'vitest'
import { fingerprint, type Digits } from '../src/digits.ts'
import { readDigits } from '../src/digits/read.ts'
import { DIALECTS, FORMS, textOf } from './csv.ts'

const { MNIST_DIR } = process.env

describe.skipIf(!MNIST_DIR)(`the digits of MNIST${MNIST_DIR ? '' : ' (skipped: MNIST_DIR names no folder)'}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'mnist-real-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  const packed = (name: string) => join(MNIST_DIR ?? '', `${name}.gz`)
  const unpacked = (name: string) => gunzipSync(readFileSync(packed(name)))
  const real = (set: string): Digits => ({
    pixels: unpacked(`${set}-images-idx3-ubyte`).subarray(16),
    labels: unpacked(`${set}-labels-idx1-ubyte`).subarray(8),
  })

  test.each(['train', 't10k'])(
    'from the IDX files of %s, packed and unpacked',
    async (set) => {
      const names = [`${set}-images-idx3-ubyte`, `${set}-labels-idx1-ubyte`]
      const paths = names.map((name) => {
        writeFileSync(join(folder, name), unpacked(name))
        return join(folder, name)
      })
      const expected = fingerprint(real(set))
      expect(fingerprint(await readDigits([packed(names[0])]))).toBe(expected)
      expect(fingerprint(await readDigits(names.map(packed)))).toBe(expected)
      expect(fingerprint(await readDigits([paths[0]]))).toBe(expected)
      expect(fingerprint(await readDigits(paths.toReversed()))).toBe(expected)
    },
    60_000,
  )

  test('from CSVs of the test set in every dialect, and from LF, CRLF, a byte order mark and gzip of one', async () => {
    const digits = real('t10k')
    const expected = fingerprint(digits)
    const path = (i: number) => join(folder, `${i}.csv`)
    for (const { files, isUnlabelled } of DIALECTS) {
      if (isUnlabelled) continue
      const paths = files(digits).map((cells, i) => {
        writeFileSync(path(i), textOf(cells))
        return path(i)
      })
      expect(fingerprint(await readDigits(paths))).toBe(expected)
    }
    const [kaggle] = DIALECTS[1].files(digits)
    for (const name of ['LF', 'CRLF', 'a byte order mark', 'no last newline']) {
      writeFileSync(path(0), FORMS[name](kaggle))
      expect(fingerprint(await readDigits([path(0)])), name).toBe(expected)
    }
    writeFileSync(path(0), gzipSync(textOf(kaggle), { level: 1 }))
    expect(fingerprint(await readDigits([path(0)]))).toBe(expected)
  }, 240_000)
})
