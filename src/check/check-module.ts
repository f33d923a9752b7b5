/** Checks a learner's module: its formulas one after the other up to the first wrong one, then its gradients. */
import { Failure } from '../failure.ts'
import { checkGradients, type TensorCheck } from '../gradient-check.ts'
import { map, matrix, scale, subtract, toRows, transpose, type Matrix } from '../matrix.ts'
import { isUnwritten, placeIn, type ModuleFile } from '../network-module.ts'
import { guarded, type UnknownFunctions } from '../network-module/guard.ts'
import { adviceOn, inWords, isMatrix, PASSED, received, shapeOf } from '../network-module/received.ts'
import type { Params } from '../network.ts'
import { LESSON, ownNetwork, type NetworkFunctions } from '../own-network.ts'
import { randomStream, type RandomStream } from '../random.ts'
import { differencesOf, isSame, type Difference } from './comparison.ts'
import { ofRelu, recognised, type Mistake } from './mistakes.ts'
import type { Session } from './session.ts'
import type { Part, Step } from './steps.ts'

/** What came of a step. `own` is an activation other than ReLU, `ours` a function that the module leaves out. */
export interface StepResult {
  name: string
  formula: string
  status: 'right' | 'wrong' | 'missing' | 'unchecked' | 'ours' | 'own'
  /** The name of the mistake, if it is known. */
  mistake?: string
  /** A sentence with the place. */
  message?: string
  /** Entries beside each other, if the shapes agree. */
  differences?: Difference[]
  /** What the module printed. */
  output?: string
}

/** The learner's functions, called in their session, in place of ours. */
export function networkIn(session: Session, file: ModuleFile, names: (keyof NetworkFunctions)[]): NetworkFunctions {
  const calls = names
    .filter((name) => session.types.has(name))
    .map((name) => [
      name,
      (...values: unknown[]) =>
        session.call(
          name,
          values.filter((value) => value !== undefined),
        ),
    ])
  const placeOf = (name: string, variable?: string) => placeIn(file, name, variable)
  return ownNetwork(guarded(Object.fromEntries(calls) as UnknownFunctions, placeOf))
}

/** Functions that depend on the activation, and on the loss. */
const OF_ACTIVATION = ['relu', 'reluSlope'] as const
const OF_LOSS = ['loss', 'dZ2', 'dW2', 'db2', 'dZ1', 'dW1', 'db1', 'backProp']

/**
 * The functions that the steps compare with: ours, or an activation of the module's own with its slope.
 * @returns also the functions that no formula of ours fits, because the activation or the loss is the module's own
 */
export function expectedFunctions(session: Session, file: ModuleFile): { our: NetworkFunctions; own: string[] } {
  const { types } = session
  const found = { our: LESSON, own: [] as string[] }
  try {
    const { relu, reluSlope, loss } = networkIn(session, file, ['relu', 'reluSlope', 'loss'])
    if (types.has('relu') && types.has('reluSlope') && isOwnActivation(relu, reluSlope)) {
      found.our = ownNetwork({ relu, reluSlope })
      found.own.push(...OF_ACTIVATION)
    }
    const A2 = LESSON.softmax(matrix(10, 2))
    const Y = Uint8Array.of(3, 7)
    const isOurs = Math.abs(loss(A2, Y) / LESSON.loss(A2, Y) - 1) < 1e-9
    if (types.has('loss') && types.has('backProp') && !isOurs) found.own.push(...OF_LOSS)
  } catch (error) {
    if (!(error instanceof Failure)) throw error // its step says what is wrong
  }
  return found
}

/** Where an activation of the module's own is compared with its slope: not at 0, where it may have a kink. */
const Z = matrix(1, 8, Float64Array.of(-3, -1.7, -0.6, -0.2, 0.3, 0.9, 1.8, 2.9))

/** Whether an activation is meant to be another than ReLU: it is no known mistake, or the slope is its slope. */
function isOwnActivation(relu: NetworkFunctions['relu'], reluSlope: NetworkFunctions['reluSlope']): boolean {
  const [A, expected] = [relu(Z), LESSON.relu(Z)]
  if (isSame(A, expected)) return false
  const mistake = recognised(A, expected, ofRelu(Z))?.name ?? 'activation'
  return mistake === 'activation' || isSame(reluSlope(Z), slopesOf(relu))
}

