import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { STEPS } from '../../src/check/steps.ts'
import { isLong } from '../support/long.ts'
import { ended, printed, run as runProcess, start } from '../support/command.ts'
import { backProp, exerciseWith, LOOPS, SOLUTION } from '../support/exercise.ts'
import { newFolder } from '../support/folder.ts'
import { runInProcess } from '../support/in-process.ts'

const cwd = newFolder()
const check = (...args: string[]) => runInProcess('mnist-check', args, { cwd })
const write = (name: string, text: string) => writeFileSync(join(cwd, name), text)

/** A statement that never ends, and takes no time of the processor. */
const ENDLESS = 'for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10)'

/** A module with one function, which returns this. */
const using = (operations: string, head: string, result: string) =>
  `import { ${operations} } from 'mnist-from-scratch/matrix'\nexport function ${head} {\n  return ${result}\n}`

interface Json {
  status: string
  steps: { name: string; status: string; mistake?: string; message?: string; output?: string }[]
  next?: string
  gradients?: { tensor: string; verdict: string }[]
}

/** What --json prints of a module with this text. */
async function report(source: string, ...args: string[]): Promise<Json> {
  write('mine.mjs', source)
  const { stdout, stderr } = await check('mine.mjs', '--json', ...args)
  expect(stderr).toBe('')
  return JSON.parse(stdout) as Json
}

/** The step that is wrong. */
async function wrongStep(source: string, ...args: string[]) {
  const { status, steps } = await report(source, ...args)
  expect(status).toBe('wrong')
  return steps.find((step) => step.status === 'wrong')!
}

test('without a module both engines are checked, at the start and after 20 iterations', async () => {
  const { code, stdout } = await check('--json')
  const { schema, status, gradients } = JSON.parse(stdout) as { schema: string; status: string; gradients: object[] }
  expect([code, schema, status]).toEqual([0, 'mnist-check/1', 'right'])
  expect(gradients).toHaveLength(16)
  for (const gradient of gradients) expect(gradient).toMatchObject({ verdict: 'right' })
  expect((await check()).stdout).toMatch(/^simd engine, iteration 0\n {2}dW2 {2}right +relative error \d/)
})

