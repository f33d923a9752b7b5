/** mnist-data make: digits that the program draws, as files. */
import type { Ending } from '../../cli/program.ts'
import { generate } from '../../digits/generate.ts'
import { filesNamed } from '../../digits/write.ts'
import { checkWritable } from '../../staged-file.ts'
import { progress } from '../../terminal/progress.ts'
import { writeFiles } from './write-files.ts'

export interface MakeOptions {
  count: number
  seed: number
  json: boolean
  quiet: boolean
}

/** Draws digits, writes them, and prints what was written. */
export async function make(file: string, { count, seed, json, quiet }: MakeOptions): Promise<Ending> {
  for (const path of filesNamed(file)) await checkWritable(path)
  const bar = progress(process.stderr, quiet)
  const schema = 'mnist-data-make/1'
  return writeFiles(file, generate(count, seed), { bar, header: true, json, schema, values: { seed } })
}
