import { readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { Failure } from '../src/failure.ts'
import { initParams } from '../src/network.ts'
import { randomStream } from '../src/random.ts'
import { checkWeights, format, load, loadSummary, save, type Weights } from '../src/weights.ts'
import { newFolder } from './support/folder.ts'
import { isLong } from './support/long.ts'

const folder = newFolder()
const path = (name: string) => join(folder, name)

const refusal = (name: string, sentence: string) => new Failure('badData', `${path(name)}: ${sentence}`)

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
  test('holds every bit of what was saved', async () => {
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
})

describe('the summary of a weights file', () => {
  const { params: _, ...rest } = weights
  const summary = { hidden: 3, ...rest }

  test('is read without the matrices', async () => {
    writeFileSync(path('lazy.json'), format(weights).replace(/"b2": .*/, '"b2": ["never read"]'))
    expect(await loadSummary(path('lazy.json'))).toEqual(summary)
  })

  test('is the same if the file has another layout', async () => {
    const value = JSON.parse(format(weights)) as object
    writeFileSync(path('layout.json'), JSON.stringify(value))
    expect(await loadSummary(path('layout.json'))).toEqual(summary)
    const reversed = Object.fromEntries(Object.entries(value).toReversed())
    writeFileSync(path('layout.json'), `${JSON.stringify(reversed, null, 2)}\n`)
    expect(await loadSummary(path('layout.json'))).toEqual(summary)
  })

  test('is refused if the file is cut', async () => {
    writeFileSync(path('cut.json'), format(weights).slice(0, -3))
    await expect(loadSummary(path('cut.json'))).rejects.toThrow(refusal('cut.json', 'not a weights file: not JSON'))
  })
})

describe('a weights file is refused by the part that is wrong:', () => {
  type Loose = Record<string, any>
  const file = (): Loose => JSON.parse(format(weights)) as Loose
  const broken: [string, (file: Loose) => unknown, string][] = [
    ['another format', (f) => (f.format = 'npz'), 'not a weights file: "format" is not "mnist-weights"'],
    ['no format', (f) => delete f.format, 'not a weights file: "format" is not "mnist-weights"'],
    ['a newer version', (f) => (f.version = 2), 'version is 2, not 1; a newer program reads it'],
    ['version 0', (f) => (f.version = 0), 'version is 0, but there is only 1'],
    ['half a version', (f) => (f.version = 1.5), 'version is 1.5, but there is only 1'],
    ['version as text', (f) => (f.version = '2'), 'version is "2", but there is only 1'],
    ['no version', (f) => delete f.version, 'not a weights file: no version; mnist-train writes 1'],
    ['no network', (f) => delete f.network, 'network is missing'],
    ['other inputs', (f) => (f.network.inputs = 785), 'network.inputs is 785, not 784'],
    ['other outputs', (f) => (f.network.outputs = 26), 'network.outputs is 26, not 10'],
    ['another activation', (f) => (f.network.activation = 'tanh'), 'network.activation is "tanh", not one of "relu", "custom"'],
    ['no hidden units', (f) => (f.network.hidden = 0), 'network.hidden is 0, not an integer from 1 to 4096'],
    ['too many hidden', (f) => (f.network.hidden = 1e9), 'network.hidden is 1000000000, not an integer from 1 to 4096'],
    ['half a unit', (f) => (f.network.hidden = 2.5), 'network.hidden is 2.5, not an integer from 1 to 4096'],
    ['another hidden than W1', (f) => (f.network.hidden = 4), 'W1 has 3 entries, not 4'],
    ['no W1', (f) => delete f.W1, 'W1 is missing'],
    ['a short row', (f) => f.W1[1].pop(), 'W1[1] has 783 entries, not 784'],
    ['a row too many', (f) => f.W2.push(f.W2[0]), 'W2 has 11 entries, not 10'],
    ['null for NaN', (f) => (f.W1[2][7] = null), 'W1[2][7] is null, not a finite number'],
    ['text for a number', (f) => (f.b2[9] = '0.5'), 'b2[9] is "0.5", not a finite number'],
    ['nested biases', (f) => (f.b1 = [[1], [2], [3]]), 'b1[0] is a list, not a finite number'],
    ['a number for a matrix', (f) => (f.W2 = 5), 'W2 is not a list'],
    ['no training', (f) => delete f.training, 'training is missing'],
    ['alpha as text', (f) => (f.training.alpha = '0.1'), 'training.alpha is "0.1", not a number above 0'],
    ['no data names', (f) => delete f.training.data.names, 'training.data.names is missing'],
    ['a seed below 0', (f) => (f.training.seed = -1), 'training.seed is -1, not an integer from 0 to 4294967295'],
    ['an accuracy of 2', (f) => (f.result.devAccuracy = 2), 'result.devAccuracy is 2, not from 0 to 1'],
    ['an alpha of 0', (f) => (f.training.alpha = 0), 'training.alpha is 0, not a number above 0'],
    ['an alpha below 0', (f) => (f.training.alpha = -0.1), 'training.alpha is -0.1, not a number above 0'],
    ['reports every 0', (f) => (f.training.logEvery = 0), 'training.logEvery is 0, not an integer from 1 to 1000000000'],
    ['a momentum of 1', (f) => (f.training.momentum = 1), 'training.momentum is 1, not a number from 0 to below 1'],
    ['a batch of 0', (f) => (f.training.batch = 0), 'training.batch is 0, not an integer from 1 to 1000000000'],
    ['a patience of 0.5', (f) => (f.training.patience = 0.5), 'training.patience is 0.5, not an integer from 1 to 1000000000'],
    ['a target of 1.1', (f) => (f.training.targetAccuracy = 1.1), 'training.targetAccuracy is 1.1, not a number from 0 to 1'],
    ['too much smoothing', (f) => (f.training.labelSmoothing = 2), 'training.labelSmoothing is 2, not a number from 0 to 1'],
    ['another engine', (f) => (f.training.engine = 'cuda'), 'training.engine is "cuda", not one of "simd", "reference"'],
    ['2^53 − 1 planned', (f) => (f.training.iterations = 2 ** 53 - 1), 'training.iterations is 9007199254740991, not an integer from 0 to 1000000000'],
    ['2^53 − 2 done', (f) => (f.result.iterations = 2 ** 53 - 2), 'result.iterations is 9007199254740990, not an integer from 0 to 1000000000'],
    ['null for alpha', (f) => (f.training.alpha = null), 'training.alpha is null, not a number above 0'],
    ['a list for alpha', (f) => (f.training.alpha = []), 'training.alpha is an empty list, not a number above 0'],
    ['an object for alpha', (f) => (f.training.alpha = { a: 1 }), 'training.alpha is an object, not a number above 0'],
    ['a list of no names', (f) => (f.training.data.names = []), 'training.data.names is an empty list, not a list of names'],
    ['a module without a hash', (f) => (f.training.network = { name: 'mine.mjs' }), 'training.network.sha256 is missing'],
    ['a module as a name', (f) => (f.training.network = 'mine.mjs'), 'training.network is "mine.mjs", not an object'],
    ['a hash of words', (f) => (f.training.data.sha256 = 'none'), 'training.data.sha256 is "none", not a SHA-256 in hex'],
    ['more reports than iterations', (f) => (f.history = Array(3).fill(f.history[0])), 'history has 3 entries, but result.iterations is 2'],
    ['one bias', (f) => (f.b1 = [1]), 'b1 has 1 entry, not 3'],
    ['history of text', (f) => (f.history = 'none'), 'history is "none", not a list'],
  ] // prettier-ignore
  test.each(broken)('%s', (_, breakIt, sentence) => {
    const value = file()
    breakIt(value)
    expect(() => checkWeights(value, 'w.json')).toThrow(new Failure('badData', `w.json: ${sentence}`))
  })

  test.each([
    ['a list', []],
    ['a number', 5],
    ['null', null],
    ['text', 'weights'],
  ])('%s', (_, value) => {
    expect(() => checkWeights(value, 'w.json')).toThrow(
      new Failure('badData', 'w.json: not a weights file: "format" is not "mnist-weights"'),
    )
  })

  test('Infinity, which JSON can write as 1e999', async () => {
    writeFileSync(path('infinite.json'), format(weights).replace(/"b2": \[[^,]*/, '"b2": [1e999'))
    await expect(load(path('infinite.json'))).rejects.toThrow(
      refusal('infinite.json', 'b2[0] is Infinity, not a finite number'),
    )
  })

  const long = 'A'.repeat(3e6)
  test.each<[string, (file: Loose) => unknown]>([
    ['the activation', (f) => (f.network.activation = long)],
    ['the name of the data', (f) => (f.training.data.names = [long])],
    ['a hash', (f) => (f.training.data.sha256 = long)],
    ['the version', (f) => (f.version = long)],
    ['a weight', (f) => (f.W1[0][0] = long)],
  ])('3 MB of text for %s, of which the message repeats the beginning', (_, breakIt) => {
    const value = file()
    breakIt(value)
    let message = ''
    try {
      checkWeights(value, 'w.json')
    } catch (error) {
      message = (error as Failure).message
    }
    expect(message).toContain(`is "${'A'.repeat(24)}…", not`.slice(0, 28))
    expect(message.length).toBeLessThan(120)
  })

  const nested = '['.repeat(20_000) + ']'.repeat(20_000)
  test.each([
    ['the version', '"version": 1', `"version": ${nested}`],
    ['a weight', /"W1": \[\s*\[[^,]+/, `"W1": [[${nested}`],
    ['an unknown part', '"version": 1', `"version": 1, "more": ${nested}`],
  ])('20,000 nested lists for %s', async (_, part, text) => {
    writeFileSync(path('deep.json'), format(weights).replace(part, text))
    const refused = refusal('deep.json', 'not a weights file: lists or objects nested more than 32 deep')
    await expect(load(path('deep.json'))).rejects.toThrow(refused)
    if (part === '"version": 1') await expect(loadSummary(path('deep.json'))).rejects.toThrow(refused)
  })

  test('in UTF-16, but not with a byte order mark', async () => {
    writeFileSync(path('bom.json'), `\ufeff${format(weights)}`)
    expect(await load(path('bom.json'))).toEqual(weights)
    for (const text of [`\ufeff${format(weights)}`, format(weights)]) {
      for (const bytes of [Buffer.from(text, 'utf16le'), Buffer.from(text, 'utf16le').swap16()]) {
        writeFileSync(path('wide.json'), bytes)
        await expect(load(path('wide.json'))).rejects.toThrow(refusal('wide.json', 'is UTF-16; save it as UTF-8'))
      }
    }
  })

  test('control characters, which the message escapes', () => {
    const value = file()
    value.network.activation = '\u001b]0;owned\u0007\u009b2J\u202e'
    const sentence = String.raw`w.json: network.activation is "\u001b]0;owned\u0007\u009b2J\u202e", not one of "relu", "custom"`
    expect(() => checkWeights(value, 'w.json')).toThrow(expect.objectContaining({ message: sentence }))
  })

  test.each([1, 100, 5000])('cut after %i bytes', async (bytes) => {
    writeFileSync(path('cut.json'), format(weights).slice(0, bytes))
    await expect(load(path('cut.json'))).rejects.toThrow(refusal('cut.json', 'not a weights file: not JSON'))
  })

  test('400 MB of something', async () => {
    writeFileSync(path('large.json'), '')
    truncateSync(path('large.json'), 400 * 2 ** 20)
    await expect(load(path('large.json'))).rejects.toThrow(
      refusal('large.json', 'not a weights file: larger than 300 MiB'),
    )
  })

  test.skipIf(!isLong)('something without an end (needs MNIST_LONG_TESTS)', async () => {
    await expect(load('/dev/zero')).rejects.toThrow('/dev/zero: not a weights file: larger than 300 MiB')
  })

  test('no file, or a folder', async () => {
    await expect(load(path('absent.json'))).rejects.toThrow(
      new Failure('noInput', `${path('absent.json')}: no such file`),
    )
    await expect(load(folder)).rejects.toThrow(new Failure('noInput', `${folder}: is a folder, not a file`))
  })
})
