import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { Failure } from '../src/failure.ts'
import { initParams } from '../src/network.ts'
import { randomStream } from '../src/random.ts'
import { tryPath } from '../src/staged-file.ts'
import { check, format, load, save, type Weights } from '../src/weights.ts'

const folder = mkdtempSync(join(tmpdir(), 'mnist-weights-'))
afterAll(() => rmSync(folder, { recursive: true }))
const path = (name: string) => join(folder, name)

const weights: Weights = {
  params: initParams(randomStream(5), 3),
  training: {
    iterations: 2,
    alpha: 0.1,
    seed: 5,
    dev: 1,
    notebook: false,
    logEvery: 100,
    engine: 'reference',
    data: { names: ['a.csv'], rows: 9, sha256: 'ab' },
  },
  result: { iterations: 2, loss: 2.5, trainAccuracy: 0.25, devAccuracy: 1 },
  history: [{ iteration: 0, loss: 2.5, accuracy: 0.25 }],
}

describe('a weights file', () => {
  test('gives back every bit of what was saved', async () => {
    const { W1, b1 } = weights.params
    W1.data.set([-0, Number.MIN_VALUE, Number.MAX_VALUE, 0.1 + 0.2, -1e-300, 1 / 3])
    b1.data[0] = -0
    await save(path('exact.json'), weights)
    const loaded = await load(path('exact.json'))
    expect(loaded).toStrictEqual(weights)
    expect(Buffer.from(loaded.params.W1.data.buffer)).toEqual(Buffer.from(W1.data.buffer))
    expect(format(loaded)).toBe(readFileSync(path('exact.json'), 'utf8'))
  })

  test('is JSON whose matrices are lists of rows', async () => {
    const file = JSON.parse(format(weights))
    expect(file.W1).toHaveLength(3)
    expect(file.W1[2]).toEqual([...weights.params.W1.data.subarray(2 * 784)])
    expect([file.W2.length, file.W2[0].length, file.b1.length, file.b2.length]).toEqual([10, 3, 3, 10])
    expect(file.network).toEqual({ inputs: 784, hidden: 3, outputs: 10, activation: 'relu' })
  })

  test('is written without leaving anything beside it, through a link too', async () => {
    const place = mkdtempSync(join(folder, 'alone-'))
    await tryPath(join(place, 'w.json'))
    expect(readdirSync(place)).toEqual([])
    await save(join(place, 'w.json'), weights)
    symlinkSync('w.json', join(place, 'link.json'))
    await save(join(place, 'link.json'), weights)
    expect(readdirSync(place, { withFileTypes: true }).map((entry) => [entry.name, entry.isFile()])).toEqual([
      ['link.json', false],
      ['w.json', true],
    ])
  })

  test('that cannot be written is refused before the work, with the reason', async () => {
    await expect(tryPath(join(folder, 'none/w.json'))).rejects.toThrow(/cannot write .*: its folder does not exist/)
    await expect(tryPath(folder)).rejects.toThrow(/it is a folder/)
  })
})

describe('a file that is not whole is refused with the part that is wrong', () => {
  type Loose = Record<string, any>
  const file = (): Loose => JSON.parse(format(weights)) as Loose
  const broken: [string, (file: Loose) => unknown, string][] = [
    ['another format', (f) => (f.format = 'npz'), 'this is not a weights file, its "format" is not "mnist-weights"'],
    ['no format', (f) => delete f.format, 'this is not a weights file, its "format" is not "mnist-weights"'],
    [
      'a newer version',
      (f) => (f.version = 2),
      'its version is 2 and this program reads version 1; use a newer program',
    ],
    ['no network', (f) => delete f.network, 'network is missing'],
    ['other inputs', (f) => (f.network.inputs = 785), 'network.inputs is 785, not 784'],
    ['other outputs', (f) => (f.network.outputs = 26), 'network.outputs is 26, not 10'],
    ['another activation', (f) => (f.network.activation = 'tanh'), 'network.activation is "tanh", not "relu"'],
    ['no hidden units', (f) => (f.network.hidden = 0), 'network.hidden is 0, not a whole number from 1 to 4096'],
    [
      'too many hidden',
      (f) => (f.network.hidden = 1e9),
      'network.hidden is 1000000000, not a whole number from 1 to 4096',
    ],
    ['half a unit', (f) => (f.network.hidden = 2.5), 'network.hidden is 2.5, not a whole number from 1 to 4096'],
    ['another hidden than W1', (f) => (f.network.hidden = 4), 'W1 has 3 entries where 4 are needed'],
    ['no W1', (f) => delete f.W1, 'W1 is missing'],
    ['a short row', (f) => f.W1[1].pop(), 'W1[1] has 783 entries where 784 are needed'],
    ['a row too many', (f) => f.W2.push(f.W2[0]), 'W2 has 11 entries where 10 are needed'],
    ['null for NaN', (f) => (f.W1[2][7] = null), 'W1[2][7] is null, not a finite number'],
    ['text for a number', (f) => (f.b2[9] = '0.5'), 'b2[9] is "0.5", not a finite number'],
    ['nested biases', (f) => (f.b1 = [[1], [2], [3]]), 'b1[0] is [1], not a finite number'],
    ['a number for a matrix', (f) => (f.W2 = 5), 'W2 is not a list'],
    ['no training', (f) => delete f.training, 'training is missing'],
    ['alpha as text', (f) => (f.training.alpha = '0.1'), 'training.alpha is "0.1", not a number'],
    ['no data names', (f) => delete f.training.data.names, 'training.data.names is missing'],
    ['a seed below 0', (f) => (f.training.seed = -1), 'training.seed is -1, not a whole number from 0 to 4294967295'],
    ['an accuracy of 2', (f) => (f.result.devAccuracy = 2), 'result.devAccuracy is 2, not from 0 to 1'],
    ['history of text', (f) => (f.history = 'none'), 'history is "none", not a list'],
  ]
  test.each(broken)('%s', (_, breakIt, sentence) => {
    const value = file()
    breakIt(value)
    expect(() => check(value, 'w.json')).toThrow(new Failure('badData', `w.json: ${sentence}`))
  })

  test.each([
    ['a list', []],
    ['a number', 5],
    ['null', null],
    ['text', 'weights'],
  ])('%s', (_, value) => {
    // prettier-ignore
    expect(() => check(value, 'w.json')).toThrow('this is not a weights file')
  })

  test('an infinity, which JSON can spell as 1e999', async () => {
    writeFileSync(path('infinite.json'), format(weights).replace(/"b2": \[[^,]*/, '"b2": [1e999'))
    await expect(load(path('infinite.json'))).rejects.toThrow(/b2\[0\] is Infinity, not a finite number/)
  })

  test.each([1, 100, 5000])('all but its first %i bytes missing', async (bytes) => {
    writeFileSync(path('cut.json'), format(weights).slice(0, bytes))
    await expect(load(path('cut.json'))).rejects.toThrow(/cut\.json is not a weights file: it is not JSON/)
  })

  test('400 MB of something', async () => {
    writeFileSync(path('large.json'), '')
    truncateSync(path('large.json'), 400 * 2 ** 20)
    await expect(load(path('large.json'))).rejects.toThrow(/it is larger than 300 MiB/)
  })

  test('no file, and a folder', async () => {
    await expect(load(path('absent.json'))).rejects.toThrow(/cannot read .*absent\.json: there is no such file/)
    await expect(load(folder)).rejects.toThrow(/it is a folder, not a file/)
  })
})
