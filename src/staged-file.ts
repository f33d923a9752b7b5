/** Atomic file writes: a file is written beside its place, synced, and renamed. */
import { randomBytes } from 'node:crypto'
import { open, realpath, rename, stat, unlink, type FileHandle } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { Failure, systemFailure } from './failure.ts'

/** A complete file beside its place. */
export interface StagedFile {
  /** Renames it into place, replacing what is there. */
  commit(): Promise<void>
  /** Removes it. */
  discard(): Promise<void>
}

/**
 * Checks that a file can be written at this path, and leaves everything as it was.
 * @throws Failure `cannotCreate`
 */
export async function checkWritable(path: string): Promise<void> {
  try {
    const found = await statIfThere(path)
    if (found?.isDirectory()) throw new Failure('cannotCreate', `cannot write ${path}: is a folder, not a file`)
    if (found && !found.isFile()) return
    const { beside } = await placeOf(path)
    await (await open(beside, 'wx')).close()
    await unlink(beside)
  } catch (error) {
    throw systemFailure('cannotCreate', `cannot write ${path}`, error)
  }
}

/**
 * Writes a file beside its place and syncs it; `commit` then renames it over what is there, keeping the old file's
 * permissions. A device or a pipe is written directly.
 * @throws Failure `io`; what `write` throws
 */
export async function stage(path: string, write: (file: FileHandle) => Promise<void>): Promise<StagedFile> {
  const failure = (error: unknown) => systemFailure('io', `cannot write ${path}`, error)
  try {
    const found = await statIfThere(path)
    if (found && !found.isFile()) {
      await writeTo(await open(path, 'w'), write)
      return { async commit() {}, async discard() {} }
    }
    const { target, beside } = await placeOf(path)
    const discard = () => unlink(beside).catch(() => {})
    const discardAndThrow = async (error: unknown) => {
      await discard()
      throw failure(error)
    }
    const file = await open(beside, 'wx')
    await writeTo(file, async () => {
      if (found) await file.chmod(found.mode)
      await write(file)
      await file.sync()
    }).catch(discardAndThrow)
    return { commit: () => rename(beside, target).catch(discardAndThrow), discard }
  } catch (error) {
    throw failure(error)
  }
}

/**
 * Stages files that are to appear together, one after the other: if one cannot be written, none is.
 * @throws what the first to fail throws
 */
export async function stageAll(files: (() => Promise<StagedFile>)[]): Promise<StagedFile> {
  const staged: StagedFile[] = []
  const discard = async () => {
    for (const file of staged) await file.discard()
  }
  const discardAndThrow = async (error: unknown) => {
    await discard()
    throw error
  }
  const stageEach = async () => {
    for (const stageNext of files) staged.push(await stageNext())
  }
  const commitEach = async () => {
    for (const file of staged) await file.commit()
  }
  await stageEach().catch(discardAndThrow)
  return { commit: () => commitEach().catch(discardAndThrow), discard }
}

/**
 * Writes a file atomically: `stage`, then `commit`.
 * @throws Failure `io`; what `write` throws
 */
export async function replaceFile(path: string, write: (file: FileHandle) => Promise<void>): Promise<void> {
  const staged = await stage(path, write)
  await staged.commit()
}

async function writeTo(file: FileHandle, write: (file: FileHandle) => Promise<void>): Promise<void> {
  try {
    await write(file)
  } finally {
    await file.close()
  }
}

function statIfThere(path: string) {
  return stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
}

/** The file that a path names, symbolic links followed, and a new name beside it. */
async function placeOf(path: string): Promise<{ target: string; beside: string }> {
  const target = await realpath(path).catch(() => path)
  return { target, beside: join(dirname(target), `.${basename(target)}.${randomBytes(6).toString('hex')}`) }
}
