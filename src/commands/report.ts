/** mnist-report: weights files → a page. This file is the story of one run. */
import { open } from 'node:fs/promises'
import type { Ending } from '../cli/program.ts'
import { GENERATED } from '../digits/default-source.ts'
import { recordOfDigits } from '../digits/record.ts'
import { namesOf, readLabelled } from '../digits/sources.ts'
import { Failure } from '../failure.ts'
import { checkWritable, replaceFile } from '../staged-file.ts'
import { progress, type Progress } from '../terminal/progress.ts'
import { LESSON } from '../own-network.ts'
import { load } from '../weights.ts'
import { escaped, measured as shownSize } from '../wording.ts'
import { noticeOfActivation } from './activation.ts'
import { ranked } from './evaluate/comparison.ts'
import { answersOf, measured, type Measured, type Trained } from './evaluate/measured.ts'
import { checkInputs } from './inputs.ts'
import { checkNew, inputReplaced, isFile, readerLeft } from './outputs.ts'
import { openInBrowser } from './report/browser.ts'
import { PAGE_START, pageOf, type Evaluated } from './report/document.ts'
import { shownNames } from './report/names.ts'

export interface ReportOptions {
  data?: string[] | undefined
  transpose: boolean
  invert: boolean
  mistakes: number
  out: string
  force: boolean
  open: boolean
  quiet: boolean
}

/** Writes the page of some weights files. */
export async function report(files: string[], options: ReportOptions): Promise<Ending> {
  const { data: sources = [], out, quiet } = options
  checkInputs(files, sources)
  await checkOutput(out, [...files, ...sources], options.force)
  const bar = progress(process.stderr, quiet)
  const names = shownNames(files)
  const networks: Trained[] = []
  for (const [i, file] of files.entries()) {
    const weights = await load(file)
    const { network: module } = weights.training
    if (module) throw new Failure('usage', `${file}: trained with ${module.name}, which the page cannot run`)
    const unlike = noticeOfActivation(file, weights.activation)
    if (unlike !== undefined) bar.notice(unlike)
    networks.push({ file: names[i], weights, network: LESSON })
  }
  const evaluated = sources.length > 0 ? await evaluatedOn(sources, networks, options, bar) : undefined
  const text = pageOf(networks, evaluated)
  bar.clear()
  try {
    await replaceFile(out, (file) => file.writeFile(text))
  } catch (error) {
    if (readerLeft(out, error)) return 'SIGPIPE'
    throw error
  }
  if (!quiet) bar.notice(`${escaped(out)} written, ${shownSize(Buffer.byteLength(text) / 1000)} kB`)
  if (options.open) await openInBrowser(out, bar)
  return 'done'
}

/**
 * Checks, before the work, that the page can be written: the file is new, or a page that this command wrote.
 * @throws Failure `usage` if it is an input, `cannotCreate` if it holds something else or cannot be written
 */
async function checkOutput(out: string, inputs: string[], force: boolean): Promise<void> {
  if (out === '-') throw new Failure('usage', '--out -: name a file to write; --out /dev/stdout is stdout')
  const input = inputReplaced(out, inputs)
  if (input !== undefined) {
    const name = input === out ? '' : ` (${input})`
    throw new Failure('usage', `--out ${out} is what the command reads${name}; write to another file`)
  }
  if (!force && !(await isReport(out))) checkNew([out], 'it is no report; use another name, or replace it with --force')
  await checkWritable(out)
}

/** Whether a file begins as a page of this command does. */
async function isReport(path: string): Promise<boolean> {
  const file = isFile(path) ? await open(path).catch(() => undefined) : undefined // opening a pipe would wait
  if (!file) return false
  try {
    const length = Buffer.byteLength(PAGE_START)
    const { buffer } = await file.read(Buffer.alloc(length), 0, length, 0)
    return buffer.toString() === PAGE_START
  } finally {
    await file.close()
  }
}

/** What mnist-evaluate measures, the most accurate network first. */
async function evaluatedOn(
  sources: string[],
  networks: Trained[],
  { transpose, invert, mistakes }: ReportOptions,
  bar: Progress,
): Promise<Evaluated> {
  const names = namesOf(sources).join(', ')
  const digits = await readLabelled(sources, {
    transpose,
    invert,
    onProgress: (fraction) => bar.update('reading', fraction, 1),
    ...(names !== GENERATED && { onSuspicion: (sentence: string) => bar.notice(`${names}: ${sentence}`) }),
  })
  const found: Measured[] = []
  for await (const answers of answersOf(networks, digits)) {
    bar.update('evaluating', found.length, networks.length)
    found.push(measured(answers, digits.labels, (all) => worstOfEachPair(all, mistakes)))
  }
  return { networks: ranked(found), digits, data: recordOfDigits(sources, digits) }
}

/** Of each label read as another digit, the first mistakes. */
function worstOfEachPair<Mistake extends { label: number; prediction: number }>(
  mistakes: Mistake[],
  most: number,
): Mistake[] {
  const counts = new Map<number, number>()
  return mistakes.filter(({ label, prediction }) => {
    const count = (counts.get(10 * label + prediction) ?? 0) + 1
    counts.set(10 * label + prediction, count)
    return count <= most
  })
}
