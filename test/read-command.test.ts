/** Reading as the commands do it: standard input, pairs, digits without labels, notices. Needs `npm run build`. */
import { spawn } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { generate } from '../src/digits/generate.ts'
import { load } from '../src/weights.ts'
import { bin, ended, newFolder, run } from './command.ts'
import { csvOf, DIALECTS, HEADER, textOf } from './csv.ts'

const cwd = newFolder()
afterAll(() => rmSync(cwd, { recursive: true }))
const digits = generate(40, 9)
const train = (...args: string[]) => run('mnist-train', ['--iters', '3', '--dev', '5', ...args], { cwd })
const predict = (...args: string[]) => run('mnist-predict', ['--json', ...args], { cwd })

/** A command with these bytes on its standard input. */
function piped(name: string, args: string[], input: string | Buffer) {
  const child = spawn(process.execPath, [bin(name), ...args], { cwd, env: { PATH: process.env.PATH } })
  child.stdin.on('error', () => {}) // it may have read enough
  child.stdin.end(input)
  return ended(child)
}

beforeAll(async () => {
  const [pixels, labels] = DIALECTS[13].files(digits).map(textOf)
  writeFileSync(join(cwd, 'digits.csv'), `${HEADER}\n${csvOf(digits)}`)
  writeFileSync(join(cwd, 'pixels.csv'), pixels)
  writeFileSync(join(cwd, 'labels.csv'), labels)
  await train('--data', 'digits.csv')
})

test('a notice names what was read', async () => {
  const one = await train('--data', 'digits.csv', '--test', 'labels.csv', 'pixels.csv', '--out', 'notice.json')
  expect(one.stderr).toContain("digits.csv: 40 digits, Kaggle's label-first CSV\n")
  expect(one.stderr).toContain("labels.csv and pixels.csv: 40 digits, OpenML's pair of CSVs\n")
  const quiet = await train('--data', 'digits.csv', '--quiet', '--out', 'notice.json')
  expect(quiet.stderr).toBe('')
})

test('digits from standard input, packed or not, are those of the file', async () => {
  const text = `${HEADER}\n${csvOf(digits)}`
  const { data } = (await load(join(cwd, 'weights.json'))).training
  for (const input of [text, gzipSync(text)]) {
    const args = ['--iters', '3', '--dev', '5', '--data', '-', '--out', 'piped.json']
    const { code, stderr } = await piped('mnist-train', args, input)
    expect([code, stderr]).toEqual([0, expect.stringContaining("standard input: 40 digits, Kaggle's label-first CSV")])
    expect((await load(join(cwd, 'piped.json'))).training.data.sha256).toBe(data.sha256)
  }
})

test('row 3 of a long standard input is answered before it ends', async () => {
  const child = spawn(process.execPath, [bin('mnist-predict'), '--json', '--index', '3', '--data', '-'], { cwd })
  child.stdin.on('error', () => {})
  child.stdin.write(`${HEADER}\n${csvOf(digits).repeat(30)}`) // 2 MB, and left open
  const { code, stdout } = await ended(child)
  expect([code, JSON.parse(stdout).label]).toEqual([0, digits.labels[3]])
})

test('an error on standard input has its place', async () => {
  const { code, stderr } = await piped('mnist-predict', ['--index', '0', '--data', '-'], '1,2\n')
  const sentence = 'standard input:1: this line has 2 columns where 785 are expected, a label and 784 pixels'
  expect([code, stderr]).toEqual([65, `mnist-predict: ${sentence}\n`])
  expect(await predict('--index', '0', '--data', '-', '-')).toMatchObject({
    code: 64,
    stderr: 'mnist-predict: standard input is named twice: it can be read once\n',
  })
})

test('a pair is one set of digits', async () => {
  for (const pair of [['pixels.csv', 'labels.csv'], ['labels.csv', 'pixels.csv']]) {
    const { stdout } = await predict('--index', '7', '--data', ...pair)
    expect(JSON.parse(stdout)).toMatchObject({ index: 7, label: digits.labels[7], data: pair.join(', ') })
  }
  const beyond = await predict('--index', '40', '--data', 'pixels.csv')
  expect([beyond.code, beyond.stderr]).toEqual([64, 'mnist-predict: --index 40: pixels.csv has 40 digits, 0 to 39\n'])
}) // prettier-ignore

test('digits without labels are predicted without a label, and not trained on', async () => {
  const { code, stdout, stderr } = await predict('--index', '7', '--data', 'pixels.csv')
  expect([code, stderr]).toEqual([0, ''])
  expect(Object.keys(JSON.parse(stdout))).toEqual(['schema', 'index', 'data', 'prediction', 'probabilities'])
  const text = await run('mnist-predict', ['--index', '7', '--data', 'pixels.csv', '--no-picture'], { cwd })
  expect(text.stdout).toMatch(/^prediction \d\n0 {2}0\./)

  for (const flag of ['--data', '--test']) {
    const refused = await train('--data', 'digits.csv', flag, 'pixels.csv', '--quiet', '--out', 'none.json')
    const both = flag === '--data' ? 'there are no labels here and some before' : 'pixels.csv has no labels'
    expect([refused.code, refused.stderr]).toEqual([65, expect.stringContaining(both)])
  }
  const mixed = await predict('--index', '10000', '--data', 'generated', 'pixels.csv')
  expect(mixed).toMatchObject({ code: 65, stderr: expect.stringContaining('all digits need them or none') })
})

test('on a terminal an error takes the place of the progress bar', async () => {
  const quoted = csvOf(digits).replace(/^\d/, '"$&"') // csv-parse takes all of it, and time enough for a bar to stand
  writeFileSync(join(cwd, 'bad.csv'), `${HEADER}\n${quoted}${csvOf(digits).repeat(60)}no digits\n`)
  const NODE_OPTIONS = '--import=data:text/javascript,process.stderr.isTTY=true'
  const { code, stderr } = await run('mnist-train', ['--data', 'bad.csv'], { cwd, env: { NODE_OPTIONS } })
  expect(code).toBe(65)
  expect(stderr).toContain('reading █')
  expect(stderr).toContain('\r\u001b[Kmnist-train: bad.csv:2442: ')
})
