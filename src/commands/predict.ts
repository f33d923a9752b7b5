/** mnist-predict: digits → what the network predicts. */
import { printAll } from '../cli/print.ts'
import type { Ending } from '../cli/program.ts'
import { digitCount, select } from '../digits.ts'
import { defaultSource, GENERATED } from '../digits/default-source.ts'
import { namesOf, readSources } from '../digits/sources.ts'
import { Failure } from '../failure.ts'
import type { Step } from '../picture/prepare.ts'
import { eachInLocale } from '../terminal/charset.ts'
import { hasColour } from '../terminal/colour.ts'
import { progress, widthOf, type Progress } from '../terminal/progress.ts'
import { counted, escaped } from '../wording.ts'
import { checkDefaultData } from './default-data.ts'
import { loadWithNetwork, noticeOfNetwork } from './network.ts'
import { doubtSentences } from './predict/doubts.ts'
import { csv, json, plain } from './predict/formats.ts'
import { predicted, type Predicted } from './predict/predicted.ts'
import { rowsMissing, rowsOf, rowsToRead, type RowRange } from './predict/row-ranges.ts'
import { checkSingle, type Subjects } from './predict/subjects.ts'
import { text, type TextOptions } from './predict/text.ts'

export interface PredictOptions {
  /** Files, folders and `-`; none: rows of the data. */
  pictures: string[]
  /** Do not prepare 28×28 pictures. */
  asIs: boolean
  /** Read several digits in a picture. */
  many: boolean
  /** Show the steps of the preparation. */
  steps: boolean
  index?: RowRange[] | undefined
  all: boolean
  weights: string
  network?: string | undefined
  data?: string[] | undefined
  /** Whether the command line itself, and no variable, says something about the data. */
  isGiven: (name: 'data' | 'transpose' | 'invert') => boolean
  transpose: boolean
  invert: boolean
  plain: boolean
  csv: boolean
  json: boolean
  kaggle?: string | undefined
  force: boolean
  /** Draw the digits; undefined: only a single one. */
  picture?: boolean | undefined
  color: boolean
  quiet: boolean
  /** Show how the prediction of one digit changed during training. */
  overTime: boolean
  /** Say why, for one digit. */
  explain: boolean
  /** The digit to compare its prediction with (default: the second most probable). */
  against?: number | undefined
}

/** Prints or writes what the network predicts for pictures or rows of the data. */
export async function predict(options: PredictOptions): Promise<Ending> {
  return options.pictures.length > 0 ? predictPictures(options) : predictRows(options)
}

async function predictPictures(options: PredictOptions): Promise<Ending> {
  const { pictures, index, all, kaggle } = options
  if (index !== undefined || all || kaggle !== undefined || options.isGiven('data')) {
    throw new Failure('usage', `${pictures[0]}: name pictures, or rows of --data, not both`)
  }
  if (options.isGiven('invert')) {
    throw new Failure('usage', '--invert is for rows of --data; pictures may be dark on light or light on dark')
  }
  if (options.isGiven('transpose')) throw new Failure('usage', '--transpose is for rows of --data; turn the picture')
  const screen = progress(process.stderr, options.quiet)
  const loaded = await loadNoticing(options, screen)
  const { readPictures } = await import('./predict/pictures.ts')
  const shown: string[] = []
  const onSteps = options.steps ? await stepsTo(shown, options) : undefined
  const { asIs, many } = options
  const { subjects, failures } = await readPictures(pictures, { asIs, many, onSteps }, screen)
  if (failures.length === 1 && subjects.names.length === 0) throw failures[0]
  for (const { message } of failures) report(message)
  if (subjects.names.length === 0) return 'badData'
  await printAll(eachInLocale(shown))
  const ending = await answer(subjects, loaded, '', options, screen)
  return failures.length > 0 ? 'badData' : ending
}

/** Loads weights and their network, and says if src/network.ts may not compute what trained them. */
async function loadNoticing({ weights: path, network: module }: PredictOptions, { notice }: Progress) {
  const loaded = await loadWithNetwork(path, module)
  const unlike = noticeOfNetwork(path, loaded.weights)
  if (unlike !== undefined) notice(unlike)
  return loaded
}

/** Adds the steps of each picture's preparation to what is shown. */
async function stepsTo(shown: string[], { color }: PredictOptions) {
  const { stepsShown } = await import('../terminal/steps.ts')
  const [colour, width] = [hasColour(process.stdout, color), widthOf(process.stdout) ?? 80]
  return (file: string, steps: Step[]) => shown.push(`${escaped(file)}\n${stepsShown(steps, colour, width)}\n\n`)
}

/** Reports one of several failures on stderr. */
function report(sentence: string): void {
  progress(process.stderr, false).notice(`mnist-predict: ${sentence}`)
}

