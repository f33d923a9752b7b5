import { copyFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { generate } from '../../../src/digits/generate.ts'
import { load, save } from '../../../src/weights.ts'
import { cellsOf, csvOf, PIXEL_NAMES, textOf } from '../../support/csv.ts'
import { newFolder } from '../../support/folder.ts'
import { runInProcess } from '../../support/in-process.ts'
import { asTerminal } from '../../support/terminal.ts'

const cwd = newFolder()
const at = (name: string) => join(cwd, name)
const digits = generate(200, 6)
const predict = (...args: string[]) => runInProcess('mnist-predict', ['--data', 'digits.csv', ...args], { cwd })
const train = (...args: string[]) =>
  runInProcess('mnist-train', ['--data', 'digits.csv', '--dev', '50', ...args], { cwd })

interface Line {
  schema: string
  iteration: number
  index: number
  label?: number
  prediction: number
  probabilities: number[]
}

beforeAll(async () => {
  writeFileSync(at('digits.csv'), csvOf(digits))
  writeFileSync(at('test.csv'), textOf([PIXEL_NAMES, ...cellsOf(digits).map(([, ...pixels]) => pixels)]))
  await train('--iters', '110', '--snapshots', '20')
})

const linesOf = async (row: number) => {
  const { stdout } = await predict('--index', String(row), '--over-time', '--json')
  return stdout.trim().split('\n').map((line) => JSON.parse(line) as Line) // prettier-ignore
}

test('mnist-predict writes ASCII if the locale is ASCII', async () => {
  const args = ['--data', 'digits.csv', '--index', '3']
  for (const more of [[], ['--explain'], ['--over-time']]) {
    const { code, stdout } = await runInProcess('mnist-predict', [...args, ...more], { cwd, env: { LC_ALL: 'C' } })
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^[\n -~]*$/)])
    expect(stdout).not.toBe((await runInProcess('mnist-predict', [...args, ...more], { cwd })).stdout)
  }
})

