/** mnist-runs: weights files of many runs → one table. */
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { print, printJson, printText } from '../cli/print.ts'
import type { Ending } from '../cli/program.ts'
import { Failure, systemFailure } from '../failure.ts'
import { progress, widthOf } from '../terminal/progress.ts'
import { loadSummary } from '../weights.ts'
import { grouped } from '../wording.ts'
import { charts, csv, rowOf, sorted, table, type TrainedRun } from './runs/table.ts'

export interface RunsOptions {
  sort: string
  reverse: boolean
  json: boolean
  csv: boolean
  curve: boolean
  quiet: boolean
}

/** A file that is named itself, or is one of a folder's. */
interface NamedFile {
  file: string
  isNamed: boolean
}

/** Files that are read at the same time. */
const AT_ONCE = 8

/** Prints the runs of some files and folders; without any, of the current folder. */
export async function runs(paths: string[], options: RunsOptions): Promise<Ending> {
  const found = sorted(await readRuns(paths.length > 0 ? paths : ['.'], options.quiet), options)
  if (options.json) for (const { file, summary } of found) printJson({ schema: 'mnist-runs/1', file, ...summary })
  else if (options.csv) print(csv(found))
  else {
    const columns = widthOf(process.stdout)
    printText(table(found, columns) + (options.curve ? charts(found, columns) : ''))
  }
  return 'done'
}

/**
 * The runs of files and folders, by name; reports files that are none.
 * @throws Failure `noInput` if one does not exist or there is no .json file, `badData` if none of them is a run
 */
async function readRuns(paths: string[], quiet: boolean): Promise<TrainedRun[]> {
  const files = await filesOf(paths)
  const where = paths.length > 3 ? `${paths.slice(0, 3).join(', ')} and ${paths.length - 3} more` : paths.join(', ')
  if (files.length === 0) throw new Failure('noInput', `${where}: no .json files; name weights files or their folder`)

  const bar = progress(process.stderr, quiet)
  const found: TrainedRun[] = []
  for (let i = 0; i < files.length; i += AT_ONCE) {
    bar.update('reading', i, files.length, () => [`${grouped(i)}/${grouped(files.length)}`])
    for (const read of await Promise.allSettled(files.slice(i, i + AT_ONCE).map(readRun))) {
      if (read.status === 'fulfilled') found.push(read.value)
      else if (read.reason instanceof Failure) bar.notice(`${read.reason.message}; skipped`)
      else throw read.reason
    }
  }
  bar.clear()
  if (found.length > 0) return found
  throw new Failure('badData', `${where}: no complete weights file`)
}

/** @throws Failure if a file is not a complete weights file */
async function readRun({ file, isNamed }: NamedFile): Promise<TrainedRun> {
  if (!isNamed) await checkRegular(file)
  const summary = await loadSummary(file)
  return { file, summary, row: rowOf(file, summary) }
}

/**
 * The files that paths name: themselves, or the .json files of folders. Each is there once.
 * @throws Failure `noInput` if one does not exist or cannot be read
 */
async function filesOf(paths: string[]): Promise<NamedFile[]> {
  const files = new Map<string, boolean>()
  for (const path of paths) {
    const names = await readdir(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOTDIR') return undefined
      if (error.code === 'ENOENT') throw new Failure('noInput', `${path}: no such file or folder`)
      throw systemFailure('noInput', path, error)
    })
    if (names === undefined) files.set(path, true)
    for (const name of names?.toSorted() ?? []) {
      const file = join(path, name)
      if (/^[^.].*\.json$/s.test(name) && !files.has(file)) files.set(file, false)
    }
  }
  return Array.from(files, ([file, isNamed]) => ({ file, isNamed }))
}

/**
 * Reading from a named pipe would wait for whoever writes to it.
 * @throws Failure `noInput` if a path is not that of a file
 */
async function checkRegular(path: string): Promise<void> {
  const stats = await stat(path).catch((error: unknown) => {
    throw systemFailure('noInput', path, error)
  })
  if (!stats.isFile()) throw new Failure('noInput', `${path}: not a file`)
}
