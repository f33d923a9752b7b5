/** A training run without a screen: digits and a record of how to train on them → weights. */
import type { Digits } from './digits.ts'
import { split } from './digits/split.ts'
import { lessonActivation } from './engine/activation.ts'
import { createEngine } from './engine/create-engine.ts'
import { checkFinite, epochLength, gradientDescent, type DescentOptions, type Step } from './gradient-descent.ts'
import { clone } from './matrix.ts'
import type { Params } from './network.ts'
import { LESSON, type Network } from './own-network.ts'
import { randomStream, type RandomStream } from './random.ts'
import { activationOf, type HistoryEntry, type Result, type Training, type Weights } from './weights.ts'

/** What a run needs besides its record. */
export interface TrainingOptions {
  /** Hidden units. */
  hidden: number
  threads: number
  /** Called if fewer threads can start than would help. */
  onFewerThreads?: ((started: number, wanted: number) => void) | undefined
  /** Initial parameters, if the record says that they are not drawn. */
  init?: Params | undefined
  /** Weights to continue from: of a run with this record, its number of iterations aside. */
  from?: Weights | undefined
  /** The formulas (default: network.ts's); the record names their module. */
  network?: Network | undefined
}

/** How far a run is. */
export type Progress =
  /** In the middle of an iteration; the caller may stop here. */
  | { kind: 'computing' }
  /** An iteration is done and is being measured for its report: the weights must not be taken now. */
  | { kind: 'measuring' }
  /** An iteration is done, the `done`-th; `report` is there if it is one that is reported. */
  | { kind: 'iteration'; done: number; report?: HistoryEntry }

/** A run under way. */
export interface TrainingRun {
  /** How many digits it trains on. */
  readonly m: number
  /** Their rows, in shuffled order. */
  readonly rows: Uint32Array
  /** The epoch that an iteration is in, the first being 1; undefined with full batches, each of which is an epoch. */
  epochOf(iteration: number): number | undefined
  /**
   * Does the remaining iterations, or fewer if the target accuracy or the patience ends them.
   * @throws Divergence
   */
  iterations(): Generator<Progress, void>
  /**
   * The weights so far; the accuracy on test digits is not measured.
   * @throws Divergence if a parameter is not finite
   */
  weights(): Weights
  /** The parameters so far: themselves, not a copy, so that the next iteration changes them. */
  params(): Params
  /** How many of the iterations done here, after the first, had a greater loss than the one before. */
  rises(): number
  /** Ends the threads. */
  close(): void
}

/**
 * What a run begins with: its random stream, the rows it trains on and holds out, and, to be drawn next, its initial
 * parameters.
 * @param rows the number of digits
 * @throws RangeError if no digit is left to train on
 */
export function beginning({ seed, dev, initScale }: Training, rows: number, hidden: number, network: Network = LESSON) {
  const random = randomStream(seed)
  return { random, ...split(rows, dev, random), drawn: () => network.initParams(random, hidden, initScale) }
}

/**
 * Splits the digits, makes the initial parameters, and gets ready to train as the record says.
 * @throws RangeError if no digit is left to train on; TypeError if the record starts from a file and `init` is missing; as
 *   `createEngine` does
 */
