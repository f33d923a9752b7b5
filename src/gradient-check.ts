/**
 * Gradients by backpropagation against central differences of the loss, (J(w + h) − J(w − h)) / 2h, tensor by tensor.
 * The thresholds are those of Stanford's CS231n, https://cs231n.github.io/neural-networks-3/#gradcheck.
 */
import { clone, toRows, type Matrix } from './matrix.ts'
import type { Gradients, Params } from './network.ts'
import type { RandomStream } from './random.ts'

/** The step h. */
const STEP = 1e-5

/** Entries that are checked of a tensor, at most. */
const ENTRIES = 20

/** Relative errors: above the first a gradient is wrong, above the second doubtful. */
const WRONG = 1e-2
const DOUBTFUL = 1e-4

/**
 * Entries below this part of the tensor's largest are compared with that part instead: central differences have an error of
 * about 1e-11, however small the slope is.
 */
const SMALL = 1e-3

export type Verdict = 'right' | 'doubtful' | 'wrong'

/** How the entries of a tensor compare; the numbers are those of the worst entry. */
export interface TensorCheck {
  tensor: keyof Gradients
  verdict: Verdict
  /** Entries that were compared. */
  checked: number
  /** Entries whose ReLU changes side between w − h and w + h, which says nothing. */
  undecidable: number
  /** Relative error. */
  error: number
  row: number
  column: number
  /** The slope by backpropagation. */
  analytic: number
  /** The slope by central differences. */
  numeric: number
}

/** What is measured of a network at some parameters: the loss, and Z1 (h×m), whose signs say which side each ReLU is on. */
export interface Measured {
  loss: number
  Z1: Matrix
}

/**
 * Compares the gradients at some parameters with central differences, at up to 20 entries of each tensor.
 * @param X 784×m; of dW1 only pixels with ink are compared, because the others have no slope
 * @param measure measures a network with other parameters
 */
export function checkGradients(
  gradients: Gradients,
  params: Params,
  X: Matrix,
  measure: (params: Params) => Measured,
  random: RandomStream,
): TensorCheck[] {
  const inked = toRows(X).flatMap((row, pixel) => (row.some((x) => x !== 0) ? [pixel] : []))
  return (['dW2', 'db2', 'dW1', 'db1'] as const).map((tensor) => {
    const name = tensor.slice(1) as keyof Params
    const [rows, columns] = params[name].shape
    const among = tensor === 'dW1' ? inked : Array.from({ length: columns }, (_, j) => j)
    const entries = chosen(rows, among, random)
    const compared = entries.map(([row, column]) => {
      const at = (step: number) => {
        const M = clone(params[name])
        M.set(row, column, M.get(row, column) + step)
        return measure({ ...params, [name]: M })
      }
      const [above, below] = [at(STEP), at(-STEP)]
      const numeric = (above.loss - below.loss) / (2 * STEP)
      return { row, column, analytic: gradients[tensor].get(row, column), numeric, isKink: changesSide(above, below) }
    })
    return { tensor, ...worstOf(compared) }
  })
}

interface Compared {
  row: number
  column: number
  analytic: number
  numeric: number
  isKink: boolean
}

/** The worst of the entries that can be compared. */
function worstOf(entries: Compared[]): Omit<TensorCheck, 'tensor'> {
  const decidable = entries.filter(({ isKink }) => !isKink)
  const largest = Math.max(...decidable.map(({ numeric }) => Math.abs(numeric)), 0)
  const errorOf = (analytic: number, numeric: number) => {
    const size = Math.max(Math.abs(analytic), Math.abs(numeric), SMALL * largest)
    return analytic === numeric ? 0 : Math.abs(analytic - numeric) / size
  }
  const none = { row: 0, column: 0, analytic: 0, numeric: 0, error: 0 }
  const worst = decidable
    .map(({ row, column, analytic, numeric }) => ({
      row,
      column,
      analytic,
      numeric,
      error: errorOf(analytic, numeric),
    }))
    .reduce((worst, entry) => (entry.error <= worst.error ? worst : entry), none) // NaN is worse than any number
  return {
    verdict: verdictOn(worst.error),
    checked: decidable.length,
    undecidable: entries.length - decidable.length,
    ...worst,
  }
}

function verdictOn(error: number): Verdict {
  if (!(error <= WRONG)) return 'wrong'
  return error <= DOUBTFUL ? 'right' : 'doubtful'
}

/** Some entries of a matrix, row and column, each once. */
function chosen(rows: number, columns: number[], random: RandomStream): [number, number][] {
  const all = Uint32Array.from({ length: rows * columns.length }, (_, i) => i)
  random.shuffle(all)
  const some = Array.from(all.subarray(0, ENTRIES))
  return some.map((i) => [Math.floor(i / columns.length), columns[i % columns.length]])
}

/** Whether a ReLU is on at one of the two and off at the other. */
function changesSide({ Z1: above }: Measured, { Z1: below }: Measured): boolean {
  const [one, other] = [toRows(above).flat(), toRows(below).flat()]
  return one.some((z, i) => z > 0 !== other[i] > 0)
}
