/** mnist-runs: weights files of many runs → one table. */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { print, printJson } from '../cli/print.ts'
import type { Ending } from '../cli/program.ts'
import { Failure, systemFailure } from '../failure.ts'
import { progress } from '../terminal/progress.ts'
import { loadSummary } from '../weights.ts'
import { charts, csv, rowOf, sorted, table, type TrainedRun } from './runs/table.ts'

export interface RunsOptions {
  sort: string
  reverse: boolean
  json: boolean
  csv: boolean
  curve: boolean
  quiet: boolean
}

/** Prints the runs of some folders. */
export async function runs(folders: string[], options: RunsOptions): Promise<Ending> {
  const found = sorted(await readRuns(folders, options.quiet), options)
  if (options.json) for (const { file, summary } of found) printJson({ schema: 'mnist-runs/1', file, ...summary })
  else if (options.csv) print(csv(found))
  else print(table(found) + (options.curve ? charts(found) : ''))
  return 'done'
}

/**
 * The runs of the folders, by name; reports files that are none.
 * @throws Failure `noInput` if there is no such folder or no .json file, `badData` if none of them is a run
 */
async function readRuns(folders: string[], quiet: boolean): Promise<TrainedRun[]> {
  const files: string[] = []
  for (const folder of folders) {
    const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOTDIR') throw new Failure('noInput', `${folder}: not a folder; name the folder it is in`)
      if (error.code === 'ENOENT') throw new Failure('noInput', `${folder}: no such folder`)
      throw systemFailure('noInput', folder, error)
    })
    files.push(...names.toSorted().flatMap((name) => (/^[^.].*\.json$/.test(name) ? [join(folder, name)] : [])))
  }
  const where = folders.join(', ')
  if (files.length === 0) throw new Failure('noInput', `${where}: no .json files; name a folder of weights files`)

  const bar = progress(process.stderr, quiet)
  const found: TrainedRun[] = []
  for (const [i, file] of files.entries()) {
    bar.update('reading', i, files.length, () => `${i}/${files.length}`)
    try {
      const summary = await loadSummary(file)
      found.push({ file, summary, row: rowOf(file, summary) })
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      bar.notice(`${error.message}; skipped`)
    }
  }
  bar.clear()
  if (found.length > 0) return found
  throw new Failure('badData', `${where}: none of the .json files is a complete weights file`)
}
