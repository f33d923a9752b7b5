/** Pictures as rows of data, and digits as pictures. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import jpeg from 'jpeg-js'
import { PNG } from 'pngjs'
import { expect, test } from 'vitest'
import { pixelsOf, select } from '../../../src/digits.ts'
import { generate } from '../../../src/digits/generate.ts'
import { readDigits } from '../../../src/digits/read.ts'
import { encodePng } from '../../../src/picture-file/encode-png.ts'
import { mnistRule } from '../../../src/picture/mnist-rule.ts'
import { csvOf } from '../../support/csv.ts'
import { bytesOf } from '../../support/digits.ts'
import { newFolder } from '../../support/folder.ts'
import { bin, PATH } from '../../support/command.ts'
import { mnistDataInProcess } from '../../support/small-mnist.ts'

const root = newFolder()
const digits = generate(5, 4)
for (let i = 0; i < 5; i++) {
  // As MNIST's own, so that pictures of them come back as they are.
  const plane = { width: 28, height: 28, values: Float32Array.from(pixelsIn(i), (pixel) => pixel / 255) }
  pixelsIn(i).set(mnistRule(plane))
}

function pixelsIn(row: number): Uint8Array {
  return pixelsOf(digits, row)
}

/** A folder with these files. */
function folderWith(name: string, files: Record<string, string | Buffer>): string {
  const cwd = join(root, name)
  mkdirSync(cwd)
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(cwd, path)), { recursive: true })
    writeFileSync(join(cwd, path), content)
  }
  return cwd
}

const png = (row: number) => encodePng(pixelsIn(row), 1)
const CSV = csvOf(digits)

test('convert joins pictures, folders of pictures and rows, in order', async () => {
  const cwd = folderWith('joined', { 'me/10.png': png(2), 'me/9.png': png(1), 'me/notes.txt': '', '0.png': png(0), 'rest.csv': CSV }) // prettier-ignore
  const args = ['convert', '0.png', 'me', 'rest.csv', 'all.csv', '--label', '7']
  const { code, stderr } = await mnistDataInProcess(args, cwd)
  expect({ code, stderr }).toEqual({
    code: 0,
    stderr: expect.stringContaining("3 pictures, prepared as MNIST's digits were"),
  })
  const all = await readDigits([join(cwd, 'all.csv')])
  expect(bytesOf(all)).toEqual(bytesOf(select(digits, Uint32Array.of(0, 1, 2, 0, 1, 2, 3, 4))))
  expect([...all.labels]).toEqual([7, 7, 7, ...digits.labels])
})

test('convert writes unlabelled pictures without labels', async () => {
  const cwd = folderWith('unlabelled', { 'a.png': png(0) })
  await mnistDataInProcess(['convert', 'a.png', 'a.csv'], cwd)
  expect(readFileSync(join(cwd, 'a.csv'), 'utf8')).toMatch(/^pixel0,/)
})

test('convert takes labels from names: the folder before the beginning of the name', async () => {
  const cwd = folderWith('named', { 'x/3/1.png': png(0), 'x/5_first.png': png(1), 'x/7.png': png(2) })
  const { code } = await mnistDataInProcess(['convert', 'x', 'x.csv', '--label-from-name'], cwd)
  expect(code).toBe(0)
  const { labels } = await readDigits([join(cwd, 'x.csv')])
  expect([...labels]).toEqual([3, 5, 7])
})

test('convert recognises a picture by its first bytes', async () => {
  const { width, height, data } = PNG.sync.read(encodePng(pixelsIn(0), 3))
  const cwd = folderWith('bytes', { photo: Buffer.from(jpeg.encode({ width, height, data }, 60).data) })
  const { code, stderr } = await mnistDataInProcess(['convert', 'photo', 'out.csv'], cwd)
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining('1 picture, ') })
})

test('convert names every picture that it cannot use, and writes nothing', async () => {
  const cwd = folderWith('broken', { 'x/1.png': png(0), 'x/2.png': 'text', 'x/3.gif': 'GIF89a', 'x/y.png': png(1) })
  const { code, stdout, stderr } = await mnistDataInProcess(['convert', 'x', 'out.csv', '--label-from-name'], cwd)
  expect({ code, stdout }).toEqual({ code: 65, stdout: '' })
  expect(stderr).toBe(`mnist-data: 3 of 4 pictures cannot be used; nothing is written:
x/2.png: is text, not a picture; pictures are read as PNG, JPEG or BMP
x/3.gif: is a GIF picture; convert it: magick x/3.gif[0] x/3.png
x/y.png: the name does not say which digit it is; call it 7_y.png, or put it into a folder 7
`)
  expect(existsSync(join(cwd, 'out.csv'))).toBe(false)
})

