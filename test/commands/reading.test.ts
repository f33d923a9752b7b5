/** Reading digits: standard input, pairs, unlabelled digits, notices. Needs `npm run build`. */
import { spawn } from 'node:child_process'
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { beforeAll, expect, test, vi } from 'vitest'
import { generate } from '../../src/digits/generate.ts'
import { fingerprint } from '../../src/digits/fingerprint.ts'
import { invert, transpose } from '../../src/digits/suspicions.ts'
import { load } from '../../src/weights.ts'
import { bin, ended, PATH, run } from '../support/command.ts'
import { newFolder } from '../support/folder.ts'
import { runInProcess } from '../support/in-process.ts'
import { csvOf, DIALECTS, HEADER, textOf } from '../support/csv.ts'
import { withStandardInput } from '../support/standard-input.ts'
import { asTerminal } from '../support/terminal.ts'

vi.setConfig({ testTimeout: 30_000 }) // some start processes

const cwd = newFolder()
const digits = generate(40, 9)
const TRAIN = ['--iters', '3', '--dev', '5']
const train = (...args: string[]) => runInProcess('mnist-train', [...TRAIN, ...args], { cwd })
const predict = (...args: string[]) => runInProcess('mnist-predict', ['--json', ...args], { cwd })

beforeAll(async () => {
  const [pixels, labels] = DIALECTS[13].files(digits).map(textOf)
  writeFileSync(join(cwd, 'digits.csv'), `${HEADER}\n${csvOf(digits)}`)
  writeFileSync(join(cwd, 'pixels.csv'), pixels)
  writeFileSync(join(cwd, 'labels.csv'), labels)
  await train('--data', 'digits.csv')
})

test('mnist-train prints a notice for each source, unless --quiet', async () => {
  const one = await train('--data', 'digits.csv', '--test', 'labels.csv', 'pixels.csv', '--out', 'notice.json')
  expect(one.stderr).toContain("digits.csv: 40 digits, Kaggle's label-first CSV\n")
  expect(one.stderr).toContain("labels.csv and pixels.csv: 40 digits, OpenML's pair of CSVs\n")
  const quiet = await train('--data', 'digits.csv', '--quiet', '--out', 'notice.json')
  expect(quiet.stderr).toBe('')
})

test('standard input, gzipped or not, gives the same digits as the file', async () => {
  const text = `${HEADER}\n${csvOf(digits)}`
  const { data } = (await load(join(cwd, 'weights.json'))).training
  const args = ['--data', '-', '--out', 'piped.json']
  const gzipped = spawn(process.execPath, [bin('mnist-train'), ...TRAIN, ...args], { cwd, env: { PATH } })
  gzipped.stdin.on('error', () => {}) // it may stop reading early
  gzipped.stdin.end(gzipSync(text))
  for (const end of [() => ended(gzipped), () => withStandardInput(text, () => train(...args))]) {
    const { code, stderr } = await end()
    expect([code, stderr]).toEqual([0, expect.stringContaining("standard input: 40 digits, Kaggle's label-first CSV")])
    expect((await load(join(cwd, 'piped.json'))).training.data.sha256).toBe(data.sha256)
    rmSync(join(cwd, 'piped.json'))
  }
})

test('mnist-predict answers for row 3 before a long standard input ends', async () => {
  const child = spawn(process.execPath, [bin('mnist-predict'), '--json', '--index', '3', '--data', '-'], { cwd })
  child.stdin.on('error', () => {})
  child.stdin.write(`${HEADER}\n${csvOf(digits).repeat(30)}`) // 2 MB; left open
  const { code, stdout } = await ended(child)
  expect([code, JSON.parse(stdout).label]).toEqual([0, digits.labels[3]])
})

test('csv-parse is loaded only for CSVs that are not plain', async () => {
  const quoted = `${HEADER}\n${csvOf(digits).replace(/^\d/, '"$&"')}`
  writeFileSync(join(cwd, 'quoted.csv'), quoted)
  for (const [data, row, isLoaded] of [[['digits.csv', 'pixels.csv', 'labels.csv', 'generated'], 80, false], [['quoted.csv'], 3, true]] as const) {
    const coverage = join(cwd, `coverage of ${data[0]}`) // V8 lists the scripts that were loaded
    const args = ['--index', String(row), '--data', ...data, '--json']
    const { code, stdout } = await run('mnist-predict', args, { cwd, env: { NODE_V8_COVERAGE: coverage } })
    expect([code, JSON.parse(stdout)]).toMatchObject([0, { index: row }])
    const [report] = readdirSync(coverage).map((name) => readFileSync(join(coverage, name), 'utf8'))
    const { result } = JSON.parse(report) as { result: { url: string }[] }
    const scripts = result.filter(({ url }) => url.includes('/dist/bin/')).map(({ url }) => readFileSync(fileURLToPath(url), 'utf8'))
    expect(scripts.some((script) => script.includes('CSV_QUOTE_NOT_CLOSED')), data.join()).toBe(isLoaded) // its own error
  }
}) // prettier-ignore

