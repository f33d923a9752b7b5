/** Runs that are stopped, go on, are repeated and verified: `cmp` is the judge. */
import { once } from 'node:events'
import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { generate } from '../src/digits/generate.ts'
import { load } from '../src/weights.ts'
import { ended, newFolder, run, start } from './command.ts'
import { csvOf, HEADER } from './csv.ts'

const cwd = newFolder()
const at = (name: string) => join(cwd, name)
const bytes = (name: string) => readFileSync(at(name), 'utf8')
const train = (...args: string[]) => run('mnist-train', [...args, '--quiet'], { cwd })
const DATA = ['--data', 'digits.csv']
const SMALL = [...DATA, '--dev', '10', '--log-every', '7']
afterAll(() => rmSync(cwd, { recursive: true }))
beforeAll(() => {
  writeFileSync(at('digits.csv'), `${HEADER}\n${csvOf(generate(60, 4))}`)
  writeFileSync(at('others.csv'), csvOf(generate(60, 5)))
})

/** Ways to train, and ways whose number of iterations may not change. */
const WAYS = [
  '--hidden 10',
  '--notebook',
  '--momentum 0.9',
  '--batch 16',
  '--batch 16 --momentum 0.5 --hidden 7 --init-scale he',
  '--batch 16 --engine reference --momentum 0.9',
]
const DECAYING = ['--decay linear', '--decay cosine --batch 16 --momentum 0.9']