export async function openTraining(training: Training, digits: Digits, options: TrainingOptions): Promise<TrainingRun> {
  const { iterations, batch, engine: name, labelSmoothing = 0, logEvery, targetAccuracy, patience } = training
  const { hidden, threads, onFewerThreads, init, from, network = LESSON } = options
  const rows = digits.labels.length
  const { random, train, dev, drawn } = beginning(training, rows, hidden, network)
  const initial = training.init === undefined ? drawn() : init
  const start = from?.params ?? initial
  if (!start) throw new TypeError('openTraining needs the parameters that the record starts from')
  const engine = await createEngine(name, digits, {
    rows: train,
    hidden,
    threads,
    onFewerThreads,
    labelSmoothing,
    network,
    ...(batch && { batch }),
  })
  const devEngine =
    training.dev > 0 ? await createEngine(name, digits, { rows: dev, hidden, threads, network }) : undefined
  const descent = descentOptions(training, rows, random, from)

  const activation = activationOf({ activation: training.network ? 'custom' : lessonActivation() })
  const history = from?.history.filter(({ iteration }) => isReported(iteration)) ?? []
  let done = from?.result.iterations ?? 0
  let last: Step | undefined
  let firstLoss = from?.descent?.firstLoss
  let best = from?.best
  let stopped: Result['stopped']
  let rises = 0

  /** With full batches every n-th iteration from the first, as in the notebook; with mini-batches from the n-th. */
  function isReported(iteration: number) {
    return (iteration + (batch ? 1 : 0)) % logEvery === 0
  }

  function* report({ iteration, loss, accuracy, params }: Step): Generator<Progress, HistoryEntry> {
    const entry: HistoryEntry = { iteration, loss, accuracy }
    if (devEngine) {
      const steps = devEngine.evaluateInSteps(params)
      let step
      while (!(step = steps.next()).done) yield { kind: 'measuring' }
      entry.devAccuracy = step.value.correct / devEngine.m
    }
    history.push(entry)
    return entry
  }

  /** Decides whether a report ends the run: target reached, or no improvement for too long. */
  function judge({ iteration, devAccuracy = 0 }: HistoryEntry, params: Params) {
    if (targetAccuracy !== undefined && devAccuracy >= targetAccuracy) stopped = 'target-accuracy'
    if (patience === undefined) return
    if (!best || devAccuracy > best.devAccuracy) {
      best = { iterations: iteration + 1, devAccuracy, params: cloneParams(params) }
    }
    const { iterations } = best
    if (history.filter((entry) => entry.iteration >= iterations).length >= patience) stopped ??= 'patience'
  }

  return {
    m: engine.m,
    rows: train,
    epochOf: (iteration) => (batch ? Math.floor(iteration / epochLength(engine.m, batch)) + 1 : undefined),

    *iterations() {
      for (const step of gradientDescent(start, engine, descent)) {
        if (!step) {
          yield { kind: 'computing' }
          continue
        }
        if (last && step.loss > last.loss) rises++
        last = step
        firstLoss ??= step.loss
        done = step.iteration + 1
        if (isReported(step.iteration) || done === iterations) {
          const entry = yield* report(step)
          judge(entry, step.params)
          yield { kind: 'iteration', done, report: entry }
        } else yield { kind: 'iteration', done }
        if (stopped) return
      }
    },

    weights() {
      const isOver = done === iterations || stopped !== undefined
      const kept = isOver ? best : undefined
      const params = kept?.params ?? last?.params ?? start
      checkFinite(params, done - 1)
      const measured = kept ? history.find(({ iteration }) => iteration === kept.iterations - 1) : last
      const result: Result = {
        iterations: done,
        ...(stopped && { stopped }),
        ...(kept && { kept: kept.iterations }),
        ...(measured && { loss: measured.loss, trainAccuracy: measured.accuracy }),
        ...(devEngine && { devAccuracy: devEngine.evaluate(params).correct / devEngine.m }),
      }
      if (kept || firstLoss === undefined) return { params, ...activation, training, result, history }
      const isMidEpoch = done % epochLength(engine.m, batch) > 0
      return {
        params,
        ...activation,
        training,
        result,
        history,
        descent: { firstLoss, ...(isMidEpoch && last && { epoch: { loss: last.loss, correct: last.correct } }) },
        ...(last?.velocity && { velocity: last.velocity }),
        ...(best && { best }),
      }
    },

    params: () => last?.params ?? start,

    rises: () => rises,

    close() {
      engine.close()
      devEngine?.close()
    },
  }
}

/** The record as `gradientDescent` takes it, for digits of `rows` rows. */
function descentOptions(training: Training, rows: number, random: RandomStream, from?: Weights): DescentOptions {
  const { batch, notebook } = training
  return {
    ...training,
    batches: batch === undefined ? undefined : { size: batch, random },
    notebook: notebook ? { rows } : undefined,
    from: from && { iterations: from.result.iterations, ...from.descent, velocity: from.velocity },
  }
}

function cloneParams({ W1, b1, W2, b2 }: Params): Params {
  return { W1: clone(W1), b1: clone(b1), W2: clone(W2), b2: clone(b2) }
}
