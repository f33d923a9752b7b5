/** `--over-time`: what the network predicted for one digit while it was trained, from the snapshots of its run. */
import { printJson, printText } from '../../cli/print.ts'
import type { Ending } from '../../cli/program.ts'
import { createEngine } from '../../engine/create-engine.ts'
import { Failure } from '../../failure.ts'
import type { Params } from '../../network.ts'
import type { Network } from '../../own-network.ts'
import { isSameRun, loadSnapshots, snapshotsBeside } from '../../snapshots.ts'
import { bar } from '../../terminal/bar.ts'
import type { Weights } from '../../weights.ts'
import { folded } from '../../wording.ts'
import { isFile } from '../outputs.ts'
import { subjectAt, type Subjects } from './subjects.ts'

/** Weights, and what computes with them. */
interface Trained {
  weights: Weights
  network: Network
}

/** The parameters of a run at an iteration. */
interface Moment {
  iteration: number
  params: Params
}

/** The prediction at an iteration. */
interface Opinion {
  iteration: number
  digit: number
  probabilities: number[]
}

/** How to print opinions. */
export interface OverTimeOptions {
  /** The names of the data. */
  data: string
  weights: string
  json: boolean
  /** Characters per line; undefined if the output is no terminal. */
  width: number | undefined
}

const HEADER = 'iteration  digit  probability'
const WRONG = '  wrong'
const BAR = 20 // characters, if there is room

/**
 * Prints a line for each snapshot and one for the weights themselves, and when the network got it right; or JSON, schema
 * mnist-predict/1 with the iteration.
 * @throws Failure as `momentsOf` does; `badData` if the network's numbers overflow
 */
export async function printOverTime(subjects: Subjects, trained: Trained, options: OverTimeOptions): Promise<Ending> {
  const moments = await momentsOf(trained.weights, options.weights)
  const opinions = await opinionsOn(subjects, moments, trained, options.weights)
  const { name, label } = subjectAt(subjects, 0)
  if (options.json) {
    for (const { iteration, digit, probabilities } of opinions) {
      printJson({
        schema: 'mnist-predict/1',
        [subjects.kind]: name,
        ...(subjects.kind === 'index' && { data: options.data }),
        iteration,
        prediction: digit,
        ...(label !== undefined && { label }),
        probabilities,
      })
    }
    return 'done'
  }
  const { width = 80 } = options
  const room = Math.max(0, Math.min(BAR, width - HEADER.length - WRONG.length - 1))
  const lines = opinions.map(({ iteration, digit, probabilities }) => {
    const answer = `${String(iteration).padStart(9)}${String(digit).padStart(7)}${probabilities[digit].toFixed(6).padStart(13)}`
    const mark = label === undefined || digit === label ? '' : WRONG
    return `${answer}${mark.padEnd(label === undefined ? 0 : WRONG.length)} ${bar(probabilities[digit], room)}`.trimEnd()
  })
  printText([...(label === undefined ? [] : [`label ${label}`]), HEADER, ...lines, ...folded(summary(opinions, label), width), ''].join('\n')) // prettier-ignore
  return 'done'
}

/**
 * The snapshots of a run up to its weights, and these.
 * @throws Failure `noInput` if there are no snapshots, `badData` if they are invalid or of another run
 */
async function momentsOf({ params, training, result }: Weights, path: string): Promise<Moment[]> {
  const file = snapshotsBeside(path)
  if (!isFile(file)) {
    const remedy = 'mnist-train --snapshots 25 keeps the parameters of every 25th iteration'
    throw new Failure('noInput', `${file}: no such file; ${remedy}`)
  }
  const { hidden, every, training: record, params: kept } = await loadSnapshots(file)
  if (hidden !== params.W1.shape[0] || !isSameRun(record, training)) {
    throw new Failure('badData', `${file}: not of the run of ${path}; train it again with --snapshots`)
  }
  const { iterations, kept: best = iterations } = result
  const moments = kept.map((params, i) => ({ iteration: i * every, params }))
  const isOwn = ({ iteration }: Moment) => iteration <= iterations && iteration !== best
  return [...moments.filter(isOwn), { iteration: best, params }].toSorted((a, b) => a.iteration - b.iteration)
}

/** What the network predicted for the only subject, computed by the engine that trained it. */
async function opinionsOn(
  { digits }: Subjects,
  moments: Moment[],
  { weights: { params, training }, network }: Trained,
  path: string,
): Promise<Opinion[]> {
  const hidden = params.W1.shape[0]
  const held = { ...digits, labels: new Uint8Array(1) }
  const engine = await createEngine(training.engine, held, { hidden, threads: 1, network })
  try {
    return moments.map(({ iteration, params }) => {
      const { predictions, A2 } = engine.evaluate(params, true)
      const probabilities = Array.from(A2.data)
      if (probabilities.every(Number.isFinite)) return { iteration, digit: predictions[0], probabilities }
      throw new Failure('badData', `${path}: the network's numbers overflow at iteration ${iteration}`)
    })
  } finally {
    engine.close()
  }
}

/** When the network got the digit right; without a label, when it settled. */
function summary(opinions: Opinion[], label: number | undefined): string {
  const answer = label ?? opinions[opinions.length - 1].digit
  const isRight = ({ digit }: Opinion) => digit === answer
  const first = opinions.find(isRight)
  const lastWrong = opinions.findLastIndex((opinion) => !isRight(opinion))
  const settled = opinions[lastWrong + 1]?.iteration
  if (label === undefined) return `${answer} from iteration ${settled} on`
  if (!first) return 'never right'
  if (settled === undefined) return `first right at iteration ${first.iteration}, wrong at the end`
  if (first.iteration === settled) return `right from iteration ${settled} on`
  return `first right at iteration ${first.iteration}, for good from ${settled} on`
}
