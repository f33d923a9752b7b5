import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { parse } from 'csv-parse/sync'
import { beforeAll, describe, expect, test } from 'vitest'
import { generate } from '../../src/digits/generate.ts'
import { load, save } from '../../src/weights.ts'
import { start } from '../support/command.ts'
import { newFolder } from '../support/folder.ts'
import { runInProcess as run } from '../support/in-process.ts'
import { csvOf } from '../support/csv.ts'

const cwd = newFolder()
const at = (name: string) => join(cwd, name)
const runs = (...args: string[]) => run('mnist-runs', args, { cwd })
const train = (out: string, ...args: string[]) =>
  run('mnist-train', ['--data', 'small.csv', '--dev', '100', '--out', out, ...args], { cwd })
const NAMES = ['a.json', 'b.json', 'c.json']

beforeAll(async () => {
  writeFileSync(at('small.csv'), csvOf(generate(300, 4)))
  mkdirSync(at('runs'))
  await train('runs/a.json', '--iters', '40', '--log-every', '10', '--alpha', '0.05')
  await train('runs/b.json', '--iters', '40', '--log-every', '10', '--alpha', '0.4', '--hidden', '3')
  await train('runs/c.json', '--iters', '40', '--log-every', '10', '--alpha', '0.2')
  const { accuracies } = await stored()
  expect(new Set(accuracies).size, 'runs of equal dev accuracy cannot show the order').toBe(3)
})

/** The runs' files. */
async function stored(folder = 'runs') {
  const files = await Promise.all(NAMES.map((name) => load(at(`${folder}/${name}`))))
  return { files, accuracies: files.map((file) => file.result.devAccuracy!) }
}

/** Copies a run's file to another folder, its text changed. */
function edit(folder: string, name: string, change: (text: string) => string): void {
  mkdirSync(at(folder), { recursive: true })
  writeFileSync(at(`${folder}/${name}`), change(readFileSync(at(`runs/${name}`), 'utf8')))
}

/** The cells of a table's lines. */
const cells = (stdout: string) => stdout.trimEnd().split('\n').map((line) => line.split(/ {2,}/)) // prettier-ignore
const namesIn = (stdout: string) => cells(stdout).slice(1).map(([name]) => name) // prettier-ignore

