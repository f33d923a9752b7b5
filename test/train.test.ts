import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fingerprint } from '../src/digits.ts'
import { generate } from '../src/digits/generate.ts'
import { load } from '../src/weights.ts'
import { bin, ended, newFolder, run, start } from './command.ts'
import { csvOf, HEADER } from './csv.ts'
import { expectClose } from './tensors.ts'

const cwd = newFolder()
const at = (name: string) => join(cwd, name)
const train = (...args: string[]) => run('mnist-train', args, { cwd })
afterAll(() => rmSync(cwd, { recursive: true }))

const digits = generate(60, 4)
const SMALL = ['--data', 'small.csv', '--dev', '10']
beforeAll(() => {
  writeFileSync(at('small.csv'), `${HEADER}\n${csvOf(digits)}`)
  writeFileSync(at('test.csv'), csvOf(generate(20, 5)))
})

describe('mnist-train', () => {
  test('prints iteration, accuracy and loss at 0, every n-th and the last, then the accuracies, and writes weights', async () => {
    const { code, stdout, stderr } = await train(...SMALL, '--test', 'test.csv', '--iters', '12', '--log-every', '5')
    expect(code).toBe(0)
    const { result, history, training, params } = await load(at('weights.json'))
    const lines = stdout.trimEnd().split('\n')
    expect(lines.map((line) => line.replace(/\s+/g, ' '))).toEqual([
      ...history.map(
        ({ iteration, accuracy, loss, devAccuracy }) =>
          `iteration ${iteration} accuracy ${accuracy.toFixed(6)} loss ${loss.toFixed(6)} dev ${devAccuracy!.toFixed(6)}`,
      ),
      `dev accuracy ${result.devAccuracy!.toFixed(6)} (${Math.round(result.devAccuracy! * 10)} of 10)`,
      `test accuracy ${result.testAccuracy!.toFixed(6)} (${Math.round(result.testAccuracy! * 20)} of 20)`,
    ])
    expect(history.map(({ iteration }) => iteration)).toEqual([0, 5, 10, 11])
    expect(result).toMatchObject({ iterations: 12, loss: history[3].loss, trainAccuracy: history[3].accuracy })
    expect(training).toMatchObject({
      iterations: 12,
      alpha: 0.1,
      seed: 0,
      dev: 10,
      logEvery: 5,
      data: { names: ['small.csv'], rows: 60, sha256: fingerprint(digits) },
      test: { names: ['test.csv'], rows: 20 },
    })
    expect(params.W1.shape).toEqual([10, 784])
    expect(stderr).toMatch(/784-10-10 network, 50 digits to train on, 10 held out/)
    expect(stderr).toMatch(/12 iterations in .*; the weights are in weights\.json/)
  })

  test('writes the same bytes and prints the same lines each time, under any path of the data, but not from another seed', async () => {
    mkdirSync(at('elsewhere'))
    writeFileSync(at('elsewhere/small.csv'), readFileSync(at('small.csv')))
    const one = await train(...SMALL, '--iters', '5', '--out', 'one.json')
    const two = await train('--data', 'elsewhere/small.csv', '--dev', '10', '--iters', '5', '--out', 'two.json')
    expect(one.stdout).toBe(two.stdout)
    expect(readFileSync(at('one.json')).equals(readFileSync(at('two.json')))).toBe(true)
    await train(...SMALL, '--iters', '5', '--out', 'three.json', '--seed', '1')
    expect((await load(at('three.json'))).params.W1.data).not.toEqual((await load(at('one.json'))).params.W1.data)
  })

  test('writes the same bytes for any number of threads', async () => {
    const files = ['1', '2', '3', '5', '16'].map((threads) => ({ threads, out: `threads-${threads}.json` }))
    for (const { threads, out } of files) {
      await train('--data', 'generated', '--iters', '12', '--threads', threads, '--out', out)
    }
    const [one, ...others] = files.map(({ out }) => readFileSync(at(out)))
    for (const other of others) expect(other.equals(one)).toBe(true)
  })

  test.each(['--iters 50', '--iters 50 --batch 16 --momentum 0.9 --alpha 0.02 --decay cosine --init-scale he'])(
    'comes to the same with the reference engine, but for rounding: %s',
    async (way) => {
      await train(...SMALL, ...way.split(' '), '--out', 'simd.json')
      await train(...SMALL, ...way.split(' '), '--out', 'reference.json', '--engine', 'reference')
      const [simd, reference] = [await load(at('simd.json')), await load(at('reference.json'))]
      for (const name of ['W1', 'b1', 'W2', 'b2'] as const) {
        expectClose(name, simd.params[name], reference.params[name], 1e-9)
      }
      expect(simd.params.W1.data, 'one engine ran twice').not.toEqual(reference.params.W1.data)
      expect([simd.training.engine, reference.training.engine]).toEqual(['simd', 'reference'])
      expect(simd.result.devAccuracy).toBe(reference.result.devAccuracy)
    },
  )

  test('joins several files', async () => {
    await train('--data', 'small.csv', 'test.csv', '--dev', '0', '--iters', '1', '--out', 'joined.json')
    const { training, result } = await load(at('joined.json'))
    expect(training.data).toMatchObject({ names: ['small.csv', 'test.csv'], rows: 80 })
    expect(result.devAccuracy).toBeUndefined()
  })

  test('goes on from --init where the other run stopped', async () => {
    await train(...SMALL, '--iters', '9', '--out', 'whole.json', '--hidden', '3')
    await train(...SMALL, '--iters', '4', '--out', 'part.json', '--hidden', '3')
    await train(...SMALL, '--iters', '5', '--out', 'rest.json', '--init', 'part.json')
    const [whole, rest] = [await load(at('whole.json')), await load(at('rest.json'))]
    expect(rest.params).toEqual(whole.params)
    expect(rest.training.init).toBe(
      createHash('sha256')
        .update(readFileSync(at('part.json')))
        .digest('hex'),
    )
    const command = `cat part.json | '${process.execPath}' '${bin('mnist-train')}' ${SMALL.join(' ')} --iters 5 --out piped.json --quiet --init /dev/stdin`
    execFileSync('sh', ['-c', command], { cwd })
    expect(readFileSync(at('piped.json'), 'utf8')).toBe(readFileSync(at('rest.json'), 'utf8'))
    const refused = await train(...SMALL, '--init', 'part.json', '--hidden', '10')
    expect(refused).toMatchObject({ code: 64, stdout: '' })
    expect(refused.stderr).toBe(
      'mnist-train: --hidden 10: part.json has 3 hidden units; leave --hidden out or name another file\n',
    )
  })

  test('with --notebook trains another network', async () => {
    await train(...SMALL, '--iters', '5', '--out', 'formulas.json')
    await train(...SMALL, '--iters', '5', '--out', 'notebook.json', '--notebook')
    const [formulas, notebook] = [await load(at('formulas.json')), await load(at('notebook.json'))]
    expect(notebook.history[0]!.loss).toBe(formulas.history[0]!.loss)
    expect(notebook.params.b1.data).not.toEqual(formulas.params.b1.data)
    expect(notebook.training.notebook).toBe(true)
  })

  test("with --init-scale he starts from He's parameters", async () => {
    await train(...SMALL, '--iters', '0', '--init-scale', 'he', '--out', 'he.json')
    const { params, training } = await load(at('he.json'))
    expect(training.initScale).toBe('he')
    expect([...params.b1.data, ...params.b2.data]).toEqual(Array(20).fill(0))
    const furthest = Math.max(...params.W1.data.map(Math.abs))
    expect(furthest).toBeLessThanOrEqual(Math.sqrt(6 / 784))
    expect(furthest).toBeGreaterThan(0.99 * Math.sqrt(6 / 784))
  })

  test('with --json prints one value a line, finite or absent', async () => {
    const { stdout } = await train(...SMALL, '--iters', '3', '--log-every', '2', '--json', '--out', 'j.json')
    const events = stdout.trimEnd().split('\n').map((line) => JSON.parse(line)) // prettier-ignore
    const { training, history, result } = await load(at('j.json'))
    expect(events).toEqual([
      { event: 'start', schema: 'mnist-train/1', hidden: 10, done: 0, training },
      ...history.map((entry) => ({ event: 'iteration', ...entry })),
      { event: 'end', result, out: 'j.json' },
    ])
    expect(stdout).not.toContain('null')
  })

  test('with --quiet says nothing on stderr', async () => {
    expect(await train(...SMALL, '--iters', '2', '--quiet')).toMatchObject({ code: 0, stderr: '' })
  })

  test('draws its own digits where there are none, and says so first, with the way to MNIST', async () => {
    const { code, stderr } = await train('--iters', '1', '--hidden', '1', '--out', 'own.json')
    expect(code).toBe(0)
    expect(stderr.split('\n')[0]).toMatch(
      /^No MNIST here.* draws itself\..*data\/mnist_train\.csv, or .*--data FILE\.$/,
    )
    expect((await load(at('own.json'))).training.data).toMatchObject({ names: ['generated'], rows: 10_000 })
  })

  test('takes data/mnist_train.csv where it is there, and MNIST_DATA before it', async () => {
    const place = newFolder()
    mkdirSync(join(place, 'data'))
    writeFileSync(join(place, 'data/mnist_train.csv'), csvOf(digits))
    const args = ['--dev', '1', '--iters', '1']
    await run('mnist-train', args, { cwd: place })
    expect((await load(join(place, 'weights.json'))).training.data.names).toEqual(['mnist_train.csv'])
    await run('mnist-train', args, { cwd: place, env: { MNIST_DATA: at('test.csv') } })
    expect((await load(join(place, 'weights.json'))).training.data.names).toEqual(['test.csv'])
    rmSync(place, { recursive: true })
  })
})

