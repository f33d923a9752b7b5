import { open, type FileHandle } from 'node:fs/promises'
import * as v from 'valibot'
import { PIXELS, type DigitsRecord } from './digits.ts'
import { Failure, systemFailure } from './failure.ts'
import {
  ACTIVATIONS,
  DECAYS,
  ENGINES,
  INIT_SCALES,
  integers,
  isWithin,
  RANGES,
  type Activation,
  type Range,
} from './hyperparameters.ts'
import { matrix, toRows, type Matrix } from './matrix.ts'
import type { Gradients, Params } from './network.ts'
import type { StagedFile } from './staged-file.ts'
import { counted, excerpt } from './wording.ts'

export const FORMAT = 'mnist-weights'
const VERSION = 1
const STOPS = ['target-accuracy', 'patience'] as const
const MAX_BYTES = 300 * 2 ** 20 // 4096 hidden units take 72 MB, or three times that with a velocity and the best so far
const CHUNK_BYTES = 2 ** 18
const HEAD_BYTES = 2 ** 20 // room for everything before the matrices, with 10,000 reports
const MATRICES = ',\n  "W1": ' // where they begin; no JSON string contains a line break
const END = '\n}\n'
const DEEPEST = 32 // lists and objects inside each other; a weights file has 4
const LONGEST_NAME = 255 // characters: file systems take no longer one

// Each message completes the sentence "… is 7, not".
const text = v.string('a string')
const name = v.pipe(text, v.maxLength(LONGEST_NAME, `a name of at most ${LONGEST_NAME} characters`))
const hash = v.pipe(text, v.regex(/^[0-9a-f]{1,64}$/, 'a SHA-256 in hex'))
const flag = v.boolean('true or false')
const number = v.pipe(v.number('a number'), v.finite('a finite number'))
const fraction = v.pipe(number, v.minValue(0, 'from 0 to 1'), v.maxValue(1, 'from 0 to 1'))
const within = (range: Range) => v.custom<number>((value) => isWithin(range, value), range.words)
const count = within(integers(0, Number.MAX_SAFE_INTEGER))
const iterations = within(RANGES.iterations)
const oneOf = <const T extends readonly string[]>(names: T) =>
  v.picklist(names, `one of ${names.map((name) => `"${name}"`).join(', ')}`)

const DataSchema = v.object(
  { names: v.pipe(v.array(name, 'a list'), v.minLength(1, 'a list of names')), rows: count, sha256: hash },
  'an object',
) satisfies v.GenericSchema<DigitsRecord>

/** Everything needed to repeat the run, byte for byte. */
export const TrainingSchema = v.object(
  {
    /** Planned; those done are in the result. */
    iterations,
    alpha: within(RANGES.alpha),
    seed: within(RANGES.seed),
    /** The first digits of the files, of which all others are ignored. Absent: all. */
    take: v.exactOptional(within(RANGES.take)),
    /** Held-out digits. */
    dev: within(RANGES.dev),
    notebook: flag,
    logEvery: within(RANGES.logEvery),
    engine: oneOf(ENGINES),
    /** Absent: full batch. */
    batch: v.exactOptional(within(RANGES.batch)),
    /** Absent: 0. */
    momentum: v.exactOptional(within(RANGES.momentum)),
    /** Absent: none. */
    decay: v.exactOptional(oneOf(DECAYS)),
    /** Absent: notebook. */
    initScale: v.exactOptional(oneOf(INIT_SCALES)),
    /** Absent: 0. */
    labelSmoothing: v.exactOptional(within(RANGES.labelSmoothing)),
    targetAccuracy: v.exactOptional(within(RANGES.targetAccuracy)),
    patience: v.exactOptional(within(RANGES.patience)),
    /** The learner's module that trained it; absent: none. */
    network: v.exactOptional(v.object({ name, sha256: hash }, 'an object')),
    /** SHA-256 of the weights file that the initial parameters came from; absent: random. */
    init: v.exactOptional(hash),
    data: DataSchema,
    test: v.exactOptional(DataSchema),
  },
  'an object',
)

/** Loss and training accuracy are those of the last iteration, measured before its update. */
const ResultSchema = v.object(
  {
    iterations,
    /** What ended it before the planned iterations were done. */
    stopped: v.exactOptional(oneOf(STOPS)),
    /** The iterations that made the parameters, if --patience kept the best. */
    kept: v.exactOptional(iterations),
    loss: v.exactOptional(number),
    trainAccuracy: v.exactOptional(fraction),
    devAccuracy: v.exactOptional(fraction),
    testAccuracy: v.exactOptional(fraction),
  },
  'an object',
)

