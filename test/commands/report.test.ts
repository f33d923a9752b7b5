import { chmodSync, existsSync, linkSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { shownP } from '../../src/commands/evaluate/report.ts'
import { generate } from '../../src/digits/generate.ts'
import { invert, transpose } from '../../src/digits/suspicions.ts'
import { wilsonInterval } from '../../src/evaluation.ts'
import { decodeNumbers, unpackPixels } from '../../src/page/encoding.ts'
import type { ReportData } from '../../src/page/report-data.ts'
import { load, save, type Weights } from '../../src/weights.ts'
import { PATH, run as runAsProcess } from '../support/command.ts'
import { csvOf } from '../support/csv.ts'
import { newFolder } from '../support/folder.ts'
import { runInProcess as run } from '../support/in-process.ts'

const cwd = newFolder()
const at = (name: string) => join(cwd, name)
const text = (name: string) => readFileSync(at(name), 'utf8')
const report = (...args: string[]) => run('mnist-report', args, { cwd })
/** The command that trains again, without the tags that keep its options together. */
const commandOn = (page: string) =>
  /<pre class="command"[^>]*><code>(.*?)<\/code>/.exec(text(page))![1].replaceAll(/<\/?span>/g, '')
const DONE = { code: 0, stdout: '', stderr: '' }

beforeAll(async () => {
  writeFileSync(at('new.csv'), csvOf(generate(300, 7)))
  writeFileSync(at('old.csv'), csvOf(generate(400, 6)))
  const train = (...args: string[]) => run('mnist-train', ['--data', 'old.csv', '--dev', '50', ...args], { cwd })
  await train('--iters', '60', '--log-every', '10')
  await train('--iters', '30', '--seed', '5', '--alpha', '0.2', '--out', 'other.json')
  await train('--iters', '3', '--hidden', '45', '--batch', '32', '--out', 'wide.json')
})

/** The data of a page's script. */
function dataOf(name: string): ReportData {
  const [, json] = /<script type="application\/json" id="data">([^]*?)<\/script>/.exec(text(name))!
  return JSON.parse(json) as ReportData
}

describe('mnist-report', () => {
  test('writes report.html, and says so on stderr', async () => {
    const { code, stdout, stderr } = await report()
    expect([code, stdout]).toEqual([0, ''])
    expect(stderr).toMatch(/^report\.html written, \d+ kB\n$/)
    const { params, history, result } = await load(at('weights.json'))
    const data = dataOf('report.html')
    for (const name of ['W1', 'b1', 'W2', 'b2'] as const)
      expect(decodeNumbers(data.params[name])).toEqual(params[name].data)
    expect(data.runs).toEqual([{ name: 'weights.json', history }])
    expect(data.samples.map(({ label }) => label)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    expect(data.mistakes).toEqual([])
    const { low, high } = wilsonInterval(Math.round(result.devAccuracy! * 50), 50)
    expect(text('report.html')).toContain(`of 50; 95 % interval ${(100 * low).toFixed(2)}–${(100 * high).toFixed(2)} %`)
    expect(text('report.html')).toContain('400 digits of old.csv, 50 of them held out')
    expect(text('report.html')).toContain('<code>--hidden</code>') // although it is the default
  })

  test('the same input gives the same bytes, at most 700 kB', async () => {
    expect(await report('weights.json', '--data', 'new.csv', '--quiet')).toEqual(DONE)
    const first = text('report.html')
    expect(await report('weights.json', '--data', 'new.csv', '--quiet')).toEqual(DONE)
    expect(text('report.html')).toBe(first)
    expect(await report('weights.json', '--data', 'new.csv', '--mistakes', '0', '--quiet')).toEqual(DONE)
    expect(Buffer.byteLength(text('report.html'))).toBeLessThan(700_000)
    expect(first).not.toContain(cwd)
  })

  test('allows nothing from outside in its policy', async () => {
    await report('--quiet')
    const [, policy] = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(text('report.html'))!
    expect(policy.replaceAll('&#39;', "'")).toMatch(
      /^default-src 'none'; script-src 'sha256-[\w+/=]+'; style-src 'unsafe-inline'; img-src data: blob:; base-uri 'none'; form-action 'none'$/,
    )
    expect(text('report.html')).not.toMatch(/(src|href)="(?!#)/)
  })

  test('the command on the page trains the same weights again', async () => {
    await report('other.json', '--quiet')
    const command = commandOn('report.html')
    expect(command).toBe('mnist-train --data old.csv --dev 50 --iters 30 --alpha 0.2 --seed 5 --log-every 100')
    const [name, ...words] = command.split(' ')
    expect(await run(name, [...words, '--out', 'again.json'], { cwd })).toMatchObject({ code: 0 })
    expect(text('again.json')).toBe(text('other.json'))
  })

  test.each([
    [{}, {}, 'as planned'],
    [{ iterations: 100 }, {}, 'of 100 planned'],
    [{}, { kept: 40, stopped: 'patience' as const }, 'the best of them kept, after 40 iterations'],
    [{ patience: 2 }, { stopped: 'patience' as const }, 'stopped without further improvement'],
    [{}, { stopped: 'target-accuracy' as const }, 'stopped at the target accuracy'],
  ])('says how the run ended: %j %j', async (training, result, sentence) => {
    const weights = await load(at('weights.json'))
    const changed = { ...weights, training: { ...weights.training, ...training }, result: { ...weights.result, ...result } } // prettier-ignore
    await save(at('ended.json'), changed as Weights)
    expect(await report('ended.json', '--quiet')).toEqual(DONE)
    expect(text('report.html')).toContain(`<div class="about">${sentence}</div>`)
    expect(text('report.html')).toContain('of the 350 digits it learned from')
  })

  test('repeats what the run read: its test digits, and the weights that it began with', async () => {
    const args = ['--data', 'old.csv', '--dev', '50', '--iters', '2', '--init', 'weights.json', '--test', 'new.csv']
    await run('mnist-train', [...args, '--out', 'begun.json'], { cwd })
    await report('begun.json', '--quiet')
    const command = commandOn('report.html')
    expect(command).toContain(' --test new.csv ')
    expect(command).toContain(' --init FILE')
    expect(text('report.html')).toContain('FILE is the weights file with the SHA-256')
    expect(text('report.html')).toContain('test accuracy')
    expect(dataOf('report.html').change).toBeUndefined()
    await report('begun.json', '--data', 'new.csv', '--quiet')
    expect(text('report.html')).not.toContain('test accuracy') // which the page measures itself
  })

  test('compares runs with the best by the p that mnist-evaluate has', async () => {
    const files = ['other.json', 'weights.json', 'wide.json']
    for (const named of [files.slice(0, 2), files]) {
      await report(...named, '--data', 'new.csv', '--quiet')
      const { stdout } = await run('mnist-evaluate', [...named, '--data', 'new.csv', '--json'], { cwd })
      const found = stdout.trimEnd().split('\n').map((line) => JSON.parse(line) as { file: string; comparison?: { p: number; pHolm?: number } }) // prettier-ignore
      const shown = found.map(({ file, comparison }) => [file, comparison ? shownP(comparison.pHolm ?? comparison.p).replace('= ', '') : 'best']) // prettier-ignore
      const rows = [...text('report.html').matchAll(/data-highlight="\d"[^>]*>([^<]*)<[^]*?(?:<td class="number">[^<]*<\/td>){2}<td class="number">([^<]*)</g)] // prettier-ignore
      expect(rows.map(([, file, p]) => [file, p.replace('&lt;', '<')])).toEqual(shown)
      expect(text('report.html').includes('Holm’s correction')).toBe(named.length > 2)
    }
  })

  test('corrects transposed and inverted digits, and says if they look so', async () => {
    const many = generate(200, 21)
    transpose(many)
    invert(many)
    writeFileSync(at('odd.csv'), csvOf(many))
    expect((await report('--data', 'odd.csv')).stderr).toMatch(/odd\.csv: the digits look inverted, /)
    expect((await report('--data', 'odd.csv', '--invert')).stderr).toMatch(/odd\.csv: the digits look transposed, /)
    expect((await report('--data', 'odd.csv', '--invert', '--transpose')).stderr).not.toContain('look')
  })

  test('says if src/network.ts does not compute a network, and refuses one with functions of its own', async () => {
    const weights = await load(at('weights.json'))
    await save(at('custom.json'), { ...weights, activation: 'custom' })
    expect((await report('custom.json')).stderr).toMatch(/^custom\.json was trained with an activation of its own, /)
    const network = { name: 'tanh.mjs', sha256: '0'.repeat(64) }
    const training = { ...weights.training, engine: 'reference' as const, network }
    await save(at('own.json'), { ...weights, activation: 'custom', training })
    const stderr = 'mnist-report: own.json: trained with tanh.mjs, which the page cannot run\n'
    expect(await report('own.json')).toEqual({ code: 64, stdout: '', stderr })
  })

  test('shows in detail the network that is best on the data, and the mistakes that mnist-evaluate finds', async () => {
    expect(await report('other.json', 'weights.json', '--data', 'new.csv', '--mistakes', '2', '--quiet')).toEqual(DONE)
    const { stdout } = await run('mnist-evaluate', ['other.json', 'weights.json', '--data', 'new.csv', '--json', '--mistakes', '1000'], { cwd }) // prettier-ignore
    const [best] = stdout.split('\n').map((line) => line && (JSON.parse(line) as { file: string; correct: number; mistakes: { index: number; label: number; prediction: number }[] })) // prettier-ignore
    if (!best) throw new Error('nothing evaluated')
    const { params } = await load(at(best.file))
    const data = dataOf('report.html')
    expect(decodeNumbers(data.params.W1)).toEqual(params.W1.data)
    const ofPair = (label: number, prediction: number) => best.mistakes.filter((one) => one.label === label && one.prediction === prediction).slice(0, 2) // prettier-ignore
    const wanted = best.mistakes.filter((one) => ofPair(one.label, one.prediction).includes(one))
    expect(data.mistakes.map(({ index }) => index)).toEqual(wanted.map(({ index }) => index))
    const lines = text('new.csv').split('\n')
    for (const { index, pixels } of data.mistakes) expect(lines[index].slice(2)).toBe(unpackPixels(pixels).join())
    expect(text('report.html')).toContain(`${best.correct} of 300 digits of new.csv`)
  })

  test('without data shows in detail the network that is best on its held-out digits', async () => {
    await report('other.json', 'weights.json', '--quiet')
    const found = await Promise.all(['other.json', 'weights.json'].map((name) => load(at(name))))
    const best = found.toSorted((a, b) => b.result.devAccuracy! - a.result.devAccuracy!)[0]
    expect(decodeNumbers(dataOf('report.html').params.W1)).toEqual(best.params.W1.data)
    expect(dataOf('report.html').runs[0].history).toEqual(best.history)

    const [one, other] = found // what is better on held-out digits may be worse in training
    await save(at('one.json'), { ...one, result: { ...one.result, devAccuracy: 0.9, trainAccuracy: 0.5 } })
    await save(at('two.json'), { ...other, result: { ...other.result, devAccuracy: 0.8, trainAccuracy: 0.6 } })
    const first = async () => {
      await report('two.json', 'one.json', '--quiet')
      return dataOf('report.html').runs[0].name
    }
    expect(await first()).toBe('one.json')
    const { devAccuracy: _, ...result } = other.result
    await save(at('two.json'), { ...other, result: { ...result, trainAccuracy: 0.6 } })
    expect(await first()).toBe('two.json')
  })

  test('offers as samples only digits that are there', async () => {
    writeFileSync(at('few.csv'), text('new.csv').split('\n').filter((line) => /^[38],/.test(line)).join('\n')) // prettier-ignore
    await report('--data', 'few.csv', '--quiet')
    expect(dataOf('report.html').samples.map(({ label }) => label)).toEqual([3, 8])
  })

  test('shows the first forty units of many', async () => {
    await report('wide.json', '--quiet')
    expect(text('report.html').match(/data-unit="\d+"\s+data-view="weights"/g)).toHaveLength(40)
    expect(text('report.html')).toContain('Show all 45 units')
  })

  test('names files without the folders that all are in', async () => {
    await report(at('weights.json'), at('other.json'), '--quiet')
    expect(
      dataOf('report.html')
        .runs.map(({ name }) => name)
        .toSorted(),
    ).toEqual(['other.json', 'weights.json'])
    expect(text('report.html')).not.toContain(cwd)
  })

  test('replaces only a report, unless forced', async () => {
    writeFileSync(at('mine.html'), '<!doctype html>\nmine')
    const { code, stderr } = await report('--out', 'mine.html')
    expect([code, stderr]).toEqual([73, 'mnist-report: cannot write mine.html: it exists; it is no report; use another name, or replace it with --force\n']) // prettier-ignore
    expect(text('mine.html')).toBe('<!doctype html>\nmine')
    expect(await report('--out', 'mine.html', '--force', '--quiet')).toEqual(DONE)
    expect(await report('--out', 'mine.html', '--quiet')).toEqual(DONE)
  })

  test('never replaces what it reads', async () => {
    linkSync(at('weights.json'), at('link.json'))
    for (const out of ['weights.json', 'link.json']) {
      const { code, stderr } = await report('--out', out, '--force')
      expect(code).toBe(64)
      expect(stderr).toMatch(`mnist-report: --out ${out} is what the command reads`)
    }
    expect(await report('--out', '-')).toMatchObject({ code: 64 })
    expect(existsSync(at('-'))).toBe(false)
  })

  test.each([
    [['nope.json'], 66, 'nope.json: no such file'],
    [['new.csv'], 64, 'new.csv: digits, not weights; to evaluate on them: --data new.csv'],
    [['weights.json', 'weights.json'], 64, 'weights.json: named twice; a network cannot be compared with itself'],
    [['weights.json', '--data', 'nope.csv'], 66, 'nope.csv: no such file'],
    [['weights.json', '--weights', 'other.json'], 64, '--weights other.json: name all weights files as arguments, or one with --weights'],
    [['--out', 'nowhere/report.html'], 73, 'cannot write nowhere/report.html: its folder does not exist'],
  ])('refuses %j', async (args, code, message) => {
    expect(await report(...args)).toEqual({ code, stdout: '', stderr: `mnist-report: ${message}\n` })
  }) // prettier-ignore

  test('--open opens the page, and says if it cannot', async () => {
    writeFileSync(
      at('xdg-open'),
      `#!/bin/sh\necho "$1" > "${at('opened')}.new" && mv "${at('opened')}.new" "${at('opened')}"\n`,
    )
    chmodSync(at('xdg-open'), 0o755)
    const open = (path: string) => runAsProcess('mnist-report', ['--open'], { cwd, env: { PATH: path } })
    expect(await open(`${cwd}:${PATH}`)).toMatchObject({ code: 0 })
    await expect.poll(() => existsSync(at('opened')), { timeout: 10_000 }).toBe(true)
    expect(text('opened').trim()).toBe(at('report.html'))
    expect((await open('/nowhere')).stderr).toContain('xdg-open not found; open report.html in a browser\n')
  })
})
