/** `mnist-predict --many` and `--steps`. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PNG } from 'pngjs'
import { beforeAll, expect, test } from 'vitest'
import { generate } from '../../../src/digits/generate.ts'
import { csvOf } from '../../support/csv.ts'
import { bytesOf } from '../../support/digits.ts'
import { newFolder } from '../../support/folder.ts'
import { runInProcess } from '../../support/in-process.ts'

const cwd = newFolder()
const predict = (...args: string[]) => runInProcess('mnist-predict', args, { cwd })

beforeAll(async () => {
  writeFileSync(join(cwd, 'digits.csv'), csvOf(generate(50, 1)))
  await runInProcess('mnist-train', ['--data', 'digits.csv', '--iters', '1', '--dev', '0'], { cwd })
  const pixels = bytesOf(generate(3, 9))
  const [width, height] = [3 * 120, 140]
  const data = Buffer.alloc(4 * width * height, 255)
  for (let i = 0; i < width * height; i++) {
    const [x, y] = [i % width, Math.floor(i / width)]
    const [digit, u, v] = [Math.floor(x / 120), Math.floor((x % 120) / 4), Math.floor(y / 4)]
    const ink = u < 28 && v < 28 ? pixels[784 * digit + 28 * v + u] : 0
    data.fill(255 - ink, 4 * i, 4 * i + 3)
  }
  const picture = new PNG({ width, height })
  picture.data = data
  writeFileSync(join(cwd, 'three.png'), PNG.sync.write(picture))
})

test('--many predicts each digit of a picture', async () => {
  const { code, stdout } = await predict('three.png', '--many', '--json')
  const lines = stdout.trimEnd().split('\n').map((line) => JSON.parse(line) as { file: string; place: number }) // prettier-ignore
  expect(code).toBe(0)
  expect(lines.map(({ file, place }) => [file, place])).toEqual([0, 1, 2].map((place) => ['three.png', place]))
})

test('--many shows a number for each picture, also if one is named twice', async () => {
  const { stdout } = await predict('three.png', 'three.png', '--many')
  const { stdout: digits } = await predict('three.png', '--many', '--plain')
  const number = digits.replaceAll('\n', '')
  const line = new RegExp(`^three\\.png {5}${number}  (?:0\\.\\d{3} ?){3}$`)
  const [title, first, second] = stdout.trimEnd().split('\n')
  expect(title).toBe('file       number  probabilities')
  expect(first).toMatch(line)
  expect(second).toBe(first)
})

test('a picture of several digits is reported without --many', async () => {
  const { stderr } = await predict('three.png')
  expect(stderr).toContain('to read them all: --many')
})

test('--steps shows the steps before the prediction', async () => {
  const { code, stdout } = await predict('three.png', '--steps', '--no-picture')
  expect(code).toBe(0)
  expect(stdout).toMatch(/^three\.png\n1 luminance[^]*28×28[^]*prediction \d/)
})

test.each(['--many', '--steps'])('%s needs a picture', async (option) => {
  const { code, stderr } = await predict('--index', '0', option)
  expect({ code, stderr }).toEqual({ code: 64, stderr: expect.stringContaining(`${option}: name a picture`) })
})
