import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { fingerprint } from '../../src/digits/fingerprint.ts'
import { load } from '../../src/weights.ts'
import { bin, run } from '../support/command.ts'
import { isLong } from '../support/long.ts'
import { expectCloseParams, expectSameParams } from '../support/tensors.ts'
import { DIGITS, SMALL, trainingFolder } from '../support/training.ts'

const { cwd, at, text, train } = trainingFolder()

describe('mnist-train', () => {
  test('prints the iterations and accuracies and writes the weights', async () => {
    const args = [...SMALL, '--test', 'others.csv', '--iters', '12', '--log-every', '5']
    const { code, stdout, stderr } = await run('mnist-train', args, { cwd })
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
      data: { names: ['small.csv'], rows: 60, sha256: fingerprint(DIGITS) },
      test: { names: ['others.csv'], rows: 20 },
    })
    expect(params.W1.shape).toEqual([10, 784])
    expect(stderr).toContain('\n784-10-10 network, 50 training digits, 10 held out, 12 iterations, α 0.1, seed 0\n')
    expect(stderr).toMatch(/\n12 iterations in 0:\d\d, [\d,.]+ per second; weights saved in weights\.json\n$/)
  })

  test('writes the same bytes and prints the same lines each time, but not from another seed', async () => {
    mkdirSync(at('elsewhere'))
    writeFileSync(at('elsewhere/small.csv'), text('small.csv'))
    const one = await train(...SMALL, '--iters', '5', '--out', 'one.json')
    const two = await train('--data', 'elsewhere/small.csv', '--dev', '10', '--iters', '5', '--out', 'two.json')
    expect(one.stdout).toBe(two.stdout)
    expect(text('one.json')).toBe(text('two.json'))
    await train(...SMALL, '--iters', '5', '--out', 'three.json', '--seed', '1')
    expect((await load(at('three.json'))).params.W1.data).not.toEqual((await load(at('one.json'))).params.W1.data)
  })

  test('writes the same bytes on any number of threads', async () => {
    const files: string[] = []
    for (const threads of isLong ? ['1', '2', '3', '5', '16'] : ['1', '3']) {
      const data = ['--data', 'generated', '--take', '2000', '--dev', '100'] // with 40 units worth several threads
      await train(...data, '--hidden', '40', '--iters', '4', '--threads', threads, '--out', 'threads.json')
      files.push(text('threads.json'))
    }
    expect(new Set(files).size).toBe(1)
  }, 60_000)

  test.each(['--iters 50', '--iters 50 --batch 16 --momentum 0.9 --alpha 0.02 --decay cosine --init-scale he'])(
    'trains the same network with the reference engine, up to rounding: %s',
    async (options) => {
      await train(...SMALL, ...options.split(' '), '--out', 'simd.json')
      await train(...SMALL, ...options.split(' '), '--out', 'reference.json', '--engine', 'reference')
      const [simd, reference] = [await load(at('simd.json')), await load(at('reference.json'))]
      expectCloseParams(simd.params, reference.params, 1e-9)
      expect(simd.params.W1.data, 'the same engine ran twice').not.toEqual(reference.params.W1.data)
      expect([simd.training.engine, reference.training.engine]).toEqual(['simd', 'reference'])
      expect(simd.result.devAccuracy).toBe(reference.result.devAccuracy)
    },
  )

  test('joins several files', async () => {
    await train('--data', 'small.csv', 'others.csv', '--dev', '0', '--iters', '1', '--out', 'joined.json')
    const { training, result } = await load(at('joined.json'))
    expect(training.data).toMatchObject({ names: ['small.csv', 'others.csv'], rows: 80 })
    expect(result.devAccuracy).toBeUndefined()
  })

  test('with --take trains on the first digits, and records how many', async () => {
    writeFileSync(at('few.csv'), text('small.csv').split('\n').slice(0, 31).join('\n'))
    await train('--data', 'few.csv', '--dev', '5', '--iters', '2', '--out', 'few.json')
    await train('--data', 'small.csv', '--take', '30', '--dev', '5', '--iters', '2', '--out', 'taken.json')
    const [few, taken] = [await load(at('few.json')), await load(at('taken.json'))]
    expect(taken.training).toMatchObject({ take: 30, data: { rows: 30, sha256: few.training.data.sha256 } })
    expectSameParams(taken.params, few.params)
  })

  test('starts from the weights of --init, which may be a pipe', async () => {
    await train(...SMALL, '--iters', '9', '--out', 'whole.json', '--hidden', '3')
    await train(...SMALL, '--iters', '4', '--out', 'part.json', '--hidden', '3')
    await train(...SMALL, '--iters', '5', '--out', 'rest.json', '--init', 'part.json')
    const [whole, rest] = [await load(at('whole.json')), await load(at('rest.json'))]
    expectSameParams(rest.params, whole.params)
    expect(rest.training.init).toBe(createHash('sha256').update(text('part.json')).digest('hex'))
    const command = `cat part.json | '${process.execPath}' '${bin('mnist-train')}' ${SMALL.join(' ')} --iters 5 --out piped.json --quiet --init /dev/stdin`
    execFileSync('sh', ['-c', command], { cwd })
    expect(text('piped.json')).toBe(text('rest.json'))
  })

  test("with --notebook trains the notebook's network", async () => {
    await train(...SMALL, '--iters', '5', '--out', 'formulas.json')
    await train(...SMALL, '--iters', '5', '--out', 'notebook.json', '--notebook')
    const [formulas, notebook] = [await load(at('formulas.json')), await load(at('notebook.json'))]
    expect(notebook.history[0].loss).toBe(formulas.history[0].loss)
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
})

