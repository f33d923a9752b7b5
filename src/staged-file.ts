/**
 * Atomic file writes: a file is written beside its place, synced, and renamed.
 *
 * A staged file is named `.NAME.PID-HOST.RANDOM`. After kill -9 it stays; the next process that stages the same file
 * sees that its writer is dead, and removes it.
 */
import { createHash, randomBytes } from 'node:crypto'
import { constants, readFileSync, readlinkSync, renameSync, unlinkSync, type Stats } from 'node:fs'
import {
  access,
  copyFile,
  link,
  open,
  readdir,
  readlink,
  realpath,
  rename,
  stat,
  unlink,
  type FileHandle,
} from 'node:fs/promises'
import { hostname } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { Failure, systemFailure } from './failure.ts'

const NAME_BYTES = 200 // of the target's name; the whole staged name must not exceed 255
const STAGED_ENDING = /^(\d+-[0-9a-f]{8})\.[0-9a-f]{12}$/
const ABANDONED = 7 * 24 * 3600_000 // ms without a change, after which another host's staged file has no writer
const MAX_LINKS = 40 // as Linux
const NAMES_FOLDER = 'names a folder, not a file'

/** A complete file beside its place. */
export interface StagedFile {
  /**
   * Renames it into place, replacing what is there. If that fails, nothing is left beside the place.
   * @throws Failure `io`
   */
  commit(): Promise<void>
  /** Removes it, and what `keepOld` kept. */
  discard(): Promise<void>
  /**
   * Keeps what `commit` is going to replace, for `restore`; until `discard`.
   * @throws Failure `io`
   */
  keepOld(): Promise<void>
  /**
   * Undoes `commit`, after `keepOld`.
   * @returns the paths where it could not
   */
  restore(): Promise<string[]>
}

/**
 * Checks that a file can be written at this path, and leaves everything as it was.
 * @throws Failure `cannotCreate`
 */
export async function checkWritable(path: string): Promise<void> {
  const failure = (reason: string) => new Failure('cannotCreate', `cannot write ${path}: ${reason}`)
  try {
    if (path.endsWith('/')) throw failure(NAMES_FOLDER)
    const found = await statIfThere(path)
    if (found?.isDirectory()) throw failure('is a folder, not a file')
    if (found && !found.isFile()) return await access(path, constants.W_OK) // a device or a pipe
    const target = await targetOf(path)
    const obstacle = found && (await obstacleTo(target, found))
    if (obstacle !== undefined) throw failure(obstacle)
    const beside = besideOf(target)
    await (await open(beside, 'wx')).close()
    await unlink(beside)
  } catch (error) {
    throw systemFailure('cannotCreate', `cannot write ${path}`, error)
  }
}

/**
 * Why a file is not to be replaced, and what to do; undefined if it can be. A rename would replace a read-only file.
 * @throws the operating system's error if this user may not write it
 */
async function obstacleTo(target: string, { mode, uid }: Stats): Promise<string | undefined> {
  if ((mode & 0o222) === 0) return 'is read-only; make it writable, or use another name' // root may write it, but asks
  await access(target, constants.W_OK)
  const user = process.geteuid?.() ?? 0
  if (user === 0 || user === uid) return undefined
  const folder = await stat(dirname(target))
  const isProtected = (folder.mode & 0o1000) !== 0 && folder.uid !== user
  return isProtected ? 'belongs to another user, and its folder is sticky; use another name' : undefined
}

/**
 * Writes a file beside its place and syncs it; `commit` then renames it over what is there, keeping the old file's
 * permissions. A device or a pipe is written directly. What dead processes left beside the place is removed.
 * @throws Failure `io`; what `write` throws
 */
