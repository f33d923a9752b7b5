/** mnist-data make: digits that the program draws, as files. */
import { checkNamed, checkNew } from '../outputs.ts'
import type { Ending } from '../../cli/program.ts'
import { generate } from '../../digits/generate.ts'
import { filesNamed } from '../../digits/write.ts'
import { checkWritable } from '../../staged-file.ts'
import { progress } from '../../terminal/progress.ts'
import { writeFiles } from './write-files.ts'

export interface MakeOptions {
  count: number
  seed: number
  /** Replace an existing file. */
  force: boolean
  json: boolean
  quiet: boolean
}

/**
 * Draws digits, writes them, and prints what was written.
 * @throws Failure `cannotCreate` if the file exists and is not to be replaced; `usage` for the name of another format;
 *   as writing does
 */
export async function make(file: string, { count, seed, force, json, quiet }: MakeOptions): Promise<Ending> {
  checkNamed(file, json)
  const targets = filesNamed(file)
  if (!force) checkNew(targets, 'name a new file, or replace it with --force')
  for (const target of targets) await checkWritable(target)
  const bar = progress(process.stderr, quiet)
  const schema = 'mnist-data-make/1'
  return writeFiles(file, generate(count, seed), { bar, header: true, json, schema, values: { seed } })
}