describe('a run that goes on', () => {
  test.each(WAYS)('from 20 iterations to 50 writes the bytes of 50 in one go: %s', async (way) => {
    await train(...SMALL, ...way.split(' '), '--iters', '50', '--out', 'whole.json')
    await train(...SMALL, ...way.split(' '), '--iters', '20', '--out', 'part.json')
    expect(bytes('part.json')).not.toBe(bytes('whole.json'))
    expect(await train(...DATA, '--resume', 'part.json', '--iters', '50')).toMatchObject({ code: 0, stderr: '' })
    expect(bytes('part.json')).toBe(bytes('whole.json'))
  })

  test.each([
    '6000',
    '6000 --batch 16 --momentum 0.9',
    '200 --engine reference',
    ...DECAYING.map((way) => `6000 ${way}`),
    '9000 --alpha 0.02 --patience 800 --batch 16',
  ])('after SIGTERM, with other threads, ends as if undisturbed: --iters %s', async (way) => {
    const args = [...SMALL, '--iters', ...way.split(' ')]
    await train(...args, '--out', 'whole.json')
    for (const reports of [1, Math.floor(parseInt(way) / 14)]) {
      const child = start('mnist-train', [...args, '--json', '--out', 'part.json'], { cwd })
      let seen = ''
      child.stdout!.on('data', (text: Buffer) => {
        seen += text.toString()
        if (!child.killed && seen.split('"iteration"').length > reports) child.kill('SIGTERM')
      })
      expect((await ended(child)).code).toBe(143)
      expect(bytes('part.json')).not.toBe(bytes('whole.json'))
      await train(...DATA, '--resume', 'part.json', '--threads', reports === 1 ? '2' : '1')
      expect(bytes('part.json')).toBe(bytes('whole.json'))
    }
  })

  test('from other weights needs them no more', async () => {
    await train(...SMALL, '--iters', '3', '--out', 'other.json')
    const args = [...SMALL, '--init', 'other.json', '--batch', '16']
    await train(...args, '--iters', '50', '--out', 'whole.json')
    await train(...args, '--iters', '20', '--out', 'part.json')
    await train(...DATA, '--resume', 'part.json', '--iters', '50')
    expect(bytes('part.json')).toBe(bytes('whole.json'))
  })

  test('after kill -9 goes on from its last checkpoint', async () => {
    const args = [...SMALL, '--batch', '16', '--momentum', '0.9', '--iters', '3000']
    await train(...args, '--out', 'whole.json')
    const child = start('mnist-train', [...args, '--checkpoint-every', '10', '--json', '--out', 'part.json'], { cwd })
    child.stdout!.on('data', (text: Buffer) => {
      if (text.includes('checkpoint')) child.kill('SIGKILL')
    })
    expect((await ended(child)).code).toBe('SIGKILL')
    const { result } = await load(at('part.json'))
    expect(result.iterations % 10).toBe(0)
    expect(result.iterations).toBeLessThan(3000)
    await train(...DATA, '--resume', 'part.json', '--out', 'rest.json')
    expect(bytes('rest.json')).toBe(bytes('whole.json'))
    expect((await load(at('part.json'))).result).toEqual(result)
  })

  test('that is whole already has nothing to do, and reads no digits', async () => {
    await train(...SMALL, '--iters', '5', '--out', 'five.json')
    const before = bytes('five.json')
    const { code, stdout, stderr } = await run('mnist-train', ['--data', 'absent.csv', '--resume', 'five.json'], {
      cwd,
    })
    expect([code, stdout]).toEqual([0, ''])
    expect(stderr).toBe('five.json has ended, after 5 iterations: nothing is left to do\n')
    expect(bytes('five.json')).toBe(before)
  })

  test('has the options of its file, whatever the environment says, and epochs count from the start', async () => {
    await train(...SMALL, '--batch', '16', '--epochs', '5', '--out', 'whole.json')
    await train(...SMALL, '--batch', '16', '--epochs', '3', '--out', 'part.json')
    const env = { MNIST_ALPHA: '7', MNIST_ITERS: '2', MNIST_BATCH: '3', MNIST_EPOCHS: '9', MNIST_QUIET: '1' }
    expect(await run('mnist-train', [...DATA, '--resume', 'part.json', '--epochs', '5'], { cwd, env })).toMatchObject({
      code: 0,
    })
    expect(bytes('part.json')).toBe(bytes('whole.json'))
    const again = await run('mnist-train', [...DATA, '--resume', 'part.json', '--epochs', '5'], { cwd })
    expect(again.stderr).toMatch(/nothing is left to do\n$/)
    expect(bytes('part.json')).toBe(bytes('whole.json'))
  })

  test('keeps its words: names of the data, accuracy on test digits', async () => {
    const args = [...SMALL, '--test', 'others.csv']
    await train(...args, '--iters', '9', '--out', 'whole.json')
    await train(...args, '--iters', '4', '--out', 'part.json')
    copyFileSync(at('digits.csv'), at('moved.csv'))
    await train('--data', 'moved.csv', '--test', 'others.csv', '--resume', 'part.json', '--iters', '9')
    expect(bytes('part.json')).toBe(bytes('whole.json'))
  })

  const REFUSED: [string[], number, string][] = [
    [['--alpha', '0.2'], 64, '--alpha 0.2: the run of linear.json has 0.1; a new run with other options starts with --config linear.json'],
    [['--batch', '2'], 64, '--batch 2: the run of linear.json has none; a new run with other options starts with --config linear.json'],
    [['--iters', '99'], 64, '--iters 99: in linear.json α falls to 0 over 20 iterations; another total would be another run; for that, --config linear.json --iters 99'],
    [['--data', 'others.csv'], 65, 'others.csv: linear.json records other digits, 60 digits of digits.csv; name those with --data'],
    [['--init', 'linear.json'], 64, "option '--resume <file>' cannot be used with option '--init <file>'"],
  ] // prettier-ignore
  test.each(REFUSED)('refuses %j', async (args, code, sentence) => {
    writeFileSync(at('linear.json'), '')
    await train(...SMALL, '--decay', 'linear', '--iters', '20', '--max-seconds', '1e-9', '--out', 'linear.json')
    const before = bytes('linear.json')
    const data = args.includes('--data') ? [] : DATA
    const refused = await train(...data, '--resume', 'linear.json', ...args)
    expect(refused).toEqual({ code, stdout: '', stderr: `mnist-train: ${sentence}\n` })
    expect(bytes('linear.json')).toBe(before)
  })

  test('refuses fewer iterations than it has, and digits to test on that are missing', async () => {
    await train(...SMALL, '--iters', '9', '--test', 'others.csv', '--out', 'nine.json')
    expect((await train(...DATA, '--test', 'others.csv', '--resume', 'nine.json', '--iters', '5')).stderr).toBe(
      'mnist-train: --iters 5: nine.json has 9 already; --iters is the total\n',
    )
    expect((await train(...DATA, '--resume', 'nine.json', '--iters', '12')).stderr).toBe(
      'mnist-train: nine.json records the accuracy on others.csv: name those digits with --test\n',
    )
  })
})

