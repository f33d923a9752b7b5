import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import * as v from 'valibot'
import { PIXELS } from './digits.ts'
import { Failure, systemFailure } from './failure.ts'
import { matrix, toRows, type Matrix } from './matrix.ts'
import { DECAYS } from './gradient-descent.ts'
import { INIT_SCALES, type Gradients, type Params } from './network.ts'
import { replaceFile } from './staged-file.ts'

export const FORMAT = 'mnist-weights'
const VERSION = 1
const STOPS = ['target-accuracy', 'patience'] as const
/** The most hidden units that a network may have. */
export const MOST_HIDDEN = 4096
const MOST_BYTES = 300 * 2 ** 20 // 4096 hidden units take 72 MB, once, or three times with a velocity and the best so far
const HEAD_BYTES = 2 ** 20 // all but the matrices fit, with 10,000 reported iterations
const MATRICES = ',\n  "W1": ' // where they begin; no text in JSON holds a line break
const END = '\n}\n'

// Each message completes the sentence "… is 7, not".
const text = v.string('a text')
const truth = v.boolean('true or false')
const number = v.pipe(v.number('a number'), v.finite('a finite number'))
const share = v.pipe(number, v.minValue(0, 'from 0 to 1'), v.maxValue(1, 'from 0 to 1'))
const whole = (least: number, most: number) => {
  const message = `a whole number from ${least} to ${most}`
  return v.pipe(v.number(message), v.integer(message), v.minValue(least, message), v.maxValue(most, message))
}
const MOST = Number.MAX_SAFE_INTEGER
const count = whole(0, MOST)
const oneOf = <const T extends readonly string[]>(names: T) =>
  v.picklist(names, `one of ${names.map((name) => `"${name}"`).join(', ')}`)

/** Digits that were used: by name (not by path) and by content, the `fingerprint` of them. */
const DataSchema = v.object({ names: v.array(text, 'a list'), rows: count, sha256: text }, 'an object')

/** How the parameters came to be: all that a run of the same bytes needs. */
const TrainingSchema = v.object(
  {
    iterations: count, // asked for; those done are in the result
    alpha: number,
    seed: whole(0, 2 ** 32 - 1),
    dev: count, // rows held out
    notebook: truth,
    logEvery: count,
    engine: text,
    batch: v.exactOptional(whole(1, MOST)), // without: all at once
    momentum: v.exactOptional(share), // without: none
    decay: v.exactOptional(oneOf(DECAYS)), // without: none
    initScale: v.exactOptional(oneOf(INIT_SCALES)), // without: the notebook's
    targetAccuracy: v.exactOptional(share),
    patience: v.exactOptional(whole(1, MOST)),
    init: v.exactOptional(text), // where the first parameters were not drawn: SHA-256 of the file they are from
    data: DataSchema,
    test: v.exactOptional(DataSchema),
  },
  'an object',
)

/** What came of it. Loss and training accuracy are those of the parameters' last iteration, measured before its update. */
const ResultSchema = v.object(
  {
    iterations: count,
    stopped: v.exactOptional(oneOf(STOPS)), // what ended it before the iterations asked for were done
    kept: v.exactOptional(count), // iterations behind the parameters, where --patience kept earlier ones than the last
    loss: v.exactOptional(number),
    trainAccuracy: v.exactOptional(share),
    devAccuracy: v.exactOptional(share),
    testAccuracy: v.exactOptional(share),
  },
  'an object',
)

/** A reported iteration: loss and training accuracy before its update, the accuracy on the digits held out after it. */
const HistorySchema = v.object(
  { iteration: count, loss: number, accuracy: share, devAccuracy: v.exactOptional(share) },
  'an object',
)

/** What another run needs, beside the matrices, to go on from here. */
const DescentSchema = v.object(
  {
    firstLoss: number,
    epoch: v.exactOptional(v.object({ loss: number, correct: count }, 'an object')),
  },
  'an object',
)

/** The best parameters so far, of which the file holds the matrices too. */
const BestSchema = v.object({ iterations: count, devAccuracy: share }, 'an object')

/** All of a weights file but its four matrices. */
const FileSchema = v.object(
  {
    network: v.object(
      {
        inputs: v.literal(PIXELS, String(PIXELS)),
        hidden: whole(1, MOST_HIDDEN),
        outputs: v.literal(10, '10'),
        activation: v.literal('relu', '"relu"'),
      },
      'an object',
    ),
    training: TrainingSchema,
    result: ResultSchema,
    history: v.array(HistorySchema, 'a list'),
    descent: v.exactOptional(DescentSchema),
    best: v.exactOptional(BestSchema),
  },
  'an object',
)

