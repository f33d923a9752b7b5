import { writeFileSync } from 'node:fs'
import { Command } from '@commander-js/extra-typings'
import { expect, test } from 'vitest'
import { trainOptions } from '../../../src/commands/train/options.ts'
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
    '784-10-10 network, 50 training digits, 10 held out, batches of 9, 2 iterations (1 epoch), α 0.1 (linear decay), momentum 0.5, seed 0',
    'checkpoint after 1 iteration in weights.json',
    expect.stringMatching(/^2 iterations in 0:\d\d, [\d,.]+ per second; weights saved in weights\.json$/),
    '',
  ])
})

test('--quiet leaves stderr empty', async () => {
  expect(await train(...SMALL, '--iters', '2', '--quiet')).toMatchObject({ code: 0, stderr: '' })
})

test('with --batch, results are labelled as means over an epoch, and say which', async () => {
  const args = [...SMALL, '--batch', '20', '--epochs', '2', '--log-every', '2', '--out', 'b.json']
  const { stdout, stderr } = await train(...args)
  const { history } = await load(at('b.json'))
  const epochs = [1, 2, 2]
  const results = history.map(({ iteration, accuracy, loss, devAccuracy = NaN }, i) => {
    const mean = `mean accuracy ${accuracy.toFixed(6)}  mean loss ${loss.toFixed(6)}  dev ${devAccuracy.toFixed(6)}`
    return `epoch ${epochs[i]}/2  iteration     ${iteration}  ${mean}`
  })
  expect(history.map(({ iteration }) => iteration)).toEqual([1, 3, 5])
  expect(stdout.split('\n').slice(0, 3)).toEqual(results)
  expect(stderr).toContain(', batches of 20, 6 iterations (2 epochs), ')
  const json = (await train(...args, '--json')).stdout.trimEnd().split('\n').map((line) => JSON.parse(line) as object) // prettier-ignore
  expect(json[0]).toMatchObject({ event: 'start', epochs: 2 })
  expect(json.slice(1, 4)).toEqual(history.map((entry, i) => ({ event: 'iteration', ...entry, epoch: epochs[i] })))
})

test('the line about the network names every option that changes the weights', async () => {
  const headOf = async (...options: string[]) => (await train(...SMALL, '--iters', '0', ...options)).stderr.split('\n').find((line) => line.startsWith('784-')) // prettier-ignore
  expect(await headOf()).toBe('784-10-10 network, 50 training digits, 10 held out, 0 iterations, α 0.1, seed 0')
  await train(...SMALL, '--iters', '0', '--out', 'start.json')
  writeFileSync(at('mine.mjs'), 'export const relu = (Z) => Z\n')
  /** Options that the weights do not depend on, that the line about the data shows, or that set --iters. */
  const without = 'epochs data test out checkpoint-every snapshots max-seconds resume verify config print-config threads advice json quiet version completion' // prettier-ignore
  const values: Record<string, string[]> = {
    dev: ['11'], iters: ['1'], alpha: ['0.2'], batch: ['7'], momentum: ['0.5'], decay: ['cosine'], hidden: ['3'],
    'label-smoothing': ['0.1'], 'init-scale': ['he'], init: ['start.json'], network: ['mine.mjs'], seed: ['1'], engine: ['reference'],
    take: ['40'], 'target-accuracy': ['0.9'], patience: ['2'], 'log-every': ['9', '--patience', '2'],
  } // prettier-ignore
  const heads = new Map<string | undefined, string>([[await headOf(), 'none']])
  for (const option of trainOptions(new Command()).options) {
    const name = option.name().replace(/^no-/, '')
    if (without.split(' ').includes(name)) continue
    const head = await headOf(`--${name}`, ...(values[name] ?? []))
    expect([name, head, heads.get(head)]).toEqual([name, expect.any(String), undefined])
    heads.set(head, name)
  }
})
