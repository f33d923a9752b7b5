/** mnist-data make: digits that the program draws itself, as a CSV. */
import { generate } from '../../digits/generate.ts'
import { filesNamed } from '../../digits/write.ts'
import { Failure, type EXIT } from '../../failure.ts'
import { progress } from '../../terminal/progress.ts'
import { tryPath } from '../../staged-file.ts'
import { wholeNumber } from '../options.ts'
import type { Definition } from '../run.ts'
import { writeFiles } from './write-files.ts'

interface MakeOptions {
  count: number
  seed: number
  json: boolean
  quiet: boolean
}

const EXAMPLES = `Examples:
  mnist-data make drawn.csv                           60,000 digits
  mnist-data make more.csv --count 1000 --seed 2      1,000 others
  mnist-data make drawn-images-idx3-ubyte.gz          as IDX, with drawn-labels-idx1-ubyte.gz beside it
`

export const make: Definition = (command, end) => {
  command
    .description(
      'Draws digits, the same for the same count and seed on every machine, as a label-first CSV or, by the name, IDX.',
    )
    .addHelpText('before', EXAMPLES)
    .argument('<file>', 'where they go, named as for convert')
    .addOption(wholeNumber('-c, --count <n>', 'how many digits', 1, 1e6).default(60_000))
    .addOption(wholeNumber('-s, --seed <n>', 'start of the random numbers', 0, 2 ** 32 - 1).default(1))
    .option('--json', 'the result as one JSON value (schema mnist-data-make/1)', false)
    .option('-q, --quiet', 'nothing on stderr but errors', false)
    .action(async (file: string, options: MakeOptions) => end(await makeDigits(file, options)))
}

async function makeDigits(file: string, { count, seed, json, quiet }: MakeOptions): Promise<keyof typeof EXIT> {
  if (file === '') throw new Failure('usage', 'file "": the name of a file is needed')
  for (const path of filesNamed(file)) await tryPath(path)
  const bar = progress(process.stderr, quiet)
  const schema = 'mnist-data-make/1'
  return writeFiles(file, generate(count, seed), { bar, header: true, json, schema, values: { seed } })
}
