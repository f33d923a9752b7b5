/** mnist-data info: what files of digits hold, and what looks wrong in them. */
import { count, fingerprint, PIXELS, select, type Digits } from '../../digits.ts'
import { grouped } from '../../digits/field.ts'
import { inspect, type Inspection, type Suspects } from '../../digits/inspect.ts'
import type { Part } from '../../digits/read.ts'
import { Failure } from '../../failure.ts'
import { hasColour } from '../../terminal/colour.ts'
import { pictures } from '../../terminal/picture.ts'
import { progress } from '../../terminal/progress.ts'
import { describePart, readSources } from '../data.ts'
import { reader, type Definition } from '../run.ts'

interface InfoOptions {
  picture: boolean
  color: boolean
  json: boolean
  quiet: boolean
}

const EXAMPLES = `Examples:
  mnist-data info data/mnist_train.csv
  mnist-data info mnist_data.csv mnist_target.csv     OpenML's pair, joined as every command joins it
  mnist-data info train-images-idx3-ubyte.gz --json | jq -r .sha256
`
const LEGEND = `
Ink is what is at least 128 of 255. Empty digits have nothing above 0, inverted ones are more than half of ink, or
their border is, those that are all ink have no paper; duplicates have the pixels of an earlier digit. Rows count
from 0 over all files, as mnist-predict --index counts them.`

export const info: Definition = (command, end) => {
  command
    .description(
      'Says what files of digits hold: their form, the digits of each class with a picture of one, what looks wrong, and the SHA-256 of pixels and labels.',
    )
    .addHelpText('before', EXAMPLES)
    .addHelpText('after', LEGEND)
    .argument('<file...>', 'digits, as --data takes them (- is standard input); several are joined')
    .option('--no-picture', 'leave the pictures out')
    .option('--no-color', 'draw them in plain characters (so does NO_COLOR)')
    .option('--json', 'the result as one JSON value (schema mnist-data-info/1)', false)
    .option('-q, --quiet', 'nothing on stderr but errors', false)
    .action(async (files: string[], options: InfoOptions) => {
      const output = await describeDigits(files, options)
      if (!reader.left) process.stdout.write(`${output}\n`)
      end('done')
    })
}

async function describeDigits(files: string[], options: InfoOptions): Promise<string> {
  if (files.includes('')) throw new Failure('usage', 'file "": the name of a file is needed')
  const bar = progress(process.stderr, options.quiet)
  const parts: Part[] = []
  const digits = await readSources(files, {
    onProgress: (share) => bar.update('reading', share, 1),
    onPart: (part) => parts.push(part),
    onGenerated: (part) => parts.push(part),
  })
  const text = options.json ? asJson(parts, digits) : asText(parts, digits, options)
  bar.clear()
  return text
}

/**
 * Schema mnist-data-info/1, on one line:
 * - `parts`: for every file, or pair of files, its `names`, its `digits`, its `dialect` and, where there is something
 *   to look at, a `remark`
 * - `digits`: how many there are of all
 * - `classes`: ten numbers, the digits labelled 0 to 9; absent where the digits are without labels
 * - `constantPixels`: pixels, of 784, that are the same in all digits
 * - `duplicates`, `empty`, `inverted`, `allInk`: each the `count` of such digits and the `first` five of them, counted
 *   from 0 over all files: those with the pixels of an earlier one; without ink; more than half of ink, or their
 *   border; without paper
 * - `sha256`: of the pixels, a byte each, followed by the labels, a byte each
 */
function asJson(parts: Part[], digits: Digits): string {
  const { classes, constantPixels, duplicates, empty, inverted, allInk } = inspect(digits)
  return JSON.stringify({
    schema: 'mnist-data-info/1',
    parts: parts.map(({ names, rows, dialect, remark }) => ({ names, digits: rows, dialect, remark })),
    digits: count(digits),
    classes,
    constantPixels,
    duplicates,
    empty,
    inverted,
    allInk,
    sha256: fingerprint(digits),
  })
}

function asText(parts: Part[], digits: Digits, { picture, color }: InfoOptions): string {
  const found = inspect(digits)
  const { classes, constantPixels, duplicates, empty, inverted, allInk } = found
  const rows = [
    ...(parts.length > 1 ? [['digits', grouped(count(digits))]] : []),
    ['labels', classes ? classes.map((digits, label) => `${label}: ${grouped(digits)}`).join('  ') : 'none'],
    ['constant', `${constantPixels} of ${PIXELS} pixels are the same in all digits`],
    ['duplicates', listed(duplicates)],
    ['empty', listed(empty)],
    ['inverted', listed(inverted)],
    ['all ink', listed(allInk)],
    ['sha256', fingerprint(digits)],
  ]
  const lines = [...parts.map(describePart), ...rows.map(([name, value]) => `${name.padEnd(12)}${value}`)]
  if (picture) lines.push('', gallery(digits, found, hasColour(process.stdout, color)))
  return lines.join('\n')
}

/** How many digits, and the first of them: "7: row 3, 5, 8, 13, 21, …". */
function listed({ count, first }: Suspects): string {
  if (count === 0) return 'none'
  return `${grouped(count)}: row ${first.join(', ')}${count > first.length ? ', …' : ''}`
}

/** The examples, each under what it is, as many side by side as the terminal is wide. */
function gallery(digits: Digits, { classes, examples }: Inspection, colour: boolean): string {
  const chosen = examples.map((row) => {
    const { pixels, labels } = select(digits, Uint32Array.of(row))
    return { pixels, title: classes ? `${labels[0]} (row ${row})` : `row ${row}` }
  })
  return pictures(chosen, colour, process.stdout.columns || 80)
}
