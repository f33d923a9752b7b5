/** mnist-data convert: digits in any format that is read, and pictures → a label-first CSV or IDX. */
import { checkNew, inputReplaced, inputsAndOutput } from '../outputs.ts'
import type { Ending } from '../../cli/program.ts'
import { describePart } from '../../digits/sources.ts'
import { filesNamed } from '../../digits/write.ts'
import { Failure } from '../../failure.ts'
import { checkWritable } from '../../staged-file.ts'
import { progress } from '../../terminal/progress.ts'
import { readMixed, runsOf, type LabelOptions } from './read-mixed.ts'
import { writeFiles } from './write-files.ts'

export interface ConvertOptions extends LabelOptions {
  /** Replace an existing output; never an input. */
  force: boolean
  header: boolean
  /** Convert only the first of the digits. */
  take?: number
  transpose: boolean
  invert: boolean
  json: boolean
  quiet: boolean
}

/**
 * Reads all files but the last and writes the last.
 * @throws Failure `usage` if the files do not say what to read and what to write, or the output is an input;
 *   `cannotCreate` if the output exists and is not to be replaced; as reading and writing do
 */
export async function convert(files: string[], options: ConvertOptions): Promise<Ending> {
  const { force, header, take, json, quiet, transpose, invert } = options
  const { sources, out } = inputsAndOutput(files, 'the inputs, then the output', json)
  const targets = filesNamed(out)
  const runs = await runsOf(sources)
  const labelled = options.label !== undefined ? '--label' : options.labelFromName ? '--label-from-name' : undefined
  if (labelled !== undefined && !runs.some(({ arePictures }) => arePictures)) {
    throw new Failure('usage', `${labelled}: labels pictures, but there are none among the inputs`)
  }
  const inputs = runs.flatMap(({ paths }) => paths)
  if (!header && targets.length > 1) throw new Failure('usage', `--no-header: ${out} is IDX, which has no header line`)
  for (const target of targets) {
    const input = inputReplaced(target, inputs)
    if (input === undefined) continue
    const which = input === target ? 'an input' : `read as an input (${input})`
    throw new Failure('usage', `${target}: is ${which} and cannot be the output; name another file after the inputs`)
  }
  if (!force) checkNew(targets, 'name a new file after the inputs, or replace it with --force')
  for (const target of targets) await checkWritable(target)

  const bar = progress(process.stderr, quiet)
  const digitFiles = runs.filter(({ arePictures }) => !arePictures).flatMap(({ paths }) => paths)
  const digits = await readMixed(runs, options, bar, {
    onProgress: (fraction) => bar.update('reading', fraction, 1),
    onPart: (part) => bar.notice(describePart(part)),
    onGenerated: (part) => bar.notice(describePart(part)),
    onSuspicion: (sentence) => bar.notice(`${digitFiles.join(', ')}: ${sentence}`),
    limit: take,
    transpose,
    invert,
  })
  return writeFiles(out, digits, { bar, header, json, schema: 'mnist-data-convert/1' })
}
