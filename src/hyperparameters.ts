/** What the hyperparameters can be: the option tables and the weights file's schema both read it here. */

/** What computes the gradients. */
export const ENGINES = ['simd', 'reference'] as const
export type EngineName = (typeof ENGINES)[number]

/** Learning-rate schedules. */
export const DECAYS = ['none', 'linear', 'cosine'] as const
export type Decay = (typeof DECAYS)[number]

/** Initialization schemes: the notebook's uniform in ±½, or He's (He et al. 2015, "Delving Deep into Rectifiers"). */
export const INIT_SCALES = ['notebook', 'he'] as const
export type InitScale = (typeof INIT_SCALES)[number]

/** Activations of the hidden layer: ReLU, or what an edited lesson computes instead. */
export const ACTIVATIONS = ['relu', 'custom'] as const
export type Activation = (typeof ACTIVATIONS)[number]

/** The largest hidden layer. */
export const MAX_HIDDEN = 4096

/** The largest seed that `np.random.seed` takes. */
export const MAX_SEED = 2 ** 32 - 1

/** What a number can be. */
export interface Range {
  kind: 'integer' | 'number'
  min: number
  max: number
  /** In words: "an integer from 1 to 4096". */
  words: string
  /** An end that does not belong to the range. */
  without?: 'min' | 'max'
}

/** The integers from `min` to `max`. */
export function integers(min: number, max: number): Range {
  return { kind: 'integer', min, max, words: `an integer from ${min} to ${max}` }
}

/** Finite numbers above 0. */
export const ABOVE_ZERO: Range = {
  kind: 'number',
  min: 0,
  max: Number.MAX_VALUE,
  words: 'a number above 0',
  without: 'min',
}

const FRACTION: Range = { kind: 'number', min: 0, max: 1, words: 'a number from 0 to 1' }
const BELOW_ONE: Range = { kind: 'number', min: 0, max: 1, words: 'a number from 0 to below 1', without: 'max' }

/** The most iterations, digits and reports. */
const MANY = 1e9

/** The ranges of the hyperparameters, by their names in the weights file. */
export const RANGES = {
  iterations: integers(0, MANY),
  epochs: integers(1, MANY),
  alpha: ABOVE_ZERO,
  seed: integers(0, MAX_SEED),
  take: integers(1, MANY),
  dev: integers(0, MANY),
  hidden: integers(1, MAX_HIDDEN),
  batch: integers(1, MANY),
  momentum: BELOW_ONE,
  labelSmoothing: FRACTION,
  logEvery: integers(1, MANY),
  targetAccuracy: FRACTION,
  patience: integers(1, MANY),
  snapshots: integers(1, MANY),
} as const satisfies Record<string, Range>

/** Whether a value is a number of the range. */
export function isWithin({ kind, min, max, without }: Range, value: unknown): value is number {
  if (typeof value !== 'number' || (kind === 'integer' && !Number.isInteger(value))) return false
  return value >= min && value <= max && (without === undefined || value !== { min, max }[without])
}
