/** Options from environment variables and configuration files. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { generate } from '../src/digits/generate.ts'
import { load } from '../src/weights.ts'
import { newFolder, run } from './command.ts'
import { csvOf } from './csv.ts'

const cwd = newFolder()
const at = (name: string) => join(cwd, name)
const train = (args: string[], env = {}) => run('mnist-train', [...args, '--quiet'], { cwd, env })
const config = async (args: string[], env = {}) => JSON.parse((await train([...args, '--print-config'], env)).stdout)
afterAll(() => rmSync(cwd, { recursive: true }))
beforeAll(() => {
  writeFileSync(at('one.csv'), csvOf(generate(30, 4)))
  writeFileSync(at('two.csv'), csvOf(generate(30, 5)))
})

describe('every option as an environment variable', () => {
  test('numbers, choices, files and flags', async () => {
    const env = {
      MNIST_ALPHA: '0.25',
      MNIST_LOG_EVERY: '7',
      MNIST_INIT_SCALE: 'he',
      MNIST_DATA: ['one.csv', 'two.csv'].join(delimiter),
      MNIST_NOTEBOOK: '1',
      MNIST_JSON: '0',
    }
    expect(await config([], env)).toMatchObject({
      alpha: 0.25,
      logEvery: 7,
      initScale: 'he',
      data: ['one.csv', 'two.csv'],
      notebook: true,
      json: false,
    })
  })

  test('the command line has precedence, and its files take the place of those', async () => {
    const env = { MNIST_ALPHA: '0.25', MNIST_DATA: 'one.csv' }
    expect(await config(['--alpha', '0.5', '--data', 'two.csv'], env)).toMatchObject({ alpha: 0.5, data: ['two.csv'] })
  })

  test('they do what the options do', async () => {
    await train(['--data', 'one.csv', '--dev', '5', '--iters', '3', '--out', 'by-option.json'])
    const env = { MNIST_DATA: 'one.csv', MNIST_DEV: '5', MNIST_ITERS: '3', MNIST_OUT: 'by-variable.json' }
    expect(await run('mnist-train', [], { cwd, env: { ...env, MNIST_QUIET: 'yes' } })).toMatchObject({
      code: 0,
      stderr: '',
    })
    expect(readFileSync(at('by-variable.json'))).toEqual(readFileSync(at('by-option.json')))
  })

  test('of the other commands too, options that they need and that negate among them', async () => {
    await train(['--data', 'one.csv', '--dev', '5', '--iters', '3'])
    const env = { MNIST_INDEX: '3', MNIST_DATA: 'one.csv', MNIST_NO_PICTURE: '1' }
    const given = await run('mnist-predict', ['--index', '3', '--data', 'one.csv', '--no-picture'], { cwd })
    expect(await run('mnist-predict', [], { cwd, env })).toEqual(given)
    const drawn = { MNIST_COUNT: '20', MNIST_JSON: '1' }
    const { stdout } = await run('mnist-data', ['make', 'drawn.csv'], { cwd, env: drawn })
    expect(JSON.parse(stdout)).toMatchObject({ digits: 20 })
  })

  const REFUSED: [string, string, string][] = [
    ['MNIST_ALPHA', '0', 'MNIST_ALPHA: --alpha "0": a number greater than 0 is needed, such as 0.1'],
    ['MNIST_ENGINE', 'gpu', 'MNIST_ENGINE: "gpu": Allowed choices are simd, reference.'],
    ['MNIST_JSON', 'maybe', 'MNIST_JSON "maybe": 1 or 0 is needed'],
    ['MNIST_OUT', '', 'MNIST_OUT: --out "": the name of a file is needed'],
  ]
  test.each(REFUSED)('%s=%s is refused as the option is, with its name', async (name, value, sentence) => {
    expect(await train([], { [name]: value })).toEqual({ code: 64, stdout: '', stderr: `mnist-train: ${sentence}\n` })
  })
})

describe('--config', () => {
  test('takes what --print-config printed, and gives the same run', async () => {
    const args = [
      '--data',
      'one.csv',
      '--dev',
      '5',
      '--iters',
      '4',
      '--batch',
      '10',
      '--momentum',
      '0.5',
      '--hidden',
      '3',
    ]
    await train([...args, '--out', 'options.json'])
    const { stdout, code } = await train([...args, '--out', 'config.json', '--print-config'])
    expect(code).toBe(0)
    writeFileSync(at('experiment.json'), stdout)
    expect(await train(['--config', 'experiment.json'])).toMatchObject({ code: 0 })
    expect(readFileSync(at('config.json'))).toEqual(readFileSync(at('options.json')))
  })

  test('takes a weights file: as that run, but', async () => {
    const args = [
      '--data',
      'one.csv',
      '--dev',
      '5',
      '--iters',
      '4',
      '--hidden',
      '3',
      '--decay',
      'cosine',
      '--seed',
      '3',
    ]
    await train([...args, '--out', 'that.json'])
    await train(['--data', 'one.csv', '--config', 'that.json', '--out', 'again.json'])
    expect(readFileSync(at('again.json'))).toEqual(readFileSync(at('that.json')))
    await train(['--data', 'one.csv', '--config', 'that.json', '--alpha', '0.2', '--out', 'but.json'])
    const [that, but] = [await load(at('that.json')), await load(at('but.json'))]
    expect(but.training).toEqual({ ...that.training, alpha: 0.2 })
    expect(but.params.W1.shape).toEqual([3, 784])
  })

  test('takes a run that started from other weights only with those', async () => {
    const args = ['--data', 'one.csv', '--dev', '5', '--iters', '2']
    await train([...args, '--out', 'first.json'])
    await train([...args, '--init', 'first.json', '--out', 'second.json'])
    const again = ['--data', 'one.csv', '--config', 'second.json', '--out', 'again.json']
    expect((await train(again)).stderr).toBe(
      'mnist-train: second.json: its run started from another weights file; name that with --init\n',
    )
    await train([...again, '--init', 'first.json'])
    expect(readFileSync(at('again.json'))).toEqual(readFileSync(at('second.json')))
  })

  test('comes after the environment and before the defaults', async () => {
    writeFileSync(at('c.json'), JSON.stringify({ format: 'mnist-config', alpha: 0.3, hidden: 5, iters: 7 }))
    const env = { MNIST_ALPHA: '0.25' }
    expect(await config(['--config', 'c.json', '--hidden', '6'], env)).toMatchObject({
      alpha: 0.25,
      hidden: 6,
      iters: 7,
      seed: 0,
    })
  })

  const REFUSED: [string, number, string][] = [
    ['{"format":"mnist-config","alhpa":1}', 65, 'bad.json: there is no option "alhpa"'],
    ['{"format":"mnist-config","resume":"w.json"}', 65, 'bad.json: there is no option "resume"'],
    ['{"format":"mnist-config","alpha":-1}', 64, 'bad.json, "alpha": --alpha "-1": a number greater than 0 is needed, such as 0.1'],
    ['{"format":"mnist-config","alpha":null}', 64, 'bad.json, "alpha": --alpha "null": a number greater than 0 is needed, such as 0.1'],
    ['{"format":"mnist-config","notebook":"yes"}', 65, 'bad.json, "notebook": true or false is needed'],
    ['{"format":"mnist-config","iters":true}', 65, 'bad.json, "iters": a value is needed'],
    ['{"format":"other"}', 65, 'bad.json: a configuration, of "format" "mnist-config", or a weights file is needed; --print-config prints one'],
    ['{"format":"mnist-weights"}', 65, 'bad.json: its version is missing and this program reads version 1; use a newer program'],
    ['alpha: 1', 65, 'bad.json is not JSON'],
    ['null', 65, 'bad.json: a configuration, of "format" "mnist-config", or a weights file is needed; --print-config prints one'],
  ] // prettier-ignore
  test.each(REFUSED)('refuses %s', async (text, code, sentence) => {
    writeFileSync(at('bad.json'), text)
    expect(await train(['--config', 'bad.json'])).toEqual({ code, stdout: '', stderr: `mnist-train: ${sentence}\n` })
  })

  test('refuses a file that is not there', async () => {
    expect((await train(['--config', 'absent.json'])).code).toBe(66)
  })
})

describe('--epochs', () => {
  test('is iterations counted in epochs', async () => {
    const args = ['--data', 'one.csv', '--dev', '5', '--batch', '10', '--out']
    await train([...args, 'epochs.json', '--epochs', '4'])
    await train([...args, 'iters.json', '--iters', '12'])
    expect(readFileSync(at('epochs.json'))).toEqual(readFileSync(at('iters.json')))
    const { history } = await load(at('epochs.json'))
    expect(
      history.map(({ iteration }) => iteration),
      'a report an epoch',
    ).toEqual([2, 5, 8, 11])
  })

  test('or --iters, but not both; the more direct of two counts', async () => {
    const args = ['--data', 'one.csv', '--dev', '5']
    expect((await train([...args, '--epochs', '4', '--iters', '4'])).stderr).toBe(
      'mnist-train: --iters and --epochs say the same in two ways: give one of them\n',
    )
    await train([...args, '--iters', '2', '--out', 'direct.json'], { MNIST_EPOCHS: '9' })
    expect((await load(at('direct.json'))).training.iterations).toBe(2)
  })
})
