import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { load } from '../../../src/weights.ts'
import { csvOf, HEADER } from '../../support/csv.ts'
import { newFolder } from '../../support/folder.ts'
import { runInProcess } from '../../support/in-process.ts'
import { DIGITS, SMALL, trainingFolder } from '../../support/training.ts'

const { cwd, at, text, train } = trainingFolder()
const place = newFolder()
beforeEach(() => rmSync(at('weights.json'), { force: true }))

describe('without --data, mnist-train', () => {
  test('draws digits and first says how to get MNIST', async () => {
    const { code, stderr } = await train('--iters', '1', '--hidden', '1')
    expect(code).toBe(0)
    expect(stderr.split('\n')[0]).toBe(
      'MNIST not found: training on 10,000 digits that this program draws. For MNIST itself, run mnist-data get, ' +
        "put a CSV such as Kaggle's train.csv at data/mnist_train.csv, or name a file with --data.",
    )
    expect((await load(at('weights.json'))).training.data).toMatchObject({ names: ['generated'], rows: 10_000 })
  })

  test('reads data/mnist_train.csv if it exists and MNIST_DATA is not set', async () => {
    mkdirSync(`${place}/data`)
    writeFileSync(`${place}/data/mnist_train.csv`, csvOf(DIGITS))
    const args = ['--dev', '1', '--iters', '1']
    await runInProcess('mnist-train', args, { cwd: place })
    expect((await load(`${place}/weights.json`)).training.data.names).toEqual(['mnist_train.csv'])
    await runInProcess('mnist-train', args, { cwd: place, env: { MNIST_DATA: at('others.csv') } })
    expect((await load(`${place}/weights.json`)).training.data.names).toEqual(['others.csv'])
  })
})

test('says that digits are drawn if they are named', async () => {
  const { stderr } = await train(
    '--data',
    'generated',
    '--take',
    '9',
    '--dev',
    '1',
    '--iters',
    '0',
    '--out',
    'drawn.json',
  )
  expect(stderr.split('\n')[0]).toBe('These are not MNIST but 10,000 digits that this program draws.')
})

describe('mnist-train refuses, and writes nothing', () => {
  const lines = csvOf(DIGITS).split('\n')
  const withCell = (cell: string) => lines.with(16, lines[16].split(',').with(11, cell).join(',')).join('\n')
  beforeAll(() => {
    writeFileSync(at('columns.csv'), lines.with(16, lines[16].split(',').slice(0, 12).join(',')).join('\n'))
    writeFileSync(at('label.csv'), lines.with(16, lines[16].replace(/^\d/, '10')).join('\n'))
    writeFileSync(at('pixel.csv'), withCell('256'))
    writeFileSync(at('letter.csv'), withCell('2S6'))
    writeFileSync(at('empty.csv'), '')
    writeFileSync(at('header.csv'), `${HEADER}\n`)
    writeFileSync(at('binary.csv'), Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 1, 2]))
    writeFileSync(at('other.json'), '{}')
  })

  const refusals: [string[], number, string][] = [
    [['--dev', '99999999'], 64, '--dev 99999999: at most 59 of 60 digits can be held out'],
    [['--dev', '0', '--target-accuracy', '1'], 64, '--target-accuracy and --patience need held-out digits: set --dev above 0'],
    [['--dev', '0', '--patience', '1'], 64, '--target-accuracy and --patience need held-out digits: set --dev above 0'],
    [['--epochs', '4', '--iters', '4'], 64, '--iters and --epochs set the same thing: give one of them'],
    [['--data', 'absent.csv'], 66, 'absent.csv: no such file'],
    [['--test', 'absent.csv'], 66, 'absent.csv: no such file'],
    [['--init', 'absent.json'], 66, 'absent.json: no such file'],
    [['--init', 'other.json'], 65, 'other.json: not a weights file: "format" is not "mnist-weights"'],
    [['--data', 'columns.csv'], 65, 'columns.csv:17: 12 columns, expected 785 (a label and 784 pixels)'],
    [['--data', 'label.csv'], 65, 'label.csv:17:1: "10" is not a label (0–9)'],
    [['--data', 'pixel.csv'], 65, 'pixel.csv:17:12: "256" is not a pixel value (0–255)'],
    [['--data', 'letter.csv'], 65, 'letter.csv:17:12: "2S6" is not a pixel value (0–255)'],
    [['--data', 'empty.csv'], 65, 'empty.csv: empty file; expected a CSV of MNIST digits (785 columns)'],
    [['--data', 'header.csv'], 65, 'header.csv: no digits after the header'],
    [['--data', 'binary.csv'], 65, 'binary.csv: is a binary file; expected a CSV of MNIST digits (785 columns)'],
  ] // prettier-ignore
  test.each(refusals)('%j', async (args, code, sentence) => {
    const data = args.includes('--data') ? [] : ['--data', 'small.csv']
    const dev = args.includes('--dev') ? [] : ['--dev', '10']
    const refused = await train(...data, ...dev, '--quiet', ...args)
    expect(refused).toEqual({ code, stdout: '', stderr: `mnist-train: ${sentence}\n` })
    expect(existsSync(at('weights.json'))).toBe(false)
  })

  test('--hidden if --init has another number of hidden units', async () => {
    await train(...SMALL, '--iters', '1', '--hidden', '3', '--out', 'three.json')
    const refused = await train(...SMALL, '--init', 'three.json', '--hidden', '10')
    const stderr = 'mnist-train: --hidden 10: three.json has 3 hidden units; omit --hidden\n'
    expect(refused).toEqual({ code: 64, stdout: '', stderr })
    expect(existsSync(at('weights.json'))).toBe(false)
  })
})

describe('--epochs', () => {
  test('counts iterations in epochs, and reports after each', async () => {
    const args = ['--data', 'small.csv', '--dev', '35', '--batch', '10', '--out']
    await train(...args, 'epochs.json', '--epochs', '4')
    await train(...args, 'iters.json', '--iters', '12')
    expect(text('epochs.json')).toBe(text('iters.json'))
    const { history } = await load(at('epochs.json'))
    expect(history.map(({ iteration }) => iteration)).toEqual([2, 5, 8, 11])
  })

  test('of the environment gives way to --iters on the command line', async () => {
    const args = [...SMALL, '--iters', '2', '--out', 'direct.json']
    await runInProcess('mnist-train', args, { cwd, env: { MNIST_EPOCHS: '9' } })
    expect((await load(at('direct.json'))).training.iterations).toBe(2)
  })
})
