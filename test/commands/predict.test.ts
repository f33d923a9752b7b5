import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { pixelsOf, select, toMatrix } from '../../src/digits.ts'
import { generate } from '../../src/digits/generate.ts'
import { forwardProp, predictions } from '../../src/network.ts'
import { load } from '../../src/weights.ts'
import { ended, start } from '../support/command.ts'
import { newFolder } from '../support/folder.ts'
import { runInProcess as run } from '../support/in-process.ts'
import { csvOf, HEADER } from '../support/csv.ts'

const cwd = newFolder()
const predict = (...args: string[]) => run('mnist-predict', args, { cwd })

const digits = generate(40, 6)
beforeAll(async () => {
  writeFileSync(join(cwd, 'digits.csv'), `${HEADER}\n${csvOf(digits)}`)
  await run('mnist-train', ['--data', 'digits.csv', '--dev', '0', '--iters', '30'], { cwd })
})

describe('mnist-predict', () => {
  test('prints the prediction, the label, ten probabilities and the picture', async () => {
    const { code, stdout, stderr } = await predict('--index', '3', '--data', 'digits.csv')
    const { params } = await load(join(cwd, 'weights.json'))
    const { A2 } = forwardProp(params, toMatrix(select(digits, Uint32Array.of(3))))
    expect([code, stderr]).toEqual([0, ''])
    const lines = stdout.split('\n')
    expect(lines.slice(0, 2)).toEqual([`prediction ${predictions(A2)[0]}`, `label ${digits.labels[3]}`])
    expect(lines.slice(2, 12).map((line) => line.slice(0, 11))).toEqual(
      Array.from(A2.data, (probability, i) => `${i}  ${probability.toFixed(6)}`),
    )
    const inked = (y: number, x: number) => lines[12 + y].slice(2 * x, 2 * x + 2).trim() !== ''
    for (let y = 0; y < 28; y++) {
      for (let x = 0; x < 28; x++) {
        const pixel = pixelsOf(digits, 3)[y * 28 + x]
        if (pixel > 28 || pixel === 0) expect(inked(y, x), `pixel ${y}, ${x}`).toBe(pixel > 28)
      }
    }
    expect(stdout).not.toContain('\u001b')
  })

  test('draws in colour if FORCE_COLOR is set, but not if NO_COLOR or --no-color is', async () => {
    const args = ['--index', '3', '--data', 'digits.csv']
    const coloured = (env: Record<string, string>, ...more: string[]) =>
      run('mnist-predict', [...args, ...more], { cwd, env }).then(({ stdout }) => stdout.includes('\u001b[38;5;'))
    expect(await coloured({ FORCE_COLOR: '1' })).toBe(true)
    expect(await coloured({ FORCE_COLOR: '1', NO_COLOR: '1' })).toBe(false)
    expect(await coloured({ FORCE_COLOR: '1' }, '--no-color')).toBe(false)
  })

  test('with --json prints one line of JSON', async () => {
    const { stdout } = await predict('--index', '7', '--data', 'digits.csv', '--json')
    const { params } = await load(join(cwd, 'weights.json'))
    const { A2 } = forwardProp(params, toMatrix(select(digits, Uint32Array.of(7))))
    expect(stdout.split('\n')).toHaveLength(2)
    expect(JSON.parse(stdout)).toEqual({
      schema: 'mnist-predict/1',
      index: 7,
      data: 'digits.csv',
      prediction: predictions(A2)[0],
      label: digits.labels[7],
      probabilities: [...A2.data],
    })
  })

  test('counts rows across files', async () => {
    const { stdout } = await predict('--index', '43', '--data', 'digits.csv', 'digits.csv', '--json')
    const { stdout: same } = await predict('--index', '3', '--data', 'digits.csv', '--json')
    expect(JSON.parse(stdout).probabilities).toEqual(JSON.parse(same).probabilities)
  })

  test('reads no further than the row', async () => {
    writeFileSync(join(cwd, 'broken.csv'), `${csvOf(digits)}not a digit\n`)
    expect(await predict('--index', '39', '--data', 'broken.csv', '--no-picture')).toMatchObject({ code: 0 })
    expect(await predict('--index', '40', '--data', 'broken.csv')).toMatchObject({ code: 65 })
  })

  test('asks for --data where the weights were trained on another file than the default', async () => {
    const { code, stdout, stderr } = await predict('--index', '3')
    expect([code, stdout]).toEqual([64, ''])
    expect(stderr).toBe(
      'mnist-predict: weights.json was trained on digits.csv, but the default data is generated: name the data with --data\n',
    )
    const env = { MNIST_DATA: join(cwd, 'digits.csv') }
    expect(await run('mnist-predict', ['--index', '3'], { cwd, env })).toMatchObject({ code: 0 })
  })

  test.each([
    [[], 64, 'say which digit: --index 3 is row 3'],
    [['--index', '40', '--data', 'digits.csv'], 64, '--index 40: digits.csv has 40 digits, rows 0 to 39'],
    [['--index', '-1'], 64, '--index "-1": not an integer from 0 to 1000000000'],
    [['--index', '3', '--weights', 'none.json'], 66, 'none.json: no such file'],
    [['--index', '3', '--weights', 'digits.csv'], 65, 'digits.csv: not a weights file: not JSON'],
  ])('refuses %j', async (args, code, sentence) => {
    expect(await predict(...args)).toEqual({ code, stdout: '', stderr: `mnist-predict: ${sentence}\n` })
  })

  test('ends quietly if nobody reads its output', async () => {
    const child = start('mnist-predict', ['--index', '3', '--data', 'digits.csv'], { cwd })
    await once(child, 'spawn')
    child.stdout!.destroy()
    expect(await ended(child)).toMatchObject({ code: 0, stderr: '' })
  })
})

describe.each(['mnist-train', 'mnist-predict'])('%s', (name) => {
  test('--help prints examples first, and the defaults, on stdout', async () => {
    const { code, stdout, stderr } = await run(name, ['--help'], { cwd })
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(/^Examples:\n/)
    expect(stdout).toMatch(/default: "?weights\.json/)
  })

  test('--version prints only the version', async () => {
    expect(await run(name, ['--version'], { cwd })).toEqual({ code: 0, stdout: '0.1.0\n', stderr: '' })
  })
})
