/** Subjects → what the network predicts for them. */
import { availableParallelism } from 'node:os'
import { createEngine } from '../../engine/create-engine.ts'
import { Failure } from '../../failure.ts'
import type { Network } from '../../own-network.ts'
import type { Weights } from '../../weights.ts'
import { nameOf, subjectCount, type Subjects } from './subjects.ts'

/** Predictions of a network. */
export interface Predicted {
  subjects: Subjects
  /** The predicted digit of each. */
  predictions: Uint8Array
  /** The probabilities of the digits 0 to 9, ten of each subject, one subject after the other. */
  probabilities: Float64Array
}

/** The ten probabilities of a subject. */
export function probabilitiesAt({ probabilities }: Predicted, i: number): number[] {
  return Array.from(probabilities.subarray(10 * i, 10 * i + 10))
}

/** Subjects × hidden units from which more threads save more than they take to start: about 50 ms of work. */
const WORTH_THREADS = 3e6

/**
 * Runs the network with the engine that trained it, so that an edited network.ts is obeyed. The bits of a subject's
 * probabilities do not depend on the others, nor on the threads.
 * @param path the weights file, for messages
 * @throws Failure `badData` if the numbers overflow; `usage` as `createEngine` does
 */
export async function predicted(
  subjects: Subjects,
  { weights: { params, training }, network }: { weights: Weights; network?: Network },
  path: string,
  threads = availableParallelism(),
): Promise<Predicted> {
  const m = subjectCount(subjects)
  const [hidden] = params.W1.shape
  const engine = await createEngine(
    training.engine,
    { ...subjects.digits, labels: new Uint8Array(m) }, // the labels only count for the loss
    { hidden, threads: m * hidden < WORTH_THREADS ? 1 : threads, ...(network && { network }) },
  )
  const { predictions, A2 } = engine.evaluate(params, true)
  engine.close()

  const probabilities = A2.data as Float64Array
  const overflown = probabilities.findIndex((probability) => !Number.isFinite(probability))
  if (overflown !== -1) {
    const name = nameOf(subjects.kind, subjects.names[Math.floor(overflown / 10)])
    throw new Failure('badData', `${path}: the network's numbers overflow on ${name}; train another`)
  }
  return { subjects, predictions, probabilities }
}