describe('mnist-runs', () => {
  test('prints one line per run, best dev accuracy first, with the options that differ and a curve', async () => {
    const { code, stdout, stderr } = await runs('runs')
    expect([code, stderr]).toEqual([0, ''])
    const { files, accuracies } = await stored()
    const best = [0, 1, 2].toSorted((i, j) => accuracies[j] - accuracies[i])
    const all = files.flatMap(({ history }) => history.map((entry) => entry.devAccuracy!))
    const scale = `devAccuracy ${Math.min(...all).toFixed(4)} to ${Math.max(...all).toFixed(4)}`
    const [header, ...lines] = cells(stdout)
    expect(header).toEqual(['name', 'hidden', 'alpha', 'iterations', 'loss', 'trainAccuracy', 'devAccuracy', scale])
    expect(lines.map((line) => line.slice(0, -1))).toEqual(
      best.map((i) => {
        const { params, training, result } = files[i]
        const numbers = [result.loss!, result.trainAccuracy!, result.devAccuracy!].map((number) => number.toFixed(4))
        return [NAMES[i], String(params.W1.shape[0]), String(training.alpha), '40/40', ...numbers]
      }),
    )
    for (const line of lines) expect(line.at(-1)).toMatch(/^[▁▂▃▄▅▆▇█]{5}$/)
  })

  test('sorts by any column, either way, also by the name of an option', async () => {
    expect(namesIn((await runs('runs', '--sort', 'alpha')).stdout)).toEqual(['a.json', 'c.json', 'b.json'])
    expect(namesIn((await runs('runs', '--sort', 'alpha', '--reverse')).stdout)).toEqual(['b.json', 'c.json', 'a.json'])
    expect(namesIn((await runs('runs', '--sort', 'name')).stdout)).toEqual(NAMES)
    const first = namesIn((await runs('runs')).stdout)
    expect(namesIn((await runs('runs', '--reverse')).stdout)).toEqual(first.toReversed())
    expect(namesIn((await runs('runs', '--sort', 'log-every')).stdout)).toEqual(NAMES)
  })

  test('puts runs without the column last, either way, and shows - there', async () => {
    for (const name of NAMES) edit('part', name, (text) => text)
    edit('part', 'b.json', (text) => text.replace(/,"devAccuracy":[\d.]+/, ''))
    for (const args of [[], ['--reverse']]) {
      const { stdout } = await runs('part', ...args)
      expect(namesIn(stdout).at(-1)).toBe('b.json')
      expect(cells(stdout).at(-1)!.at(-2)).toBe('-')
    }
  })

  test('marks incomplete runs, and says why a run stopped early', async () => {
    edit('short', 'a.json', (text) => text.replace('"result": {"iterations":40', '"result": {"iterations":20'))
    edit('short', 'b.json', (text) =>
      text.replace('"result": {"iterations":40', '"result": {"stopped":"patience","iterations":30'),
    )
    const lines = cells((await runs('short', '--sort', 'name')).stdout)
    expect(lines.slice(1).map((line) => line[3])).toEqual(['20/40 incomplete', '30/40 patience'])
  })

  test('draws curves of the dev accuracy if every report has it', async () => {
    for (const name of NAMES) {
      edit('dev', name, (text) => text.replace(/("accuracy":[\d.]+,"devAccuracy":)[\d.]+/g, '$10.25'))
    }
    expect((await runs('dev')).stdout).toContain('devAccuracy 0.2500 to 0.2500\n')
    edit('dev', 'b.json', (text) => text.replace(/("accuracy":[\d.]+),"devAccuracy":[\d.]+/, '$1'))
    expect((await runs('dev')).stdout).toMatch(/trainAccuracy [\d.]+ to [\d.]+\n/)
  })

  test('with --json prints one value per line', async () => {
    const { stdout } = await runs('runs', '--json', '--sort', 'name')
    const { files } = await stored()
    const values: unknown[] = stdout.trimEnd().split('\n').map((line) => JSON.parse(line)) // prettier-ignore
    expect(values).toEqual(
      files.map(({ params, training, result, history }, i) => {
        const hidden = params.W1.shape[0]
        return { schema: 'mnist-runs/1', file: `runs/${NAMES[i]}`, hidden, training, result, history }
      }),
    )
  })

  test('with --csv writes all options of several folders in full precision', async () => {
    const { stdout } = await runs('short', 'runs', '--csv', '--sort', 'name')
    const rows = parse(stdout, { columns: true }) as Record<string, string>[]
    expect(rows.map((row) => row.name)).toEqual([
      'runs/a.json',
      'runs/b.json',
      'runs/c.json',
      'short/a.json',
      'short/b.json',
    ])
    const [{ training, result }] = (await stored()).files
    expect(rows[0]).toMatchObject({
      alpha: '0.05',
      notebook: 'false',
      data: `small.csv:${training.data.sha256.slice(0, 8)}`,
      iterations: '40',
      planned: '40',
      stopped: '',
      loss: String(result.loss),
    })
    expect(rows[4]).toMatchObject({ iterations: '30', stopped: 'patience' })
  })

  test('with --curve draws each run below the table', async () => {
    const { stdout } = await runs('runs', '--curve', '--sort', 'name')
    expect(stdout.split('\n\n')[2].split('\n').slice(0, 2)).toEqual([
      expect.stringMatching(/^runs\/b\.json {2}devAccuracy$/),
      expect.stringMatching(/^0\.\d{4} ┤/),
    ])
    expect(stdout.split('\n').filter((line) => /^ {8}0 {57}39$/.test(line))).toHaveLength(3)
  })

  test('skips other and damaged files, and names them', async () => {
    edit('mixed', 'a.json', (text) => text)
    const whole = readFileSync(at('runs/b.json'), 'utf8')
    writeFileSync(at('mixed/cut.json'), whole.slice(0, 20_000))
    writeFileSync(at('mixed/wrong.json'), whole.replace('"alpha":0.4', '"alpha":"0.4"'))
    writeFileSync(at('mixed/other.json'), '{"a": 1}')
    writeFileSync(at('mixed/notes.txt'), '')
    const { code, stdout, stderr } = await runs('mixed')
    expect([code, namesIn(stdout)]).toEqual([0, ['a.json']])
    expect(stderr.split('\n')).toEqual([
      'mixed/cut.json: not a weights file: not JSON; skipped',
      'mixed/other.json: not a weights file: "format" is not "mnist-weights"; skipped',
      'mixed/wrong.json: training.alpha is "0.4", not a number above 0; skipped',
      '',
    ])
    expect((await runs('mixed', '--quiet')).stderr).toBe('')
  })

  test('takes files, each once, and without any the current folder', async () => {
    expect(namesIn((await runs('runs/c.json', 'runs/a.json', '--sort', 'name')).stdout)).toEqual(['a.json', 'c.json'])
    expect((await runs('runs', 'runs/c.json')).stdout).toBe((await runs('runs')).stdout)
    expect((await run('mnist-runs', [], { cwd: at('runs') })).stdout).toBe((await runs('runs')).stdout)
  })

  test('of several folders shows the paths, and of hidden files none', async () => {
    edit('one', 'a.json', (text) => text)
    edit('two', 'c.json', (text) => text)
    writeFileSync(at('two/.b.json'), readFileSync(at('two/c.json')))
    expect(namesIn((await runs('one', 'two', '--sort', 'name')).stdout)).toEqual(['one/a.json', 'two/c.json'])
  })

  test('is ASCII if the locale is', async () => {
    const { stdout } = await run('mnist-runs', ['runs', '--curve'], { cwd, env: { LANG: 'C' } })
    expect(stdout).toMatch(/^[\n -~]*$/)
    expect(stdout).toMatch(/ [_.:\-=+*#]{5}\n/)
  })

  test('draws the curve of a run of one iteration', async () => {
    await train('one/once.json', '--iters', '1')
    const [line] = cells((await runs('one/once.json')).stdout).slice(1)
    expect(line.at(-1)).toBe('▁')
  })

  test('has columns for what a run began with, and for functions of its own', async () => {
    const weights = await load(at('runs/a.json'))
    const network = { name: 'tanh.mjs', sha256: '89abcdef'.repeat(8) }
    const training = { ...weights.training, engine: 'reference' as const, init: '01234567'.repeat(8), network }
    mkdirSync(at('own'))
    await save(at('own/a.json'), { ...weights, activation: 'custom', training })
    edit('own', 'b.json', (text) => text)
    const rows = parse((await runs('own', '--csv', '--sort', 'name')).stdout, { columns: true }) as Record<string, string>[] // prettier-ignore
    expect(rows[0]).toMatchObject({ activation: 'custom', init: '01234567', network: 'tanh.mjs:89abcdef' })
    expect(rows[1]).toMatchObject({ activation: '', init: '', network: '' })
  })

  test('skips a named pipe, which nobody writes to', async () => {
    edit('piped', 'a.json', (text) => text)
    execFileSync('mkfifo', [at('piped/z.json')])
    mkdirSync(at('piped/folder.json'))
    const { code, stdout, stderr } = await runs('piped')
    expect([code, namesIn(stdout)]).toEqual([0, ['a.json']])
    expect(stderr).toBe('piped/folder.json: not a file; skipped\npiped/z.json: not a file; skipped\n')
  })

  test('escapes control characters of names, in the table, the curves and the notices', async () => {
    edit('odd', 'a.json', (text) => text.replace('["small.csv"]', String.raw`["\u001b]0;owned\u0007\u202e"]`))
    edit('odd', 'b.json', (text) => text)
    writeFileSync(at('odd/\u001b[31mred\n.json'), readFileSync(at('odd/b.json')))
    writeFileSync(at('odd/\u009b2J.json'), '{}')
    const { stdout, stderr } = await runs('odd', '--curve')
    expect(`${stdout}${stderr}`.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202e]/u)
    expect(stdout).toContain(String.raw`\u001b[31mred\n.json  `)
    expect(stdout).toContain(String.raw`\u001b]0;owned\u0007\u202e:`)
    expect(stderr).toContain(String.raw`odd/\u009b2J.json: not a weights file`)
  })

  test('with --csv writes no formulas', async () => {
    edit('formulas', 'a.json', (text) => text)
    for (const name of ['=1+1', '@SUM(1)', '-1', '+1']) {
      writeFileSync(at(`formulas/${name}.json`), readFileSync(at('runs/a.json')))
    }
    edit('formulas', 'b.json', (text) => text.replace('["small.csv"]', '["=HYPERLINK(1)"]'))
    const { stdout } = await run('mnist-runs', ['--csv', '--sort', 'name'], { cwd: at('formulas') })
    const rows = parse(stdout, { columns: true }) as Record<string, string>[]
    expect(rows.map((row) => row.name)).toEqual([
      "'+1.json",
      "'-1.json",
      "'=1+1.json",
      "'@SUM(1).json",
      'a.json',
      'b.json',
    ])
    expect(rows.at(-1)?.data).toMatch(/^'=HYPERLINK/)
    expect(Number(rows[0].loss)).toBeGreaterThan(0)
  })

  test('compares more runs than a function takes arguments', async () => {
    const code = `
      const { parentPort, workerData } = require('node:worker_threads')
      const summary = { hidden: 1, training: { iterations: 1 }, result: { iterations: 1 }, history: [] }
      const row = { name: 'a.json', iterations: 1, planned: 1 }
      const many = Array.from({ length: 30_000 }, (_, i) => ({ file: i + '.json', summary, row }))
      let limit = ''
      try {
        Math.max(...many)
      } catch (error) {
        limit = error.name
      }
      import(workerData).then(({ table }) => parentPort.postMessage([limit, table(many).split('\\n').length]))`
    const module = new URL('../../dist/src/commands/runs/table.js', import.meta.url).href
    const resourceLimits = { stackSizeMb: 0.4 } // on a smaller stack, a function takes fewer arguments
    const worker = new Worker(code, { eval: true, workerData: module, resourceLimits, execArgv: [] })
    expect(await once(worker, 'message')).toEqual([['RangeError', 30_002]])
  })

  const refusals: [string[], number, string][] = [
    [['none'], 66, 'none: no such file or folder'],
    [['runs', 'none.json'], 66, 'none.json: no such file or folder'],
    [['small.csv', '-q'], 65, 'small.csv: no complete weights file'],
    [['empty'], 66, 'empty: no .json files; name weights files or their folder'],
    [['damaged', '-q'], 65, 'damaged: no complete weights file'],
    [['a', 'b', 'c', 'd', 'e'].map(() => 'empty'), 66, 'empty, empty, empty and 2 more: no .json files;'],
    [['runs', '--sort', 'x'], 64, '--sort "x": no such column; the columns are name, hidden, alpha, seed,'],
    [['runs', '--json', '--csv'], 64, "option '--json' cannot be used with option '--csv'"],
    [[], 66, '.: no .json files; name weights files or their folder'],
  ]
  test.each(refusals)('refuses %j', async (args, code, sentence) => {
    mkdirSync(at('empty'), { recursive: true })
    mkdirSync(at('damaged'), { recursive: true })
    writeFileSync(at('damaged/a.json'), '{}')
    const refused = await runs(...args)
    expect(refused).toMatchObject({ code, stdout: '' })
    expect(refused.stderr).toContain(`mnist-runs: ${sentence}`)
    expect(refused.stderr.trimEnd()).not.toContain('\n')
  })

  test('ends quietly when its reader leaves', async () => {
    const child = start('mnist-runs', ['runs', '--curve'], { cwd })
    child.stdout!.destroy()
    const [[code], stderr] = await Promise.all([once(child, 'exit'), child.stderr!.toArray()])
    expect([code, stderr]).toEqual([0, []])
  })
})
