/**
 * Options ⇄ what a weights file records of them. A new option that changes the weights is added here, in the option
 * table, in the schema of weights.ts, and in the lesson.
 */
import type { InitScale } from '../../hyperparameters.ts'
import type { Training, Weights } from '../../weights.ts'
import type { TrainingRun } from '../../training.ts'
import { counted, grouped } from '../../wording.ts'
import type { TrainOptions } from './options.ts'

/** Options that the file omits at these values. */
const OMITTED = { momentum: 0, decay: 'none', initScale: 'notebook', labelSmoothing: 0 } as const

/** What the record holds besides options. */
export type Facts = Pick<Training, 'iterations' | 'logEvery' | 'data'> & {
  network: Training['network'] | undefined
  init: Training['init'] | undefined
  test: Training['test'] | undefined
}

/** The record of a run with these options. The order of the keys is that of the file. */
export function recordOf(options: TrainOptions, { iterations, logEvery, network, init, data, test }: Facts): Training {
  const { alpha, seed, dev, notebook, engine, batch, momentum, decay, initScale, labelSmoothing } = options
  const { take, targetAccuracy, patience } = options
  return {
    iterations,
    alpha,
    seed,
    ...(take !== undefined && { take }),
    dev,
    notebook,
    logEvery,
    engine,
    ...(batch !== undefined && { batch }),
    ...(momentum !== OMITTED.momentum && { momentum }),
    ...(decay !== OMITTED.decay && { decay }),
    ...(initScale !== OMITTED.initScale && { initScale }),
    ...(labelSmoothing !== OMITTED.labelSmoothing && { labelSmoothing }),
    ...(targetAccuracy !== undefined && { targetAccuracy }),
    ...(patience !== undefined && { patience }),
    ...(network !== undefined && { network }),
    ...(init !== undefined && { init }),
    data,
    ...(test !== undefined && { test }),
  }
}

/** The options that a weights file records, by their names in `TrainOptions`; undefined are those that its run did not have. */
export function optionsOf({ params, training }: Weights) {
  const { iterations: iters, data: _data, test: _test, init: _init, network: _network, ...recorded } = training
  const absent = {
    take: undefined,
    epochs: undefined,
    batch: undefined,
    targetAccuracy: undefined,
    patience: undefined,
  }
  return { ...absent, ...OMITTED, ...recorded, iters, hidden: params.W1.shape[0] }
}

/** Says that fewer threads compute than are wanted. */
export function noticeFewerThreads(notice: (sentence: string) => void) {
  return (started: number, wanted: number) =>
    notice(
      `only ${started} of ${wanted} threads can start (see ulimit -u): the result is the same, but it takes longer`,
    )
}

/**
 * The run in one line, with every option that its weights depend on and that is not at its default:
 * "784-10-10 network, 59,000 training digits, 1,000 held out, 500 iterations, α 0.1, seed 0".
 */
export function headline(
  training: Training,
  hidden: number,
  { m, epochOf }: Pick<TrainingRun, 'm' | 'epochOf'>,
  { transpose, invert }: Pick<TrainOptions, 'transpose' | 'invert'>,
): string {
  const { iterations, dev, alpha, seed, notebook, logEvery, engine, batch, momentum, decay } = training
  const { initScale, labelSmoothing, targetAccuracy, patience, init, network } = training
  const epochs = iterations > 0 ? epochOf(iterations - 1) : undefined
  const parts = [
    `784-${hidden}-10 network`,
    counted(m, 'training digit'),
    ...(transpose ? ['transposed'] : []),
    ...(invert ? ['inverted'] : []),
    ...(dev > 0 ? [`${grouped(dev)} held out`] : []),
    ...(batch ? [`batches of ${grouped(batch)}`] : []),
    counted(iterations, 'iteration') + (epochs === undefined ? '' : ` (${counted(epochs, 'epoch')})`),
    `α ${alpha}${decay ? ` (${decay} decay)` : ''}`,
    ...(momentum ? [`momentum ${momentum}`] : []),
    ...(labelSmoothing ? [`label smoothing ${labelSmoothing}`] : []),
    ...(notebook ? ["the notebook's gradients"] : []),
    ...(targetAccuracy === undefined ? [] : [`target accuracy ${targetAccuracy}`]),
    ...(patience === undefined ? [] : [`patience ${grouped(patience)}`]),
    ...((targetAccuracy ?? patience) ? [`reports every ${counted(logEvery, 'iteration')}`] : []),
    ...(network ? [`functions of ${network.name}`] : []),
    ...(engine === 'reference' ? ['reference engine'] : []),
    init === undefined ? `seed ${seed}` : `initial weights ${init.slice(0, 8)}, seed ${seed}`,
    ...(initScale && init === undefined ? [`${INITIALIZATIONS[initScale]} initialization`] : []),
  ]
  return parts.join(', ')
}

const INITIALIZATIONS = { notebook: "the notebook's", he: 'He' } as const satisfies Record<InitScale, string>
