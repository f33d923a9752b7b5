import { writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { ended, printed, start } from '../../support/command.ts'
import { SMALL as TRAINING, trainingFolder } from '../../support/training.ts'
import { DECAYING, WAYS } from '../../support/ways.ts'

const { cwd, at, text, train: trainAloud } = trainingFolder()
const train = (...args: string[]) => trainAloud(...args, '--quiet')
const DATA = ['--data', 'small.csv']
const SMALL = [...TRAINING, '--log-every', '7']

describe('--verify', () => {
  test.each([...WAYS, ...DECAYING, '--alpha 0.5 --patience 2'])('finds the same bits: %s', async (way) => {
    await train(...SMALL, ...way.split(' '), '--iters', '30', '--test', 'others.csv', '--out', 'made.json')
    expect(await train(...DATA, '--test', 'others.csv', '--verify', 'made.json', '--threads', '3')).toEqual({
      code: 0,
      stdout: 'made.json: identical, bit for bit\n',
      stderr: '',
    })
  })

  test('repeats an interrupted run as far as it went', async () => {
    const child = start('mnist-train', [...SMALL, '--batch', '16', '--iters', '9999999', '--out', 'cut.json'], { cwd })
    await printed(child)
    child.kill('SIGINT')
    expect((await ended(child)).code).toBe('SIGINT')
    const event = { event: 'verify', schema: 'mnist-train/1', file: 'cut.json', same: true, differs: [] }
    const verified = await train(...DATA, '--verify', 'cut.json', '--json')
    expect(verified).toEqual({ code: 0, stdout: `${JSON.stringify(event)}\n`, stderr: '' })
  })

  test('finds a changed bit and names its part', async () => {
    await train(...SMALL, '--iters', '5', '--out', 'made.json')
    const made = text('made.json')
    const changed = made.replace(/("b2": \[-?0\.\d{9})(\d)/, (_, before, digit) => `${before}${9 - Number(digit)}`)
    expect(changed).not.toBe(made)
    writeFileSync(at('changed.json'), changed)
    const verified = await train(...DATA, '--verify', 'changed.json')
    expect(verified).toEqual({ code: 1, stdout: 'changed.json: different: b2\n', stderr: '' })
  })

  test('needs the digits and the initial weights of the run', async () => {
    await train(...SMALL, '--iters', '5', '--out', 'first.json')
    await train(...SMALL, '--iters', '5', '--init', 'first.json', '--out', 'second.json')
    const refusals: [string[], number, string][] = [
      [['--data', 'others.csv', '--verify', 'first.json'], 65, 'others.csv: not the digits that first.json records; use --data with the 60 digits of small.csv'],
      [[...DATA, '--verify', 'second.json'], 64, '--init is missing: the run of second.json started from another weights file'],
      [[...DATA, '--verify', 'second.json', '--init', 'second.json'], 64, '--init second.json: the run of second.json started from another weights file'],
      [[...DATA, '--verify', 'first.json', '--init', 'second.json'], 64, '--init second.json: the run of first.json started from random parameters'],
    ] // prettier-ignore
    for (const [args, code, sentence] of refusals) {
      expect(await train(...args)).toEqual({ code, stdout: '', stderr: `mnist-train: ${sentence}\n` })
    }
    const verified = await train(...DATA, '--verify', 'second.json', '--init', 'first.json')
    expect(verified).toEqual({ code: 0, stdout: 'second.json: identical, bit for bit\n', stderr: '' })
  })
})