test.each([
  ['pictures without labels beside rows with labels', ['convert', 'a.png', 'rest.csv', 'o.csv'], 65, 'a.png: no labels, but the other inputs have some; label the pictures with --label or --label-from-name'],
  ['two sources of labels', ['convert', 'a.png', 'o.csv', '--label', '3', '--label-from-name'], 64, "option '--label <n>' cannot be used with option '--label-from-name'"],
  ['a label for pictures that are not there', ['convert', 'rest.csv', 'o.csv', '--label', '3'], 64, '--label: labels pictures, but there are none among the inputs'],
  ['a folder without pictures', ['convert', 'none', 'o.csv'], 66, 'none: the folder has no pictures'],
  ['a missing picture', ['convert', 'no.png', 'o.csv'], 66, 'no.png: no such file'],
  ['an output that is an input in a folder', ['convert', 'some', 'some/b.PNG', '--force'], 64, 'digits are not written as .PNG'],
])('convert refuses %s', async (name, args, code, message) => {
  const cwd = folderWith(name, { 'a.png': png(0), 'rest.csv': CSV, 'none/x.txt': '', 'some/b.PNG': png(1) })
  const ended = await mnistDataInProcess(args, cwd)
  expect(ended.stderr).toContain(message)
  expect(ended.code).toBe(code)
  expect(existsSync(join(cwd, 'o.csv'))).toBe(false)
}) // prettier-ignore

test('picture writes a digit that convert reads back as it was', async () => {
  const cwd = folderWith('back', { 'rest.csv': CSV })
  const { code, stdout } = await mnistDataInProcess(['picture', 'rest.csv', '--index', '3', 'three.png'], cwd)
  expect({ code, stdout }).toEqual({ code: 0, stdout: `three.png  28×28 pixels  row 3  label ${digits.labels[3]}\n` })
  await mnistDataInProcess(['convert', 'three.png', 'three.csv'], cwd)
  expect(bytesOf(await readDigits([join(cwd, 'three.csv')]))).toEqual(new Uint8Array(pixelsIn(3)))
})

test('picture writes the PNG alone to /dev/stdout', () => {
  const cwd = folderWith('stdout', { 'rest.csv': CSV })
  const command = `'${process.execPath}' '${bin('mnist-data')}' picture rest.csv --index 3 /dev/stdout | cat`
  expect(execFileSync('bash', ['-c', command], { cwd, env: { PATH } })).toEqual(png(3))
})

test('picture enlarges, and reports it as JSON', async () => {
  const cwd = folderWith('large', { 'rest.csv': CSV })
  const { stdout } = await mnistDataInProcess(
    ['picture', 'rest.csv', '-n', '1', 'one.png', '--scale', '10', '--json'],
    cwd,
  )
  const expected = {
    schema: 'mnist-data-picture/1',
    file: 'one.png',
    index: 1,
    label: digits.labels[1],
    width: 280,
    height: 280,
  }
  expect(JSON.parse(stdout)).toEqual(expected)
  const { width, data } = PNG.sync.read(readFileSync(join(cwd, 'one.png')))
  expect(width).toBe(280)
  for (const [x, y] of [[0, 0], [140, 145], [275, 9]]) expect(data[4 * (280 * y + x)]).toBe(pixelsIn(1)[28 * Math.floor(y / 10) + Math.floor(x / 10)]) // prettier-ignore
})

test.each([
  ['no output', ['picture', 'rest.csv', '-n', '1'], 64, 'rest.csv: only one file given; name the digits, then the picture'],
  ['an output of another format', ['picture', 'rest.csv', 'a.jpg', '-n', '1'], 64, 'a.jpg: pictures are written as PNG; use a name that ends in .png'],
  ['an existing output', ['picture', 'rest.csv', 'a.png', '-n', '1'], 73, 'cannot write a.png: it exists; name a new file, or replace it with --force'],
  ['a row that is not there', ['picture', 'rest.csv', 'b.png', '-n', '5'], 64, '--index 5: rest.csv has 5 digits, rows 0 to 4'],
  ['no row', ['picture', 'rest.csv', 'b.png'], 64, "required option '-n, --index <n>' not specified"],
])('picture refuses %s', async (name, args, code, message) => {
  const cwd = folderWith(name, { 'a.png': png(0), 'rest.csv': CSV })
  const ended = await mnistDataInProcess(args, cwd)
  expect(ended.stderr).toContain(message)
  expect(ended.code).toBe(code)
  expect(existsSync(join(cwd, 'b.png'))).toBe(false)
}) // prettier-ignore
