/** The folder of a sweep: one sweep at a time works in it, and all its runs have the same common options. */
import { readFileSync, unlinkSync } from 'node:fs'
import { mkdir, readdir, readFile, rename, rmdir, unlink, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { Failure, systemFailure } from '../../failure.ts'
import { isRunning, replaceFile, writerHere } from '../../staged-file.ts'

const NOTE = 'options.txt'
const LOCK = '.mnist-sweep'

export interface SweepFolder {
  /** Lets other sweeps in. */
  unlock(): void
  /** Lets other sweeps in; if there is no weights file, removes what was made here. */
  close(): Promise<void>
}

/**
 * Makes the folder if need be, keeps other sweeps out, and notes the options that its runs have in common.
 * @param common each with its values
 * @throws Failure `usage` if its runs have others, `cannotCreate` if another sweep works in it or it cannot be written
 */
export async function openSweepFolder(folder: string, common: string[][]): Promise<SweepFolder> {
  const made = await mkdir(folder, { recursive: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EEXIST') throw new Failure('cannotCreate', `${folder}: is a file, not a folder`)
    throw systemFailure('cannotCreate', `cannot create ${folder}`, error)
  })
  const unlock = await lock(folder)
  const close = async () => {
    if (!(await hasRuns(folder))) await unlink(join(folder, NOTE)).catch(() => {})
    unlock()
    if (made !== undefined) await removeEmpty(folder, made)
  }
  try {
    await noteOptions(folder, common)
  } catch (error) {
    await close()
    throw error
  }
  return { unlock, close }
}

/** Whether the folder has weights files. */
async function hasRuns(folder: string): Promise<boolean> {
  return (await readdir(folder)).some((name) => /^[^.].*\.json$/s.test(name))
}

/** Removes an empty folder and those above it that were made with it. */
async function removeEmpty(folder: string, made: string): Promise<void> {
  try {
    for (let path = resolve(folder); path.length >= resolve(made).length; path = dirname(path)) await rmdir(path)
  } catch {
    // not empty
  }
}

/**
 * Notes the common options for later sweeps of the folder. As long as there are no runs, other options replace them.
 * @throws Failure `usage` if the runs that are there have others
 */
async function noteOptions(folder: string, common: string[][]): Promise<void> {
  const path = join(folder, NOTE)
  const text = common.map((words) => words.map((word) => ` ${quoted(word)}`).join('')).join('')
  const before = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw systemFailure('noInput', path, error)
  })
  if (before !== undefined && (await hasRuns(folder))) {
    if (sorted(optionsIn(before)) === sorted(common)) return
    const had = before.trim() || 'none'
    throw new Failure(
      'usage',
      `${folder}: its runs have other common options: ${had}; name another folder, or delete ${path} to mix them`,
    )
  }
  await replaceFile(path, (file) => file.writeFile(`${text}\n`))
}

/** A word as bash's `printf %q` writes it. */
function quoted(word: string): string {
  return word.replace(/[^\w@%+=:./-]/g, String.raw`\$&`)
}

/** The options in a line of quoted words, each with its values. */
function optionsIn(line: string): string[][] {
  const words = (line.match(/(?:\\.|[^\s\\])+/gs) ?? []).map((word) => word.replace(/\\(.)/gs, '$1'))
  const options: string[][] = []
  for (const word of words) {
    if (word.startsWith('--')) options.push([word])
    else options.at(-1)?.push(word)
  }
  return options
}

/** Options in an order that does not depend on the command line's, as one text. */
function sorted(options: string[][]): string {
  return JSON.stringify(options.map((words) => JSON.stringify(words)).toSorted())
}

/**
 * Keeps other sweeps out of the folder until the returned function is called or the process exits. The lock of a dead
 * process is taken over.
 * @throws Failure `cannotCreate` if another sweep holds it
 */
async function lock(folder: string): Promise<() => void> {
  const path = join(folder, LOCK)
  const own = writerHere()
  for (;;) {
    try {
      await writeFile(path, own, { flag: 'wx' })
      break
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
        throw systemFailure('cannotCreate', `cannot write in ${folder}`, error)
      }
    }
    const holder = await readFile(path, 'utf8').catch(() => undefined)
    if (holder === undefined) continue // it has just been given back
    const isDead = holder === own || isRunning(holder) === false
    if (!isDead) throw new Failure('cannotCreate', heldBy(holder, folder, path))
    await takeAway(path, holder, own)
  }
  const unlock = () => {
    process.off('exit', unlock)
    try {
      if (readFileSync(path, 'utf8') === own) unlinkSync(path)
    } catch {
      // the folder has gone
    }
  }
  process.once('exit', unlock)
  return unlock
}

/** Removes the lock of a dead process, unless another process has taken it meanwhile. */
async function takeAway(path: string, holder: string, own: string): Promise<void> {
  const aside = `${path}.${own}`
  try {
    await rename(path, aside)
    if ((await readFile(aside, 'utf8')) === holder) await unlink(aside)
    else await rename(aside, path)
  } catch {
    // another process was faster
  }
}

function heldBy(holder: string, folder: string, path: string): string {
  const [pid] = holder.split('-')
  const isHere = isRunning(holder) === true
  const [who, otherwise] = isHere
    ? [` (process ${pid})`, 'name another folder']
    : [' on another machine', `delete ${path} if it was killed`]
  return `${folder}: another sweep${who} works in this folder; wait for it, or ${otherwise}`
}
