import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { linkSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { shownP } from '../../src/commands/evaluate/report.ts'
import { toMatrix } from '../../src/digits.ts'
import { fingerprint } from '../../src/digits/fingerprint.ts'
import { generate } from '../../src/digits/generate.ts'
import { paired, mcNemar, wilsonInterval } from '../../src/evaluation.ts'
import { forwardProp, loss, predictions } from '../../src/network.ts'
import { format, load, save } from '../../src/weights.ts'
import { bin, ended, start } from '../support/command.ts'
import { csvOf, textOf } from '../support/csv.ts'
import { newFolder } from '../support/folder.ts'
import { runInProcess as run } from '../support/in-process.ts'

const cwd = newFolder()
const at = (name: string) => join(cwd, name)
const evaluate = (...args: string[]) => run('mnist-evaluate', args, { cwd })
const ON_NEW = ['--data', 'new.csv']

const digits = generate(300, 7)
beforeAll(async () => {
  writeFileSync(at('new.csv'), csvOf(digits))
  writeFileSync(at('old.csv'), csvOf(generate(400, 6)))
  writeFileSync(at('blind.csv'), textOf(csvOf(digits).trimEnd().split('\n').map((line) => line.split(',').slice(1)))) // prettier-ignore
  for (const [name, iters] of Object.entries({ weights: 60, other: 55, bad: 5 })) {
    await run('mnist-train', ['--data', 'old.csv', '--dev', '50', '--iters', `${iters}`, '--out', `${name}.json`], {
      cwd,
    })
  }
})

/** What network.ts says of the new digits. */
async function answersOf(file: string) {
  const { params } = await load(at(file))
  const { A2 } = forwardProp(params, toMatrix(digits))
  const predicted = predictions(A2)
  const correct = predicted.filter((digit, i) => digit === digits.labels[i]).length
  return { A2, predicted, correct, loss: loss(A2, digits.labels) }
}

const jsonOf = (stdout: string) => stdout.trimEnd().split('\n').map((line) => JSON.parse(line) as Record<string, any>) // prettier-ignore

describe('mnist-evaluate', () => {
  test('reports accuracy with its interval, each digit, the confusions, the calibration and six mistakes', async () => {
    const { code, stdout, stderr } = await evaluate(...ON_NEW)
    const { correct, loss } = await answersOf('weights.json')
    const { low, high } = wilsonInterval(correct, 300)
    const percent = (share: number) => (100 * share).toFixed(2)
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout.split('\n').slice(0, 3)).toEqual([
      'weights.json on 300 digits of new.csv',
      `accuracy ${percent(correct / 300)} %, ${correct} of 300 (95 % interval ${percent(low)}–${percent(high)})`,
      `mean loss ${loss.toFixed(4)}`,
    ])
    for (const part of ['Per digit', 'Confusion matrix', 'Most frequent confusions', 'Calibration', 'Worst mistakes']) {
      expect(stdout).toContain(`\n\n${part}`)
    }
    expect(stdout).toMatch(/\n {9,}prediction\n +0 +1 .*\nlabel 0 /)
    expect(stdout).toMatch(/\n\d read as \d: \d+ of \d+\n/)
    expect(stdout.match(/row \d+/g)).toHaveLength(6)
    expect(stdout).not.toContain('\u001b')
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80)
    expect((await evaluate(...ON_NEW)).stdout).toBe(stdout)
  })

  test('with --json prints one line, with counts beside rates', async () => {
    const { stdout } = await evaluate(...ON_NEW, '--json', '--mistakes', '3')
    const [found] = jsonOf(stdout)
    const { A2, predicted, correct, loss } = await answersOf('weights.json')
    expect(found).toMatchObject({
      schema: 'mnist-evaluate/1',
      file: 'weights.json',
      data: { names: ['new.csv'], rows: 300, sha256: fingerprint(digits) },
      trainedOn: false,
      digits: 300,
      correct,
      accuracy: correct / 300,
      interval: { level: 0.95, method: 'wilson', ...wilsonInterval(correct, 300) },
      loss: expect.closeTo(loss, 12),
      rows: 'label',
    })
    digits.labels.forEach((label, i) => found.confusion[label][predicted[i]]--)
    expect(found.confusion.flat().every((count: number) => count === 0)).toBe(true)
    expect(found.calibration.bins.reduce((sum: number, { count }: { count: number }) => sum + count, 0)).toBe(300)
    expect(found.mistakes).toHaveLength(3)
    const wrong = Array.from(digits.labels.keys()).filter((i) => digits.labels[i] !== predicted[i])
    const losses = wrong.map((i) => -Math.log(A2.get(digits.labels[i], i))).toSorted((a, b) => b - a)
    for (const [i, mistake] of found.mistakes.entries()) {
      const { index, label, prediction } = mistake
      expect([label, prediction]).toEqual([digits.labels[index], predicted[index]])
      expect(mistake.loss).toBeCloseTo(losses[i], 10)
      expect(mistake.probabilityOfLabel).toBeCloseTo(A2.get(label, index), 12)
      expect(mistake.probabilityOfPrediction).toBeCloseTo(A2.get(prediction, index), 12)
    }
  })

  test('--confusion shows the mistakes of one pair, --mistakes 0 none', async () => {
    const [{ confusion }] = jsonOf((await evaluate(...ON_NEW, '--json')).stdout)
    const cells = Array.from({ length: 100 }, (_, i) => [Math.floor(i / 10), i % 10])
    const wrong = cells.filter(([label, prediction]) => label !== prediction)
    const [label, prediction] = wrong.find(([i, j]) => confusion[i][j] > 1)!
    const { stdout } = await evaluate(...ON_NEW, '--confusion', `${label}:${prediction}`, '--mistakes', '1000')
    const shown = stdout.slice(stdout.indexOf('with the probabilities'))
    expect(shown.match(/row \d+/g)).toHaveLength(confusion[label][prediction])
    expect(shown.match(/label \d/g)!.every((text) => text === `label ${label}`)).toBe(true)
    expect(shown.match(/prediction \d/g)!.every((text) => text === `prediction ${prediction}`)).toBe(true)
    const [i, j] = wrong.find(([i, j]) => confusion[i][j] === 0)!
    expect((await evaluate(...ON_NEW, '--confusion', `${i}:${j}`)).stdout).toMatch(`${i} read as ${j}: none\n`)
    expect((await evaluate(...ON_NEW, '--mistakes', '0')).stdout).not.toContain('row')
    const { stdout: neither } = await evaluate(...ON_NEW, '--confusion', `${i}:${j}`, '--mistakes', '0')
    expect(neither).not.toContain(`${i} read as ${j}: none`)
  })

  test('--predictions writes every prediction with its probabilities', async () => {
    expect(await evaluate(...ON_NEW, '--predictions', 'answers.csv', '--json')).toMatchObject({ code: 0 })
    const text = readFileSync(at('answers.csv'), 'utf8')
    const [header, ...lines] = text.trimEnd().split('\n')
    expect(header).toBe('index,label,prediction,p0,p1,p2,p3,p4,p5,p6,p7,p8,p9')
    const { A2, predicted } = await answersOf('weights.json')
    expect(lines).toHaveLength(300)
    lines.forEach((line, i) => {
      const [index, label, prediction, ...probabilities] = line.split(',').map(Number)
      expect([index, label, prediction]).toEqual([i, digits.labels[i], predicted[i]])
      probabilities.forEach((p, digit) => expect(p).toBeCloseTo(A2.get(digit, i), 12))
    })
    for (const stdout of ['-', '/dev/stdout']) {
      expect(await evaluate(...ON_NEW, '--predictions', stdout)).toEqual({ code: 0, stdout: text, stderr: '' })
    }
    const { stdout: blind } = await evaluate('--data', 'blind.csv', '--predictions', '-')
    expect(blind).toBe(text.replace(/^(\d+),\d/gm, '$1,'))
  })

  test('says if the network was trained on the digits', async () => {
    const { stdout } = await evaluate('--data', 'old.csv', '--mistakes', '0')
    expect(stdout).toContain(
      '\nweights.json was trained on these digits (50 of them held out): expect a lower accuracy on others.\n',
    )
    expect(jsonOf((await evaluate('--data', 'old.csv', '--json')).stdout)[0].trainedOn).toBe(true)
  })

  test('--require-accuracy is exit code 1 for each network below it', async () => {
    const { correct } = await answersOf('weights.json')
    const exactly = ['--require-accuracy', `${correct / 300}`, '--json']
    expect(await evaluate(...ON_NEW, ...exactly)).toMatchObject({ code: 0, stderr: '' })
    const { correct: bad } = await answersOf('bad.json')
    const { code, stderr } = await evaluate('weights.json', 'bad.json', ...ON_NEW, ...exactly)
    const share = `${bad / 300} (${bad} of 300 digits)`
    expect([code, stderr]).toEqual([1, `bad.json: accuracy ${share} is below the required ${correct / 300}\n`])
    expect(await evaluate('bad.json', ...ON_NEW, ...exactly, '--quiet')).toMatchObject({ code: 1, stderr: '' })
  })

  test('of unlabelled digits reports predictions and confidence, and that accuracy needs labels', async () => {
    const { code, stdout } = await evaluate('--data', 'blind.csv')
    expect(code).toBe(0)
    expect(stdout).toContain('unlabelled, and accuracy needs labels')
    const { A2, predicted } = await answersOf('weights.json')
    const [found] = jsonOf((await evaluate('--data', 'blind.csv', '--json')).stdout)
    expect(found.predicted).toEqual(Array.from({ length: 10 }, (_, d) => predicted.filter((p) => p === d).length))
    const sure = Array.from(predicted, (digit, i) => A2.get(digit, i))
    expect(found.confidence).toBeCloseTo(sure.reduce((sum, p) => sum + p, 0) / 300, 12)
    expect(Object.keys(found)).toEqual(['schema', 'file', 'data', 'digits', 'predicted', 'confidence', 'bins'])
  })

  test('compares networks with the best of them', async () => {
    const names = ['bad.json', 'weights.json', 'other.json']
    const lines = jsonOf((await evaluate(...names, ...ON_NEW, '--json', '--mistakes', '0')).stdout)
    const answers = Object.fromEntries(await Promise.all(names.map(async (name) => [name, await answersOf(name)])))
    expect(lines.map(({ correct }) => correct)).toEqual(names.map((name) => answers[name].correct).toSorted((a, b) => b - a))
    const [{ file: best, comparison: none }, ...others] = lines
    expect(none).toBeUndefined()
    for (const { file, comparison } of others) {
      const counts = paired(digits.labels, answers[best].predicted, answers[file].predicted)
      expect(comparison).toMatchObject({ best, onlyBest: counts.onlyFirst, onlyThis: counts.onlySecond })
      expect(comparison.difference).toBeCloseTo((answers[best].correct - answers[file].correct) / 300, 12)
      expect(comparison.p).toBe(mcNemar(counts.onlyFirst, counts.onlySecond))
      expect(comparison.pHolm).toBeGreaterThanOrEqual(comparison.p)
    }
    const { stdout } = await evaluate(...names, ...ON_NEW)
    expect(stdout).toMatch(/^3 networks on 300 digits of new\.csv\n.* is the best of 3 on these digits/)
    expect(stdout).toMatch(/bad\.json: [\d.]+ points below .*; worse than \w+\.json, p [=<] /)
    const two = (await evaluate('weights.json', 'other.json', ...ON_NEW)).stdout
    expect(two).toMatch(/; no difference that 300 digits can show, p = [\d.]+\n$/)
    expect(two).toContain("McNemar's exact test\n")
    expect(jsonOf((await evaluate('weights.json', 'other.json', ...ON_NEW, '--json')).stdout)[1].comparison).not.toHaveProperty('pHolm')
  }) // prettier-ignore

  test('ranks equally accurate networks by loss, and measures each as if it were alone', async () => {
    const weights = await load(at('weights.json'))
    for (const part of ['W2', 'b2'] as const) weights.params[part].data.forEach((x, i, all) => (all[i] = x / 3))
    await save(at('flat.json'), weights) // the same predictions, less sure
    await run('mnist-train', ['--data', 'old.csv', '--dev', '50', '--iters', '9', '--hidden', '4', '--out', 'four.json'], { cwd }) // prettier-ignore
    const names = ['four.json', 'flat.json', 'weights.json']
    const lines = jsonOf((await evaluate(...names, ...ON_NEW, '--json', '--mistakes', '0')).stdout)
    expect(lines.map(({ file }) => file)).toEqual(names.toReversed())
    expect(lines[0].correct).toBe(lines[1].correct)
    for (const { file, correct, loss } of lines) {
      expect(jsonOf((await evaluate(file, ...ON_NEW, '--json')).stdout)[0]).toMatchObject({ correct, loss })
    }
  })

  test('leaves out of JSON a loss that is infinite', async () => {
    const weights = await load(at('weights.json'))
    weights.params.W2.data.forEach((x, i, all) => (all[i] = 1e4 * x))
    await save(at('sure.json'), weights)
    const [{ mistakes, ...found }] = jsonOf(
      (await evaluate('sure.json', ...ON_NEW, '--json', '--mistakes', '1')).stdout,
    )
    expect(found).not.toHaveProperty('loss')
    expect(mistakes[0]).toMatchObject({ probabilityOfLabel: 0 })
    expect(mistakes[0]).not.toHaveProperty('loss')
  })

  test('says if src/network.ts does not compute the activation of the network', async () => {
    await save(at('custom.json'), { ...(await load(at('weights.json'))), activation: 'custom' })
    const { code, stderr } = await evaluate('custom.json', ...ON_NEW)
    expect([code, stderr]).toEqual([
      0,
      expect.stringMatching(/^custom\.json was trained with an activation of its own, /),
    ])
  })

  test('shades the matrix in colour only if colour is wanted, and shows the same numbers', async () => {
    const args = [...ON_NEW, '--mistakes', '0']
    const { stdout: coloured } = await run('mnist-evaluate', args, { cwd, env: { FORCE_COLOR: '1' } })
    const { stdout: plain } = await run('mnist-evaluate', args, { cwd, env: { FORCE_COLOR: '1', NO_COLOR: '1' } })
    expect(coloured).toContain('\u001b[97;48;5;196m')
    expect(coloured.replaceAll(/\u001b\[[\d;]*m/g, '')).toBe(plain) // eslint-disable-line no-control-regex
  })

  test('is ASCII if the locale is', async () => {
    const { stdout } = await run('mnist-evaluate', ON_NEW, { cwd, env: { LANG: 'C' } })
    expect(stdout).toMatch(/^[\n -~]*$/)
    expect((await run('mnist-evaluate', ON_NEW, { cwd, env: { LANG: 'C', LC_ALL: 'C.UTF-8' } })).stdout).toContain('–')
  })

  test('asks for --data where the weights were trained on another file than the default', async () => {
    const { code, stderr } = await evaluate()
    expect(code).toBe(64)
    expect(stderr).toMatch('weights.json was trained on old.csv, but the default data is generated: name the data with')
    const env = { MNIST_DATA: 'new.csv' } // which names the data, too
    expect(await run('mnist-evaluate', [], { cwd, env })).toMatchObject({ code: 0, stderr: '' })
  })

  test('refuses the same file under two names', async () => {
    linkSync(at('weights.json'), at('link.json'))
    const same = 'link.json: the same file as weights.json; a network cannot be compared with itself'
    expect(await evaluate('weights.json', 'link.json')).toMatchObject({ code: 64, stderr: `mnist-evaluate: ${same}\n` })
  })

  test('refuses weights so large that they give no probabilities', async () => {
    const weights = await load(at('weights.json'))
    weights.params.W1.data.fill(1e300)
    weights.params.W2.data.fill(1e300)
    writeFileSync(at('huge.json'), format(weights))
    const { code, stderr } = await evaluate('huge.json', ...ON_NEW)
    expect([code, stderr]).toEqual([
      65,
      'mnist-evaluate: huge.json: no probabilities for row 0: its weights are too large\n',
    ])
  })

  test.each([
    [['--confusion', '4:4'], 64, '--confusion 4:4: a 4 read as 4 is no mistake; name two digits'],
    [['--confusion', '4-9'], 64, '--confusion "4-9": not a label and a prediction, such as 4:9'],
    [['--mistakes', '-1'], 64, '--mistakes "-1": not an integer from 0 to 10000'],
    [['--require-accuracy', '80'], 64, '--require-accuracy "80": not a number from 0 to 1'],
    [['new.csv'], 64, 'new.csv: digits, not weights; to evaluate on them: --data new.csv'],
    [['--data', 'new.csv', 'bad.json'], 64, '--data bad.json: weights, not digits; name weights before --data'],
    [['bad.json', 'bad.json'], 64, 'bad.json: named twice; a network cannot be compared with itself'],
    [['--data', 'new.csv', './new.csv'], 64, './new.csv: the same file as new.csv; every digit would count twice'],
    [['a.json', '-w', 'b.json'], 64, '--weights b.json: name all weights files as arguments, or one with --weights'],
    [['a.json', 'b.json', '--confusion', '4:9'], 64, '--confusion: for one network, but 2 are named; name one'],
    [['a.json', 'b.json', '--predictions', 'p.csv'], 64, '--predictions: for one network, but 2 are named; name one'],
    [['--predictions', '-', '--json'], 64, '--predictions - and --json both write to stdout: write the predictions to a file'],
    [[...ON_NEW, '--predictions', 'new.csv'], 64, '--predictions new.csv: is read as new.csv; write to another file'],
    [['--predictions', 'weights.json'], 64, '--predictions weights.json: is read as weights.json; write to another file'],
    [[...ON_NEW, '--predictions', 'no/p.csv'], 73, 'cannot write no/p.csv: its folder does not exist'],
    [['none.json'], 66, 'none.json: no such file'],
    [['--data', 'none.csv'], 66, 'none.csv: no such file'],
    [['--data', 'blind.csv', '--require-accuracy', '0.8'], 65, 'blind.csv: no labels; add the file that holds them, or use labelled digits'],
    [['--data', 'blind.csv', '--confusion', '4:9'], 65, 'blind.csv: no labels; add the file that holds them, or use labelled digits'],
  ] as [string[], number, string][])('refuses %j', async (args, code, sentence) => {
    expect(await evaluate(...args)).toEqual({ code, stdout: '', stderr: `mnist-evaluate: ${sentence}\n` })
  }) // prettier-ignore

  test('ends quietly if nobody reads its output', async () => {
    for (const more of [[], ['--predictions', '-']]) {
      const child = start('mnist-evaluate', [...ON_NEW, ...more], { cwd })
      await once(child, 'spawn')
      child.stdout!.destroy()
      expect(await ended(child)).toMatchObject({ code: 0, stderr: '' })
    }
    const command = `'${process.execPath}' '${bin('mnist-evaluate')}' ${ON_NEW.join(' ')} --predictions /dev/stdout`
    expect(spawnSync('bash', ['-c', `${command} | true`], { cwd, encoding: 'utf8' }).stderr).toBe('')
  })
})

test.each([
  [0, '< 1e-300'],
  [1.234e-7, '= 1.2e-7'],
  [0.0512, '= 0.051'],
  [1, '= 1'],
])('a p-value of %s is shown in two digits', (p, shown) => {
  expect(shownP(p)).toBe(shown)
})
