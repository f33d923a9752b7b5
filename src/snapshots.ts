/**
 * Snapshots: the parameters of a run after every n-th iteration, in a file beside its weights.
 *
 * The file begins with a line of JSON, which names the format, the run and the number of snapshots. Then come the
 * snapshots, after 0, n, 2n … iterations: W1, b1, W2 and b2 of each, row by row, as little-endian float64. It holds no
 * dates, so that the same run writes the same bytes, interrupted and resumed or not. In NumPy:
 *
 *   with open("weights.json.snapshots", "rb") as f:
 *       head = json.loads(f.readline())
 *       snapshots = np.fromfile(f, "<f8").reshape(head["snapshots"], -1)
 */
import { open, writeFile, type FileHandle } from 'node:fs/promises'
import { isDeepStrictEqual } from 'node:util'
import * as v from 'valibot'
import { PIXELS } from './digits.ts'
import { Failure, systemFailure } from './failure.ts'
import { isWithin, RANGES } from './hyperparameters.ts'
import { clone, matrix, type Matrix } from './matrix.ts'
import type { Params } from './network.ts'
import { stage, type StagedFile } from './staged-file.ts'
import { activationOf, checkHead, NetworkSchema, parseJson, TrainingSchema, type Training } from './weights.ts'
import { counted, grouped } from './wording.ts'

const FORMAT = 'mnist-snapshots'
const VERSION = 1
const HEAD_BYTES = 2 ** 20 // room for the line of JSON
const NEWLINE = 0x0a

/** Bytes of the largest file: 8,430 snapshots of 10 hidden units. They are in memory until they are saved. */
export const MAX_BYTES = 2 ** 29

const count = v.custom<number>((value) => isWithin(RANGES.snapshots, value), RANGES.snapshots.words)

const HeadSchema = v.object(
  { network: NetworkSchema, training: TrainingSchema, every: count, snapshots: count },
  'an object',
)

/** The snapshots of a run. */
export interface Snapshots {
  hidden: number
  /** Absent: relu. */
  activation?: 'custom'
  /** The run's record, as in its weights file. */
  training: Training
  /** Iterations from one snapshot to the next. */
  every: number
  /** The parameters after 0, every, 2 · every … iterations. */
  params: Params[]
}

/** The file of snapshots that belongs to a weights file. */
export function snapshotsBeside(weights: string): string {
  return `${weights}.snapshots`
}

/** The number of snapshots of a run, by its iterations. */
export function snapshotsAfter(iterations: number, every: number): number {
  return Math.floor(iterations / every) + 1
}

/** Bytes of a number of snapshots. */
export function bytesOfSnapshots(hidden: number, count: number): number {
  return count * sizesOf(hidden).reduce((sum, [rows, columns]) => sum + rows * columns * 8, 0)
}

/** Whether two records are of the same run; the planned iterations and the target accuracy may differ. */
export function isSameRun(one: Training, other: Training): boolean {
  const { iterations: _one, targetAccuracy: _target, ...rest } = one
  const { iterations: _other, targetAccuracy: _otherTarget, ...otherRest } = other
  return isDeepStrictEqual(rest, otherRest)
}

/** A copy of the parameters, which the next iteration changes. */
export function snapshotOf({ W1, b1, W2, b2 }: Params): Params {
  return { W1: clone(W1), b1: clone(b1), W2: clone(W2), b2: clone(b2) }
}

/**
 * Writes snapshots beside their place; `commit` renames them into it.
 * @throws Failure `io`
 */
export function stageSnapshots(path: string, snapshots: Snapshots): Promise<StagedFile> {
  const { hidden, activation = 'relu', training, every, params } = snapshots
  const head = {
    format: FORMAT,
    version: VERSION,
    network: { inputs: PIXELS, hidden, outputs: 10, activation },
    training,
    every,
    snapshots: params.length,
  }
  function* pieces(): Generator<Buffer> {
    yield Buffer.from(`${JSON.stringify(head)}\n`)
    for (const { W1, b1, W2, b2 } of params) for (const M of [W1, b1, W2, b2]) yield bytesOf(M)
  }
  return stage(path, (file) => writeFile(file, pieces()))
}

/**
 * Whether a file begins as one of snapshots does.
 * @throws Failure `noInput` if it cannot be read
 */
export async function holdsSnapshots(path: string): Promise<boolean> {
  const begin = JSON.stringify({ format: FORMAT }).slice(0, -1)
  return withFile(path, async (file) => {
    const { buffer } = await file.read(Buffer.alloc(begin.length), 0, begin.length, 0)
    return buffer.toString() === begin
  })
}

/**
 * Reads a file of snapshots and checks every part of it.
 * @throws Failure `noInput` if it cannot be read, `badData` if it is not a complete file of snapshots of this version
 */
export function loadSnapshots(path: string): Promise<Snapshots> {
  return withFile(path, (file) => read(file, path))
}

async function withFile<T>(path: string, use: (file: FileHandle) => Promise<T>): Promise<T> {
  try {
    const file = await open(path)
    return await use(file).finally(() => file.close())
  } catch (error) {
    throw systemFailure('noInput', path, error)
  }
}

async function read(file: FileHandle, path: string): Promise<Snapshots> {
  const refuse = (reason: string) => new Failure('badData', `${path}: ${reason}`)
  const { size } = await file.stat()
  if (size > HEAD_BYTES + MAX_BYTES) throw refuse(`not a snapshots file: ${grouped(size)} bytes`)
  const bytes = await file.readFile()
  const end = bytes.subarray(0, HEAD_BYTES).indexOf(NEWLINE)
  const value = parseJson(bytes.toString('utf8', 0, Math.max(end, 0)), `${path}: not a snapshots file`)
  const head = checkHead(value, path, { kind: 'snapshots', format: FORMAT, version: VERSION, schema: HeadSchema })
  const { network, training, every, snapshots } = head
  const { hidden } = network

  const [found, expected] = [bytes.length - end - 1, bytesOfSnapshots(hidden, snapshots)]
  if (found !== expected) {
    const what = `${counted(snapshots, 'snapshot')} of ${counted(hidden, 'hidden unit')}`
    throw refuse(`has ${grouped(found)} bytes of parameters, not ${grouped(expected)} for ${what}; it may be cut off`)
  }
  const numbers = new Float64Array(new Uint8Array(bytes.subarray(end + 1)).buffer)
  const wrong = numbers.findIndex((number) => !Number.isFinite(number))
  if (wrong !== -1) {
    const snapshot = Math.floor(wrong / (numbers.length / snapshots))
    throw refuse(`snapshot ${snapshot} has a parameter that is ${numbers[wrong]}, not a finite number`)
  }
  let at = 0
  const next = ([rows, columns]: [number, number]) => {
    const M = matrix(rows, columns, numbers.subarray(at, at + rows * columns))
    at += rows * columns
    return M
  }
  const params = Array.from({ length: snapshots }, () => {
    const [W1, b1, W2, b2] = sizesOf(hidden).map(next)
    return { W1, b1, W2, b2 }
  })
  return { hidden, ...activationOf(network), training, every, params }
}

/** Rows and columns of W1, b1, W2 and b2. */
function sizesOf(hidden: number): [number, number][] {
  return [
    [hidden, PIXELS],
    [hidden, 1],
    [10, hidden],
    [10, 1],
  ]
}

/** The bytes of a matrix that `clone` or `matrix` has made. */
function bytesOf({ data }: Matrix): Buffer {
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength)
}
