/** Checks a learner's file, and reports on it. */
import {
  checkNetworkGradients,
  checkStep,
  expectedFunctions,
  networkIn,
  type StepResult,
} from '../../check/check-module.ts'
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
    const inOrder = STEPS.filter((step) => !isExercise || step.isExercise)
    checkExports(file, session.types, [...new Set([...FUNCTION_NAMES, ...STEPS.map(({ name }) => name)])])
    const { our, isCustom } = isExercise ? { our: LESSON, isCustom: false } : expectedFunctions(session, file)
    const steps: StepResult[] = []
    let isStopped = false
    for (const step of inOrder) {
      const { name, formula } = step
      const isExported = session.types.has(name)
      if (isStopped) steps.push({ name, formula, status: 'unchecked' })
      else if (!isExported && !isExercise) steps.push({ name, formula, status: 'ours' })
      else if (isCustom && ['relu', 'reluSlope'].includes(name)) steps.push({ name, formula, status: 'own' })
      else {
        output = ''
        const result = isExported
          ? failing(() => checkStep(step, session, file, our), step)
          : { name, formula, status: 'missing' as const }
        steps.push({ ...result, ...(output !== '' && { output }) })
        isStopped = result.status !== 'right'
      }
    }
    const next = steps.find(({ status }) => status === 'missing' || status === 'wrong')?.name
    if (isStopped)
      return { status: statusOf(steps, []), file: path, steps, ...(isExercise && next !== undefined && { next }) }
    const gradients = checkNetworkGradients(
      networkIn(
        session,
        file,
        FUNCTION_NAMES.filter((name) => name !== 'initParams' && name !== 'updateParams'),
      ),
    )
    return { status: statusOf(steps, gradients), file: path, steps, gradients }
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
