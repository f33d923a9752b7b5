import { delimiter } from 'node:path'
import { describe, expect, test } from 'vitest'
import { runInProcess } from '../support/in-process.ts'
import { SMALL, trainingFolder } from '../support/training.ts'

const { cwd, text, train } = trainingFolder()
const runWith = (env: Record<string, string>, name = 'mnist-train', ...args: string[]) =>
  runInProcess(name, args, { cwd, env })
const optionsWith = async (env: Record<string, string>, ...args: string[]) =>
  JSON.parse((await runWith(env, 'mnist-train', '--print-config', ...args)).stdout) as object

describe('an environment variable', () => {
  test('sets an option: a number, a choice, files or a flag', async () => {
    const env = {
      MNIST_ALPHA: '0.25',
      MNIST_LOG_EVERY: '7',
      MNIST_INIT_SCALE: 'he',
      MNIST_DATA: ['small.csv', 'others.csv'].join(delimiter),
      MNIST_NOTEBOOK: '1',
      MNIST_JSON: '0',
    }
    expect(await optionsWith(env)).toMatchObject({
      alpha: 0.25,
      logEvery: 7,
      initScale: 'he',
      data: ['small.csv', 'others.csv'],
      notebook: true,
      json: false,
    })
  })

  test('names no file between two separators, nor if it is empty', async () => {
    const MNIST_DATA = ['', 'small.csv', ''].join(delimiter)
    expect(await optionsWith({ MNIST_DATA })).toMatchObject({ data: ['small.csv'] })
    expect(await optionsWith({ MNIST_DATA: '' })).not.toHaveProperty('data')
  })

  test('gives way to the command line, and its files are not added to those there', async () => {
    const env = { MNIST_ALPHA: '0.25', MNIST_DATA: 'small.csv' }
    const options = await optionsWith(env, '--alpha', '0.5', '--data', 'others.csv')
    expect(options).toMatchObject({ alpha: 0.5, data: ['others.csv'] })
  })

  test('gives way to an option of the command line that excludes its own', async () => {
    await train(...SMALL, '--iters', '3')
    const { stdout, code } = await runWith({ MNIST_JSON: '1' }, 'mnist-runs', '--csv', '.')
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^name,/)])
    const curve = await runWith({ MNIST_CURVE: '1' }, 'mnist-runs', '--json', '.')
    expect(curve.stdout).toMatch(/^\{"schema":"mnist-runs\/1"/)
    const json = await runWith({ MNIST_JSON: '1' }, 'mnist-runs', '--curve', '.')
    expect(json.stdout).toMatch(/^name /)
  })

  test('is refused beside another one that excludes it, unless it is 0', async () => {
    const both = await runWith({ MNIST_JSON: '1', MNIST_CSV: '1' }, 'mnist-runs', '.')
    const sentence = 'MNIST_JSON and MNIST_CSV exclude each other: unset one of them'
    expect(both).toEqual({ code: 64, stdout: '', stderr: `mnist-runs: ${sentence}\n` })
    expect(await runWith({ MNIST_JSON: '0', MNIST_CSV: '1' }, 'mnist-runs', '.')).toMatchObject({ code: 0 })
  })

  test('does what the option does', async () => {
    await train(...SMALL, '--iters', '3', '--out', 'by-option.json')
    const env = { MNIST_DATA: 'small.csv', MNIST_DEV: '10', MNIST_ITERS: '3', MNIST_OUT: 'by-variable.json' }
    expect(await runWith({ ...env, MNIST_QUIET: 'yes' })).toMatchObject({ code: 0, stderr: '' })
    expect(text('by-variable.json')).toBe(text('by-option.json'))
  })

  test('sets options of the other commands, required and negated ones too', async () => {
    await train(...SMALL, '--iters', '3')
    const env = { MNIST_INDEX: '3', MNIST_DATA: 'small.csv', MNIST_NO_PICTURE: '1' }
    const given = await runWith({}, 'mnist-predict', '--index', '3', '--data', 'small.csv', '--no-picture')
    expect(given).toMatchObject({ code: 0, stderr: '' })
    expect(await runWith(env, 'mnist-predict')).toEqual(given)
    const { stdout } = await runWith({ MNIST_COUNT: '20', MNIST_JSON: '1' }, 'mnist-data', 'make', 'drawn.csv')
    expect(JSON.parse(stdout)).toMatchObject({ digits: 20 })
  })

  test.each([
    ['MNIST_ALPHA', '0', 'MNIST_ALPHA: --alpha "0": not a number above 0'],
    ['MNIST_ENGINE', 'gpu', 'MNIST_ENGINE: "gpu": Allowed choices are simd, reference.'],
    ['MNIST_JSON', 'maybe', 'MNIST_JSON "maybe": not 1 or 0'],
    ['MNIST_OUT', '', 'MNIST_OUT: --out "": the name is empty'],
  ])('is refused by name if the option would be: %s=%s', async (name, value, sentence) => {
    expect(await runWith({ [name]: value })).toEqual({ code: 64, stdout: '', stderr: `mnist-train: ${sentence}\n` })
  })
})
