/** mnist-predict: digits → what the network predicts. */
import { printAll } from '../cli/print.ts'
import type { Ending } from '../cli/program.ts'
import { digitCount, select } from '../digits.ts'
import { defaultSource, GENERATED } from '../digits/default-source.ts'
import { namesOf, readSources } from '../digits/sources.ts'
import { Failure } from '../failure.ts'
import { hasColour } from '../terminal/colour.ts'
import { progress, widthOf, type Progress } from '../terminal/progress.ts'
import { load } from '../weights.ts'
import { counted } from '../wording.ts'
import { noticeOfActivation } from './activation.ts'
import { checkDefaultData } from './default-data.ts'
import { doubtSentences } from './predict/doubts.ts'
import { csv, json, plain } from './predict/formats.ts'
import { predicted, type Predicted } from './predict/predicted.ts'
import { rowsMissing, rowsOf, rowsToRead, type RowRange } from './predict/row-ranges.ts'
import { checkSingle, type Subjects } from './predict/subjects.ts'
import { text, type TextOptions } from './predict/text.ts'

export interface PredictOptions {
  index?: RowRange[] | undefined
  all: boolean
  weights: string
  data?: string[] | undefined
  /** Whether the command line names the data. */
  isDataGiven: boolean
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

/** Prints or writes what the network predicts for rows of the data. */
export async function predict(options: PredictOptions): Promise<Ending> {
  const { index, all, weights, kaggle } = options
  if (index === undefined && !all && kaggle === undefined) {
    throw new Failure('usage', 'say which digits: --index 3 is row 3, --index 0-9 are ten, --all are all')
  }
  const sources = options.data ?? defaultSource()
  const data = namesOf(sources).join(', ')
  const submission = kaggle === undefined ? undefined : await import('./predict/submission.ts')
  if (kaggle !== undefined) await submission?.checkSubmission(kaggle, [...sources, weights], options.force)

  const loaded = await load(weights)
  if (!options.isDataGiven) checkDefaultData(weights, loaded.training, namesOf(sources))

  const screen = progress(process.stderr, options.quiet)
  const unlike = noticeOfActivation(weights, loaded.activation)
  if (unlike !== undefined) screen.notice(unlike)
  const subjects = await readRows(sources, data, options, screen)
  if (kaggle !== undefined) submission?.checkUnlabelled(subjects, data)
  if (options.explain) checkSingle(subjects, '--explain')
  if (options.overTime) {
    checkSingle(subjects, '--over-time')
    const { printOverTime } = await import('./predict/over-time.ts')
    screen.clear()
    return printOverTime(subjects, loaded, { ...options, data, width: widthOf(process.stdout) })
  }
  const found = await predicted(subjects, loaded, weights)
  screen.clear()
  if (!options.quiet) doubtSentences(found).forEach((sentence) => screen.notice(`${data}: ${sentence}`))
  if (submission && kaggle !== undefined) return submission.writeSubmission(kaggle, found, screen)
  if (options.explain) {
    const { printExplained } = await import('./predict/explained.ts')
    return printExplained(found, loaded, { ...options, data, ...textOptions(options) })
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
  if (options.csv) return csv(found, String)
  return text(found, textOptions(options))
}

function textOptions({ picture, color }: PredictOptions): TextOptions {
  return { picture, colour: hasColour(process.stdout, color), width: widthOf(process.stdout) }
}