describe('the exercise', () => {
  const names = STEPS.filter(({ isExercise }) => isExercise).map(({ name }) => name)

  test('is written by --start, once', async () => {
    const { code, stdout } = await check('--start', 'new')
    expect([code, stdout]).toEqual([0, 'new/network.mjs: write the functions in it one after the other; to check them:\n  mnist-check new --watch\n']) // prettier-ignore
    expect(readFileSync(join(cwd, 'new/network.mjs'), 'utf8')).toBe(exerciseWith({}))
    expect(await check('--start', 'new')).toMatchObject({ code: 73, stderr: 'mnist-check: cannot write new/network.mjs: it exists; name another folder\n' }) // prettier-ignore
  })

  test('asks for each function of the solution in turn, and is right at the end', async () => {
    expect(names).toEqual(Object.keys(SOLUTION))
    mkdirSync(join(cwd, 'solved'))
    const all = [...names, undefined].entries()
    for (const [i, name] of isLong ? all : [...all].filter(([i]) => [0, 5, 11].includes(i))) {
      const written = Object.fromEntries(Object.entries(SOLUTION).slice(0, i))
      write('solved/network.mjs', exerciseWith(written))
      const { code, stdout } = await check('solved', '--json')
      const { status, next, steps } = JSON.parse(stdout) as Json
      expect([status, next, code]).toEqual(name === undefined ? ['right', undefined, 0] : ['unfinished', name, 1])
      const right = steps.filter((step) => step.status === 'right').map((step) => step.name)
      expect(right).toEqual(name === undefined ? [...names, 'gradients'] : names.slice(0, i))
    }
  })

  test('solved, trains to the lesson’s weights', async () => {
    write('solution.mjs', exerciseWith(SOLUTION))
    const train = ['--take', '40', '--dev', '10', '--iters', '3', '--hidden', '4', '--quiet', '--out']
    await runProcess('mnist-train', [...train, 'own.json', '--network', 'solution.mjs'], { cwd })
    await runInProcess('mnist-train', [...train, 'ours.json', '--engine', 'reference'], { cwd })
    const matrices = (name: string) => readFileSync(join(cwd, name), 'utf8').split('"W1"')[1]
    expect(matrices('own.json')).toBe(matrices('ours.json'))
  })

  test('says what is right, what is next, and gives a hint if asked', async () => {
    write('new/network.mjs', exerciseWith({ relu: SOLUTION.relu! }))
    const { stdout } = await check('new')
    expect(stdout).toBe('relu     right\nsoftmax  to be written\n\nnext: softmax: A = exp(Z) / (sum of exp(Z)), column by column\n')
    expect((await check('new', '--hint')).stdout).toContain('\nhint: Subtract columnMaxima(Z) from Z')
  }) // prettier-ignore

  test('may be solved with loops, and with lists where no function passes them on', async () => {
    write('loops.mjs', exerciseWith(LOOPS))
    const { stdout } = await check('loops.mjs', '--json')
    expect(JSON.parse(stdout)).toMatchObject({ status: 'right' })
  })

  test('names a list that a function passes on to another', async () => {
    const relu = 'return Array.from({ length: Z.shape[0] }, (_, i) => Array.from({ length: Z.shape[1] }, (_, j) => Math.max(Z.get(i, j), 0)))' // prettier-ignore
    const { steps } = await report(exerciseWith({ ...SOLUTION, relu }))
    expect(steps[0]).toMatchObject({ name: 'relu', status: 'right' })
    const { message } = steps.find(({ status }) => status === 'wrong')!
    expect(message).toMatch(/^mine\.mjs:\d+: forwardProp fails: dot is given a list, not a matrix; what your functions pass to each other must be matrices/) // prettier-ignore
  })

  test('--watch checks again when it is saved, until it is right', async () => {
    write('new/network.mjs', exerciseWith({ ...SOLUTION, db1: 'return 0' }))
    const child = start('mnist-check', ['new', '--watch'], { cwd })
    await printed(child, 'Waiting')
    write('new/network.mjs', exerciseWith(SOLUTION))
    const { code, stdout } = await ended(child)
    expect(code).toBe(0)
    expect(stdout).toContain('new/network.mjs is right')
  })
})

