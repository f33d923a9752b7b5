/** A learner's module: a file that exports functions under the names of network.ts, which take the place of ours. */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Failure, systemFailure } from './failure.ts'
import { guarded, type UnknownFunctions } from './network-module/guard.ts'
import { importModule } from './network-module/import.js'
import { OPERATORS, PASSED } from './network-module/received.ts'
import { FUNCTION_NAMES, ownNetwork, type NetworkFunctions } from './own-network.ts'

/** What a weights file records of the module it was trained with. */
export interface ModuleRecord {
  /** The file's name without folders. */
  name: string
  /** SHA-256 of the file. */
  sha256: string
}

/** A module's file, before it is run. */
export interface ModuleFile {
  /** As the user names it. */
  path: string
  source: string
  record: ModuleRecord
  /** Where tsx's API is, if it is needed. */
  tsx: string | undefined
}

/** A module that is ready to train. */
export interface NetworkModule {
  record: ModuleRecord
  /** The functions that are the learner's own. */
  own: (keyof NetworkFunctions)[]
  network: NetworkFunctions
}

/**
 * Runs a module and puts its functions in the place of ours.
 * @throws Failure `noInput` if it cannot be read, `badData` if it cannot be run or has none of the functions
 */
export async function loadNetwork(path: string, file = readModule(path)): Promise<NetworkModule> {
  const { error: log } = console
  Object.assign(console, { log, info: log, debug: log }) // what it prints is no result, so it goes to stderr
  let exported: Record<string, unknown>
  try {
    exported = await importModule(resolve(path), file.tsx)
  } catch (error) {
    throw importFailure(file, error)
  }
  checkExports(file, new Map(Object.entries(exported).map(([name, value]) => [name, typeof value])))
  const own = FUNCTION_NAMES.filter((name) => exported[name] !== undefined)
  const calls = own.map((name) => {
    const call = exported[name] as (...values: unknown[]) => unknown
    const guardedCall = (...values: unknown[]) => {
      try {
        return call(...values)
      } catch (error) {
        throw callFailure(file, name, error)
      }
    }
    return [name, guardedCall]
  })
  const placeOf = (name: string, variable?: string) => placeIn(file, name, variable)
  return {
    record: file.record,
    own,
    network: ownNetwork(guarded(Object.fromEntries(calls) as UnknownFunctions, placeOf)),
  }
}

/**
 * Reads a module's file.
 * @throws Failure `noInput` if it cannot be read; `usage` if its name is not a module's, or it is TypeScript that cannot be
 *   run
 */
export function readModule(path: string): ModuleFile {
  let source: string
  try {
    source = readFileSync(path, 'utf8')
  } catch (error) {
    throw systemFailure('noInput', path, error)
  }
  if (!/\.[cm]?[jt]s$/.test(path))
    throw new Failure('usage', `${path}: not a module; its name must end in .mjs, .js or .ts`)
  const sha256 = createHash('sha256').update(source).digest('hex')
  return { path, source, record: { name: basename(path), sha256 }, tsx: typeScriptLoader(path) }
}

/** Where tsx's API is, if a module is TypeScript and this Node strips no types. */
function typeScriptLoader(path: string): string | undefined {
  if (!/\.[cm]?ts$/.test(path) || ('typescript' in process.features && process.features.typescript)) return undefined
  for (const from of [import.meta.url, pathToFileURL(resolve(path))]) {
    try {
      return createRequire(from).resolve('tsx/esm/api').replace(/cjs$/, 'mjs') // it finds the CommonJS one
    } catch {
      // not installed there
    }
  }
  const remedy = 'install tsx (npm install tsx), use Node 22.18 or newer, or write .mjs'
  throw new Failure('usage', `${path}: Node ${process.versions.node} runs no TypeScript: ${remedy}`)
}

/**
 * Checks what a module exports.
 * @param types what each export is, by its name
 * @throws Failure `badData` if it has none of the lesson's functions, or one under another name
 */
export function checkExports({ path }: ModuleFile, types: Map<string, string>, names: string[] = FUNCTION_NAMES): void {
  const refuse = (reason: string) => new Failure('badData', `${path}: ${reason}`)
  const plain = (name: string) => name.replaceAll('_', '').toLowerCase()
  for (const [name, type] of types) {
    const meant = names.find((ours) => ours !== name && plain(ours) === plain(name))
    if (meant !== undefined && !names.includes(name) && !types.has(meant))
      throw refuse(`exports ${name}; its name must be ${meant}`)
    if (names.includes(name) && type !== 'function') throw refuse(`${name} is a ${type}, not a function`)
  }
  if (names.some((name) => types.has(name))) return
  const found = types.has('default') ? 'a default export' : 'none'
  throw refuse(
    `exports ${found} of the functions ${names.join(', ')}: write, for example, export function relu(Z) { … }`,
  )
}

