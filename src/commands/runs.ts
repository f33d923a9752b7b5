/** mnist-runs: weights files of many runs → one table. */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Option } from 'commander'
import { Failure, systemFailure, type EXIT } from '../failure.ts'
import { progress } from '../terminal/progress.ts'
import { loadSummary } from '../weights.ts'
import { reader, type Definition } from './run.ts'
import { charts, csv, rowOf, sorted, table, type Run } from './runs-table.ts'

interface RunsOptions {
  sort: string
  reverse: boolean
  json: boolean
  csv: boolean
  curve: boolean
  quiet: boolean
}

const EXAMPLES = `Examples:
  mnist-runs runs                                     the best on the held-out digits first
  mnist-runs runs --sort loss | head -4
  mnist-runs runs --csv > runs.csv                    for a spreadsheet
  mnist-runs runs --json | jq -r 'select(.training.alpha > 0.1).file'
`
const NOTES = `
The table has the options that differ between the runs, by their names in the weights file, what came of each run,
and its curve, from the first to the last iteration planned and in one scale for all: of the accuracy on the held-out
digits where every report has it, else on those trained on. --csv has all options. --json has, for each run, schema,
file, and hidden, training, result and history as in the weights file.
Other .json files and damaged ones are named on stderr and left out; where no run is left, the exit code is 65.`

/** The command: its options, and what it does with them. */
export const runs: Definition = (program, end) => {
  program
    .name('mnist-runs')
    .description('Compares runs of mnist-train: a line for each weights file (*.json) in a folder.')
    .addHelpText('before', EXAMPLES)
    .addHelpText('after', NOTES)
    .argument('<dir...>', 'folders of weights files; the folders in them are not read')
    .option(
      '--sort <column>',
      'by this column: the best accuracy first, else the least; runs without it last',
      'devAccuracy',
    ) // prettier-ignore
    .option('--reverse', 'the other way round', false)
    .addOption(new Option('--json', 'one JSON value a line (schema mnist-runs/1)').default(false).conflicts('csv'))
    .option('--csv', 'a CSV with a header', false)
    .addOption(new Option('--curve', 'a larger curve of each run too').default(false).conflicts(['csv', 'json']))
    .option('-q, --quiet', 'nothing on stderr but errors', false)
    .action(async (folders: string[], options: RunsOptions) => end(await compareRuns(folders, options)))
}

async function compareRuns(folders: string[], options: RunsOptions): Promise<keyof typeof EXIT> {
  const found = sorted(await readRuns(folders, options.quiet), options)
  const line = ({ file, summary }: Run) => `${JSON.stringify({ schema: 'mnist-runs/1', file, ...summary })}\n`
  const results = () => table(found) + (options.curve ? charts(found) : '')
  const output = options.json ? found.map(line).join('') : options.csv ? csv(found) : results()
  if (!reader.left) process.stdout.write(output)
  return 'done'
}

/**
 * The runs of the folders, by name; of files that are none it gives notice.
 * @throws Failure `noInput` where there is no such folder or no .json file, `badData` where none of them is a run
 */
async function readRuns(folders: string[], quiet: boolean): Promise<Run[]> {
  const files: string[] = []
  for (const folder of folders) {
    const names = await readdir(folder === '' ? '.' : folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOTDIR') throw new Failure('noInput', `${folder} is not a folder; name the folder it is in`)
      if (error.code === 'ENOENT') throw new Failure('noInput', `cannot read ${folder}: there is no such folder`)
      throw systemFailure('noInput', `cannot read ${folder}`, error)
    })
    files.push(...names.toSorted().flatMap((name) => (/^[^.].*\.json$/.test(name) ? [join(folder, name)] : [])))
  }
  const where = folders.join(', ')
  if (files.length === 0)
    throw new Failure('noInput', `${where}: no .json file is here; name a folder of weights files`)

  const bar = progress(process.stderr, quiet)
  const found: Run[] = []
  for (const [i, file] of files.entries()) {
    bar.update('reading', i, files.length, () => `${i}/${files.length}`)
    try {
      const summary = await loadSummary(file)
      found.push({ file, summary, row: rowOf(file, summary) })
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      bar.notice(`${error.message}; it is left out`)
    }
  }
  bar.clear()
  if (found.length > 0) return found
  throw new Failure('badData', `${where}: none of the .json files here is a whole weights file`)
}