describe('a run that stops early', () => {
  test('at --target-accuracy ends with 0, and with 1 where the iterations end first', async () => {
    const args = [...SMALL, '--alpha', '0.3', '--log-every', '10', '--out', 'target.json']
    expect(await train(...args, '--iters', '400', '--target-accuracy', '0.5')).toMatchObject({ code: 0, stderr: '' })
    const { result, history, training } = await load(at('target.json'))
    expect(result).toMatchObject({ stopped: 'target-accuracy', devAccuracy: history.at(-1)!.devAccuracy })
    expect(result.iterations).toBeLessThan(400)
    expect(result.devAccuracy).toBeGreaterThanOrEqual(0.5)
    expect(history.slice(0, -1).every(({ devAccuracy }) => devAccuracy! < 0.5)).toBe(true)
    expect(training).toMatchObject({ iterations: 400, targetAccuracy: 0.5 })
    expect(await train(...DATA, '--resume', 'target.json')).toMatchObject({ code: 0 })

    const late = await run('mnist-train', [...args, '--iters', '11', '--target-accuracy', '1'], { cwd })
    expect(late.code).toBe(1)
    expect(late.stderr).toMatch(/the accuracy on the digits held out is 0\.\d, not the 1 that was wanted\n$/)
    expect((await load(at('target.json'))).result.iterations).toBe(11)
    expect(await train(...DATA, '--resume', 'target.json')).toMatchObject({ code: 1 })
  })

  test('by --patience keeps the best weights', async () => {
    const args = [...SMALL, '--alpha', '0.3', '--iters', '1000']
    await train(...args, '--patience', '3', '--out', 'patient.json')
    const { result, history, params } = await load(at('patient.json'))
    const best = Math.max(...history.map(({ devAccuracy }) => devAccuracy!))
    const first = history.findIndex(({ devAccuracy }) => devAccuracy === best)
    expect(history.length - 1 - first).toBe(3)
    expect(result).toMatchObject({ stopped: 'patience', devAccuracy: best, kept: history[first]!.iteration + 1 })
    expect(result.loss).toBe(history[first]!.loss)
    await train(...args, '--iters', String(result.kept), '--out', 'straight.json')
    expect((await load(at('straight.json'))).params).toEqual(params)
    expect((await train(...DATA, '--resume', 'patient.json', '--iters', '2000')).stderr).toBe(
      'mnist-train: --iters 2000: patient.json kept its best weights, and what came after them is gone\n',
    )
  })

  test('after --max-seconds leaves weights to go on from, and says how', async () => {
    const args = [...SMALL, '--iters', '100000000', '--max-seconds', '0.05', '--out', 'late.json']
    const { code, stderr } = await run('mnist-train', args, { cwd })
    expect(code).toBe(0)
    const { iterations } = (await load(at('late.json'))).result
    expect(stderr).toContain(`stopped after 0.05 seconds, after ${iterations} of 100000000 iterations`)
    expect(stderr).toContain('\n  mnist-train --data digits.csv --resume late.json\n')
  })

  test.each(['--target-accuracy', '--patience'])('%s needs digits held out', async (option) => {
    expect((await train(...DATA, '--dev', '0', option, '1')).stderr).toBe(
      'mnist-train: --target-accuracy and --patience look at the digits held out: give --dev more than 0\n',
    )
  })
})

describe('mnist-train --verify', () => {
  test.each([...WAYS, ...DECAYING, '--alpha 0.5 --patience 2'])('finds every bit the same: %s', async (way) => {
    await train(...SMALL, ...way.split(' '), '--iters', '30', '--test', 'others.csv', '--out', 'made.json')
    expect(await train(...DATA, '--test', 'others.csv', '--verify', 'made.json', '--threads', '3')).toEqual({
      code: 0,
      stdout: 'made.json: every bit is the same\n',
      stderr: '',
    })
  })

  test('of a run that was interrupted goes as far as it went', async () => {
    const child = start('mnist-train', [...SMALL, '--batch', '16', '--iters', '9999999', '--out', 'cut.json'], { cwd })
    await once(child.stdout!, 'data')
    child.kill('SIGINT')
    await ended(child)
    expect(await train(...DATA, '--verify', 'cut.json', '--json')).toMatchObject({
      code: 0,
      stdout: `${JSON.stringify({ event: 'verify', schema: 'mnist-train/1', file: 'cut.json', same: true, differs: [] })}\n`,
    })
  })

  test('sees one bit that was changed, and says in which part', async () => {
    await train(...SMALL, '--iters', '5', '--out', 'made.json')
    const text = bytes('made.json')
    const changed = text.replace(/("b2": \[-?0\.\d{9})(\d)/, (_, before, digit) => `${before}${9 - Number(digit)}`)
    expect(changed).not.toBe(text)
    writeFileSync(at('changed.json'), changed)
    expect(await train(...DATA, '--verify', 'changed.json')).toEqual({
      code: 1,
      stdout: 'changed.json: not the same: b2\n',
      stderr: '',
    })
  })

  test('needs the digits that the file records, and the weights that it started from', async () => {
    await train(...SMALL, '--iters', '5', '--out', 'first.json')
    await train(...SMALL, '--iters', '5', '--init', 'first.json', '--out', 'second.json')
    expect(await train('--data', 'others.csv', '--verify', 'first.json')).toMatchObject({ code: 65, stdout: '' })
    expect((await train(...DATA, '--verify', 'second.json')).stderr).toBe(
      'mnist-train: --init is missing: second.json started from another weights file, name that\n',
    )
    expect(await train(...DATA, '--verify', 'second.json', '--init', 'second.json')).toMatchObject({ code: 64 })
    expect(await train(...DATA, '--verify', 'second.json', '--init', 'first.json')).toMatchObject({ code: 0 })
  })
})