/** The same with what names the format. */
const HeadSchema = v.object({ format: v.literal(FORMAT), version: v.literal(VERSION), ...FileSchema.entries })

export type DataRecord = v.InferOutput<typeof DataSchema>
export type Training = v.InferOutput<typeof TrainingSchema>
export type Result = v.InferOutput<typeof ResultSchema>
export type HistoryEntry = v.InferOutput<typeof HistorySchema>

/** What a weights file holds. */
export interface Weights {
  params: Params
  training: Training
  result: Result
  history: HistoryEntry[]
  descent?: v.InferOutput<typeof DescentSchema>
  velocity?: Gradients
  best?: v.InferOutput<typeof BestSchema> & { params: Params }
}

/** What a weights file says of its run. */
export interface Summary extends Pick<Weights, 'training' | 'result' | 'history'> {
  hidden: number
}

/** The weights as the text of their file: JSON, the same bytes for the same weights. */
export function format(weights: Weights): string {
  return `${object(textOf(weights))}\n`
}

/** The parts of two weights files that differ, by any bit. */
export function differences(a: Weights, b: Weights): string[] {
  const [one, other] = [textOf(a), textOf(b)]
  return Object.keys({ ...one, ...other }).filter((part) => one[part] !== other[part])
}

/** Each part of the file. */
function textOf({ params, training, result, history, descent, velocity, best }: Weights): Record<string, string> {
  const hidden = params.W1.shape[0]
  return {
    format: JSON.stringify(FORMAT),
    version: JSON.stringify(VERSION),
    network: JSON.stringify({ inputs: PIXELS, hidden, outputs: 10, activation: 'relu' }),
    training: JSON.stringify(training),
    result: JSON.stringify(result),
    history: lines(history.map((entry) => JSON.stringify(entry))),
    ...(descent && { descent: JSON.stringify(descent) }),
    ...matrices(params),
    ...(velocity && { velocity: object(matrices(velocity)) }),
    ...(best && {
      best: object({
        iterations: JSON.stringify(best.iterations),
        devAccuracy: JSON.stringify(best.devAccuracy),
        ...matrices(best.params),
      }),
    }),
  }
}

function object(parts: Record<string, string>): string {
  const entries = Object.entries(parts).map(([name, json]) => `  ${JSON.stringify(name)}: ${json}`)
  return `{\n${entries.join(',\n')}\n}`
}

/** Matrices by name: a W as a list of its rows, a b as the list of its column. */
function matrices(named: object): Record<string, string> {
  return Object.fromEntries(
    Object.entries(named).map(([name, M]: [string, Matrix]) => {
      const rows = toRows(M)
      return [name, name.includes('b') ? formatNumbers(rows.flat()) : lines(rows.map(formatNumbers))]
    }),
  )
}

function lines(items: string[]): string {
  return items.length === 0 ? '[]' : `[\n    ${items.join(',\n    ')}\n  ]`
}

/** Each number in the fewest digits that read back as the same double; JSON.stringify would lose the sign of −0. */
function formatNumbers(numbers: number[]): string {
  return `[${numbers.map((number) => (Object.is(number, -0) ? '-0' : String(number))).join(',')}]`
}

/**
 * Writes the weights whole or not at all.
 * @throws Failure `io`
 */
export async function save(path: string, weights: Weights): Promise<void> {
  await replaceFile(path, (file) => file.writeFile(format(weights)))
}

/**
 * Reads a weights file and checks every part of it.
 * @throws Failure `noInput` where it cannot be read, `badData` where it is not a whole weights file of this version
 */
export async function load(path: string): Promise<Weights> {
  return parse(await readText(path), path)
}

/**
 * Checks that a text is a whole weights file.
 * @param name what to call the file in errors
 * @throws Failure `badData`
 */
export function parse(text: string, name: string): Weights {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new Failure('badData', `${name} is not a weights file: it is not JSON`, { cause: error })
  }
  return check(value, name)
}

/**
 * Reads a weights file without its matrices: one that looks as `format` writes it is neither read nor checked beyond
 * where they begin, but for its end; any other is read and checked as by `load`.
 * @throws Failure as `load`
 */
export async function loadSummary(path: string): Promise<Summary> {
  const summary = await readHead(path).catch(() => undefined) // `load` says what is wrong
  if (summary) return summary
  const { params, training, result, history } = await load(path)
  return { hidden: params.W1.shape[0], training, result, history }
}

