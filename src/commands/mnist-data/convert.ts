/** mnist-data convert: digits of any form that is read, as a label-first CSV or as IDX. */
import { filesNamed } from '../../digits/write.ts'
import { Failure, type EXIT } from '../../failure.ts'
import { tryPath } from '../../staged-file.ts'
import { progress } from '../../terminal/progress.ts'
import { describePart, readSources } from '../data.ts'
import type { Definition } from '../run.ts'
import { writeFiles } from './write-files.ts'

interface ConvertOptions {
  header: boolean
  json: boolean
  quiet: boolean
}

const EXAMPLES = `Examples:
  mnist-data convert mnist_data.csv mnist_target.csv mnist.csv      OpenML's pair as one label-first CSV
  mnist-data convert train-images-idx3-ubyte.gz train.csv.gz        IDX, its labels beside it, as a packed CSV
  mnist-data convert mnist_test.csv t10k-images-idx3-ubyte          as IDX: this file and t10k-labels-idx1-ubyte
  unzip -p archive.zip train.csv | mnist-data convert - train.csv   from standard input
`
const FORMS = `
The name of the last file says what is written: IDX, a file of pictures and one of labels, where it ends in
images-idx3-ubyte or labels-idx1-ubyte, else a label-first CSV; with .gz behind it, packed. Digits without
labels become a CSV pixel0,…,pixel783 or a file of pictures alone.`

export const convert: Definition = (command, end) => {
  command
    .description('Reads digits in any form that the commands read, joined, and writes a label-first CSV or IDX.')
    .usage('[options] <in...> <out>')
    .addHelpText('before', EXAMPLES)
    .addHelpText('after', FORMS)
    .argument('<files...>', 'what is read, as --data takes it (- is standard input), and last the file to write')
    .option('--header', "name the CSV's columns in its first line", true)
    .option('--no-header', 'begin the CSV with the first digit')
    .option('--json', 'results as JSON, one value a line (schema mnist-data-convert/1)', false)
    .option('-q, --quiet', 'nothing on stderr but errors', false)
    .action(async (files: string[], options: ConvertOptions) => end(await convertDigits(files, options)))
}

async function convertDigits(files: string[], options: ConvertOptions): Promise<keyof typeof EXIT> {
  const { header, json, quiet } = options
  const sources = files.slice(0, -1)
  const [out] = files.slice(-1)
  if (files.includes('')) throw new Failure('usage', 'file "": the name of a file is needed')
  if (sources.length === 0) {
    throw new Failure('usage', `${out} is the only file: name what to read and, last, the file to write`)
  }
  if (out === '-') throw new Failure('usage', 'the last file is -: name the file to write')
  const targets = filesNamed(out)
  if (!header && targets.length > 1)
    throw new Failure('usage', `--no-header: ${out} is IDX, which has no line of names`)
  for (const target of targets) await tryPath(target)

  const bar = progress(process.stderr, quiet)
  const digits = await readSources(sources, {
    onProgress: (share) => bar.update('reading', share, 1),
    onPart: (part) => bar.notice(describePart(part)),
    onGenerated: (part) => bar.notice(describePart(part)),
  })
  return writeFiles(out, digits, { bar, header, json, schema: 'mnist-data-convert/1' })
}