describe('mnist-train refuses with a sentence and an exit code, and writes nothing', () => {
  const lines = csvOf(digits).split('\n')
  const cell = (text: string) => lines.with(16, lines[16].replace(/^(\d+,){11}[^,]*/, `$&${text}`)).join('\n')
  beforeAll(() => {
    writeFileSync(at('columns.csv'), lines.with(16, lines[16].split(',').slice(0, 12).join(',')).join('\n'))
    writeFileSync(at('label.csv'), lines.with(16, lines[16].replace(/^\d/, '10')).join('\n'))
    writeFileSync(at('pixel.csv'), cell('256'))
    writeFileSync(at('letter.csv'), cell('2S6'))
    writeFileSync(at('empty.csv'), '')
    writeFileSync(at('header.csv'), `${HEADER}\n`)
    writeFileSync(at('binary.csv'), Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 1, 2]))
    writeFileSync(at('other.json'), '{}')
    mkdirSync(at('folder'))
  })

  const cases: [string[], number, string][] = [
    [['--alpha', '0.1x'], 64, '--alpha "0.1x": a number greater than 0 is needed, such as 0.1'],
    [['--alpha', ''], 64, '--alpha "": a number greater than 0 is needed, such as 0.1'],
    [['--alpha', '0'], 64, '--alpha "0": a number greater than 0 is needed, such as 0.1'],
    [['--alpha', '0x10'], 64, '--alpha "0x10": a number greater than 0 is needed, such as 0.1'],
    [['--alpha', '1e400'], 64, '--alpha "1e400": a number greater than 0 is needed, such as 0.1'],
    [['--alpha', 'NaN'], 64, '--alpha "NaN": a number greater than 0 is needed, such as 0.1'],
    [['--iters', '-3'], 64, '--iters "-3": a whole number from 0 to 1000000000 is needed'],
    [['--iters', '1e400'], 64, '--iters "1e400": a whole number from 0 to 1000000000 is needed'],
    [['--iters', '2.5'], 64, '--iters "2.5": a whole number from 0 to 1000000000 is needed'],
    [['--iters', ''], 64, '--iters "": a whole number from 0 to 1000000000 is needed'],
    [['--hidden', '0'], 64, '--hidden "0": a whole number from 1 to 4096 is needed'],
    [['--seed', '4294967296'], 64, '--seed "4294967296": a whole number from 0 to 4294967295 is needed'],
    [['--log-every', '0'], 64, '--log-every "0": a whole number from 1 to 1000000000 is needed'],
    [['--dev', '99999999'], 64, '--dev 99999999: of 60 digits at most 59 can be held out'],
    [['--alhpa', '1'], 64, "unknown option '--alhpa' (did you mean --alpha?)"],
    [['--iters'], 64, "option '-i, --iters <n>' argument missing"],
    [['--out', ''], 64, '--out "": the name of a file is needed'],
    [['--data', 'absent.csv'], 66, 'cannot read absent.csv: there is no such file'],
    [['--data', 'folder'], 66, 'cannot read folder: it is a folder, not a file'],
    [['--data', 'columns.csv'], 65, 'columns.csv:17: this line has 12 columns where 785 are expected, a label and 784 pixels'],
    [['--data', 'label.csv'], 65, 'label.csv:17:1: the label "10" is not a digit from 0 to 9'],
    [['--data', 'pixel.csv'], 65, 'pixel.csv:17:12: "0256" is not a whole number from 0 to 255'],
    [['--data', 'letter.csv'], 65, 'letter.csv:17:12: "02S6" is not a whole number from 0 to 255'],
    [['--data', 'empty.csv'], 65, 'empty.csv: the file is empty; a CSV of MNIST digits is needed, one of 785 columns a line'],
    [['--data', 'header.csv'], 65, 'header.csv: there is a header but no digit below it; a CSV of MNIST digits is needed, one of 785 columns a line'],
    [['--data', 'binary.csv'], 65, 'binary.csv: this is a binary file, not a CSV'],
    [['--test', 'absent.csv'], 66, 'cannot read absent.csv: there is no such file'],
    [['--init', 'absent.json'], 66, 'cannot read absent.json: there is no such file'],
    [['--init', 'other.json'], 65, 'other.json: this is not a weights file, its "format" is not "mnist-weights"'],
    [['--out', 'none/w.json'], 73, 'cannot write none/w.json: its folder does not exist'],
    [['--out', 'folder'], 73, 'cannot write folder: it is a folder; name a file'],
    [['--engine', 'gpu'], 64, "option '--engine <name>' argument 'gpu' is invalid. Allowed choices are simd, reference."],
    [['more.csv'], 64, 'too many arguments. Expected 0 arguments but got 1.'],
  ] // prettier-ignore
  test.concurrent.each(cases)('%j', async (args, code, sentence) => {
    const name = `refused ${args.join(' ')}.json`
    const out = args.includes('--out') ? [] : ['--out', name]
    const data = args.includes('--data') ? [] : ['--data', 'small.csv']
    const dev = args.includes('--dev') ? [] : ['--dev', '10']
    const refused = await train(...data, ...dev, '--quiet', ...out, ...args)
    expect(refused).toEqual({ code, stdout: '', stderr: `mnist-train: ${sentence}\n` })
    expect(existsSync(at(name))).toBe(false)
  })

  test.each(['0', '1', '2'])(
    '--alpha 50 from seed %s: diverges, names an alpha to try, leaves the old file',
    async (seed) => {
      writeFileSync(at('old.json'), 'old')
      const { code, stderr } = await train('--data', 'generated', '--alpha', '50', '--iters', '20', '--seed', seed, '--out', 'old.json', '--quiet') // prettier-ignore
      expect(code).toBe(1)
      expect(stderr).toMatch(
        /^mnist-train: the loss .* it diverges at --alpha 50, try --alpha 0\.1; old\.json is not written\n$/,
      )
      expect(readFileSync(at('old.json'), 'utf8')).toBe('old')
    },
    120_000,
  )

  test('a full disk is an I/O error', async () => {
    if (!existsSync('/dev/full')) return expect(process.platform).not.toBe('linux')
    const { code, stderr } = await train(...SMALL, '--iters', '1', '--quiet', '--out', '/dev/full')
    expect([code, stderr]).toEqual([74, 'mnist-train: cannot write /dev/full: there is no space left on the disk\n'])
  })

  test('no stack unless DEBUG is set', async () => {
    const { stderr } = await run('mnist-train', ['--data', 'absent.csv'], { cwd, env: { DEBUG: '1' } })
    expect(stderr).toMatch(/\n {4}at /)
  })
})