test('errors in standard input name the line', async () => {
  const { code, stderr } = await withStandardInput('1,2\n', () => predict('--index', '0', '--data', '-'))
  const message = 'standard input:1: 2 columns, expected 785 (a label and 784 pixels)'
  expect([code, stderr]).toEqual([65, `mnist-predict: ${message}\n`])
  expect(await predict('--index', '0', '--data', '-', '-')).toMatchObject({
    code: 64,
    stderr: 'mnist-predict: "-" is given twice; standard input can be read only once\n',
  })
})

test('a file of pixels and one of labels are one set of digits', async () => {
  for (const pair of [['pixels.csv', 'labels.csv'], ['labels.csv', 'pixels.csv']]) {
    const { stdout } = await predict('--index', '7', '--data', ...pair)
    expect(JSON.parse(stdout)).toMatchObject({ index: 7, label: digits.labels[7], data: pair.join(', ') })
  }
  const beyond = await predict('--index', '40', '--data', 'pixels.csv')
  expect([beyond.code, beyond.stderr]).toEqual([64, 'mnist-predict: --index 40: pixels.csv has 40 digits, rows 0 to 39\n'])
}) // prettier-ignore

test('unlabelled digits can be predicted, but not trained on or mixed with labelled ones', async () => {
  const { code, stdout, stderr } = await predict('--index', '7', '--data', 'pixels.csv')
  expect([code, stderr]).toEqual([0, ''])
  expect(Object.keys(JSON.parse(stdout))).toEqual(['schema', 'index', 'data', 'prediction', 'probabilities'])
  const text = await runInProcess('mnist-predict', ['--index', '7', '--data', 'pixels.csv', '--no-picture'], { cwd })
  expect(text.stdout).toMatch(/^prediction \d\n0 {2}0\./)

  for (const flag of ['--data', '--test']) {
    const refused = await train('--data', 'digits.csv', flag, 'pixels.csv', '--quiet', '--out', 'none.json')
    const both =
      flag === '--data'
        ? 'pixels.csv: no labels, unlike the digits before it; use'
        : 'pixels.csv: no labels; add the file that holds them'
    expect([refused.code, refused.stderr]).toEqual([65, expect.stringContaining(both)])
  }
  const mixed = await predict('--index', '40', '--data', 'pixels.csv', 'generated')
  expect(mixed).toMatchObject({
    code: 65,
    stderr: expect.stringContaining('the generated digits have labels, the others have none; use one kind'),
  })
})

test('on a terminal, an error replaces the progress bar', async () => {
  writeFileSync(join(cwd, 'bad.csv'), `${HEADER}\n${csvOf(digits).repeat(11)}no digits\n`)
  let time = 0
  vi.spyOn(performance, 'now').mockImplementation(() => (time += 1000)) // slow enough for a bar to be drawn
  const restore = asTerminal('stderr', 80)
  const { code, stderr } = await train('--data', 'bad.csv').finally(() => {
    restore()
    vi.restoreAllMocks()
  })
  expect(code).toBe(65)
  expect(stderr).toContain('reading █')
  expect(stderr).toContain('\r\u001b[Kmnist-train: bad.csv:442: ')
})

test.each([
  ['transposed', '--transpose', transpose],
  ['inverted', '--invert', invert],
] as const)('%s digits get a notice, and %s corrects them', async (name, option, change) => {
  const many = generate(200, 21)
  writeFileSync(join(cwd, 'upright.csv'), csvOf(many))
  const changed = generate(200, 21)
  change(changed)
  writeFileSync(join(cwd, `${name}.csv`), csvOf(changed))
  const args = [
    '--data',
    `${name}.csv`,
    '--dev',
    '10',
    '--iters',
    '1',
    '--test',
    'upright.csv',
    '--out',
    'changed.json',
  ]
  const noticed = await runInProcess('mnist-train', args, { cwd })
  expect([noticed.code, noticed.stderr]).toEqual([
    0,
    expect.stringContaining(`\n${name}.csv: the digits look ${name}, `),
  ])
  expect(noticed.stderr).toContain(`; ${option} corrects them\n`)
  const { code, stderr } = await runInProcess('mnist-train', [...args, option], { cwd })
  expect([code, stderr]).toEqual([0, expect.not.stringContaining('look')])
  const { data, test } = (await load(join(cwd, 'changed.json'))).training
  expect([data.sha256, test?.sha256]).toEqual([fingerprint(many), fingerprint(many)])
  const evaluate = ['--weights', 'changed.json', '--data', `${name}.csv`, '--json']
  const unlike = await runInProcess('mnist-evaluate', evaluate, { cwd })
  expect(unlike.stderr).toMatch(`${name}.csv: the digits look ${name}, `)
  const evaluated = await runInProcess('mnist-evaluate', [...evaluate, option], { cwd })
  expect(evaluated.stderr).toBe('')
  expect(JSON.parse(evaluated.stdout)).toMatchObject({ data: { sha256: fingerprint(many) }, trainedOn: true })
  const converted = await runInProcess('mnist-data', ['convert', `${name}.csv`, 'out.csv', option, '--force'], { cwd })
  expect(converted.stdout).toContain(fingerprint(many))
})