async function readHead(path: string): Promise<Summary | undefined> {
  const file = await open(path)
  try {
    const { size } = await file.stat()
    const read = async (from: number, bytes: number) =>
      (await file.read(Buffer.alloc(bytes), 0, bytes, from)).buffer.toString('utf8')
    const head = await read(0, Math.min(size, HEAD_BYTES))
    if (!head.includes(MATRICES) || (await read(size - END.length, END.length)) !== END) return undefined
    const value: unknown = JSON.parse(`${head.slice(0, head.indexOf(MATRICES))}}`)
    const checked = v.safeParse(HeadSchema, value)
    if (!checked.success) return undefined
    const { network, training, result, history } = checked.output
    return { hidden: network.hidden, training, result, history }
  } finally {
    await file.close()
  }
}

/**
 * Reads a file that may be a weights file.
 * @throws Failure `noInput` where it cannot be read, `badData` where it is larger than any
 */
export async function readText(path: string): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  try {
    for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
      chunks.push(chunk)
      bytes += chunk.length
      if (bytes > MOST_BYTES) {
        throw new Failure('badData', `${path} is not a weights file: it is larger than ${MOST_BYTES / 2 ** 20} MiB`)
      }
    }
  } catch (error) {
    throw systemFailure('noInput', `cannot read ${path}`, error)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/**
 * Checks that a value is what a weights file holds.
 * @param name what to call the file in errors
 * @throws Failure `badData` with the part that is wrong
 */
export function check(value: unknown, name: string): Weights {
  const refuse = (reason: string) => new Failure('badData', `${name}: ${reason}`)

  const { format, version, ...rest } = (value ?? {}) as Record<string, unknown>
  if (format !== FORMAT) throw refuse(`this is not a weights file, its "format" is not "${FORMAT}"`)
  if (version !== VERSION) {
    throw refuse(`its version is ${show(version)} and this program reads version ${VERSION}; use a newer program`)
  }
  const checked = v.safeParse(FileSchema, value, { abortEarly: true })
  if (!checked.success) {
    const [issue] = checked.issues
    const part = v.getDotPath(issue)
    throw refuse(
      issue.input === undefined ? `${part} is missing` : `${part} is ${issue.received}, not ${issue.message}`,
    )
  }

  const list = (value: unknown, part: string, length: number): unknown[] => {
    if (!Array.isArray(value)) throw refuse(value === undefined ? `${part} is missing` : `${part} is not a list`)
    if (value.length !== length) throw refuse(`${part} has ${value.length} entries where ${length} are needed`)
    return value
  }
  const numbers = (value: unknown, part: string, length: number): number[] =>
    list(value, part, length).map((entry, j) => {
      if (typeof entry === 'number' && Number.isFinite(entry)) return entry
      throw refuse(`${part}[${j}] is ${show(entry)}, not a finite number`)
    })
  const readMatrix = (value: unknown, part: string, n: number, columns: number): Matrix => {
    const entries = list(value, part, n).flatMap((row, i) => numbers(row, `${part}[${i}]`, columns))
    return matrix(n, columns, Float64Array.from(entries))
  }
  const readColumn = (value: unknown, part: string, n: number): Matrix =>
    matrix(n, 1, Float64Array.from(numbers(value, part, n)))

  const { network, training, result, history, descent, best } = checked.output
  const { hidden } = network
  /** The four matrices of an object, as parameters; `d` is before their names where they are a velocity. */
  const readParams = (value: unknown, of: string, d = ''): Params => {
    const M = value as Record<string, unknown>
    return {
      W1: readMatrix(M[`${d}W1`], `${of}${d}W1`, hidden, PIXELS),
      b1: readColumn(M[`${d}b1`], `${of}${d}b1`, hidden),
      W2: readMatrix(M[`${d}W2`], `${of}${d}W2`, 10, hidden),
      b2: readColumn(M[`${d}b2`], `${of}${d}b2`, 10),
    }
  }
  const weights: Weights = { params: readParams(rest, ''), training, result, history }
  if (descent) weights.descent = descent
  if (rest.velocity !== undefined) {
    const { W1, b1, W2, b2 } = readParams(rest.velocity ?? {}, 'velocity.', 'd')
    weights.velocity = { dW1: W1, db1: b1, dW2: W2, db2: b2 }
  }
  if (best) weights.best = { ...best, params: readParams(rest.best, 'best.') }
  return weights
}

function show(value: unknown): string {
  const json = typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? 'missing')
  return json.length > 24 ? `${json.slice(0, 24)}…` : json
}