/** The slopes of an activation at Z, by central differences. */
function slopesOf(relu: NetworkFunctions['relu']): Matrix {
  const at = (step: number) => relu(map(Z, (z) => z + step))
  return scale(subtract(at(1e-5), at(-1e-5)), 1 / 2e-5)
}

/**
 * Checks the slope of an activation that is the module's own.
 * @throws Failure as `Session.call` does
 */
export function checkSlope(session: Session, file: ModuleFile): StepResult {
  const { relu, reluSlope } = networkIn(session, file, [...OF_ACTIVATION])
  const step = { name: 'reluSlope', formula: '(relu(z + h) − relu(z − h)) / 2h' }
  const [found, expected] = [reluSlope(Z), slopesOf(relu)]
  if (isSame(found, expected)) return { ...step, status: 'own' }
  const message = `${placeIn(file, 'reluSlope')}: reluSlope is wrong: it is not the slope of relu, which is not ReLU`
  const differences = differencesOf(found, expected).first
  return { ...step, status: 'wrong', mistake: 'slope-differs', message, differences }
}

/** Initial parameters by a function that is called in a session. */
export function startOf({ initParams }: NetworkFunctions, hidden = HIDDEN): Params {
  const { rand } = randomStream(6)
  const random = { draws: Float64Array.from({ length: 10_000 }, () => rand()) } // worker.js makes a stream of them
  return initParams(random as unknown as RandomStream, hidden)
}

/**
 * Checks `initParams`, whose numbers are free: its shapes, and that the hidden units are not all alike.
 * @throws Failure as the function does
 */
export function checkStart(session: Session, file: ModuleFile): StepResult {
  const functions = networkIn(session, file, ['initParams'])
  const [{ W1, W2 }] = [HIDDEN, 7].map((hidden) => startOf(functions, hidden))
  const alike = [toRows(W1), toRows(transpose(W2))].every((units) => units.every((unit) => `${unit}` === `${units[0]}`))
  const step = { name: 'initParams', formula: 'W1 h×784, b1 h×1, W2 10×h, b2 10×1, drawn at random' }
  if (!alike) return { ...step, status: 'right' }
  const sentence =
    'W is wrong: all hidden units are alike, and so are their gradients: they stay alike. Draw W at random'
  return { ...step, status: 'wrong', mistake: 'alike', message: `${placeIn(file, 'initParams')}: ${sentence}` }
}

/**
 * Checks a step.
 * @throws Failure as `Session.call` does
 */
export function checkStep(
  step: Step,
  session: Session,
  file: ModuleFile,
  our: NetworkFunctions,
): Omit<StepResult, 'output'> {
  const { name, formula } = step
  const wrong = (message: string, of?: Part) =>
    ({ name, formula, status: 'wrong', message: `${placeIn(file, name, of?.name)}: ${message}` }) as const
  for (const { values, parts } of step.trials(our)) {
    const result = session.call(name, values)
    const hasParts = parts[0].name !== undefined
    if (result === undefined || (hasParts && !parts.some(({ name }) => name !== undefined && has(result, name)))) {
      if (result === undefined && isUnwritten(file, name)) return { name, formula, status: 'missing' }
      const needed = hasParts ? `{ ${parts.map((part) => part.name).join(', ')} }` : kindOf(parts[0])
      return wrong(`${name} returns ${inWords(result)}; it must return ${needed}${adviceOn(result)}`)
    }
    for (const part of parts) {
      const value = part.name === undefined ? result : (result as Record<string, unknown>)[part.name]
      const problem = problemOf(value, part)
      if (!problem) continue
      const { sentence, ...rest } = problem
      return { ...wrong(`${part.name ?? name} is wrong: ${sentence}`, part), ...rest }
    }
    if (step.isPassed && !isMatrix(result)) {
      const what = Array.isArray(result) ? 'a list' : 'an object'
      return { ...wrong(`${name} returns ${what}, not a matrix; ${PASSED}`), mistake: 'list' }
    }
  }
  return { name, formula, status: 'right' }
}

