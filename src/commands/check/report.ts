/** Checks a learner's file, and reports on it. */
import {
  checkNetworkGradients,
  checkSlope,
  checkStart,
  checkStep,
  expectedFunctions,
  networkIn,
} from '../../check/check-module.ts'
import type { StepResult } from '../../check/check-module.ts'
import { openSession } from '../../check/session.ts'
import { STEPS } from '../../check/steps.ts'
import { Failure } from '../../failure.ts'
import type { TensorCheck } from '../../gradient-check.ts'
import { checkExports, readModule } from '../../network-module.ts'
import { FUNCTION_NAMES, LESSON } from '../../own-network.ts'
import { escapedLines } from '../../wording.ts'

export interface Report {
  status: 'right' | 'wrong' | 'unfinished'
  file: string
  steps: StepResult[]
  gradients?: TensorCheck[]
  /** The exercise's next step. */
  next?: string
}

export interface CheckFileOptions {
  /** A function that is missing is still to be written; otherwise ours is used. */
  isExercise: boolean
  /** The time limit of each call. */
  seconds: number
  /** Print nothing of what the module prints. */
  isQuiet: boolean
}

/** What the module may print of the many calls that compare gradients. */
const MOST_OUTPUT = 2000 // characters

/**
 * Goes through the steps up to the first that is not right, then compares the gradients.
 * @throws Failure as `readModule`, `openSession` and `checkExports` do
 */
export async function checkFile(path: string, { isExercise, seconds, isQuiet }: CheckFileOptions): Promise<Report> {
  const file = readModule(path)
  let output = ''
  const onLog = (text: string) => {
    if (output.length > MOST_OUTPUT) return
    output += text
    if (!isQuiet) process.stderr.write(escapedLines(text))
  }
  const session = await openSession(file, seconds, onLog)
  try {
    checkExports(file, session.types, [...new Set([...FUNCTION_NAMES, ...STEPS.map(({ name }) => name)])])
    const { our, own } = isExercise ? { our: LESSON, own: [] } : expectedFunctions(session, file)
    const steps: StepResult[] = []
    let isStopped = false
    /** Adds the result of a check, unless an earlier one has failed. */
    const add = (step: { name: string; formula: string }, check: () => StepResult) => {
      output = ''
      const result = isStopped ? { ...step, status: 'unchecked' as const } : failing(check, step)
      steps.push({ ...result, ...(output !== '' && { output }) })
      isStopped ||= ['wrong', 'missing'].includes(result.status)
    }
    if (session.types.has('initParams')) add({ name: 'initParams', formula: '' }, () => checkStart(session, file))
    for (const step of STEPS.filter((step) => !isExercise || step.isExercise)) {
      const { name, formula } = step
      add({ name, formula }, () => {
        if (!session.types.has(name)) return { name, formula, status: isExercise ? 'missing' : 'ours' }
        if (own.includes(name))
          return name === 'reluSlope' ? checkSlope(session, file) : { name, formula, status: 'own' }
        return checkStep(step, session, file, our)
      })
    }
    let gradients: TensorCheck[] = []
    if (!isStopped) {
      const names = FUNCTION_NAMES.filter((name) => name !== 'initParams' && name !== 'updateParams')
      const step = { name: 'gradients', formula: '(J(w + h) − J(w − h)) / 2h' }
      add(step, () => {
        gradients = checkNetworkGradients(networkIn(session, file, names))
        return { ...step, status: gradients.every(({ verdict }) => verdict === 'right') ? 'right' : 'wrong' }
      })
    }
    const next = steps.find(({ status }) => status === 'missing' || status === 'wrong')?.name
    return {
      status: statusOf(steps, gradients),
      file: path,
      steps,
      ...(gradients.length > 0 && { gradients }),
      ...(isExercise && next !== undefined && { next }),
    }
  } finally {
    session.close()
  }
}

/** A step whose function throws, takes too long or changes its arguments is wrong. */
function failing(check: () => StepResult, { name, formula }: { name: string; formula: string }): StepResult {
  try {
    return check()
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    return { name, formula, status: 'wrong', message: error.message }
  }
}

/** The whole in one word. */
export function statusOf(steps: StepResult[], gradients: TensorCheck[]): Report['status'] {
  const isWrong = steps.some(({ status }) => status === 'wrong') || gradients.some(({ verdict }) => verdict !== 'right')
  if (isWrong) return 'wrong'
  return steps.some(({ status }) => status === 'missing') ? 'unfinished' : 'right'
}
