/** MNIST itself, from the IDX files in MNIST_DIR: the digits are the same in every format. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { digitsFrom, pixelsOf, type Digits } from '../../../src/digits.ts'
import { fingerprint } from '../../../src/digits/fingerprint.ts'
import { readDigits } from '../../../src/digits/read.ts'
import { newFolder } from '../../support/folder.ts'
import { isLong } from '../../support/long.ts'
import { DIALECTS, FORMS, textOf } from '../../support/csv.ts'

const { MNIST_DIR } = process.env

describe.skipIf(!MNIST_DIR)('MNIST itself (needs MNIST_DIR)', () => {
  const folder = newFolder()
  const gzipped = (name: string) => join(MNIST_DIR ?? '', `${name}.gz`)
  const gunzipped = (name: string) => gunzipSync(readFileSync(gzipped(name)))
  const real = (set: string): Digits =>
    digitsFrom(gunzipped(`${set}-images-idx3-ubyte`).subarray(16), gunzipped(`${set}-labels-idx1-ubyte`).subarray(8))

  test.each(isLong ? ['train', 't10k'] : ['t10k'])(
    'is read from the IDX files of %s, gzipped or not',
    async (set) => {
      const names = [`${set}-images-idx3-ubyte`, `${set}-labels-idx1-ubyte`]
      const paths = names.map((name) => {
        writeFileSync(join(folder, name), gunzipped(name))
        return join(folder, name)
      })
      const expected = fingerprint(real(set))
      expect(fingerprint(await readDigits([gzipped(names[0])]))).toBe(expected)
      expect(fingerprint(await readDigits(names.map(gzipped)))).toBe(expected)
      expect(fingerprint(await readDigits([paths[0]]))).toBe(expected)
      expect(fingerprint(await readDigits(paths.toReversed()))).toBe(expected)
    },
    60_000,
  )

  test('is read from CSVs of the test set in every dialect, with any line ending, a byte order mark, or gzipped', async () => {
    const all = real('t10k')
    const m = isLong ? 10_000 : 300
    const digits = digitsFrom(pixelsOf(all, 0, m), all.labels.subarray(0, m))
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