/** A reported iteration: loss and training accuracy before its update, held-out accuracy after it. */
const HistorySchema = v.object(
  { iteration: iterations, loss: number, accuracy: fraction, devAccuracy: v.exactOptional(fraction) },
  'an object',
)

/** What another run needs, besides the matrices, to continue from here. */
const DescentSchema = v.object(
  {
    firstLoss: number,
    epoch: v.exactOptional(v.object({ loss: number, correct: count }, 'an object')),
  },
  'an object',
)

/** The best parameters so far; the file holds their matrices too. */
const BestSchema = v.object({ iterations, devAccuracy: fraction }, 'an object')

/** A weights file without its matrices. */
const FileSchema = v.object(
  {
    network: v.object(
      {
        inputs: v.literal(PIXELS, String(PIXELS)),
        hidden: within(RANGES.hidden),
        outputs: v.literal(10, '10'),
        activation: oneOf(ACTIVATIONS),
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

/** The same, and what names the format. */
const HeadSchema = v.object({ format: v.literal(FORMAT), version: v.literal(VERSION), ...FileSchema.entries })

/** A network's sizes, and its activation. */
export const NetworkSchema = FileSchema.entries.network

export type Training = v.InferOutput<typeof TrainingSchema>
export type Result = v.InferOutput<typeof ResultSchema>
export type HistoryEntry = v.InferOutput<typeof HistorySchema>

/** What a weights file holds. */
export interface Weights {
  params: Params
  /** Absent: relu. */
  activation?: 'custom'
  training: Training
  result: Result
  history: HistoryEntry[]
  descent?: v.InferOutput<typeof DescentSchema>
  velocity?: Gradients
  best?: v.InferOutput<typeof BestSchema> & { params: Params }
}

/** A weights file without its matrices. */
export interface Summary extends Pick<Weights, 'activation' | 'training' | 'result' | 'history'> {
  hidden: number
}

/** An activation as `Weights` has it. */
export function activationOf({ activation }: { activation?: Activation }): Pick<Weights, 'activation'> {
  return activation === 'custom' ? { activation } : {}
}

/** The text of a weights file: JSON, the same bytes for the same weights. */
export function format(weights: Weights): string {
  return `${object(textOf(weights))}\n`
}

/** The top-level keys whose values differ in any bit. */
export function differences(a: Weights, b: Weights): string[] {
  const [one, other] = [textOf(a), textOf(b)]
  return Object.keys({ ...one, ...other }).filter((part) => one[part] !== other[part])
}

/** The JSON text of each top-level key. */
function textOf({
  params,
  activation,
  training,
  result,
  history,
  descent,
  velocity,
  best,
}: Weights): Record<string, string> {
  const hidden = params.W1.shape[0]
  return {
    format: JSON.stringify(FORMAT),
    version: JSON.stringify(VERSION),
    network: JSON.stringify({ inputs: PIXELS, hidden, outputs: 10, activation: activation ?? 'relu' }),
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

/** Matrices by name: W as a list of rows, b as a list of numbers. */
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

/** Each number in the fewest digits that read back as the same float64; JSON.stringify would lose the sign of −0. */
function formatNumbers(numbers: number[]): string {
  return `[${numbers.map((number) => (Object.is(number, -0) ? '-0' : String(number))).join(',')}]`
}

/**
 * Writes a weights file, atomically.
 * @param beside stages a file that is to appear together with it, just before it
 * @throws Failure `io`
 */
export async function save(path: string, weights: Weights, beside?: () => Promise<StagedFile>): Promise<void> {
  const { replaceFile, stage, stageAll } = await import('./staged-file.ts') // here, so that reading does not load it
  const write = (file: FileHandle) => file.writeFile(format(weights))
  if (!beside) return replaceFile(path, write)
  const both = await stageAll([beside, () => stage(path, write)])
  await both.commit()
}

/**
 * Reads a weights file and checks every part of it.
 * @throws Failure `noInput` if it cannot be read, `badData` if it is not a complete weights file of this version
 */
export async function load(path: string): Promise<Weights> {
  return parseWeights(await readText(path), path)
}

/**
 * Checks that a text is a complete weights file.
 * @param name the file's name, for error messages
 * @throws Failure `badData`
 */
export function parseWeights(text: string, name: string): Weights {
  return checkWeights(parseJson(text, `${name}: not a weights file`), name)
}

/**
 * Parses JSON from a file that someone else may have made.
 * @param place the file, for error messages
 * @throws Failure `badData` if it is not JSON, or nested so deeply that it would fill the memory
 */
export function parseJson(text: string, place: string): unknown {
  if (isTooDeep(text)) throw new Failure('badData', `${place}: lists or objects nested more than ${DEEPEST} deep`)
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new Failure('badData', `${place}: not JSON`, { cause: error })
  }
}

/** Whether too many brackets of a JSON text are open at once. */
function isTooDeep(text: string): boolean {
  let open = 0
  const marks = /["[\]{}]/g
  for (let found = marks.exec(text); found; found = marks.exec(text)) {
    const [mark] = found
    if (mark === '"') marks.lastIndex = endOfString(text, found.index) + 1
    else open += mark === '[' || mark === '{' ? 1 : -1
    if (open > DEEPEST) return true
  }
  return false
}

/** Where the string that begins at a quote ends. */
function endOfString(text: string, quote: number): number {
  for (let at = quote + 1; at < text.length; at++) {
    if (text[at] === '"') return at
    if (text[at] === '\\') at++
  }
  return text.length
}

/**
 * Reads a weights file without its matrices. In a file laid out as `format` writes it they are neither read nor checked,
 * only that the file ends as it should; any other file is read and checked as by `load`.
 * @throws Failure as `load` does
 */
export async function loadSummary(path: string): Promise<Summary> {
  const summary = await readHead(path).catch(() => undefined) // `load` reports what is wrong
  if (summary) return summary
  const { params, training, result, history, ...network } = await load(path)
  return { hidden: params.W1.shape[0], ...activationOf(network), training, result, history }
}

async function readHead(path: string): Promise<Summary | undefined> {
  const file = await open(path)
  try {
    const { size } = await file.stat()
    const read = async (from: number, bytes: number) =>
      (await file.read(Buffer.alloc(bytes), 0, bytes, from)).buffer.toString('utf8')
    const head = await read(0, Math.min(size, HEAD_BYTES))
    if (!head.includes(MATRICES) || (await read(size - END.length, END.length)) !== END) return undefined
    const value = parseJson(`${head.slice(0, head.indexOf(MATRICES))}}`, path)
    const checked = v.safeParse(HeadSchema, value)
    if (!checked.success || contradiction(checked.output) !== undefined) return undefined
    const { network, training, result, history } = checked.output
    return { hidden: network.hidden, ...activationOf(network), training, result, history }
  } finally {
    await file.close()
  }
}

/**
 * Reads a file that may be a weights file.
 * @throws Failure `noInput` if it cannot be read, `badData` if it is too large to be one or not in UTF-8
 */
export async function readText(path: string): Promise<string> {
  try {
    const file = await open(path)
    try {
      const { size } = await file.stat() // of a pipe 0
      const chunks: Buffer[] = []
      for (let bytes = 0; Math.max(size, bytes) <= MAX_BYTES;) {
        const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(CHUNK_BYTES))
        if (bytesRead === 0) return decode(Buffer.concat(chunks), path)
        chunks.push(buffer.subarray(0, bytesRead))
        bytes += bytesRead
      }
    } finally {
      await file.close()
    }
  } catch (error) {
    throw systemFailure('noInput', path, error)
  }
  throw new Failure('badData', `${path}: not a weights file: larger than ${MAX_BYTES / 2 ** 20} MiB`)
}

/**
 * The text of a file without its byte order mark.
 * @throws Failure `badData` for UTF-16, as Windows' PowerShell writes it
 */
function decode(bytes: Buffer, path: string): string {
  const [first, second] = bytes
  const isMarked = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)
  if (isMarked || (bytes.length > 1 && (first === 0) !== (second === 0))) {
    throw new Failure('badData', `${path}: is UTF-16; save it as UTF-8`)
  }
  return new TextDecoder().decode(bytes) // which drops the mark
}

/** A contradiction between parts of a file that are each valid. */
function contradiction({ result, history }: Pick<Weights, 'result' | 'history'>): string | undefined {
  if (history.length <= result.iterations) return undefined
  return `history has ${counted(history.length, 'entry', 'entries')}, but result.iterations is ${result.iterations}`
}

/**
 * Checks that a value is the content of a weights file.
 * @param name the file's name, for error messages
 * @throws Failure `badData` that names the part that is wrong
 */
export function checkWeights(value: unknown, name: string): Weights {
  const refuse = (reason: string) => new Failure('badData', `${name}: ${reason}`)

  const checked = checkHead(value, name, { kind: 'weights', format: FORMAT, version: VERSION, schema: FileSchema })
  const rest = value as Record<string, unknown>
  const contrary = contradiction(checked)
  if (contrary !== undefined) throw refuse(contrary)

  const list = (value: unknown, part: string, length: number): unknown[] => {
    if (!Array.isArray(value)) throw refuse(value === undefined ? `${part} is missing` : `${part} is not a list`)
    if (value.length !== length) throw refuse(`${part} has ${counted(value.length, 'entry', 'entries')}, not ${length}`)
    return value
  }
  /** Checks a list of numbers and copies it. */
  const readNumbers = (value: unknown, part: string, to: Float64Array) =>
    list(value, part, to.length).forEach((entry, j) => {
      if (typeof entry !== 'number' || !Number.isFinite(entry)) {
        throw refuse(`${part}[${j}] is ${show(entry)}, not a finite number`)
      }
      to[j] = entry
    })
  const readMatrix = (value: unknown, part: string, rows: number, columns: number): Matrix => {
    const M = matrix(rows, columns)
    list(value, part, rows).forEach((row, i) => {
      readNumbers(row, `${part}[${i}]`, M.data.subarray(i * columns, (i + 1) * columns))
    })
    return M
  }
  const readColumn = (value: unknown, part: string, rows: number): Matrix => {
    const M = matrix(rows, 1)
    readNumbers(value, part, M.data)
    return M
  }

  const { network, training, result, history, descent, best } = checked
  const { hidden } = network
  /** Four matrices as parameters; a velocity's have a `d` before their names. */
  const readParams = (value: unknown, of: string, d = ''): Params => {
    const M = value as Record<string, unknown>
    return {
      W1: readMatrix(M[`${d}W1`], `${of}${d}W1`, hidden, PIXELS),
      b1: readColumn(M[`${d}b1`], `${of}${d}b1`, hidden),
      W2: readMatrix(M[`${d}W2`], `${of}${d}W2`, 10, hidden),
      b2: readColumn(M[`${d}b2`], `${of}${d}b2`, 10),
    }
  }
  const weights: Weights = { params: readParams(rest, ''), ...activationOf(network), training, result, history }
  if (descent) weights.descent = descent
  if (rest.velocity !== undefined) {
    const { W1, b1, W2, b2 } = readParams(rest.velocity ?? {}, 'velocity.', 'd')
    weights.velocity = { dW1: W1, db1: b1, dW2: W2, db2: b2 }
  }
  if (best) weights.best = { ...best, params: readParams(rest.best, 'best.') }
  return weights
}

/** A format of files that begin with an object which names it. */
interface Kind<Schema> {
  /** What its files are called: weights. */
  kind: string
  format: string
  version: number
  schema: Schema
}

/**
 * Checks an object that names a format and its version, and is of that format's schema.
 * @param name the file's name, for error messages
 * @throws Failure `badData` that names the part that is wrong
 */
export function checkHead<Schema extends v.GenericSchema>(
  value: unknown,
  name: string,
  { kind, format, version, schema }: Kind<Schema>,
): v.InferOutput<Schema> {
  const refuse = (reason: string) => new Failure('badData', `${name}: ${reason}`)
  const found = (value ?? {}) as Record<string, unknown>
  if (found.format !== format) throw refuse(`not a ${kind} file: "format" is not "${format}"`)
  if (found.version === undefined) throw refuse(`not a ${kind} file: no version; mnist-train writes ${version}`)
  if (found.version !== version) {
    const isNewer = Number.isInteger(found.version) && Number(found.version) > version
    const why = isNewer ? `not ${version}; a newer program reads it` : `but there is only ${version}`
    throw refuse(`version is ${show(found.version)}, ${why}`)
  }
  const checked = v.safeParse(schema, value, { abortEarly: true })
  if (checked.success) return checked.output
  const [issue] = checked.issues
  const part = v.getDotPath(issue)
  throw refuse(
    issue.input === undefined ? `${part} is missing` : `${part} is ${show(issue.input)}, not ${issue.message}`,
  )
}

/** A value as messages show it; the content of lists and objects may be anything, and is left out. */
export function show(value: unknown): string {
  if (typeof value === 'string') return excerpt(value)
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list'
  return typeof value === 'object' && value !== null ? 'an object' : String(value)
}
