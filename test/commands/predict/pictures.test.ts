import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PNG } from 'pngjs'
import { beforeAll, describe, expect, test } from 'vitest'
import { pixelsOf } from '../../../src/digits.ts'
import { generate } from '../../../src/digits/generate.ts'
import { csvOf } from '../../support/csv.ts'
import { newFolder } from '../../support/folder.ts'
import { runInProcess } from '../../support/in-process.ts'

const cwd = newFolder()
const digits = generate(6, 6)
const predict = (...args: string[]) => runInProcess('mnist-predict', args, { cwd })

/** A digit as PNG, bright on dark. */
function png(row: number): Buffer {
  const picture = new PNG({ width: 28, height: 28 })
  pixelsOf(digits, row).forEach((pixel, i) => picture.data.set([pixel, pixel, pixel, 255], 4 * i))
  return PNG.sync.write(picture)
}

/** A square blot on white paper. */
function blot(): Buffer {
  const picture = new PNG({ width: 60, height: 60 })
  for (let i = 0; i < 3600; i++) {
    const isInk = [i % 60, Math.floor(i / 60)].every((at) => at >= 15 && at < 45)
    picture.data.set(isInk ? [0, 0, 0, 255] : [255, 255, 255, 255], 4 * i)
  }
  return PNG.sync.write(picture)
}

beforeAll(async () => {
  mkdirSync(join(cwd, 'scans'))
  writeFileSync(join(cwd, 'digits.csv'), csvOf(digits))
  for (const row of digits.labels.keys()) writeFileSync(join(cwd, 'scans', `${row}.png`), png(row))
  writeFileSync(join(cwd, 'a,b.png'), png(2))
  writeFileSync(join(cwd, 'text.png'), 'no picture')
  writeFileSync(join(cwd, 'blot.png'), blot())
  await runInProcess('mnist-train', ['--data', 'digits.csv', '--dev', '0', '--iters', '20'], { cwd })
})

describe('mnist-predict of pictures', () => {
  test('gives with --as-is what it gives for the same rows', async () => {
    const pictures = await predict('scans', '--as-is', '--csv', '--quiet')
    const rows = await predict('--all', '--data', 'digits.csv', '--csv', '--quiet')
    const numbers = (text: string) => text.trimEnd().split('\n').slice(1).map((line) => line.split(',').slice(2)) // prettier-ignore
    expect(pictures.stdout).toMatch(/^file,label,prediction,p0,.*\nscans\/0\.png,,\d,/)
    expect(numbers(pictures.stdout)).toEqual(numbers(rows.stdout))
  })

  test('names the file in each format', async () => {
    expect((await predict('a,b.png', '--csv', '--quiet')).stdout).toMatch(/\n"a,b\.png",,\d,/)
    const { stdout } = await predict('a,b.png', '--json', '--quiet')
    expect(Object.keys(JSON.parse(stdout))).toEqual(['schema', 'file', 'prediction', 'probabilities'])
    expect((await predict('a,b.png', 'scans/0.png', '--quiet')).stdout).toMatch(
      /^file {9}digit {2}probability\na,b\.png {10}\d {5}0\.\d{6}\nscans\/0\.png {6}\d {5}0\.\d{6}\n$/,
    )
  })

  test('writes no name into CSV that a spreadsheet takes for a formula', async () => {
    writeFileSync(join(cwd, '=1+1.png'), png(2))
    expect((await predict('=1+1.png', '--csv', '--quiet')).stdout).toMatch(/\n'=1\+1\.png,,\d,/)
  })

  test('escapes names, and aligns with them only as far as they are not long', async () => {
    const long = `${'x'.repeat(40)}.png`
    for (const name of ['\u001b[31m.png', long]) writeFileSync(join(cwd, name), png(2))
    const { stdout } = await predict('\u001b[31m.png', long, '--quiet')
    const [header, first, second] = stdout.split('\n')
    expect(header).toBe(`${'file'.padEnd(32)}  digit  probability`)
    expect(first).toMatch(/^\\u001b\[31m\.png {24}\d {5}0\.\d{6}$/)
    expect(second).toMatch(/^x{40}\.png {6}\d {5}0\.\d{6}$/)
  })

  test('prints only reports if it can read none', async () => {
    const { code, stdout, stderr } = await predict('text.png', 'none.png', '--csv')
    expect([code, stdout]).toEqual([65, ''])
    expect(stderr).toMatch(/^mnist-predict: text\.png: .*\nmnist-predict: none\.png: no such file\n$/)
  })

  test('reports those that it cannot read, predicts the others, and ends with 65', async () => {
    const { code, stdout, stderr } = await predict(
      'a,b.png',
      'text.png',
      'none.png',
      'scans/1.png',
      '--plain',
      '--quiet',
    )
    expect([code, stdout]).toEqual([65, expect.stringMatching(/^\d\n\d\n$/)])
    expect(stderr).toMatch(/^mnist-predict: text\.png: .*\nmnist-predict: none\.png: no such file\n$/)
  })

  test.each([
    [['none.png'], 66, 'none.png: no such file'],
    [['a,b.png', '--all'], 64, 'a,b.png: name pictures, or rows of --data, not both'],
    [['a,b.png', '--data', 'digits.csv'], 64, 'a,b.png: name pictures, or rows of --data, not both'],
    [['a,b.png', '--invert'], 64, '--invert is for rows of --data; pictures may be dark on light or light on dark'],
    [['a,b.png', '--transpose'], 64, '--transpose is for rows of --data; turn the picture'],
    [['-', '-'], 64, '"-" is given twice; standard input can be read only once'],
  ])('refuses %j', async (args, code, sentence) => {
    expect(await predict(...args)).toEqual({ code, stdout: '', stderr: `mnist-predict: ${sentence}\n` })
  })
})

test('a picture of nearly all ink is reported as mnist-data convert and the page report it', async () => {
  const { code, stderr } = await predict('blot.png', '--plain')
  const sentence = 'nearly all ink, unlike any digit of MNIST; --steps shows what was taken for ink'
  expect([code, stderr]).toEqual([0, `blot.png: ${sentence}\n`])
  expect((await predict('blot.png', 'a,b.png', '--plain')).stderr).toContain(
    '1 of 2 pictures is nearly all ink (--steps shows what was taken for ink): blot.png\n',
  )
  expect((await predict('blot.png', '--plain', '--quiet')).stderr).toBe('')
})

test('variables about the data do not keep a picture from being read', async () => {
  const env = { MNIST_INVERT: '1', MNIST_TRANSPOSE: '1' }
  const { code } = await runInProcess('mnist-predict', ['scans/0.png', '--plain'], { cwd, env })
  expect(code).toBe(0)
})

test('--explain and --over-time answer for a picture, too', async () => {
  const { code, stdout } = await predict('scans/0.png', '--as-is', '--explain', '--quiet')
  expect([code, stdout]).toEqual([0, expect.stringContaining('Counted from blank paper')])
  const refused = await predict('scans/0.png', '--over-time', '--quiet')
  expect([refused.code, refused.stderr]).toEqual([66, expect.stringContaining('weights.json.snapshots: no such file')])
})
