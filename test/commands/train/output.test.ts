import { expect, test } from 'vitest'
import { load } from '../../../src/weights.ts'
import { SMALL, trainingFolder } from '../../support/training.ts'

const { at, train } = trainingFolder()

test('--json prints one value per line, finite or absent', async () => {
  const args = [...SMALL, '--iters', '4', '--log-every', '3', '--checkpoint-every', '2', '--json', '--out', 'j.json']
  const { stdout } = await train(...args)
  const events: unknown[] = stdout.trimEnd().split('\n').map((line) => JSON.parse(line)) // prettier-ignore
  const { training, history, result } = await load(at('j.json'))
  expect(history).toHaveLength(2)
  expect(events).toEqual([
    { event: 'start', schema: 'mnist-train/1', hidden: 10, done: 0, training },
    { event: 'iteration', ...history[0] },
    { event: 'checkpoint', done: 2, out: 'j.json' },
    { event: 'iteration', ...history[1] },
    { event: 'end', result, out: 'j.json' },
  ])
  expect(stdout).not.toContain('null')
})

test('stderr shows the data, the network and the weights file', async () => {
  const { stderr } = await train(...SMALL, '--iters', '2', '--checkpoint-every', '1', '--momentum', '0.5', '--batch', '9', '--decay', 'linear') // prettier-ignore
  expect(stderr.split('\n')).toEqual([
    "small.csv: 60 digits, Kaggle's label-first CSV",
    '784-10-10 network, 50 training digits, 10 held out, batches of 9, α 0.1 (linear decay), momentum 0.5, seed 0',
    'checkpoint after 1 iteration in weights.json',
    expect.stringMatching(/^2 iterations in 0:\d\d, [\d.]+ per second; weights saved in weights\.json$/),
    '',
  ])
})

test('--quiet leaves stderr empty', async () => {
  expect(await train(...SMALL, '--iters', '2', '--quiet')).toMatchObject({ code: 0, stderr: '' })
})
