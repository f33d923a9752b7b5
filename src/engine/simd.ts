/**
 * The fast engine: the formulas of network.ts in WebAssembly, two float64 at a time, on all cores. The mathematics is in
 * kernel/kernel.ts; this file has the kernel pass over the digits, on all threads, and takes its results.
 */
import type { Digits } from '../digits.ts'
import type { Engine, EngineGradients, EngineOptions, EngineParams, EngineVelocity, Evaluation } from '../engine.ts'
import { matrix, transpose } from '../matrix.ts'
import type { Params } from '../network.ts'
import { cancelPass, compileKernel, writePass, type Kernel } from './simd/kernel.ts'
import { copyInto, layoutFor, matricesIn } from './simd/layout.ts'
import { arena, sharedMemory } from './simd/memory.ts'
import { packDigits, type Examples, type PackedDigits } from './simd/packed-digits.ts'
import { startThreads } from './simd/threads.ts'

/** Examples × hidden units from which workers are woken: about 1 ms of work, and waking them takes 0.1 ms. */
const WORTH_THREADS = 40_000

/** Bytes of gradients that are summed before the caller may react to events. */
const SUM_BYTES = 2 ** 20

const NAMES = ['W1', 'b1', 'W2', 'b2'] as const

/**
 * An engine over the digits, of which it keeps a compact copy.
 * @throws Failure `usage` if this Node lacks WebAssembly SIMD, or memory is limited
 */
export async function simdEngine(digits: Digits, options: EngineOptions): Promise<Engine> {
  const { rows, hidden, batch, labelSmoothing = 0 } = options
  const m = rows?.length ?? digits.labels.length
  const module = compileKernel()
  const memory = sharedMemory()
  const kernel = new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Kernel
  const heap = arena(memory, kernel.HEAP.value)
  const layout = layoutFor(hidden)
  const { units, tile, paramsLength, gradientsLength, maxShards, deskBytes } = layout
  const shardsOf = (examples: number) => Math.min(maxShards, Math.ceil(examples / tile))

  const paramsAt = heap.take(paramsLength * 8)
  const gradientsAt = heap.take(maxShards * gradientsLength * 8)
  const own = matricesIn(heap.doubles(paramsAt, paramsLength), hidden, units) as EngineParams
  const sums = heap.doubles(gradientsAt, gradientsLength)
  const { W1: dW1, b1: db1, W2: dW2, b2: db2 } = matricesIn(sums, hidden, units)
  const measured = sums.subarray(paramsLength) // the sum of the losses, the number correct
  let velocity: EngineVelocity | undefined
  let probabilities = 0 // not asked for yet

  heap.doubles(kernel.VALUES.value, 256).forEach((_, v, values) => (values[v] = v / 255))
  const largest = Math.min(m, batch ?? m)
  const useful = largest * hidden < WORTH_THREADS ? 1 : Math.min(options.threads, shardsOf(largest))
  const desks = heap.take(useful * deskBytes)
  const threads = startThreads(useful - 1, kernel, module, memory)
  let packed: PackedDigits
  try {
    packed = packDigits(digits, rows, kernel, heap, layout, desks + 16, batch !== undefined) // while the threads start
    await threads.ready()
  } catch (error) {
    threads.close()
    throw error
  }

  if (1 + threads.count < useful) options.onFewerThreads?.(1 + threads.count, useful)

  function place(params: Params) {
    for (const name of NAMES) copyInto(params[name], own[name])
    return own
  }

  /** Passes over examples, pausing after every tile of this thread. */
  function* pass(params: Params, examples: () => Examples, forwardOnly: boolean, A2 = 0) {
    leaveAbandonedPass()
    place(params)
    const { count, ...addresses } = examples()
    const shards = shardsOf(count)
    writePass(kernel, memory, {
      ...addresses,
      examples: count,
      shards,
      tile,
      row: units * 8,
      probabilities: A2,
      forwardOnly,
      smoothing: forwardOnly ? 0 : labelSmoothing,
      params: paramsAt,
      gradients: gradientsAt,
      desks,
      deskBytes,
    })
    if (threads.count > 0 && count * hidden >= WORTH_THREADS) threads.begin()
    while (kernel.step(0)) yield
    yield* threads.finish()
    if (shards === 1) return
    const all = gradientsLength * 8
    for (let at = forwardOnly ? paramsLength * 8 : 0; at < all; at += SUM_BYTES) {
      kernel.sum(at, Math.min(at + SUM_BYTES, all))
      yield
    }
  }

  /** Ends a pass that its caller did not see through. */
  function leaveAbandonedPass() {
    cancelPass(kernel, memory)
    threads.finishNow()
    heap.words(desks, 3).fill(0)
  }

  function* gradientsInSteps(params: Params, batchRows?: Uint32Array): Generator<undefined, EngineGradients> {
    yield* pass(params, () => (batchRows ? packed.batch(batchRows) : packed.all()), false)
    const [loss, correct] = measured
    return { dW1, db1, dW2, db2, loss: loss / (batchRows?.length ?? m), correct } as EngineGradients
  }

  function* evaluateInSteps<WithA2 extends boolean = false>(params: Params, withA2?: WithA2) {
    const examples = packed.all()
    if (withA2) probabilities ||= heap.take(m * 80)
    yield* pass(params, () => examples, true, withA2 ? probabilities : 0)
    const [loss, correct] = measured
    const found = { loss: loss / m, correct, predictions: heap.bytes(examples.predictions, m).slice() }
    if (!withA2) return found as Evaluation<WithA2>
    return { ...found, A2: transpose(matrix(m, 10, heap.doubles(probabilities, m * 10).slice())) } as Evaluation<WithA2>
  }

  function newVelocity() {
    const { W1, b1, W2, b2 } = matricesIn(heap.doubles(heap.take(paramsLength * 8), paramsLength), hidden, units)
    return { dW1: W1, db1: b1, dW2: W2, db2: b2 } as EngineVelocity
  }

  return {
    m,
    threads: 1 + threads.count,
    place,
    gradientsInSteps,
    gradients: (params, batchRows) => last(gradientsInSteps(params, batchRows)),
    updateParams(params, direction, alpha) {
      const isOurs = direction.dW1.data === dW1.data || direction.dW1.data === velocity?.dW1.data
      if (params.W1.data !== own.W1.data || !isOurs) throw new TypeError(`updateParams: ${ANOTHER}`)
      kernel.descend(paramsAt, direction.dW1.data.byteOffset, paramsLength * 8, alpha)
    },
    placeVelocity(V) {
      velocity ??= newVelocity()
      for (const name of ['dW1', 'db1', 'dW2', 'db2'] as const) copyInto(V[name], velocity[name])
      return velocity
    },
    accumulate(V, gradients, momentum) {
      const isOurs = V.dW1.data === velocity?.dW1.data && gradients.dW1.data === dW1.data
      if (!isOurs) throw new TypeError(`accumulate: ${ANOTHER}`)
      kernel.accumulate(V.dW1.data.byteOffset, gradientsAt, paramsLength * 8, momentum)
    },
    evaluateInSteps,
    evaluate: (params, withA2) => last(evaluateInSteps(params, withA2)),
    close: threads.close,
  }
}

const ANOTHER = 'these matrices are from another engine'

/** Runs a generator to its end. */
function last<T>(steps: Generator<undefined, T>): T {
  for (;;) {
    const { done, value } = steps.next()
    if (done) return value
  }
}
