/** mnist-check: engines, a learner's module, or an exercise → what is right and what is wrong. */
import { join } from 'node:path'
import { shellWord, invocation } from '../cli/command-line.ts'
import { print, printJson } from '../cli/print.ts'
import type { Ending } from '../cli/program.ts'
import { Failure } from '../failure.ts'
import { isFolder } from '../picture-file.ts'
import { EXERCISE, startExercise } from './check/exercise.ts'
import { checkFile, statusOf, type Report } from './check/report.ts'
import { gradientLines, reportLines } from './check/text.ts'
import { changes } from './check/watch.ts'
import { isFile } from './outputs.ts'

export interface CheckOptions {
  start?: string | undefined
  hint: boolean
  watch: boolean
  timeout: number
  json: boolean
}

const SCHEMA = 'mnist-check/1'

/** Checks what the path names, or starts an exercise. */
export async function check(path: string | undefined, options: CheckOptions): Promise<Ending> {
  if (options.start !== undefined) {
    if (path !== undefined)
      throw new Failure('usage', `${path}: --start ${options.start} checks nothing; give one of them`)
    const written = startExercise(options.start)
    print(`${written}: write the functions in it one after the other; to check them:\n`)
    print(`  ${invocation('mnist-check')} ${shellWord(options.start)} --watch\n`)
    return 'done'
  }
  if (path === undefined) {
    if (options.hint || options.watch) throw new Failure('usage', '--hint and --watch need a module or an exercise')
    return checkOurs(options)
  }
  const isExercise = await isFolder(path)
  const file = isExercise ? join(path, EXERCISE) : path
  if (isExercise && !isFile(file)) {
    throw new Failure('noInput', `${path}: no exercise in this folder; mnist-check --start ${path} writes one`)
  }
  if (options.hint && !isExercise) throw new Failure('usage', `--hint: ${path} is not the folder of an exercise`)
  if (!options.watch) return (await checkOnce(file, isExercise, options)).ending
  for await (const _ of changes(file)) {
    if (process.stdout.isTTY) print('\u001b[2J\u001b[H')
    const { ending, isRight } = await checkOnce(file, isExercise, options).catch((error: unknown) => {
      if (!(error instanceof Failure)) throw error
      print(`${error.message}\n`)
      return { ending: 'no' as const, isRight: false }
    })
    if (isRight) return ending
    print('\nWaiting for a change; press Enter to check again, Ctrl-C to stop.\n\n')
  }
  return 'no'
}

async function checkOnce(file: string, isExercise: boolean, options: CheckOptions) {
  const report = await checkFile(file, { isExercise, seconds: options.timeout, isQuiet: options.json })
  if (options.json) printFinite({ schema: SCHEMA, ...report })
  else print(`${reportLines(report, options.hint).join('\n')}\n`)
  const isRight = report.status === 'right'
  return { ending: isRight ? ('done' as const) : ('no' as const), isRight }
}

/** Without a module: both engines. */
async function checkOurs({ json }: CheckOptions): Promise<Ending> {
  const [{ checkEngines }, { generate }] = await Promise.all([
    import('../check/check-engines.ts'),
    import('../digits/generate.ts'),
  ])
  const checks = await checkEngines(generate(5, 1))
  const gradients = checks.flatMap(({ tensors, ...where }) => tensors.map((tensor) => ({ ...where, ...tensor })))
  const status: Report['status'] = statusOf([], gradients)
  if (json) printFinite({ schema: SCHEMA, status, gradients })
  else
    print(
      `${checks.flatMap(({ engine, iteration, tensors }) => [`${engine} engine, iteration ${iteration}`, ...gradientLines(tensors)]).join('\n')}\n`,
    )
  return status === 'right' ? 'done' : 'no'
}

/** Prints a value as JSON without the numbers that are not finite. */
function printFinite(value: object): void {
  const finite = (_: string, entry: unknown) =>
    typeof entry !== 'number' || Number.isFinite(entry) ? entry : undefined
  printJson(JSON.parse(JSON.stringify(value, finite)) as object)
}
