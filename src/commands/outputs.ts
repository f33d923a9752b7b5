/** Outputs of commands: they never replace an input, and an existing file only if that is meant. */
import { closeSync, constants, fstatSync, openSync, statSync, type BigIntStats } from 'node:fs'
import { devNull } from 'node:os'
import { GENERATED, STANDARD_INPUT } from '../digits/default-source.ts'
import { labelsBeside } from '../digits/idx.ts'
import { Failure } from '../failure.ts'

/**
 * The first of the inputs that is the same file as an output, by device and inode, whatever its name; or that is read
 * with it, as labels are that lie beside images.
 */
export function inputReplaced(output: string, inputs: string[]): string | undefined {
  const written = fileAt(output)
  if (!written) return undefined
  return inputs
    .filter((input) => input !== GENERATED)
    .find((input) => isSame(written, fileAt(input)) || isSame(written, fileAt(labelsBeside(input))))
}

/**
 * The inputs and the output of a command that names the output last.
 * @param order what to name, in which order
 * @param json whether JSON is printed
 * @throws Failure `usage` if there is no input, or as `checkNamed` does
 */
export function inputsAndOutput(files: string[], order: string, json: boolean): { sources: string[]; out: string } {
  const sources = files.slice(0, -1)
  const [out] = files.slice(-1)
  if (sources.length === 0) throw new Failure('usage', `${out}: only one file given; name ${order}`)
  checkNamed(out, json)
  return { sources, out }
}

/** @throws Failure `usage` if an output is "-", or stdout as the JSON is */
export function checkNamed(out: string, json: boolean): void {
  if (out === '-') throw new Failure('usage', 'the output cannot be "-": name a file to write; /dev/stdout is stdout')
  if (json && isStdout(out)) throw new Failure('usage', `${out} and --json both write to stdout: write to a file`)
}

/**
 * Checks that files do not exist yet.
 * @param remedy what to do otherwise
 * @throws Failure `cannotCreate`
 */
export function checkNew(outputs: string[], remedy: string): void {
  const existing = outputs.find((output) => isFile(output) && !isStdout(output)) // the shell has just emptied that
  if (existing !== undefined) throw new Failure('cannotCreate', `cannot write ${existing}: it exists; ${remedy}`)
}

/** Whether a regular file lies at a path, not a device, pipe or folder. */
export function isFile(path: string): boolean {
  return fileAt(path) !== undefined
}

/** Which file lies at a path, and in which state: it is the same later only if no one has written or replaced it. */
export function stateOf(path: string): string | undefined {
  const found = fileAt(path)
  return found && [found.dev, found.ino, found.size, found.mtimeNs].join(' ')
}

/** Whether a path is a named pipe. */
export function isPipe(path: string): boolean {
  try {
    return statSync(path).isFIFO()
  } catch {
    return false
  }
}

/** Whether a path is a named pipe that no process has open to read. */
export function isUnreadPipe(path: string): boolean {
  try {
    if (!isPipe(path)) return false
    closeSync(openSync(path, constants.O_WRONLY | constants.O_NONBLOCK))
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENXIO'
  }
}

/** Whether an error is that the reader of stdout has left, which a file named like /dev/stdout was written to. */
export function readerLeft(output: string, error: unknown): boolean {
  const { cause } = error as { cause?: NodeJS.ErrnoException }
  return error instanceof Failure && cause?.code === 'EPIPE' && isStdout(output)
}

/** The regular file at a path, or of standard input; undefined if there is none. */
function fileAt(path: string | undefined): BigIntStats | undefined {
  if (path === undefined) return undefined
  try {
    const found = path === STANDARD_INPUT ? fstatSync(0, { bigint: true }) : statSync(path, { bigint: true })
    return found.isFile() ? found : undefined
  } catch {
    return undefined
  }
}

/** Whether a path is what stdout is written to, as /dev/stdout is. Not /dev/null: results that go there disturb nothing. */
export function isStdout(path: string): boolean {
  try {
    const [found, nowhere] = [path, devNull].map((at) => statSync(at, { bigint: true }))
    return isSame(found, fstatSync(1, { bigint: true })) && !isSame(found, nowhere)
  } catch {
    return false // stdout is closed, or there is no such file
  }
}

function isSame(one: BigIntStats, other: BigIntStats | undefined): boolean {
  return other !== undefined && one.dev === other.dev && one.ino === other.ino
}
