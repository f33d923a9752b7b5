/** mnist-train --network: functions of one's own. */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { beforeAll, describe, expect, test } from 'vitest'
import { select, toMatrix } from '../../../src/digits.ts'
import { map } from '../../../src/matrix.ts'
import { ownNetwork } from '../../../src/own-network.ts'
import { load } from '../../../src/weights.ts'
import { ended, run, type Ended } from '../../support/command.ts'
import { runInProcess } from '../../support/in-process.ts'
import { expectSameParams } from '../../support/tensors.ts'
import { DIGITS, SMALL, trainingFolder } from '../../support/training.ts'

const { cwd, at, train: trainInProcess } = trainingFolder()
/** Trains in a process of its own, where Node itself imports the module. */
const train = (...args: string[]) => run('mnist-train', args, { cwd })
const TRAIN = [...SMALL, '--iters', '3', '--hidden', '4']

const TANH = `import { map } from 'mnist-from-scratch/matrix'
export const relu = (Z) => map(Z, Math.tanh)
export const reluSlope = (Z) => map(Z, (z) => 1 - Math.tanh(z) ** 2)
`
writeFileSync(at('tanh.mjs'), TANH)
writeFileSync(at('other.mjs'), TANH.replace('**', '*'))
writeFileSync(
  at('tanh.ts'),
  TANH.replace('{ map }', '{ map, type Matrix }')
    .replaceAll('(Z)', '(Z: Matrix): Matrix')
    .replace('(z) =>', '(z: number) =>'),
)

describe('a network with an activation of one’s own', () => {
  let trained: Ended
  beforeAll(async () => {
    trained = await train(...TRAIN, '--network', 'tanh.mjs', '--out', 'tanh.json')
  }, 60_000)

  test('trains on the reference engine, says so, and is recorded', async () => {
    expect(trained.code).toBe(0)
    expect(trained.stderr).toContain(
      'relu, reluSlope of tanh.mjs; the rest is src/network.ts; on the reference engine\n',
    )
    const { training, activation } = await load(at('tanh.json'))
    const sha256 = createHash('sha256').update(TANH).digest('hex')
    expect(activation).toBe('custom')
    expect(training).toMatchObject({ engine: 'reference', network: { name: 'tanh.mjs', sha256 } })
  })

  test('is resumed and verified with the same module', async () => {
    const quiet = ['--data', 'small.csv', '--quiet', '--network', 'tanh.mjs']
    await train(...quiet, '--resume', 'tanh.json', '--iters', '5', '--out', 'resumed.json')
    const [{ training }, resumed] = [await load(at('tanh.json')), await load(at('resumed.json'))]
    expect(resumed.training).toEqual({ ...training, iterations: 5 })
    const identical = { code: 0, stdout: 'resumed.json: identical, bit for bit\n' } // to a run from the start
    expect(await train(...quiet, '--verify', 'resumed.json')).toMatchObject(identical)
  })

  test.each([
    [['--verify', 'tanh.json'], 'tanh.json was trained with tanh.mjs: name that file with --network'],
    [
      ['--resume', 'tanh.json', '--iters', '9', '--network', 'other.mjs'],
      '--network other.mjs is not the file that tanh.json was trained',
    ],
    [['--config', 'tanh.json'], 'tanh.json: its run had --network tanh.mjs; name that file with --network'],
    [['--network', 'tanh.mjs', '--engine', 'simd'], '--engine simd: --network trains on the reference engine'],
    [['--network', 'none.mjs'], 'none.mjs: no such file'],
  ])('is refused: %j', async (args, sentence) => {
    const isImported = args.includes('other.mjs')
    const { code, stderr } = await (isImported ? train : trainInProcess)('--data', 'small.csv', '--dev', '10', ...args)
    expect(stderr.trimEnd().split('\n').at(-1)).toContain(`mnist-train: ${sentence}`)
    expect(code).toBe(sentence.includes('no such') ? 66 : 64)
  })

  test('predicts only with the same module', async () => {
    const args = ['--index', '3', '--data', 'small.csv', '--weights', 'tanh.json']
    const { code, stdout } = await run('mnist-predict', [...args, '--network', 'tanh.mjs', '--json'], { cwd })
    const { params } = await load(at('tanh.json'))
    const { A2 } = ownNetwork({ relu: (Z) => map(Z, Math.tanh) }).forwardProp(
      params,
      toMatrix(select(DIGITS, Uint32Array.of(3))),
    )
    expect([code, (JSON.parse(stdout) as { probabilities: number[] }).probabilities]).toEqual([0, [...A2.data]])
    const sentence = 'mnist-predict: tanh.json was trained with tanh.mjs: name that file with --network\n'
    expect(await runInProcess('mnist-predict', args, { cwd })).toEqual({ code: 64, stdout: '', stderr: sentence })
  })

  test('is evaluated beside others, each with its own functions', async () => {
    await trainInProcess(...TRAIN, '--quiet', '--engine', 'reference', '--out', 'relu.json')
    const evaluate = async (...files: string[]) => {
      const args = [...files, '--data', 'small.csv', '--json', '--mistakes', '0']
      const { stdout } = await run('mnist-evaluate', args, { cwd })
      return stdout.trimEnd().split('\n').map((line) => JSON.parse(line) as { file: string; loss: number }) // prettier-ignore
    }
    const both = await evaluate('relu.json', 'tanh.json', '--network', 'tanh.mjs')
    const alone = [...(await evaluate('relu.json')), ...(await evaluate('tanh.json', '--network', 'tanh.mjs'))]
    const losses = (found: typeof both) => Object.fromEntries(found.map(({ file, loss }) => [file, loss]))
    expect(losses(both)).toEqual(losses(alone))
  })

  test.each([
    [
      'oneHot',
      'export const oneHot = (Y) => Array.from({ length: 10 }, (_, i) => Array.from(Y, (y) => Number(y === i)))',
    ],
    ['loss', 'export const loss = (A2, Y) => Y.reduce((sum, y, j) => sum - Math.log(A2.get(y, j)), 0) / Y.length'],
  ])('is refused with --label-smoothing if its %s does not use that', async (name, source) => {
    writeFileSync(at(`${name}.mjs`), source)
    const args = [...TRAIN, '--network', `${name}.mjs`, '--out', 'hard.json']
    const { code, stderr } = await trainInProcess(...args, '--label-smoothing', '0.1')
    const remedy = 'take it as an argument, as src/network.ts does, or omit the option'
    expect([code, stderr]).toEqual([
      64,
      `mnist-train: --label-smoothing 0.1: ${name} of ${name}.mjs does not use it; ${remedy}\n`,
    ])
    expect((await trainInProcess(...args)).code).toBe(0)
  })

  test('prints to stderr', async () => {
    writeFileSync(at('loud.mjs'), `${TANH}console.log('here')\n`)
    const { stdout, stderr } = await train(...TRAIN, '--json', '--network', 'loud.mjs', '--out', 'loud.json')
    expect(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => (JSON.parse(line) as { event: string }).event),
    ).toContain('end')
    expect(stderr.match(/^here$/gm)).toHaveLength(1)
  })

  test('can be TypeScript', async () => {
    await train(...TRAIN, '--quiet', '--network', 'tanh.ts', '--out', 'typed.json')
    expectSameParams((await load(at('typed.json'))).params, (await load(at('tanh.json'))).params)
  })
})