export async function stage(path: string, write: (file: FileHandle) => Promise<void>): Promise<StagedFile> {
  const failure = (error: unknown) => systemFailure('io', `cannot write ${path}`, error)
  try {
    if (path.endsWith('/')) throw new Failure('io', `cannot write ${path}: ${NAMES_FOLDER}`)
    const found = await statIfThere(path)
    if (found && !found.isFile()) {
      await writeTo(await open(path, 'w'), write)
      return { async commit() {}, async discard() {}, async keepOld() {}, restore: async () => [] }
    }
    const target = await targetOf(path)
    await removeLeftoversOnce(target)
    const beside = newStaged(target)
    const discard = () => remove(beside)
    const discardAndThrow = async (error: unknown) => {
      await discard()
      throw failure(error)
    }
    const file = await open(beside, 'wx').catch(discardAndThrow)
    await writeTo(file, async () => {
      if (found) await file.chmod(found.mode)
      await write(file)
      await file.sync()
    }).catch(discardAndThrow)

    let old: string | undefined // where the old file is kept, if there was one
    return {
      async commit() {
        try {
          renameSync(beside, target) // so that files that appear together do so with no event in between
        } catch (error) {
          await discardAndThrow(error)
        }
        staged.delete(beside)
      },
      async discard() {
        await discard()
        if (old !== undefined) await remove(old)
        old = undefined
      },
      async keepOld() {
        if (old !== undefined) return
        const kept = newStaged(target)
        try {
          await link(target, kept).catch((error: NodeJS.ErrnoException) => {
            if (error.code === 'ENOENT') throw error
            return copyFile(target, kept) // a file system without links
          })
          old = kept
        } catch (error) {
          await remove(kept)
          if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw failure(error)
        }
      },
      async restore() {
        const isUndone = await (old === undefined ? unlink(target) : rename(old, target)).then(() => true, () => false) // prettier-ignore
        return isUndone ? [] : [path]
      },
    }
  } catch (error) {
    throw failure(error)
  }
}

/**
 * Stages files that are to appear together, one after the other: if one cannot be written, none is. If one cannot be
 * renamed, those renamed before it are put back, as far as the system allows.
 * @throws what the first to fail throws
 */
export async function stageAll(files: (() => Promise<StagedFile>)[]): Promise<StagedFile> {
  const parts: StagedFile[] = []
  const discard = async () => {
    for (const part of parts) await part.discard()
  }
  const restore = async (done: StagedFile[]) => {
    const stuck: string[] = []
    for (const part of done.toReversed()) stuck.push(...(await part.restore()))
    return stuck
  }
  try {
    for (const stageNext of files) parts.push(await stageNext())
  } catch (error) {
    await discard()
    throw error
  }
  let isKept = false // by a caller, which may still call `restore`
  return {
    async commit() {
      const done: StagedFile[] = []
      try {
        if (!isKept) for (const part of parts.slice(0, -1)) await part.keepOld()
        for (const part of parts) {
          await part.commit()
          done.push(part)
        }
      } catch (error) {
        const stuck = await restore(done)
        await discard()
        throw stuck.length > 0 ? tornFailure(error, stuck) : error
      }
      if (!isKept) await discard()
    },
    discard,
    async keepOld() {
      isKept = true
      for (const part of parts) await part.keepOld()
    },
    restore: () => restore(parts),
  }
}

function tornFailure(error: unknown, stuck: string[]): Failure {
  const message = error instanceof Error ? error.message : String(error)
  const torn = `${stuck.join(' and ')} ${stuck.length > 1 ? 'are' : 'is'} new already and could not be put back`
  return new Failure('io', `${message}; ${torn}: write them again together`, { cause: error })
}

/**
 * Writes a file atomically: `stage`, then `commit`.
 * @throws Failure `io`; what `write` throws
 */
export async function replaceFile(path: string, write: (file: FileHandle) => Promise<void>): Promise<void> {
  const file = await stage(path, write)
  await file.commit()
}

/**
 * Keeps the file at a path under another name, which it replaces, if any; the file itself stays.
 * @throws Failure `io`
 */
export async function keepAs(path: string, kept: string): Promise<void> {
  try {
    const target = await targetOf(path)
    const beside = newStaged(await targetOf(kept))
    try {
      await link(target, beside).catch(() => copyFile(target, beside)) // another disk, or one without links
      await rename(beside, await targetOf(kept))
    } finally {
      await remove(beside) // rename leaves it if both names are links to one file
    }
  } catch (error) {
    throw systemFailure('io', `cannot write ${kept}`, error)
  }
}

