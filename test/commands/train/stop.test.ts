/** Runs that options stop before the last iteration. */
import { describe, expect, test } from 'vitest'
import { load } from '../../../src/weights.ts'
import { grouped } from '../../../src/wording.ts'
import { expectSameParams } from '../../support/tensors.ts'
import { SMALL as TRAINING, trainingFolder } from '../../support/training.ts'

const { at, train } = trainingFolder()
const DATA = ['--data', 'small.csv']
const SMALL = [...TRAINING, '--alpha', '0.3']

test('--target-accuracy stops at the first report that reaches it', async () => {
  const args = [...SMALL, '--log-every', '10', '--iters', '400', '--target-accuracy', '0.5', '--out', 'target.json']
  expect(await train(...args, '--quiet')).toMatchObject({ code: 0, stderr: '' })
  const { result, history, training } = await load(at('target.json'))
  expect(result).toMatchObject({ stopped: 'target-accuracy', devAccuracy: history.at(-1)!.devAccuracy })
  expect(result.iterations).toBeLessThan(400)
  expect(result.devAccuracy).toBeGreaterThanOrEqual(0.5)
  expect(history.slice(0, -1).every(({ devAccuracy }) => devAccuracy! < 0.5)).toBe(true)
  expect(training).toMatchObject({ iterations: 400, targetAccuracy: 0.5 })
  const { code, stderr } = await train(...DATA, '--resume', 'target.json')
  expect([code, stderr]).toEqual([0, `target.json is complete (${result.iterations} iterations)\n`])
})

test('--target-accuracy ends with exit code 1 if it is not reached', async () => {
  const args = [...SMALL, '--log-every', '10', '--iters', '11', '--target-accuracy', '1', '--out', 'missed.json']
  const { code, stderr } = await train(...args)
  const { result } = await load(at('missed.json'))
  expect(result.iterations).toBe(11)
  expect(code).toBe(1)
  expect(stderr).toMatch(new RegExp(`\\ndev accuracy ${result.devAccuracy} is below the target of 1\\n$`))
  expect(await train(...DATA, '--resume', 'missed.json')).toMatchObject({ code: 1 })
})

test('--patience keeps the best weights', async () => {
  const args = [...SMALL, '--log-every', '7', '--iters', '1000']
  const { stderr } = await train(...args, '--patience', '3', '--out', 'patient.json')
  const { result, history, params } = await load(at('patient.json'))
  const best = Math.max(...history.map(({ devAccuracy }) => devAccuracy!))
  const first = history.findIndex(({ devAccuracy }) => devAccuracy === best)
  expect(history.length - 1 - first).toBe(3)
  expect(result).toMatchObject({ stopped: 'patience', devAccuracy: best, kept: history[first].iteration + 1 })
  expect(result.loss).toBe(history[first].loss)
  expect(stderr).toContain(`; weights (the best, of iteration ${history[first].iteration}) saved in patient.json\n`)
  await train(...args, '--iters', String(result.kept), '--out', 'straight.json')
  expectSameParams((await load(at('straight.json'))).params, params)
  expect((await train(...DATA, '--resume', 'patient.json', '--iters', '2000', '--quiet')).stderr).toBe(
    'mnist-train: --iters 2000: patient.json kept its best weights, so it cannot be continued\n',
  )
})

describe('--max-seconds', () => {
  test('saves the weights so far and prints how to resume', async () => {
    const { code, stderr } = await train(
      ...SMALL,
      '--iters',
      '100000000',
      '--max-seconds',
      '0.05',
      '--out',
      'late.json',
    )
    expect(code).toBe(0)
    const { iterations } = (await load(at('late.json'))).result
    const saved = `${grouped(iterations)} of 100,000,000 iterations done, saved in late.json`
    const command = 'mnist-train --data small.csv --resume late.json'
    expect(stderr).toContain(`\nstopped after 0.05 s: ${saved}; to resume:\n  ${command}\n`)
  })
})
