/** mnist-runs: its options; runs.ts does the work. */
import { Option } from '@commander-js/extra-typings'
import { jsonOption, pathsArgument, quietOption } from '../cli/options.ts'
import type { Definition } from '../cli/program.ts'

const EXAMPLES = `Examples:
  mnist-runs                                          the weights files of this folder
  mnist-runs runs                                     best held-out accuracy first
  mnist-runs runs --sort loss | head -4
  mnist-runs runs --csv > runs.csv                    for a spreadsheet
  mnist-runs runs --json | jq -r 'select(.training.alpha > 0.1).file'
`
const NOTES = `
The table shows the options that differ between the runs, by their names in the weights file, the results, and a
curve from the first to the last planned iteration, on one scale for all runs: held-out accuracy if every report has
it, else training accuracy. --csv has all options. Other .json files and damaged ones are reported on stderr and
skipped; if no run is left, the exit code is 65. In the CSV, a name that a spreadsheet would take for a formula begins
with an apostrophe.

JSON, schema mnist-runs/1, one line per run: schema, file, and hidden, activation unless it is ReLU, training, result
and history as in the weights file.`

export const mnistRuns: Definition = (program, ends) => {
  program
    .name('mnist-runs')
    .description('Compare the runs of mnist-train: one line for each weights file.')
    .addHelpText('before', EXAMPLES)
    .addHelpText('after', NOTES)
    .addArgument(pathsArgument('[file-or-folder...]', 'weights files, or folders of them (default: this folder)'))
    .option('--sort <column>', 'sort by a column: accuracies descending, others ascending', 'devAccuracy')
    .option('--reverse', 'reverse the order', false)
    .addOption(jsonOption('mnist-runs/1').conflicts('csv'))
    .option('--csv', 'CSV output with a header', false)
    .addOption(new Option('--curve', 'draw a large curve of each run').default(false).conflicts(['csv', 'json']))
    .addOption(quietOption())
    .action(
      ends(async (paths, options) => {
        const { runs } = await import('./runs.ts')
        return runs(paths ?? [], options)
      }),
    )
}