describe('mnist-train', () => {
  test('records the accuracy on test digits', async () => {
    await train(...SMALL, '--iters', '2', '--test', 'others.csv', '--out', 'tested.json')
    expect((await load(at('tested.json'))).result.testAccuracy).toBeGreaterThanOrEqual(0)
  })
})

describe('mnist-train fails', () => {
  test.each([
    [['--alpha', 'x'], 64, '--alpha "x": not a number above 0'],
    [['--alhpa', '1'], 64, "unknown option '--alhpa' (did you mean --alpha?)"],
    [['--data', 'absent.csv'], 66, 'absent.csv: no such file'],
    [['--data', '.'], 66, '.: is a folder, not a file'],
  ])('with an exit code and a sentence on stderr, as a process: %j', async (args, code, sentence) => {
    const ended = await run('mnist-train', args, { cwd })
    expect(ended).toEqual({ code, stdout: '', stderr: `mnist-train: ${sentence}\n` })
  })

  test('with a stack trace if DEBUG is set', async () => {
    const { code, stderr } = await run('mnist-train', ['--data', 'absent.csv'], { cwd, env: { DEBUG: '1' } })
    expect(code).toBe(66)
    expect(stderr).toMatch(/^mnist-train: absent\.csv: no such file\n[^]*\n {4}at /)
  })

  test.each(['0', '1', '2'])('if it diverges, and leaves the old file: --alpha 50, seed %s', async (seed) => {
    writeFileSync(at('old.json'), 'old')
    const data = ['--data', 'generated', '--take', '500', '--dev', '10']
    const args = [...data, '--alpha', '50', '--iters', '20', '--seed', seed, '--out', 'old.json', '--quiet']
    const { code, stderr } = await train(...args)
    expect(code).toBe(1)
    expect(stderr).toMatch(
      /^mnist-train: the loss .*: training diverges at --alpha 50; old\.json is unchanged; try\n {2}mnist-train --data generated --take 500 --dev 10 --out old\.json --iters 20 --alpha 0\.1 --seed \d --quiet\n$/,
    )
    expect(text('old.json')).toBe('old')
  })

  test('if the disk is full', async () => {
    if (!existsSync('/dev/full')) return expect(process.platform).not.toBe('linux')
    const { code, stderr } = await train(...SMALL, '--iters', '1', '--quiet', '--out', '/dev/full')
    expect([code, stderr]).toEqual([74, 'mnist-train: cannot write /dev/full: no space left on the disk\n'])
  })

  test.each([
    ['none/w.json', 'its folder does not exist'],
    ['elsewhere', 'is a folder, not a file'],
  ])('before it reads digits if it cannot write %s', async (out, reason) => {
    mkdirSync(at('elsewhere'), { recursive: true })
    const refused = await train('--data', 'absent.csv', '--out', out)
    expect(refused).toEqual({ code: 73, stdout: '', stderr: `mnist-train: cannot write ${out}: ${reason}\n` })
  })
})
