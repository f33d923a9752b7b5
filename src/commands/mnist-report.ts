/** mnist-report: its options; report.ts does the work. */
import { Option } from '@commander-js/extra-typings'
import {
  integer,
  invertOption,
  path,
  paths,
  pathsArgument,
  quietOption,
  transposeOption,
  weightsFiles,
  weightsOption,
} from '../cli/options.ts'
import type { Definition } from '../cli/program.ts'

const EXAMPLES = `Examples:
  mnist-report --open                                 weights.json as a page, in the browser
  mnist-report best.json --data mnist_test.csv        with its mistakes on the test digits
  mnist-report runs/*.json --out runs.html            curves and table of all runs
`

const NOTES = `
The page is one file that needs no network: it opens from disk, and can be sent by mail. It shows the run, its curves,
the weights of each hidden unit as a picture, with --data where the network is wrong, and a pad: draw a digit, and
src/network.ts, bundled into the page, computes what the network makes of it. The same input gives the same bytes.

Of several networks, all have their curves and a line in a table; the best is the one that is shown in detail: the most
accurate on --data, or without it on the held-out digits.

An existing file is replaced if mnist-report wrote it. Other files are kept, unless --force is given.`

export const mnistReport: Definition = (program, ends) => {
  const command = program
    .name('mnist-report')
    .description('Write a page that shows what networks have learned, and reads what you draw.')
    .addHelpText('before', EXAMPLES)
    .addHelpText('after', NOTES)
    .addArgument(pathsArgument('[weights-file...]', 'weights files to show (default: --weights)'))
    .addOption(weightsOption())
    .addOption(paths('-d, --data <file...>', 'evaluate on these CSV or IDX files; "-" is stdin (default: none)'))
    .addOption(transposeOption())
    .addOption(invertOption())
    .addOption(integer('--mistakes <n>', 'worst mistakes to show for each pair of digits', 0, 10_000).default(20))
    .addOption(path('-o, --out <file>', 'page to write').default('report.html'))
    .addOption(new Option('--force', 'replace an existing file that is no report').default(false))
    .addOption(new Option('--open', 'open the page in the browser').default(false))
    .addOption(quietOption())
  command.action(
    ends(async (files = [], { weights, ...options }) => {
      const named = weightsFiles(command, files, weights)
      const { report } = await import('./report.ts')
      return report(named, options)
    }),
  )
}