describe('a run that is ended', () => {
  const LONG = [...SMALL, '--iters', '1000000', '--log-every', '1']

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('by %s saves the weights so far and prints the command that goes on', async (signal, code) => {
    // prettier-ignore
    const child = start('mnist-train', [...LONG, '--out', "ended run's.json"], { cwd })
    await once(child.stdout!, 'data')
    child.kill(signal)
    const end = await ended(child)
    expect(end.code).toBe(code)
    const { params, result, training } = await load(at("ended run's.json"))
    expect(result.iterations).toBeGreaterThan(0)
    expect(training.iterations).toBe(1_000_000)
    const command = `mnist-train --data small.csv --resume 'ended run'\\''s.json'`
    expect(end.stderr).toContain(`interrupted after ${result.iterations} of 1000000 iterations`)
    expect(end.stderr).toContain(`\n  ${command}\n`)
    await train(...SMALL, '--iters', String(result.iterations), '--out', 'straight.json')
    expect((await load(at('straight.json'))).params).toEqual(params)
  })

  test('by SIGINT within its first iteration writes nothing', async () => {
    const args = ['--data', 'generated', '--hidden', '4096', '--iters', '3', '--json', '--out', 'wide.json']
    const child = start('mnist-train', args, { cwd })
    await once(child.stdout!, 'data') // the start; the first iteration takes seconds
    child.kill('SIGINT')
    const [code] = await once(child, 'exit')
    expect(code).toBe(130)
    expect(existsSync(at('wide.json'))).toBe(false)
  })

  test('because the reader of its output leaves, ends quietly and writes nothing', async () => {
    const child = start('mnist-train', [...LONG, '--out', 'unread.json', '--quiet'], { cwd })
    await once(child.stdout!, 'data')
    child.stdout!.destroy()
    expect(await ended(child)).toMatchObject({ code: 141, stderr: '' })
    expect(existsSync(at('unread.json'))).toBe(false)
  })

  test('by kill -9, fifty times, at any moment: the old weights or the new, whole', async () => {
    const args = [...SMALL, '--iters', '2', '--out', 'killed.json']
    /** Runs with a seed; kills it so long after its first report, if it is not done by then. Returns how long it went on. */
    const runAndKill = async (seed: number, delay: number) => {
      const child = start('mnist-train', [...args, '--seed', String(seed)], { cwd })
      const exit = ended(child)
      await once(child.stdout!, 'data')
      const began = performance.now()
      const timer = setTimeout(() => child.kill('SIGKILL'), delay)
      await exit
      clearTimeout(timer)
      return performance.now() - began
    }
    const whole = await runAndKill(1000, 60_000)
    const seen = new Set<number>()
    for (let i = 0; i < 50; i++) {
      await runAndKill(i, (1.5 * whole * i) / 50)
      seen.add((await load(at('killed.json'))).training.seed)
    }
    expect(seen.size).toBeGreaterThan(1)
  }, 120_000)
})
