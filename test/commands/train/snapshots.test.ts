import { createHash } from 'node:crypto'
import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { loadSnapshots } from '../../../src/snapshots.ts'
import { load } from '../../../src/weights.ts'
import { runInProcess } from '../../support/in-process.ts'
import { isLong } from '../../support/long.ts'
import { expectSameParams } from '../../support/tensors.ts'
import { SMALL, trainingFolder } from '../../support/training.ts'
import { WAYS } from '../../support/ways.ts'

const { cwd, at, text, train } = trainingFolder()
/** The SHA-256 of a file: to compare the bytes themselves takes a second. */
const hash = (name: string) =>
  createHash('sha256')
    .update(readFileSync(at(name)))
    .digest('hex')
const failed = (code: number, sentence: string) => ({
  code,
  stderr: expect.stringContaining(`mnist-train: ${sentence}`) as string,
})

describe('mnist-train --snapshots', () => {
  test('keeps the parameters of every n-th iteration, as runs of that length have them', async () => {
    await train(...SMALL, '--iters', '7', '--snapshots', '3', '--out', 'seven.json')
    const { params, every, hidden } = await loadSnapshots(at('seven.json.snapshots'))
    expect([params.length, every, hidden]).toEqual([3, 3, 10])
    for (const [i, iterations] of [
      [0, 0],
      [2, 6],
    ]) {
      await train(...SMALL, '--iters', String(iterations), '--out', 'alone.json')
      expectSameParams(params[i], (await load(at('alone.json'))).params)
    }
  })

  test('does not change the weights', async () => {
    await train(...SMALL, '--iters', '7', '--out', 'without.json')
    await train(...SMALL, '--iters', '7', '--snapshots', '2', '--out', 'with.json')
    expect(hash('with.json')).toBe(hash('without.json'))
    expect(existsSync(at('without.json.snapshots'))).toBe(false)
    expect(await train(...SMALL, '--verify', 'with.json')).toMatchObject({ code: 0 })
    writeFileSync(at('with.json.snapshots'), 'broken')
    expect(await train(...SMALL, '--verify', 'with.json')).toMatchObject({ code: 0 })
  })

  test.each(isLong ? WAYS : [WAYS[0], WAYS[4]])(
    'has the same bytes if the run is stopped and resumed: %s',
    async (way) => {
      const options = [...SMALL, ...way.split(' ')]
      await train(...options, '--iters', '11', '--snapshots', '3', '--out', 'whole.json')
      await train(...options, '--iters', '4', '--snapshots', '3', '--out', 'parts.json')
      await train('--data', 'small.csv', '--resume', 'parts.json', '--iters', '8', '--max-seconds', '0.000001')
      await train('--data', 'small.csv', '--resume', 'parts.json', '--iters', '11', '--checkpoint-every', '2')
      expect(hash('parts.json.snapshots')).toBe(hash('whole.json.snapshots'))
    },
  )

  test('is continued under another name, and from snapshots that are ahead of the weights', async () => {
    await train(...SMALL, '--iters', '6', '--snapshots', '2', '--out', 'whole.json')
    await train(...SMALL, '--iters', '12', '--snapshots', '2', '--out', 'ahead.json')
    await train(...SMALL, '--iters', '4', '--out', 'ahead.json') // as after kill -9 between two renames
    await train('--data', 'small.csv', '--resume', 'ahead.json', '--iters', '6', '--out', 'other.json')
    expect(hash('other.json.snapshots')).toBe(hash('whole.json.snapshots'))
  })

  test('keeps those of another run beside its weights', async () => {
    await train(...SMALL, '--iters', '3', '--snapshots', '1')
    const before = hash('weights.json.snapshots')
    await train(...SMALL, '--iters', '3', '--seed', '1', '--snapshots', '1')
    expect(hash('weights.json~.snapshots')).toBe(before)
    expect(hash('weights.json.snapshots')).not.toBe(before)
  })

  test('leaves snapshots of another run alone when it resumes one without', async () => {
    await train(...SMALL, '--iters', '3', '--seed', '9', '--snapshots', '1', '--out', 'mixed.json')
    const before = hash('mixed.json.snapshots')
    await train(...SMALL, '--iters', '3', '--out', 'mixed.json')
    const { stderr } = await train('--data', 'small.csv', '--resume', 'mixed.json', '--iters', '5')
    expect(stderr).toContain('mixed.json.snapshots is not of this run, and stays as it is\n')
    expect(hash('mixed.json.snapshots')).toBe(before)
    expect(
      await train('--data', 'small.csv', '--resume', 'mixed.json', '--iters', '7', '--snapshots', '1'),
    ).toMatchObject(
      failed(64, '--snapshots 1: mixed.json.snapshots is not of the run of mixed.json; omit --snapshots\n'),
    )
  })

  test('refuses to begin in the middle, or with another step', async () => {
    await train(...SMALL, '--iters', '3', '--out', 'middle.json')
    const resume = ['--data', 'small.csv', '--resume', 'middle.json', '--iters', '5', '--snapshots', '2']
    expect(await train(...resume)).toMatchObject(failed(64, '--snapshots 2: the run of middle.json has kept no snapshots so far; start a new one with --config middle.json\n'))
    await train(...SMALL, '--iters', '3', '--snapshots', '3', '--out', 'middle.json')
    expect(await train(...resume)).toMatchObject(failed(64, '--snapshots 2: middle.json.snapshots has one every 3 iterations\n'))
  }) // prettier-ignore

  test.each([
    [['--snapshots', '0'], 64, '--snapshots "0": not an integer from 1 to 1000000000'],
    [['--snapshots', '1', '--iters', '100000'], 64, '--snapshots 1: 100,001 snapshots take 6.4 GB; the least here is --snapshots 12\n'],
    [['--snapshots', '1', '--iters', '1', '--out', '/dev/null'], 64, '--snapshots: /dev/null is no file that they can lie beside\n'],
    [['--snapshots', '1', '--iters', '1', '--out', 'mine'], 73, 'cannot write mine.snapshots: it exists and holds no snapshots; move it away\n'],
    [['--snapshots', '1', '--iters', '1', '--out', 'input', '--data', 'input.snapshots', '--dev', '0'], 64, 'input.snapshots, where --snapshots writes, is what --data reads; write to another file\n'],
  ])('refuses %j', async (args, code, sentence) => {
    writeFileSync(at('mine.snapshots'), 'my holidays')
    copyFileSync(at('others.csv'), at('input.snapshots'))
    expect(await train(...SMALL, ...args)).toMatchObject(failed(code, sentence))
    expect([text('mine.snapshots'), existsSync(at('mine'))]).toEqual(['my holidays', false])
    expect(hash('input.snapshots')).toBe(hash('others.csv'))
  }) // prettier-ignore

  test('and names the least that is not too many', async () => {
    writeFileSync(at('mine.snapshots'), 'my holidays') // so that the rest of a run is refused
    const wide = (snapshots: number) =>
      train(...SMALL, '--hidden', '400', '--iters', '1000', '--out', 'mine', '--snapshots', String(snapshots))
    const [, least] = /the least here is --snapshots (\d+)/.exec((await wide(1)).stderr)!
    expect([(await wide(Number(least) - 1)).code, (await wide(Number(least))).code]).toEqual([64, 73])
  })
})

test('a sweep keeps snapshots of each run', async () => {
  const args = ['runs', ...SMALL, '--seed', '1', '2', '--iters', '4', '--snapshots', '2', '--quiet']
  const { stdout } = await runInProcess('mnist-sweep', [...args, '--print'], { cwd })
  for (const line of stdout.trim().split('\n')) expect(line).toContain('--snapshots 2')
  expect(stdout).not.toContain('snapshots=2')
})