async function predictRows(options: PredictOptions): Promise<Ending> {
  const { index, all, weights, kaggle } = options
  const forPictures = options.many ? '--many' : options.steps ? '--steps' : undefined
  if (forPictures !== undefined)
    throw new Failure('usage', `${forPictures}: name a picture, as in mnist-predict me.png ${forPictures}`)
  if (index === undefined && !all && kaggle === undefined) {
    throw new Failure(
      'usage',
      'say which digits: --index 3 is row 3, --index 0-9 are ten, --all are all; or name pictures',
    )
  }
  const sources = options.data ?? defaultSource()
  const data = namesOf(sources).join(', ')
  const submission = kaggle === undefined ? undefined : await import('./predict/submission.ts')
  if (kaggle !== undefined) await submission?.checkSubmission(kaggle, [...sources, weights], options.force)

  const screen = progress(process.stderr, options.quiet)
  const loaded = await loadNoticing(options, screen)
  if (options.data === undefined) checkDefaultData(weights, loaded.weights.training, namesOf(sources))
  const subjects = await readRows(sources, data, options, screen)
  if (kaggle !== undefined) submission?.checkUnlabelled(subjects, data)
  return answer(subjects, loaded, data, options, screen)
}

/**
 * Prints what is predicted, why, or how that changed during training; or writes a submission.
 * @param data the names of the data that rows are in; empty for pictures
 */
async function answer(
  subjects: Subjects,
  loaded: Awaited<ReturnType<typeof loadNoticing>>,
  data: string,
  options: PredictOptions,
  screen: Progress,
): Promise<Ending> {
  const { kaggle, weights } = options
  if (options.explain) checkSingle(subjects, '--explain')
  if (options.overTime) {
    checkSingle(subjects, '--over-time')
    const { printOverTime } = await import('./predict/over-time.ts')
    screen.clear()
    return printOverTime(subjects, loaded, { ...options, data, width: widthOf(process.stdout) })
  }
  const found = await predicted(subjects, loaded, weights)
  screen.clear()
  const place = data === '' ? '' : `${data}: `
  doubtSentences(found).forEach((sentence) => screen.notice(place + sentence))
  if (kaggle !== undefined) return (await import('./predict/submission.ts')).writeSubmission(kaggle, found, screen)
  if (options.explain) {
    const { printExplained } = await import('./predict/explained.ts')
    return printExplained(found, loaded.weights, { ...options, data, ...textOptions(options) })
  }
  await printAll(await pieces(found, data, options))
  return 'done'
}

/**
 * Reads the rows that are asked for, and no further than the last of them.
 * @throws Failure `usage` if one does not exist; as `readSources` does
 */
async function readRows(
  sources: string[],
  data: string,
  { index, transpose, invert }: PredictOptions,
  screen: Progress,
): Promise<Subjects> {
  // Whether digits need to be corrected shows in all of them: what a file is does not depend on the rows asked for.
  const limit = index && !transpose && !invert ? rowsToRead(index) : undefined
  const digits = await readSources(sources, {
    ...(limit === undefined ? { onProgress: (fraction: number) => screen.update('reading', fraction, 1) } : { limit }),
    transpose,
    invert,
    ...(data !== GENERATED && { onSuspicion: (sentence) => screen.notice(`${data}: ${sentence}`) }), // 10 ms to load
  })
  const m = digitCount(digits)
  if (!index) return { kind: 'index', names: Uint32Array.from({ length: m }, (_, row) => row), digits }
  const missing = rowsMissing(index, m)
  if (missing !== undefined) {
    throw new Failure('usage', `--index ${missing}: ${data} has ${counted(m, 'digit')}, rows 0 to ${m - 1}`)
  }
  const rows = rowsOf(index)
  return { kind: 'index', names: rows, digits: select(digits, rows) }
}

/** The output, in pieces, in the format that is asked for. */
async function pieces(found: Predicted, data: string, options: PredictOptions): Promise<Iterable<string>> {
  if (options.plain) return plain(found)
  if (options.json) return json(found, data)
  if (options.csv) return csv(found, found.subjects.kind === 'file' ? await fieldMaker() : String)
  return eachInLocale(text(found, textOptions(options)))
}

function textOptions({ picture, color }: PredictOptions): TextOptions {
  return { picture, colour: hasColour(process.stdout, color), width: widthOf(process.stdout) }
}

/** Makes fields of CSV of names, which may hold commas and quotes; a spreadsheet does not take them for formulas. */
async function fieldMaker(): Promise<(name: string) => string> {
  const { stringify } = await import('csv-stringify/sync')
  return (name) => stringify([[name]], { eof: false, escape_formulas: true })
}
