import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { generate } from '../../../src/digits/generate.ts'
import { load, save } from '../../../src/weights.ts'
import { csvOf } from '../../support/csv.ts'
import { newFolder } from '../../support/folder.ts'
import { runInProcess } from '../../support/in-process.ts'
import { asTerminal } from '../../support/terminal.ts'

const cwd = newFolder()
const explain = (...args: string[]) => runInProcess('mnist-predict', ['--data', 'digits.csv', ...args], { cwd })

interface Line {
  digit: number
  against: number
  difference: number
  pixels: number[]
  constant: number
  units: { unit: number; share: number }[]
  bias: number
}

beforeAll(async () => {
  writeFileSync(join(cwd, 'digits.csv'), csvOf(generate(40, 6)))
  await runInProcess('mnist-train', ['--data', 'digits.csv', '--dev', '0', '--iters', '30'], { cwd })
})

describe('mnist-predict --explain', () => {
  test('as JSON adds up to the logarithm of how many times as probable the digit is', async () => {
    const predicted = await explain('--index', '3', '--json')
    const { prediction, probabilities } = JSON.parse(predicted.stdout) as {
      prediction: number
      probabilities: number[]
    }
    const { code, stdout } = await explain('--index', '3', '--json', '--explain')
    const { digit, against, difference, pixels, constant, units, bias } = JSON.parse(stdout) as Line
    expect(JSON.parse(stdout)).toMatchObject({ schema: 'mnist-explain/1', index: 3, data: 'digits.csv' })
    expect([code, digit, pixels.length]).toEqual([0, prediction, 784])
    expect(probabilities[against]).toBe(Math.max(...probabilities.filter((_, i) => i !== digit)))
    const logRatio = Math.log(probabilities[digit] / probabilities[against])
    const sum = (numbers: number[]) => numbers.reduce((total, number) => total + number, 0)
    for (const found of [difference, sum(pixels) + constant, sum(units.map(({ share }) => share)) + bias]) {
      expect(Math.abs(found - logRatio)).toBeLessThan(1e-12)
    }
  })

  test('prints the prediction, the pixels, the units, and numbers that add up', async () => {
    const { stdout, stderr } = await explain('--index', '3', '--against', '9')
    expect(stderr).toBe('')
    const [digit] = /(?<=^prediction )\d/.exec(stdout)!
    expect(stdout).toContain(`Why ${digit} rather than 9? Z2[${digit}] - Z2[9] = `)
    expect(stdout).toContain('Counted from blank paper')
    const value = (name: string) => {
      const found = [...stdout.matchAll(new RegExp(`^(?:# \\+|= -|   )  ${name} +([+-][\\d.]+)$`, 'gm'))]
      return found.map(([, number]) => Number(number))
    }
    const [difference, same] = value('difference')
    const pixels = [...value(`ink for ${digit}`), ...value('ink for 9'), ...value('constant')]
    const units = [...value('unit \\d+'), ...value('\\d+ others?'), ...value('b2')]
    expect([same, pixels.length]).toEqual([difference, 3])
    for (const parts of [pixels, units]) {
      expect(parts.reduce((sum, part) => sum + part)).toBeCloseTo(difference, 5)
    }
    expect(stdout).toMatch(/^ +(##|\+\+|==|--)/m)
    expect((await explain('--index', '3', '--against', '9', '--no-picture')).stdout).not.toMatch(/##|==/)
  })

  test('says how many times as probable the digit is, unless that is astronomical', async () => {
    const { stdout } = await explain('--index', '3', '--json')
    const [second, first] = (JSON.parse(stdout) as { probabilities: number[] }).probabilities.toSorted((a, b) => a - b).slice(-2) // prettier-ignore
    const probable = async (...more: string[]) =>
      (await explain('--index', '3', '--explain', ...more)).stdout.replaceAll('\n', ' ')
    expect(await probable()).toContain(` ${(first / second).toPrecision(3)} times as probable.`)
    const weights = await load(join(cwd, 'weights.json'))
    weights.params.W2.data.forEach((x, i, all) => (all[i] = 1000 * x))
    await save(join(cwd, 'sure.json'), weights)
    expect(await probable('--weights', 'sure.json')).toContain(' over a million times as probable.')
  })

  test('in colour shows the same signs', async () => {
    const plain = await explain('--index', '3', '--explain')
    const coloured = await runInProcess('mnist-predict', ['--data', 'digits.csv', '--index', '3', '--explain'], {
      cwd,
      env: { FORCE_COLOR: '1' },
    })
    expect(coloured.stdout).toContain('\u001b[38;5;208m')
    // oxlint-disable-next-line no-control-regex -- colours
    expect(coloured.stdout.replaceAll(/\u001b\[[\d;]*m/g, '')).toBe(plain.stdout)
  })

  test('draws 14 lines of 28 on a narrow terminal', async () => {
    const restore = asTerminal('stdout', 40)
    const { stdout } = await explain('--index', '3', '--explain', '--no-color').finally(restore)
    const drawn = stdout.split('\n').filter((line) => /^ +[#+=.-]+$/.test(line))
    expect(drawn.length).toBeGreaterThan(5)
    expect(drawn.length).toBeLessThanOrEqual(14)
  })

  test.each([
    [['--index', '0-3', '--explain'], '--explain shows one digit, not 4; name one, such as --index 3'],
    [['--all', '--explain'], "option '--explain' cannot be used with option '--all'"],
    [['--index', '3', '--against', '10'], '--against "10": not an integer from 0 to 9'],
  ])('refuses %j', async (args, sentence) => {
    expect(await explain(...args)).toEqual({ code: 64, stdout: '', stderr: `mnist-predict: ${sentence}\n` })
  })

  test('refuses to compare the prediction with itself, and networks without ReLU', async () => {
    const { stdout } = await explain('--index', '3', '--plain')
    const digit = stdout.trim()
    expect((await explain('--index', '3', '--against', digit)).stderr).toBe(
      `mnist-predict: --against ${digit}: that is the prediction; name another digit, or omit --against\n`,
    )
    await save(join(cwd, 'custom.json'), { ...(await load(join(cwd, 'weights.json'))), activation: 'custom' })
    const custom = await explain('--index', '3', '--explain', '--weights', 'custom.json')
    const refusal = 'mnist-predict: --explain needs ReLU, unlike the network of custom.json\n'
    expect([custom.code, custom.stderr.split('\n').slice(-2).join('\n')]).toEqual([64, refusal])
  })
})