describe('mnist-predict --over-time', () => {
  test('as JSON has a line per snapshot, equal to what networks of that age predict', async () => {
    const lines = await linesOf(3)
    expect(lines.map(({ iteration }) => iteration)).toEqual([0, 20, 40, 60, 80, 100, 110])
    expect(lines[0]).toMatchObject({ schema: 'mnist-predict/1', index: 3, label: digits.labels[3] })
    for (const { iteration, prediction, probabilities } of lines) {
      await train('--iters', String(iteration), '--out', 'aged.json')
      const { stdout } = await predict('--index', '3', '--json', '--weights', 'aged.json')
      expect(JSON.parse(stdout)).toMatchObject({ prediction, probabilities })
    }
  })

  test('prints the digit, its probability and when it was right', async () => {
    const kinds = new Set<string>()
    for (const row of [0, 1, 3, 11, 22]) {
      const lines = await linesOf(row)
      const label = digits.labels[row]
      const { code, stdout } = await predict('--index', String(row), '--over-time')
      const [first, header, ...shown] = stdout.trimEnd().split('\n')
      const sentence = shown.pop()!
      expect([code, first, header]).toEqual([0, `label ${label}`, 'iteration  digit  probability'])
      const columns = lines.map(({ iteration, prediction, probabilities }) => {
        const right = prediction === label ? [] : ['wrong']
        return [String(iteration), String(prediction), probabilities[prediction].toFixed(6), ...right]
      })
      expect(
        shown.map((line) =>
          line
            .replace(/[█▏▎▍▌▋▊▉]+$/, '')
            .trim()
            .split(/ +/),
        ),
      ).toEqual(columns)

      const right = lines.filter(({ prediction }) => prediction === label).map(({ iteration }) => iteration)
      const all = lines.map(({ iteration }) => iteration)
      const settled = all.find((iteration) => all.filter((i) => i >= iteration).every((i) => right.includes(i)))
      const expected =
        right.length === 0
          ? 'never right'
          : settled === undefined
            ? `first right at iteration ${right[0]}, wrong at the end`
            : settled === right[0]
              ? `right from iteration ${settled} on`
              : `first right at iteration ${right[0]}, for good from ${settled} on`
      expect(sentence).toBe(expected)
      kinds.add(sentence.replaceAll(/\d+/g, 'n'))
    }
    expect(kinds.size).toBe(4)
  })

  test('fits 40 columns, and says when an unlabelled digit settled', async () => {
    const restore = asTerminal('stdout', 40)
    const { stdout } = await predict('--index', '3', '--over-time').finally(restore)
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(40)
    const unlabelled = await runInProcess('mnist-predict', ['--data', 'test.csv', '--index', '3', '--over-time'], {
      cwd,
    })
    expect(unlabelled.stdout).toMatch(/\n\d from iteration \d+ on\n$/)
    expect(unlabelled.stdout).not.toMatch(/label|wrong|right/)
  })

  test('shows the weights that --patience kept among the snapshots', async () => {
    await train(
      '--iters',
      '400',
      '--log-every',
      '10',
      '--patience',
      '2',
      '--alpha',
      '1.5',
      '--snapshots',
      '7',
      '--out',
      'best.json',
    )
    const { stdout } = await predict('--index', '3', '--over-time', '--json', '--weights', 'best.json')
    const iterations = stdout.trim().split('\n').map((line) => (JSON.parse(line) as Line).iteration) // prettier-ignore
    const { kept } = (
      JSON.parse((await runInProcess('mnist-runs', ['best.json', '--json'], { cwd })).stdout) as {
        result: { kept: number }
      }
    ).result
    expect(iterations).toContain(kept)
    expect(iterations).toEqual(iterations.toSorted((a, b) => a - b))
    expect(new Set(iterations).size).toBe(iterations.length)
  })

  test('shows each iteration once, and none after the weights', async () => {
    await train('--iters', '40', '--out', 'short.json')
    copyFileSync(at('weights.json.snapshots'), at('short.json.snapshots'))
    const { stdout } = await predict('--index', '3', '--over-time', '--json', '--weights', 'short.json')
    const lines = stdout.trim().split('\n').map((line) => JSON.parse(line) as Line) // prettier-ignore
    expect(lines.map(({ iteration }) => iteration)).toEqual([0, 20, 40])
  })

  test('refuses weights so large that they give no probabilities', async () => {
    const weights = await load(at('weights.json'))
    for (const part of ['W1', 'W2'] as const) weights.params[part].data.fill(1e308)
    await save(at('huge.json'), weights)
    copyFileSync(at('weights.json.snapshots'), at('huge.json.snapshots'))
    const { code, stderr } = await predict('--index', '3', '--over-time', '--weights', 'huge.json')
    const sentence = "mnist-predict: huge.json: the network's numbers overflow at iteration 110\n"
    expect([code, stderr]).toEqual([65, sentence])
  })

  test('refuses what is missing, broken or of another run', async () => {
    await train('--iters', '3', '--seed', '5', '--out', 'alone.json')
    const over = (weights: string) => predict('--index', '3', '--over-time', '--weights', weights)
    expect(await over('alone.json')).toEqual({
      code: 66,
      stdout: '',
      stderr:
        'mnist-predict: alone.json.snapshots: no such file; mnist-train --snapshots 25 keeps the parameters of every 25th iteration\n',
    })
    copyFileSync(at('weights.json.snapshots'), at('alone.json.snapshots'))
    const other = 'mnist-predict: alone.json.snapshots: not of the run of alone.json; train it again with --snapshots\n'
    expect(await over('alone.json')).toMatchObject({ code: 65, stderr: other })
    writeFileSync(at('alone.json.snapshots'), '{}\n')
    expect(await over('alone.json')).toMatchObject({ code: 65 })
    const several = await predict('--index', '3-5', '--over-time')
    expect([several.code, several.stderr]).toEqual([64, expect.stringContaining('--over-time shows one digit, not 3')])
  })
})
