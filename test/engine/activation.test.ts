/** The activation of a lesson that was edited. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { map, type Matrix } from '../../src/matrix.ts'
import type * as Network from '../../src/network.ts'
import { load } from '../../src/weights.ts'
import { SMALL, trainingFolder } from '../support/training.ts'

/** The activation as it is edited; undefined is the lesson's own. */
const edited: { activation?: ((z: number) => number) | undefined } = {}

// Other test files share the modules that are loaded, so this one loads its own.
vi.resetModules()
vi.doMock(import('../../src/network.ts'), async (original) => {
  const lesson: typeof Network = await original()
  const forwardProp: typeof lesson.forwardProp = (params, X) => {
    const layers = lesson.forwardProp(params, X)
    if (!edited.activation) return layers
    const A1: Matrix = map(layers.Z1, edited.activation)
    return { ...layers, A1 }
  }
  return { ...lesson, forwardProp }
})
const { lessonActivation } = await import('../../src/engine/activation.ts')
const { runInProcess } = await import('../support/in-process.ts')
afterAll(() => {
  vi.doUnmock('../../src/network.ts')
  vi.resetModules()
})

const { cwd, at, text } = trainingFolder()
const run = (name: string, ...args: string[]) => runInProcess(name, args, { cwd })
const TRAIN = [...SMALL, '--engine', 'reference', '--iters', '1', '--quiet', '--out']
const PREDICT = ['--data', 'small.csv', '--index', '3', '--no-picture', '--weights']
const edit = (activation?: (z: number) => number) => (edited.activation = activation)
beforeEach(() => edit())

test.each<[string, (z: number) => number]>([
  ['tanh', Math.tanh],
  ['leaky ReLU', (z) => (z > 0 ? z : 0.01 * z)],
  ['ReLU6', (z) => Math.min(Math.max(z, 0), 6)],
  ['the identity', (z) => z],
])('is custom if it is %s', (_, activation) => {
  edit(activation)
  expect(lessonActivation()).toBe('custom')
})

test('is relu for any way to write ReLU', () => {
  expect(lessonActivation()).toBe('relu')
  edit((z) => (z > 0 ? z : 0))
  expect(lessonActivation()).toBe('relu')
})

describe('a network that was trained with another activation', () => {
  const WAS = 'custom.json was trained with an activation of its own'
  const REMEDY = 'use the src/network.ts that trained it\n'

  beforeEach(async () => {
    await run('mnist-train', ...TRAIN, 'relu.json')
    edit(Math.tanh)
    await run('mnist-train', ...TRAIN, 'custom.json')
  })

  test('is recorded as custom', async () => {
    expect(text('custom.json')).toContain('"activation":"custom"')
    expect(text('relu.json')).toContain('"activation":"relu"')
    expect([(await load(at('custom.json'))).activation, (await load(at('relu.json'))).activation]).toEqual(['custom', undefined]) // prettier-ignore
  })

  test('is used with a notice of what computes it', async () => {
    const own = await run('mnist-predict', ...PREDICT, 'custom.json')
    expect([own.code, own.stderr]).toEqual([0, `${WAS}; make sure that src/network.ts computes the same one\n`])
    const other = await run('mnist-predict', ...PREDICT, 'relu.json')
    expect(other.stderr).toBe(`relu.json was trained with ReLU, and src/network.ts computes an activation of its own; ${REMEDY}`) // prettier-ignore
    edit()
    const lost = await run('mnist-predict', ...PREDICT, 'custom.json')
    expect([lost.code, lost.stderr]).toEqual([0, `${WAS}, and src/network.ts computes ReLU; ${REMEDY}`])
    expect((await run('mnist-predict', ...PREDICT, 'relu.json')).stderr).toBe('')
  })

  test('is resumed and verified only with that activation', async () => {
    const verify = ['--data', 'small.csv', '--quiet', '--verify']
    expect(await run('mnist-train', ...verify, 'custom.json')).toMatchObject({ code: 0 })
    edit()
    const refusal = { code: 64, stderr: `mnist-train: ${WAS}, and src/network.ts computes ReLU; ${REMEDY}` }
    expect(await run('mnist-train', ...verify, 'custom.json')).toMatchObject(refusal)
    const resume = ['--data', 'small.csv', '--iters', '2', '--resume', 'custom.json']
    expect(await run('mnist-train', ...resume)).toMatchObject(refusal)
  })

  test('is shown by mnist-runs', async () => {
    const { stdout } = await run('mnist-runs', 'custom.json', 'relu.json')
    expect(stdout).toMatch(/^name +activation .*\n(.* custom .*\n.* - |.* - .*\n.* custom )/)
    const { stdout: json } = await run('mnist-runs', 'custom.json', '--json')
    expect(JSON.parse(json)).toMatchObject({ activation: 'custom' })
  })

  test('has one of the two names', async () => {
    writeFileSync(join(cwd, 'odd.json'), text('custom.json').replace('"custom"', '"tanh"'))
    await expect(load(at('odd.json'))).rejects.toThrow('network.activation is "tanh", not one of "relu", "custom"')
  })
})
