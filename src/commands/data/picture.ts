/** mnist-data picture: a digit → a PNG. */
import { printJson, printText } from '../../cli/print.ts'
import type { Ending } from '../../cli/program.ts'
import { digitCount, hasLabels, pixelsOf } from '../../digits.ts'
import { readSources } from '../../digits/sources.ts'
import { Failure } from '../../failure.ts'
import { checkWritable, stage } from '../../staged-file.ts'
import { progress } from '../../terminal/progress.ts'
import { counted, escaped } from '../../wording.ts'
import { checkNew, inputReplaced, inputsAndOutput, isStdout, readerLeft } from '../outputs.ts'

export interface PictureOptions {
  index: number
  /** Pixels across that each of the digit's becomes. */
  scale: number
  /** Replace an existing output; never an input. */
  force: boolean
  transpose: boolean
  invert: boolean
  json: boolean
  quiet: boolean
}

/**
 * Writes a digit of all files but the last as the last, a PNG, and prints what was written, unless stdout carries the PNG.
 * @throws Failure `usage` if the files do not say what to read and what to write, or there is no such row;
 *   `cannotCreate` if the output exists and is not to be replaced; as reading and writing do
 */
export async function picture(files: string[], options: PictureOptions): Promise<Ending> {
  const { index, scale, force, transpose, invert, json, quiet } = options
  const { sources, out } = inputsAndOutput(files, 'the digits, then the picture', json)
  const isShown = !isStdout(out)
  if (isShown && !/\.png$/i.test(out))
    throw new Failure('usage', `${out}: pictures are written as PNG; use a name that ends in .png`)
  const input = inputReplaced(out, sources)
  if (input !== undefined) throw new Failure('usage', `${out}: is an input and cannot be the output; use another name`)
  if (!force) checkNew([out], 'name a new file, or replace it with --force')
  await checkWritable(out)

  const bar = progress(process.stderr, quiet)
  const onProgress = (fraction: number) => bar.update('reading', fraction, 1)
  const digits = await readSources(sources, { limit: index + 1, transpose, invert, onProgress })
  bar.clear()
  const rows = digitCount(digits)
  if (index >= rows) {
    throw new Failure(
      'usage',
      `--index ${index}: ${sources.join(', ')} has ${counted(rows, 'digit')}, rows 0 to ${rows - 1}`,
    )
  }
  const { encodePng } = await import('../../picture-file/encode-png.ts')
  const bytes = encodePng(pixelsOf(digits, index), scale)
  try {
    await (await stage(out, (file) => file.writeFile(bytes))).commit()
  } catch (error) {
    if (readerLeft(out, error)) return 'SIGPIPE'
    throw error
  }
  if (!isShown) return 'done'
  const side = 28 * scale
  const label = hasLabels(digits) ? digits.labels[index] : undefined
  if (json) {
    const labelled = label === undefined ? {} : { label }
    printJson({ schema: 'mnist-data-picture/1', file: out, index, ...labelled, width: side, height: side })
  } else {
    const labelled = label === undefined ? '' : `  label ${label}`
    printText(`${escaped(out)}  ${side}×${side} pixels  row ${index}${labelled}\n`)
  }
  return 'done'
}