function has(result: unknown, name: string): boolean {
  return typeof result === 'object' && result !== null && name in result
}

/** What a function must return: "a number", "a matrix, 10×5". */
function kindOf({ expected }: Part): string {
  return typeof expected === 'number' ? 'a number' : inWords(expected)
}

/** What is wrong with a result: a sentence after "dW2 is wrong: ". */
interface Problem extends Pick<StepResult, 'mistake' | 'differences'> {
  sentence: string
}

function problemOf(value: unknown, { expected, mistakes, m }: Part): Problem | undefined {
  if (value === undefined) return { sentence: 'it is not returned' }
  return typeof expected === 'number'
    ? problemOfNumber(value, expected, mistakes, m)
    : problemOfMatrix(value, expected, mistakes, m)
}

const scalar = (x: number) => matrix(1, 1, Float64Array.of(x))
const digits = (x: number) => Number(x.toPrecision(8))

function problemOfNumber(value: unknown, expected: number, mistakes: Mistake[], m?: number): Problem | undefined {
  if (typeof value !== 'number') return { sentence: `it is ${inWords(value)}; it must be a number${adviceOn(value)}` }
  if (isSame(scalar(value), scalar(expected))) return undefined
  const mistake = recognised(scalar(value), scalar(expected), mistakes, m)
  return named(mistake, `is ${digits(value)}, not ${digits(expected)}`)
}

function problemOfMatrix(value: unknown, expected: Matrix, mistakes: Mistake[], m?: number): Problem | undefined {
  const isNumber = typeof value === 'number'
  const M = isNumber ? scalar(value) : received(value)
  const needed = shapeOf(expected)
  if (typeof M === 'string') return { sentence: `it is ${M}; it must be ${needed}${adviceOn(value)}` }
  if (!isNumber && isSame(M, expected)) return undefined
  const mistake = recognised(M, expected, mistakes, m)
  const found = isNumber ? inWords(value) : shapeOf(M)
  if (found !== needed) return named(mistake, `is ${found}, not ${needed}${adviceOn(value)}`)
  const { differing, of, first } = differencesOf(M, expected)
  const nan = first.find((entry) => Number.isNaN(entry.found))
  const differs = `${differing} of ${of} entries ${differing === 1 ? 'differs' : 'differ'}`
  const unknown = { sentence: nan ? `it is NaN at [${nan.row}, ${nan.column}]` : differs }
  const problem = mistake ? { sentence: mistake.sentence, mistake: mistake.name } : unknown
  return { ...problem, differences: first }
}

/** A problem with the name of the mistake, if it is known. */
function named(mistake: Mistake | undefined, is: string): Problem {
  return mistake ? { sentence: `${mistake.sentence}; it ${is}`, mistake: mistake.name } : { sentence: `it ${is}` }
}

/** Hidden units of the network whose gradients are checked, and its digits. */
const HIDDEN = 10
const LABELS = Uint8Array.of(5, 0, 4, 1, 9)

/** Random digits for gradients. */
export function gradientExample(): { X: Matrix; Y: Uint8Array } {
  const { rand } = randomStream(3)
  return { X: map(matrix(784, LABELS.length), () => (rand() < 0.2 ? rand() : 0)), Y: LABELS }
}

/**
 * Compares a network's gradients with central differences of its loss, at random parameters.
 * @throws Failure as its functions do
 */
export function checkNetworkGradients({ forwardProp, loss, backProp }: NetworkFunctions): TensorCheck[] {
  const { X, Y } = gradientExample()
  const params = LESSON.initParams(randomStream(4), HIDDEN)
  const gradients = backProp(params, forwardProp(params, X), X, Y)
  const measure = (params: Params) => {
    const { A2, Z1 } = forwardProp(params, X)
    return { loss: loss(A2, Y), Z1 }
  }
  return checkGradients(gradients, params, X, measure, randomStream(5))
}
