/** `--resume`: whatever stopped a run, its file ends up with the bytes of an undisturbed run. */
import { copyFileSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { load } from '../../../src/weights.ts'
import { ended, printed, start } from '../../support/command.ts'
import { runInProcess } from '../../support/in-process.ts'
import { isLong } from '../../support/long.ts'
import { SMALL as TRAINING, trainingFolder } from '../../support/training.ts'
import { WAYS } from '../../support/ways.ts'

const { cwd, at, text, train: trainAloud } = trainingFolder()
const train = (...args: string[]) => trainAloud(...args, '--quiet')
const DATA = ['--data', 'small.csv']
const SMALL = [...TRAINING, '--log-every', '7']

describe('--resume', () => {
  test.each(WAYS)('continues 20 iterations to 50: %s', async (way) => {
    await train(...SMALL, ...way.split(' '), '--iters', '50', '--out', 'whole.json')
    await train(...SMALL, ...way.split(' '), '--iters', '20', '--out', 'part.json')
    expect(text('part.json')).not.toBe(text('whole.json'))
    expect(await train(...DATA, '--resume', 'part.json', '--iters', '50')).toMatchObject({ code: 0, stderr: '' })
    expect(text('part.json')).toBe(text('whole.json'))
  })

  test.each([
    ...(isLong
      ? ['6000', '6000 --batch 16 --momentum 0.9', '6000 --decay linear'].map((way) => [way, 1] as const)
      : []),
    ['200 --engine reference', 1],
    ['6000 --decay cosine --batch 16 --momentum 0.9', 400],
    ['9000 --alpha 0.02 --patience 800 --batch 16', 500],
  ] as const)('continues after SIGTERM, on other threads: --iters %s', async (way, some) => {
    const args = [...SMALL, '--iters', ...way.split(' ')]
    await train(...args, '--out', 'whole.json')
    for (const reports of isLong ? [1, Math.floor(parseInt(way) / 14)] : [some]) {
      const child = start('mnist-train', [...args, '--json', '--out', 'part.json'], { cwd })
      await printed(child, '"iteration"', reports)
      child.kill('SIGTERM')
      expect((await ended(child)).code).toBe('SIGTERM')
      expect(text('part.json')).not.toBe(text('whole.json'))
      await train(...DATA, '--resume', 'part.json', '--threads', reports === 1 ? '2' : '3')
      expect(text('part.json')).toBe(text('whole.json'))
    }
  })

  test('continues from the last checkpoint after kill -9', async () => {
    const args = [...SMALL, '--batch', '16', '--momentum', '0.9', '--iters', '3000']
    await train(...args, '--out', 'whole.json')
    const child = start('mnist-train', [...args, '--checkpoint-every', '10', '--json', '--out', 'part.json'], { cwd })
    await printed(child, 'checkpoint')
    child.kill('SIGKILL')
    expect((await ended(child)).code).toBe('SIGKILL')
    const { result } = await load(at('part.json'))
    expect(result.iterations % 10).toBe(0)
    expect(result.iterations).toBeLessThan(3000)
    await train(...DATA, '--resume', 'part.json', '--out', 'rest.json')
    expect(text('rest.json')).toBe(text('whole.json'))
    expect((await load(at('part.json'))).result).toEqual(result)
  })

  test('does not need the weights that --init named', async () => {
    await train(...SMALL, '--iters', '3', '--out', 'other.json')
    const args = [...SMALL, '--init', 'other.json', '--batch', '16']
    await train(...args, '--iters', '50', '--out', 'whole.json')
    await train(...args, '--iters', '20', '--out', 'part.json')
    await train(...DATA, '--resume', 'part.json', '--iters', '50')
    expect(text('part.json')).toBe(text('whole.json'))
  })

  test('says that a run is complete, prints its result, and reads no digits', async () => {
    const { stdout: lines } = await train(...SMALL, '--iters', '5', '--out', 'five.json')
    const before = text('five.json')
    const { code, stdout, stderr } = await trainAloud('--data', 'absent.csv', '--resume', 'five.json')
    expect([code, stdout]).toEqual([0, lines.split('\n').slice(-2).join('\n')])
    expect(stdout).toMatch(/^dev accuracy 0\.\d+ {2}\(\d+ of 10\)\n$/)
    expect(stderr).toBe('five.json is complete (5 iterations); to train further, add --iters 105\n')
    expect(text('five.json')).toBe(before)
  })

  test('writes a complete run to --out, with its accuracy on test digits and its snapshots', async () => {
    await train(...SMALL, '--iters', '5', '--snapshots', '2', '--out', 'five.json')
    const resumed = await trainAloud(...DATA, '--resume', 'five.json', '--out', 'copy.json')
    expect(resumed.code).toBe(0)
    expect(resumed.stderr).toMatch(
      /\nfive\.json is complete \(5 iterations\); weights saved in copy\.json; to train further, add --iters 105\n$/,
    )
    expect(text('copy.json')).toBe(text('five.json'))
    expect(text('copy.json.snapshots')).toBe(text('five.json.snapshots'))
    await train(...SMALL, '--iters', '5', '--test', 'others.csv', '--out', 'tested.json')
    const { stdout } = await train(...DATA, '--resume', 'five.json', '--test', 'others.csv', '--json')
    expect(text('five.json')).toBe(text('tested.json'))
    const { result } = await load(at('tested.json'))
    expect(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as object),
    ).toEqual([{ event: 'end', result, out: 'five.json' }])
  })

  test('ignores environment variables that the run does not have, and counts epochs from its start', async () => {
    await train(...SMALL, '--batch', '16', '--epochs', '5', '--out', 'whole.json')
    await train(...SMALL, '--batch', '16', '--epochs', '3', '--out', 'part.json')
    const env = { MNIST_ALPHA: '7', MNIST_ITERS: '2', MNIST_BATCH: '3', MNIST_EPOCHS: '9', MNIST_QUIET: '1' }
    const args = [...DATA, '--resume', 'part.json', '--epochs', '5']
    expect(await runInProcess('mnist-train', args, { cwd, env })).toMatchObject({ code: 0, stderr: '' })
    expect(text('part.json')).toBe(text('whole.json'))
    const { stderr } = await trainAloud(...args)
    expect(stderr).toMatch(/\npart\.json is complete \(20 iterations\); to train further, add --iters 120\n$/)
    expect(text('part.json')).toBe(text('whole.json'))
  })

  test('keeps the recorded names of the data, and measures the accuracy on the test digits', async () => {
    const args = [...SMALL, '--test', 'others.csv']
    await train(...args, '--iters', '9', '--out', 'whole.json')
    await train(...args, '--iters', '4', '--out', 'part.json')
    copyFileSync(at('small.csv'), at('moved.csv'))
    await train('--data', 'moved.csv', '--test', 'others.csv', '--resume', 'part.json', '--iters', '9')
    expect(text('part.json')).toBe(text('whole.json'))
  })

  const NEW_RUN = 'start a new run with --config linear.json'
  test.each([
    [['--alpha', '0.2'], 64, `--alpha 0.2: the run of linear.json has 0.1; ${NEW_RUN}`],
    [['--batch', '2'], 64, `--batch 2: the run of linear.json has none; ${NEW_RUN}`],
    [['--iters', '99'], 64, `--iters 99: the linear decay of linear.json ends at 20 iterations; ${NEW_RUN} --iters 99`],
    [['--data', 'others.csv'], 65, 'others.csv: not the digits that linear.json records; use --data with the 60 digits of small.csv'],
  ])('refuses %j', async (args, code, sentence) => {
    writeFileSync(at('linear.json'), '')
    await train(...SMALL, '--decay', 'linear', '--iters', '20', '--max-seconds', '1e-9', '--out', 'linear.json')
    const before = text('linear.json')
    const data = args.includes('--data') ? [] : DATA
    const refused = await train(...data, '--resume', 'linear.json', ...args)
    expect(refused).toEqual({ code, stdout: '', stderr: `mnist-train: ${sentence}\n` })
    expect(text('linear.json')).toBe(before)
  }) // prettier-ignore

  test('refuses fewer iterations than are done, and a run without its test digits', async () => {
    await train(...SMALL, '--iters', '9', '--test', 'others.csv', '--out', 'nine.json')
    const fewer = await train(...DATA, '--test', 'others.csv', '--resume', 'nine.json', '--iters', '5')
    expect(fewer).toMatchObject({ code: 64, stdout: '' })
    expect(fewer.stderr).toBe('mnist-train: --iters 5: nine.json already has 9; --iters is the total\n')
    const untested = await train(...DATA, '--resume', 'nine.json', '--iters', '12')
    expect(untested).toMatchObject({ code: 64, stdout: '' })
    expect(untested.stderr).toBe(
      'mnist-train: nine.json records the accuracy on others.csv: add --test with these digits\n',
    )
  })
})