async function writeTo(file: FileHandle, write: (file: FileHandle) => Promise<void>): Promise<void> {
  try {
    await write(file)
  } finally {
    await file.close()
  }
}

function statIfThere(path: string): Promise<Stats | undefined> {
  return stat(path).catch(undefinedIfAbsent)
}

function undefinedIfAbsent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}

/** The file that a path names, symbolic links followed, also to a file that does not exist yet. */
async function targetOf(path: string): Promise<string> {
  let target = path
  for (let links = 0; links < MAX_LINKS; links++) {
    const found = await realpath(target).catch(undefinedIfAbsent)
    if (found !== undefined) return found
    const next = await readlink(target).catch(() => undefined)
    if (next === undefined) return target
    target = resolve(await realpath(dirname(target)), next)
  }
  return target
}

/** Staged files of this process. */
const staged = new Set<string>()
let isRemovedOnExit = false

/** A new name beside a target; the file is removed if the process exits before it has another name. */
function newStaged(target: string): string {
  if (!isRemovedOnExit) process.once('exit', removeStagedFiles)
  isRemovedOnExit = true
  const path = besideOf(target)
  staged.add(path)
  return path
}

/** Removes this process's staged files at once: it is about to end. */
export function removeStagedFiles(): void {
  for (const path of staged) {
    try {
      unlinkSync(path)
    } catch {
      // was renamed or not yet created
    }
  }
  staged.clear()
}

async function remove(path: string): Promise<void> {
  await unlink(path).catch(() => {})
  staged.delete(path)
}

/** The beginning of the names of staged files beside a target. */
function stagedPrefix(target: string): string {
  const name = Buffer.from(basename(target))
  let end = Math.min(name.length, NAME_BYTES)
  while (end < name.length && (name[end] & 0xc0) === 0x80) end-- // to the beginning of a UTF-8 character
  return `.${name.toString('utf8', 0, end)}.`
}

/** A new name beside a target. */
function besideOf(target: string): string {
  return join(dirname(target), `${stagedPrefix(target)}${writerHere()}.${randomBytes(6).toString('hex')}`)
}

/** This process, as the files that it leaves name it: PID-HOST. */
export function writerHere(): string {
  return `${process.pid}-${host()}`
}

/** Where a process id means this process's: the machine since it was started, and the container. */
function host(): string {
  if (hostId !== undefined) return hostId
  const ifLinux = (read: () => string) => {
    try {
      return read()
    } catch {
      return ''
    }
  }
  const boot = ifLinux(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8'))
  const container = ifLinux(() => readlinkSync('/proc/self/ns/pid'))
  const all = [hostname(), boot, container].join('\n')
  return (hostId = createHash('sha256').update(all).digest('hex').slice(0, 8))
}
let hostId: string | undefined

/** Targets beside which this process has removed leftovers. */
const swept = new Set<string>()
async function removeLeftoversOnce(target: string): Promise<void> {
  if (swept.has(target)) return
  swept.add(target)
  await removeLeftovers(target)
}

/**
 * Removes what dead processes left beside a path. Whether a process on another host is alive cannot be seen: its files
 * are removed only if they have not changed for a week.
 */
export async function removeLeftovers(path: string): Promise<void> {
  const target = await targetOf(path).catch(() => path)
  const folder = dirname(target)
  const prefix = stagedPrefix(target)
  for (const name of await readdir(folder).catch(() => [])) {
    const ending = name.startsWith(prefix) && STAGED_ENDING.exec(name.slice(prefix.length))
    if (!ending) continue
    const leftover = join(folder, name)
    const isDead = !(isRunning(ending[1]) ?? !(await isAbandoned(leftover)))
    if (isDead) await unlink(leftover).catch(() => {})
  }
}

/** Whether the process of a `writerHere` is alive; undefined if it is on another host, where that cannot be seen. */
export function isRunning(writer: string): boolean | undefined {
  const [pid, where] = writer.split('-')
  if (where !== host()) return undefined
  try {
    process.kill(Number(pid), 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}

async function isAbandoned(path: string): Promise<boolean> {
  const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Infinity }))
  return Date.now() - mtimeMs > ABANDONED
}
