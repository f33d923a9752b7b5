/** `--snapshots`: what a run keeps of its parameters on the way. */
import { existsSync } from 'node:fs'
import { lessonActivation } from '../../engine/activation.ts'
import { Failure } from '../../failure.ts'
import type { Params } from '../../network.ts'
import {
  bytesOfSnapshots,
  holdsSnapshots,
  isSameRun,
  loadSnapshots,
  MAX_BYTES,
  snapshotOf,
  snapshotsAfter,
  snapshotsBeside,
  stageSnapshots,
  type Snapshots,
} from '../../snapshots.ts'
import { checkWritable, type StagedFile } from '../../staged-file.ts'
import type { TrainingRun } from '../../training.ts'
import { activationOf, type Training } from '../../weights.ts'
import { grouped } from '../../wording.ts'
import { isFile } from '../outputs.ts'
import type { TrainOptions } from './options.ts'
import type { Plan } from './plan.ts'
import type { EarlierRun } from './recorded.ts'
import { checkNotRead } from './weights-file.ts'

/** What is kept of a run. */
export interface KeptSnapshots {
  /** Keeps the parameters if a snapshot is due after this iteration. */
  keep(done: number, params: Params): void
  /** Writes what is kept beside its place. */
  stage(): Promise<StagedFile>
}

/**
 * What a run keeps: nothing without `--snapshots`, unless it continues one that has kept snapshots.
 * @param notice told if the snapshots of the run that is continued are left alone
 * @throws Failure `usage` if there would be too many, the file is an input, or what it continues has no snapshots of its
 *   beginning; `cannotCreate` if the file cannot be written, or exists and holds something else
 */
export async function keepSnapshots(
  options: TrainOptions,
  { training, hidden, earlier }: Pick<Plan, 'training' | 'hidden'> & { earlier: EarlierRun | undefined },
  run: Pick<TrainingRun, 'params'>,
  notice: (text: string) => void,
): Promise<KeptSnapshots | undefined> {
  const before = earlier && (await snapshotsOf(earlier, training, options.snapshots, notice))
  const every = before?.every ?? options.snapshots
  if (every === undefined) return undefined
  const path = snapshotsBeside(options.out)
  checkSize(every, training, hidden)
  checkNotRead(options, path, `${path}, where --snapshots writes,`)
  await checkReplaceable(path, options.out)
  const activation = activationOf({ activation: lessonActivation() })
  const kept: Snapshots = { hidden, ...activation, training, every, params: before?.params ?? [] }
  const keep = (done: number, params: Params) => {
    if (done % every === 0 && kept.params.length === done / every) kept.params.push(snapshotOf(params))
  }
  keep(0, run.params())
  return {
    keep,
    stage: () => stageSnapshots(path, kept),
  }
}

/** The snapshots of a run so far, if it has kept them. */
async function snapshotsOf(
  { path: weights, weights: { params, result } }: EarlierRun,
  training: Training,
  asked: number | undefined,
  notice: (text: string) => void,
): Promise<Snapshots | undefined> {
  const path = snapshotsBeside(weights)
  const refuse = (reason: string) => new Failure('usage', `--snapshots ${asked}: ${reason}`)
  if (!isFile(path)) {
    if (asked === undefined || result.iterations === 0) return undefined
    throw refuse(`the run of ${weights} has kept no snapshots so far; start a new one with --config ${weights}`)
  }
  const found = await loadSnapshots(path).catch((error: unknown) => {
    if (asked !== undefined || !(error instanceof Failure)) throw error
    return undefined
  })
  const [hidden] = params.W1.shape
  const expected = found ? snapshotsAfter(result.iterations, found.every) : 0
  const isOurs = found?.hidden === hidden && isSameRun(found.training, training) && found.params.length >= expected
  if (!found || !isOurs) {
    if (asked !== undefined) throw refuse(`${path} is not of the run of ${weights}; omit --snapshots`)
    notice(`${path} is not of this run, and stays as it is`)
    return undefined
  }
  if (asked !== undefined && asked !== found.every) throw refuse(`${path} has one every ${found.every} iterations`)
  return { ...found, params: found.params.slice(0, expected) }
}

/** @throws Failure `usage` */
function checkSize(every: number, { iterations }: Training, hidden: number): void {
  const count = snapshotsAfter(iterations, every)
  if (bytesOfSnapshots(hidden, count) <= MAX_BYTES) return
  const most = Math.floor(MAX_BYTES / bytesOfSnapshots(hidden, 1))
  const fewer = most > 1 ? `; the least here is --snapshots ${Math.ceil(iterations / (most - 1))}` : ''
  const size = `${(bytesOfSnapshots(hidden, count) / 1e9).toFixed(1)} GB`
  throw new Failure('usage', `--snapshots ${every}: ${grouped(count)} snapshots take ${size}${fewer}`)
}

/**
 * @throws Failure `usage` if the weights are no file, so that nothing lies beside it; `cannotCreate` if the path cannot be
 *   written, or holds what is not a file of snapshots
 */
async function checkReplaceable(path: string, out: string): Promise<void> {
  if (existsSync(out) && !isFile(out))
    throw new Failure('usage', `--snapshots: ${out} is no file that they can lie beside`)
  await checkWritable(path)
  if (!isFile(path) || (await holdsSnapshots(path))) return
  throw new Failure('cannotCreate', `cannot write ${path}: it exists and holds no snapshots; move it away`)
}