const MISTAKES = [
  ['export function relu(Z) {\n  const A = Z\n}\n', ':1: relu returns nothing; it must be 3×2; is its return missing?'],
  ['export const softmax = 3\n', ': softmax is a number, not a function'],
  ['export function forward_prop() {}\n', ': exports forward_prop; its name must be forwardProp'],
  ['export const f = 3\n', ': exports none of the functions initParams, relu'],
  ['\nexport const relu == 3\n', ':2: Missing initializer'],
  ['export function relu(Z) {\n  return Z.T\n}\n', ':1: relu returns nothing; it must be 3×2'],
  ['export function relu(Z) {\n  return Z.map(Math.abs)\n}\n', ':2: relu fails: Z.map is not a function'],
  [
    "import { dot } from 'mnist-from-scratch/matrix'\n\nexport const relu = (Z) => {\n  return dot(Z, Z)\n}\n",
    ':4: relu fails: dot: 3×2 · 3×2 do not fit',
  ],
  ['export function backProp() {\n  const dW1 = [[1]]\n  return { dW1 }\n}\n', ':2: backProp returns dW1 as 1×1; it must be 3×784'],
  ['export function relu(Z) {\n  Z.set(0, 0, 1)\n  return Z\n}\n', ':1: relu changes its argument Z: compute with a copy'],
  ["import './nowhere.mjs'\n", ': Cannot find module'],
] // prettier-ignore

describe('a mistake', () => {
  const names = MISTAKES.map((_, i) => `wrong-${i}.mjs`)
  let failures: { kind: string; message: string }[]

  beforeAll(async () => {
    MISTAKES.forEach(([source], i) => writeFileSync(at(names[i]), source))
    const url = (name: string) => JSON.stringify(new URL(`../../../dist/src/${name}.js`, import.meta.url).href)
    const script = `
      import { loadNetwork, readModule } from ${url('network-module')}
      import { tryModule } from ${url('check/try-module')}
      const failures = []
      for (const name of process.argv.slice(1)) {
        try {
          const file = readModule(name)
          await tryModule(file)
          await loadNetwork(name, file)
        } catch ({ kind, message }) {
          failures.push({ kind, message })
        }
      }
      process.stdout.write(JSON.stringify(failures))`
    const child = spawn(process.execPath, ['--input-type=module', '-e', script, ...names], { cwd })
    failures = JSON.parse((await ended(child)).stdout) as typeof failures
    expect(failures).toHaveLength(names.length)
  }, 60_000)

  test.each(MISTAKES.map(([source, sentence], i) => [source, sentence, i] as const))(
    'is a sentence with its line: %j',
    (_, sentence, i) => {
      const { kind, message } = failures[i]
      expect(message).toContain(`${names[i]}${sentence}`)
      expect(kind).toBe('badData')
    },
  )

  test('ends mnist-train with exit code 65', async () => {
    const { code, stderr } = await train(...TRAIN, '--network', names[0], '--out', 'wrong.json')
    expect(stderr.trimEnd().split('\n').at(-1)).toContain(`mnist-train: ${names[0]}${MISTAKES[0][1]}`)
    expect(code).toBe(65)
  })
})
