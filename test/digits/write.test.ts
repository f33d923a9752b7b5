import { lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { digitsFrom, emptyDigits, PIXELS } from '../../src/digits.ts'
import { fingerprint } from '../../src/digits/fingerprint.ts'
import { generate } from '../../src/digits/generate.ts'
import { readDigits } from '../../src/digits/read.ts'
import { stageDigits, writeDigits } from '../../src/digits/write.ts'
import { newFolder } from '../support/folder.ts'
import { csvOf, HEADER } from '../support/csv.ts'

const root = newFolder()
let folder: string
let path: string
beforeEach(() => {
  folder = join(root, String(readdirSync(root).length))
  mkdirSync(folder)
  path = join(folder, 'digits.csv')
})

const digits = generate(1100, 3) // three blocks
/** Every pixel value and every label. */
const all = digitsFrom(
  Uint8Array.from({ length: 10 * PIXELS }, (_, i) => i % 256),
  Uint8Array.from({ length: 10 }, (_, i) => i),
)

describe('writeDigits', () => {
  test.each([
    ['1,100 digits', digits],
    ['every value', all],
    ['no digits', emptyDigits(0)],
  ])('writes %s, with and without a header', async (_, some) => {
    await writeDigits(path, some)
    expect(readFileSync(path, 'utf8') === `${HEADER}\n${csvOf(some)}`).toBe(true)
    await writeDigits(path, some, { header: false })
    expect(readFileSync(path, 'utf8') === csvOf(some)).toBe(true)
    expect(readdirSync(folder)).toEqual(['digits.csv'])
  })

  test('writes a file that reads back as the same digits', async () => {
    await writeDigits(path, digits)
    expect(fingerprint(await readDigits([path]))).toBe(fingerprint(digits))
  })

  test('reports its progress', async () => {
    const fractions: number[] = []
    await writeDigits(path, digits, { onProgress: (fraction) => fractions.push(fraction) })
    expect(fractions).toEqual([512 / 1100, 1024 / 1100, 1])
  })

  test.each([1, 2, 3])('aborted in block %d, leaves the old file unchanged and nothing beside it', async (block) => {
    writeFileSync(path, 'old')
    const stop = new AbortController()
    let blocks = 0
    const onProgress = () => ++blocks === block && stop.abort()
    await expect(writeDigits(path, digits, { signal: stop.signal, onProgress })).rejects.toThrow(/aborted/)
    expect([readdirSync(folder), readFileSync(path, 'utf8'), blocks]).toEqual([['digits.csv'], 'old', block])
  })

  test('leaves nothing behind if it cannot rename the file', async () => {
    mkdirSync(join(path, 'below'), { recursive: true })
    await expect(writeDigits(path, all)).rejects.toMatchObject({ kind: 'io', message: `cannot write ${path}: is a folder, not a file` }) // prettier-ignore
    expect(readdirSync(folder)).toEqual(['digits.csv'])
  })

  test('replaces the target of a symbolic link, not the link', async () => {
    mkdirSync(join(folder, 'elsewhere'))
    writeFileSync(join(folder, 'elsewhere/target.csv'), 'old')
    symlinkSync('elsewhere/target.csv', path)
    await writeDigits(path, all)
    expect(lstatSync(path).isSymbolicLink()).toBe(true)
    expect(readFileSync(join(folder, 'elsewhere/target.csv'), 'utf8')).toBe(`${HEADER}\n${csvOf(all)}`)
    expect(readdirSync(join(folder, 'elsewhere'))).toEqual(['target.csv'])
  })
})

describe('stageDigits', () => {
  test('leaves the old file in place until commit', async () => {
    writeFileSync(path, 'old')
    const staged = await stageDigits(path, all)
    expect([readdirSync(folder).length, readFileSync(path, 'utf8')]).toEqual([2, 'old'])
    await staged.commit()
    expect([readdirSync(folder).length, readFileSync(path, 'utf8')]).toEqual([1, `${HEADER}\n${csvOf(all)}`])
  })

  test('leaves nothing after discard', async () => {
    const staged = await stageDigits(path, all)
    await staged.discard()
    expect(readdirSync(folder)).toEqual([])
  })

  describe('as IDX', () => {
    const [images, labels] = ['x-images-idx3-ubyte.gz', 'x-labels-idx1-ubyte.gz']

    test('names both files, and puts neither in place before commit', async () => {
      const staged = await stageDigits(join(folder, labels), all)
      expect(staged.files).toEqual([join(folder, images), join(folder, labels)])
      expect(readdirSync(folder).filter((name) => name.startsWith('x'))).toEqual([])
      await staged.commit()
      expect(readdirSync(folder).toSorted()).toEqual([images, labels])
    })

    test('leaves nothing of the first file if the second cannot be written', async () => {
      mkdirSync(join(folder, labels))
      await expect(stageDigits(join(folder, images), all)).rejects.toMatchObject({ kind: 'io' })
      expect(readdirSync(folder)).toEqual([labels])
    })

    test('puts the old images back if the labels cannot be renamed', async () => {
      writeFileSync(join(folder, images), 'old')
      const staged = await stageDigits(join(folder, images), all)
      mkdirSync(join(folder, labels, 'below'), { recursive: true })
      const message = `cannot write ${join(folder, labels)}: is a folder, not a file`
      await expect(staged.commit()).rejects.toMatchObject({ kind: 'io', message })
      expect(readdirSync(folder).toSorted()).toEqual([images, labels])
      expect(readFileSync(join(folder, images), 'utf8')).toBe('old')
    })

    test('leaves nothing of the second file if the first cannot be renamed', async () => {
      const staged = await stageDigits(join(folder, images), all)
      mkdirSync(join(folder, images, 'below'), { recursive: true })
      await expect(staged.commit()).rejects.toMatchObject({ kind: 'io' })
      expect(readdirSync(folder)).toEqual([images])
    })
  })
})