describe('a module', () => {
  test('is right if its formulas and its gradients are', async () => {
    const { status, steps, gradients } = await report(backProp())
    expect(status).toBe('right')
    const expected = STEPS.map(({ name }) => [name, name === 'backProp' ? 'right' : 'ours'])
    expect(steps.map(({ name, status }) => [name, status])).toEqual([...expected, ['gradients', 'right']])
    expect(gradients!.map(({ verdict }) => verdict)).toEqual(['right', 'right', 'right', 'right'])
  })

  test('with the notebook’s slip is told so, with the line', async () => {
    const step = await wrongStep(backProp({ db2: '1 / m * sum(dZ2)', db1: '1 / m * sum(dZ1)' }))
    expect(step).toMatchObject({ name: 'backProp', mistake: 'scalar-bias' })
    expect(step.message).toMatch(/^mine\.mjs:\d+: db2 is wrong: one number for all 10 biases/)
  })

  /** The results of relu and reluSlope, each of one number. */
  const activation = async (relu: string, slope: string) => {
    const { steps } = await report(`import { map } from 'mnist-from-scratch/matrix'
export const relu = (Z) => map(Z, (z) => ${relu})
export const reluSlope = (Z) => map(Z, (z) => ${slope})\n`)
    return Object.fromEntries(steps.map((step) => [step.name, step]))
  }
  const LEAKY = 'z > 0 ? z : 0.01 * z'

  test.each([
    ['Math.max(z, 0)', 'z > 0 ? 1 : 0', 'right'],
    ['Math.tanh(z)', '1 - Math.tanh(z) ** 2', 'own'],
    [LEAKY, 'z > 0 ? 1 : 0.01', 'own'],
    ['z', '1', 'own'],
  ])('whose relu is %s is right with its slope, %s', async (relu, slope, status) => {
    const steps = await activation(relu, slope)
    expect(steps).toMatchObject({ relu: { status }, reluSlope: { status }, gradients: { status: 'right' } })
  })

  test.each([
    ['Math.tanh(z)', 'Math.tanh(z)'],
    ['Math.tanh(z)', '1 - Math.tanh(z)'],
    [LEAKY, 'z > 0 ? 1 : 0'],
  ])('whose relu is %s is wrong with another slope, %s', async (relu, slope) => {
    const { reluSlope, ...others } = await activation(relu, slope)
    expect(others.relu).toMatchObject({ status: 'own' })
    expect(reluSlope).toMatchObject({ status: 'wrong', mistake: 'slope-differs', differences: expect.any(Array) as [] })
    expect(reluSlope.message).toBe('mine.mjs:3: reluSlope is wrong: it is not the slope of relu, which is not ReLU')
  })

  test.each([
    ['Math.abs(z)', 'z > 0 ? 1 : 0', 'absolute'],
    ['Math.min(z, 0)', 'z > 0 ? 1 : 0', 'minimum'],
  ])('whose relu is %s with the slope of ReLU is told the mistake', async (relu, slope, mistake) => {
    expect(await activation(relu, slope)).toMatchObject({ relu: { status: 'wrong', mistake } })
  })

  test.each([
    [`export function relu(Z) {\n  ${ENDLESS}\n}`, 'mine.mjs:1: relu has not returned after 1 s: an endless loop?'],
    ['export function relu(Z) {\n  Z.data[0] = 0\n  return Z\n}', 'mine.mjs:1: relu changes its argument Z: compute with a copy'],
    ['export function relu(Z) {\n  Z.map()\n}', 'mine.mjs:2: relu fails: Z.map is not a function'],
    ['export async function relu(Z) {\n  return Z\n}', 'mine.mjs:1: relu fails: it returns a promise: write it without async'],
    ['export function relu(Z) {\n  return [[1, 2]]\n}', 'mine.mjs:1: relu is wrong: it is 1×2, not 2×4'],
    ['export function relu(Z) {\n  return () => 1\n}', 'mine.mjs:1: relu fails: it returns functions, not numbers'],
    ['export function relu(Z) {\n  process.exit()\n}', 'mine.mjs:2: relu fails: calls process.exit'],
    ['export function relu(Z) {\n  Z\n}', 'mine.mjs:1: relu returns nothing; it must return a matrix, 2×4; is its return missing?'],
    [using('subtract', 'relu(Z)', 'subtract(0, Z)'), 'mine.mjs:3: relu fails: subtract is given 0, not a matrix; with a number, use scale(A, factor) or map(A, f)'],
    [using('divide', 'relu(Z)', 'divide(Z, Z.shape[1])'), 'relu fails: divide is given 4, not a matrix; with a number, use scale'],
    [using('map', 'relu(Z)', 'map(Z - Z, Math.abs)'), 'relu fails: map is given NaN, not a matrix; +, -, * and / do not compute with matrices'],
    [using('map', 'relu(Z)', 'map(Z + Z, Math.abs)'), 'not a matrix; +, -, * and / do not compute with matrices'],
    [using('rowSums', 'db2(dZ2)', 'rowSums(dZ2.T)'), 'db2 fails: rowSums is given undefined, not a matrix; is a return missing? A.T does not exist: use transpose(A)'],
    ['export function relu(Z) {\n  throw new Error("Z is not a matrix")\n}', 'relu fails: Z is not a matrix'],
    [using('map', 'relu(Z)', 'map(Z, 3)'), 'relu fails: f is not a function'],
    [using('dot, add', 'forwardProp({ W1, b1, W2 }, X)', 'dot(W2, [[1]])'), 'forwardProp fails: dot is given a list, not a matrix; what your functions pass to each other must be matrices'],
    [using('dot, add', 'forwardProp({ W1, b1, W2 }, X)', '[[1]].get(0, 0)'), 'is not a function; what your functions pass to each other must be matrices'],
    ['export function updateParams({ W1 }, { dW1 }, alpha) {\n  for (let i = 0; i < W1.data.length; i++) W1.data[i] -= dW1.data[i] *= alpha\n}', 'updateParams changes its argument gradients.dW1: compute with a copy'],
    [backProp({ dZ1: '(W2.data.fill(0), Z1)' }), 'backProp changes its argument params.W2: compute with a copy'],
  ])('that misbehaves gets a sentence: %j', async (source, sentence) => {
    expect((await wrongStep(source, '--timeout', '1')).message).toContain(sentence)
  }) // prettier-ignore

  test.each([
    ['export function ReLU() {}', 'exports ReLU; its name must be relu'],
    ['export const relu = 3', 'relu is a number, not a function'],
    ['export default 3', 'exports a default export of the functions'],
    ['export const relu = (Z) => {', ':1: Unexpected end of input'],
    [`${ENDLESS}\nexport const relu = (Z) => Z`, 'has not been loaded after 0.1 s'],
  ])('that cannot be checked is refused: %j', async (source, sentence) => {
    write('mine.mjs', source)
    const { code, stderr } = await check('mine.mjs', ...(source.startsWith(ENDLESS) ? ['--timeout', '0.1'] : []))
    expect(stderr).toContain(`mnist-check: mine.mjs`)
    expect(stderr).toContain(sentence)
    expect(code).toBe(65)
  })

  test.each(['w.json', 'digits.csv', 'network'])('that is not one by its name is refused: %s', async (name) => {
    write(name, '{}')
    const stderr = `mnist-check: ${name}: not a module; its name must end in .mjs, .js or .ts\n`
    expect(await check(name)).toEqual({ code: 64, stdout: '', stderr })
  })

  test('is given any time above 0, up to an hour', async () => {
    write('mine.mjs', 'export const relu = (Z) => Z')
    expect((await check('mine.mjs', '--timeout', '1.2345')).stdout).toMatch('relu is wrong')
    for (const seconds of ['0', '3601', '1e7']) {
      const stderr = `mnist-check: --timeout "${seconds}": not a number above 0, at most 3600\n`
      expect(await check('mine.mjs', '--timeout', seconds)).toEqual({ code: 64, stdout: '', stderr })
    }
  })

  test('whose loss is the squared error is right if its gradients are', async () => {
    const squares = (
      factor: number,
    ) => `import { map, multiply, subtract, columnSums, dot, rowSums, scale, transpose } from 'mnist-from-scratch/matrix'
const minus = (A2, Y) => { const E = map(A2, (a) => a); Y.forEach((y, j) => E.set(y, j, E.get(y, j) - 1)); return E }
export const loss = (A2, Y) => minus(A2, Y).data.reduce((sum, e) => sum + e * e, 0) / Y.length
export function backProp({ W2 }, { Z1, A1, A2 }, X, Y) {
  const m = Y.length
  const dA2 = scale(minus(A2, Y), ${factor})
  const dZ2 = multiply(A2, subtract(dA2, columnSums(multiply(A2, dA2))))
  const dZ1 = multiply(dot(transpose(W2), dZ2), map(Z1, (z) => (z > 0 ? 1 : 0)))
  const dW = (dZ, A) => scale(dot(dZ, transpose(A)), 1 / m)
  const db = (dZ) => scale(rowSums(dZ), 1 / m)
  return { dW1: dW(dZ1, X), db1: db(dZ1), dW2: dW(dZ2, A1), db2: db(dZ2) }
}\n`
    const { status, steps } = await report(squares(2))
    expect([status, steps.find(({ name }) => name === 'backProp')!.status]).toEqual(['right', 'own'])
    expect(await wrongStep(squares(1))).toMatchObject({ name: 'gradients' })
  })

  /** A module whose initParams returns this. */
  const initial = (W1: string, W2: string) => `import { map, matrix } from 'mnist-from-scratch/matrix'
export const initParams = ({ rand }, h) => ({ W1: ${W1}, b1: matrix(h, 1), W2: ${W2}, b2: matrix(10, 1) })\n`
  const drawn = (shape: string) => `map(matrix(${shape}), rand)`

  test('whose hidden units all start alike is wrong', async () => {
    const step = await wrongStep(initial('matrix(h, 784)', 'matrix(10, h)'))
    expect(step).toMatchObject({ name: 'initParams', mistake: 'alike' })
  })

  test.each([
    [drawn('h, 784'), drawn('10, h')],
    [drawn('h, 784'), 'matrix(10, h)'],
    ['matrix(h, 784)', drawn('10, h')],
  ])('whose hidden units differ in W1 or in W2 is right: %s, %s', async (W1, W2) => {
    expect(await report(initial(W1, W2))).toMatchObject({ status: 'right', steps: expect.arrayContaining([expect.objectContaining({ name: 'initParams', status: 'right' })]) as [] }) // prettier-ignore
  })

  test('whose initParams has another number of hidden units than asked for is wrong', async () => {
    const { message } = await wrongStep(initial(drawn('10, 784'), drawn('10, 10')))
    expect(message).toMatch(/: initParams returns W1 as 10×784; it must be 7×784$/)
  })

  test('that computes NaN is reported without it in JSON', async () => {
    write('mine.mjs', exerciseWith({ ...SOLUTION, softmax: 'return map(Z, () => NaN)' }))
    const { stdout } = await check('mine.mjs', '--json')
    const { status, steps } = JSON.parse(stdout) as Json
    expect(status).toBe('wrong')
    const { message } = steps.find((step) => step.status === 'wrong')!
    expect(message).toMatch(/^mine\.mjs:\d+: softmax is wrong: it is NaN at \[0, 0\]$/)
    expect(stdout).not.toContain('null')
  })

  test('may print: on stderr, and in its step with --json', async () => {
    const source = 'export function relu(Z) {\n  console.log("here", 3)\n  return Z\n}'
    expect((await wrongStep(source)).output).toBe('here 3\n')
    expect((await check('mine.mjs')).stderr).toBe('here 3\n')
  })

  test.each([
    ['x'.repeat(400), 'the name is too long'],
    ['loop.mjs', 'its symbolic links form a loop'],
    ['nope.mjs', 'no such file'],
  ])('that cannot be read is named, with the reason: %s', async (name, reason) => {
    if (name === 'loop.mjs') symlinkSync(name, join(cwd, name))
    expect(await check(name)).toEqual({ code: 66, stdout: '', stderr: `mnist-check: ${name}: ${reason}\n` })
  })

  test('may be TypeScript', async () => {
    write('mine.ts', 'export const oneHot = (Y: Uint8Array): number[][] =>\n  Array.from({ length: 10 }, (_, i) => Array.from(Y, (y) => (y === i ? 1 : 0)))\n') // prettier-ignore
    expect((await check('mine.ts')).stdout).toMatch(/^oneHot {2}right\n[^]*mine.ts is right; to train/)
  })

  test('shows expected beside found', async () => {
    write('mine.mjs', backProp({ db1: 'scale(rowSums(dZ1), 2 / m)' }))
    const { code, stdout } = await check('mine.mjs')
    expect(code).toBe(1)
    expect(stdout).toMatch(
      /db1 is wrong: it is 2 times what it must be.*\n +expected +found\n( +\[\d, 0\] +\S+ +\S+\n)+/,
    )
  })
})
