/** A training run without a screen: from digits and the record of how to train, to weights. */
import type { Digits } from './digits.ts'
import { split } from './digits/split.ts'
import { createEngine, type EngineName } from './engine.ts'
import { checkFinite, epochLength, gradientDescent, type DescentOptions, type Step } from './gradient-descent.ts'
import { copy } from './matrix.ts'
import { initParams, type Params } from './network.ts'
import { randomStream, type RandomStream } from './random.ts'
import type { HistoryEntry, Result, Training, Weights } from './weights.ts'

export interface TrainingOptions {
  /** Hidden units. */
  hidden: number
  threads: number
  /** Parameters to start from, where the record says that they are not drawn. */
  init?: Params | undefined
  /** Weights to go on from: of a run with this record, but for its number of iterations. */
  from?: Weights | undefined
}

/** Where a run is: after an iteration, or, where nothing of it is set, in the middle of one that can be left at that. */
export interface Turn {
  /** An iteration is done and being measured for its report: the weights are not to be taken now. */
  measuring?: true
  /** How many iterations are done. */
  done?: number
  /** The iteration, where it is one that is reported. */
  report?: HistoryEntry
}

export interface TrainingRun {
  /** How many digits it trains on. */
  m: number
  /** Does the iterations that are left, or fewer where the record's aim or its patience ends them. */
  turns(): Generator<Turn, void>
  /** The weights as they are after `turns`, or between two of them; the accuracy on test digits is not measured. */
  weights(): Weights
  /** Ends the threads. */
  close(): void
}

/**
 * Splits the digits, makes the parameters to start from, and gets ready to train as the record says.
 * What it returns throws `Divergence` from `turns` and `weights`.
 */
export async function openTraining(training: Training, digits: Digits, options: TrainingOptions): Promise<TrainingRun> {
  const { seed, iterations, batch, logEvery, targetAccuracy, patience } = training
  const { hidden, threads, init, from } = options
  const random = randomStream(seed)
  const { train, dev } = split(digits.labels.length, training.dev, random)
  const drawn = training.init === undefined ? initParams(random, hidden, training.initScale) : init
  const start = from?.params ?? drawn
  if (!start) throw new TypeError('openTraining needs the parameters that the record starts from')
  const name = training.engine as EngineName
  const engine = await createEngine(name, digits, { rows: train, hidden, threads, ...(batch && { batch }) })
  const devEngine = training.dev > 0 ? await createEngine(name, digits, { rows: dev, hidden, threads }) : undefined
  const descent = descentOptions(training, digits.labels.length, random, from)

  const history = from?.history.filter(({ iteration }) => isReported(iteration)) ?? []
  let done = from?.result.iterations ?? 0
  let last: Step | undefined
  let firstLoss = from?.descent?.firstLoss
  let best = from?.best
  let stopped: Result['stopped']

  /** Without mini-batches every n-th iteration from the first, as in the notebook; with them from the n-th. */
  function isReported(iteration: number) {
    return (iteration + (batch ? 1 : 0)) % logEvery === 0
  }

  function* report({ iteration, loss, accuracy, params }: Step): Generator<Turn, HistoryEntry> {
    const entry: HistoryEntry = { iteration, loss, accuracy }
    if (devEngine) {
      const steps = devEngine.evaluateInSteps(params)
      let step
      while (!(step = steps.next()).done) yield { measuring: true }
      entry.devAccuracy = step.value.correct / devEngine.m
    }
    history.push(entry)
    return entry
  }

  /** Looks whether the accuracy on the digits held out is as wanted, or has been no better for too long. */
  function judge({ iteration, devAccuracy = 0 }: HistoryEntry, params: Params) {
    if (targetAccuracy !== undefined && devAccuracy >= targetAccuracy) stopped = 'target-accuracy'
    if (patience === undefined) return
    if (!best || devAccuracy > best.devAccuracy) {
      best = { iterations: iteration + 1, devAccuracy, params: copyOf(params) }
    }
    const { iterations } = best
    if (history.filter((entry) => entry.iteration >= iterations).length >= patience) stopped ??= 'patience'
  }

  return {
    m: engine.m,

    *turns() {
      for (const step of gradientDescent(start, engine, descent)) {
        if (!step) {
          yield {}
          continue
        }
        last = step
        firstLoss ??= step.loss
        done = step.iteration + 1
        if (isReported(step.iteration) || done === iterations) {
          const entry = yield* report(step)
          judge(entry, step.params)
          yield { done, report: entry }
        } else yield { done }
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
      if (kept || firstLoss === undefined) return { params, training, result, history }
      const midEpoch = done % epochLength(engine.m, batch) > 0
      return {
        params,
        training,
        result,
        history,
        descent: { firstLoss, ...(midEpoch && last && { epoch: { loss: last.loss, correct: last.correct } }) },
        ...(last?.velocity && { velocity: last.velocity }),
        ...(best && { best }),
      }
    },

    close() {
      engine.close()
      devEngine?.close()
    },
  }
}

/** The record's options as `gradientDescent` takes them, for digits of so many rows. */
function descentOptions(training: Training, rows: number, random: RandomStream, from?: Weights): DescentOptions {
  const { iterations, alpha, decay, momentum, batch, notebook } = training
  return {
    iterations,
    alpha,
    ...(decay && { decay }),
    ...(momentum && { momentum }),
    ...(batch && { batches: { size: batch, random } }),
    ...(notebook && { notebook: { rows } }),
    ...(from && {
      from: { iterations: from.result.iterations, ...from.descent, ...(from.velocity && { velocity: from.velocity }) },
    }),
  }
}

function copyOf({ W1, b1, W2, b2 }: Params): Params {
  return { W1: copy(W1), b1: copy(b1), W2: copy(W2), b2: copy(b2) }
}
