/** mnist-data convert: digits in any format that is read → a label-first CSV or IDX. */
import type { Ending } from '../../cli/program.ts'
import { describePart, readSources } from '../../digits/sources.ts'
import { filesNamed } from '../../digits/write.ts'
import { Failure } from '../../failure.ts'
import { checkWritable } from '../../staged-file.ts'
import { progress } from '../../terminal/progress.ts'
import { writeFiles } from './write-files.ts'

export interface ConvertOptions {
  header: boolean
  json: boolean
  quiet: boolean
}

/**
 * Reads all files but the last and writes the last.
 * @throws Failure `usage` if the files do not say what to read and what to write; as reading and writing do
 */
export async function convert(files: string[], options: ConvertOptions): Promise<Ending> {
  const { header, json, quiet } = options
  const sources = files.slice(0, -1)
  const [out] = files.slice(-1)
  if (sources.length === 0) throw new Failure('usage', `${out}: only one file given; name the inputs, then the output`)
  if (out === '-') throw new Failure('usage', 'the output cannot be "-": name a file to write')
  const targets = filesNamed(out)
  if (!header && targets.length > 1) throw new Failure('usage', `--no-header: ${out} is IDX, which has no header line`)
  for (const target of targets) await checkWritable(target)

  const bar = progress(process.stderr, quiet)
  const digits = await readSources(sources, {
    onProgress: (fraction) => bar.update('reading', fraction, 1),
    onPart: (part) => bar.notice(describePart(part)),
    onGenerated: (part) => bar.notice(describePart(part)),
  })
  return writeFiles(out, digits, { bar, header, json, schema: 'mnist-data-convert/1' })
}
