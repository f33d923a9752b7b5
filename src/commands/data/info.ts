/** mnist-data info: what files of digits hold, and what looks wrong in them. */
import { printJson, printText } from '../../cli/print.ts'
import type { Ending } from '../../cli/program.ts'
import { digitCount, PIXELS, pixelsOf, type Digits } from '../../digits.ts'
import { fingerprint } from '../../digits/fingerprint.ts'
import { inspect, type Inspection, type Suspects } from '../../digits/inspect.ts'
import type { DigitsPart } from '../../digits/read.ts'
import { describePart, readSources } from '../../digits/sources.ts'
import { hasColour } from '../../terminal/colour.ts'
import { pictures } from '../../terminal/picture.ts'
import { progress, widthOf } from '../../terminal/progress.ts'
import { folded, grouped, wrapped } from '../../wording.ts'

const NAME = 12 // characters before a value

export interface InfoOptions {
  /** Read only the first of the digits. */
  take?: number
  picture: boolean
  color: boolean
  json: boolean
  quiet: boolean
}

/** What looking for duplicates needs for each digit, in bytes. */
const INSPECTION_BYTES = 20

/**
 * Prints what files of digits hold.
 * @throws Failure as reading does
 */
export async function info(files: string[], options: InfoOptions): Promise<Ending> {
  const bar = progress(process.stderr, options.quiet)
  const parts: DigitsPart[] = []
  const digits = await readSources(files, {
    limit: options.take,
    bytesPerDigit: INSPECTION_BYTES,
    onProgress: (fraction) => bar.update('reading', fraction, 1),
    onPart: (part) => parts.push(part),
    onGenerated: (part) => parts.push(part),
    onSuspicion: (sentence) => bar.notice(sentence),
  })
  const found = inspect(digits)
  bar.clear()
  if (options.json) printJson(asJson(parts, digits, found))
  else printText(`${asText(parts, digits, found, options)}\n`)
  return 'done'
}

/**
 * Schema mnist-data-info/1:
 * - `parts`: for each file, or pair of files, its `names`, its `digits`, its `dialect`, and a `remark` if it needs one
 * - `digits`: how many there are
 * - `classes`: ten numbers, the digits labelled 0 to 9; absent if the digits are unlabelled
 * - `constantPixels`: pixels, of 784, that are the same in all digits
 * - `duplicates`, `empty`, `inverted`, `allInk`: the `count` of such digits and the rows of the `first` five, counted
 *   from 0 across all files: same pixels as an earlier digit; no ink; more than half ink, or a border that is; no paper
 * - `sha256`: of the pixels, one byte each, followed by the labels, one byte each
 */
function asJson(parts: DigitsPart[], digits: Digits, found: Inspection): object {
  const { examples: _, ...counts } = found
  return {
    schema: 'mnist-data-info/1',
    parts: parts.map(({ names, rows, dialect, remark }) => ({ names, digits: rows, dialect, remark })),
    digits: digitCount(digits),
    ...counts,
    sha256: fingerprint(digits),
  }
}

function asText(parts: DigitsPart[], digits: Digits, found: Inspection, { picture, color }: InfoOptions): string {
  const { classes, constantPixels, duplicates, empty, inverted, allInk } = found
  const rows = [
    ...(parts.length > 1 ? [['digits', grouped(digitCount(digits))]] : []),
    ['labels', classes ? classes.map((digits, label) => `${label}: ${grouped(digits)}`).join('  ') : 'none'],
    ['constant', `${constantPixels} of ${PIXELS} pixels are the same in all digits`],
    ['duplicates', listed(duplicates)],
    ['empty', listed(empty)],
    ['inverted', listed(inverted)],
    ['all ink', listed(allInk)],
    ['sha256', fingerprint(digits)],
  ]
  const width = widthOf(process.stdout) ?? Infinity
  const entry = ([name, value]: string[]) => {
    const gap = value.includes('  ') ? '  ' : ' '
    return folded(value, width - NAME, gap).map((line, i) => (i === 0 ? name : '').padEnd(NAME) + line)
  }
  const lines = [...parts.map((part) => wrapped(describePart(part), width)), ...rows.flatMap(entry)]
  if (picture) lines.push('', gallery(digits, found, hasColour(process.stdout, color)))
  return lines.join('\n')
}

/** How many digits, and the first of them: "7: rows 3, 5, 8, 13, 21, …". */
function listed({ count, first }: Suspects): string {
  if (count === 0) return 'none'
  return `${grouped(count)}: row ${first.join(', ')}${count > first.length ? ', …' : ''}`
}

/** The examples under their labels, as many side by side as fit the terminal. */
function gallery(digits: Digits, { classes, examples }: Inspection, colour: boolean): string {
  const chosen = examples.map((row) => {
    const title = classes ? `${digits.labels[row]} (row ${row})` : `row ${row}`
    return { pixels: pixelsOf(digits, row), title }
  })
  return pictures(chosen, colour, widthOf(process.stdout) ?? 80)
}