/** Why a module could not be imported, with its line. */
export function importFailure(file: ModuleFile, error: unknown): Failure {
  const { message, stack = '' } = error instanceof Error ? error : new Error(String(error))
  const isSyntax = error instanceof SyntaxError || /^\w*SyntaxError/.test(stack)
  const place = placeInStack(file, isSyntax ? syntaxStack(file) : stack) ?? placeInStack(file, stack) ?? file.path
  return new Failure('badData', `${place}: ${message}`, { cause: error })
}

/** What Node prints of a file that it cannot parse: the error of `import` has no line. */
function syntaxStack({ path, tsx }: ModuleFile): string {
  if (tsx !== undefined) return ''
  return spawnSync(process.execPath, ['--check', resolve(path)], { encoding: 'utf8' }).stderr
}

/** What a function of a module threw, with its line. */
export function callFailure(file: ModuleFile, name: string, error: unknown): Failure {
  const { message, stack = '' } = error instanceof Error ? error : new Error(String(error))
  const place = placeInStack(file, stack) ?? placeIn(file, name)
  const [outer] = new RegExp(`^ *at (async )?${name} .*$`, 'm').exec(stack) ?? []
  const caller = outer === undefined ? undefined : placeInStack(file, outer)
  const via = caller === undefined || caller === place ? '' : ` (called at line ${caller.slice(file.path.length + 1)})`
  const what = explained(message, operationIn(file, stack))
  return new Failure('badData', `${place}: ${name} fails: ${what}${via}`, { cause: error })
}

/** An error's message; if an operation was given something other than a matrix, with what to do about it. */
function explained(message: string, operation: string | undefined): string {
  const [, given] = /^(.*) is not a matrix$/.exec(message) ?? []
  if (operation !== undefined && given !== undefined)
    return `${operation} is given ${given}, not a matrix; ${remedyFor(given)}`
  return /\.[gs]et is not a function$/.test(message) ? `${message}; ${PASSED}` : message
}

/** What to do about an argument that is not a matrix: 5, NaN, undefined, a list. */
function remedyFor(given: string): string {
  if (given === 'undefined') return 'is a return missing? A.T does not exist: use transpose(A)'
  if (given === 'a list' || given === 'an object') return PASSED
  return Number.isFinite(Number(given)) ? 'with a number, use scale(A, factor) or map(A, f)' : OPERATORS
}

/** The operation of matrix.ts that a module called, if the error comes from it. */
function operationIn(file: ModuleFile, stack: string): string | undefined {
  const frames = stack.split('\n').filter((line) => /^ *at /.test(line))
  const ours = frames.findIndex((frame) => placeInStack(file, frame) !== undefined) - 1
  return /^ *at (\w+) .*matrix\.[jt]s:/.exec(frames[ours] ?? '')?.[1]
}

/** The first line of a module's file in a stack trace: "mine.mjs:12". */
export function placeInStack({ path }: ModuleFile, stack: string): string | undefined {
  for (const name of [pathToFileURL(resolve(path)).href, resolve(path)]) {
    const at = stack.indexOf(name)
    const [, line] = at < 0 ? [] : (/^[^:\n]*:(\d+)/.exec(stack.slice(at + name.length)) ?? [])
    if (line !== undefined) return `${path}:${line}`
  }
  return undefined
}

/** The line of a module's file that defines a function, or the one in it that sets a variable: "mine.mjs:12". */
export function placeIn(file: ModuleFile, name: string, variable?: string): string {
  const { start, body } = bodyOf(file, name)
  if (start < 0) return file.path
  const sets = new RegExp(`\\b${variable}\\s*(=(?!=)|:)`)
  const inner = variable === undefined ? -1 : body.findIndex((line) => sets.test(line))
  return `${file.path}:${start + 1 + (inner < 0 ? 0 : inner + 1)}`
}

/** Whether a function has nothing but comments in it. */
export function isUnwritten(file: ModuleFile, name: string): boolean {
  return bodyOf(file, name).body.every((line) => /^[\s}]*$/.test(line))
}

/** The lines after the one that defines a function, without comments, up to the next definition. */
function bodyOf({ source }: ModuleFile, name: string): { start: number; body: string[] } {
  const lines = source
    .replace(/\/\*[^]*?\*\//g, (comment) => comment.replace(/[^\n]/g, ''))
    .split('\n')
    .map((line) => line.replace(/\/\/.*/, ''))
  const start = lines.findIndex((line) => new RegExp(`\\b(function|const|let|var)\\s+${name}\\b`).test(line))
  const length = lines.slice(start + 1).findIndex((line) => /^(export|async|function|const|let|var)\b/.test(line))
  return { start, body: lines.slice(start + 1, length < 0 ? undefined : start + 1 + length) }
}
