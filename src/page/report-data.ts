/** What the command hands to the page, as JSON. */
import type { Mistake } from '../evaluation.ts'
import type { Params } from '../network.ts'
import type { HistoryEntry } from '../weights.ts'

export interface ReportData {
  hidden: number
  /** As `encodeNumbers` writes them, row by row. */
  params: Record<keyof Params, string>
  /**
   * What training changed in W1, for the eye: from −127, which is `-limit`, to 127, two's complement, as `packPixels`
   * writes it. Absent if the run did not draw its first weights at random.
   */
  change?: { limit: number; steps: string } | undefined
  runs: RunData[]
  /** Digits to choose instead of drawing. */
  samples: SampleData[]
  /** The greatest loss first. */
  mistakes: MistakeData[]
}

/** A run's curves. */
export interface RunData {
  name: string
  history: HistoryEntry[]
}

export interface SampleData {
  label: number
  /** As `packPixels` writes them. */
  pixels: string
}

export interface MistakeData extends Omit<Mistake, 'loss'> {
  /** As `packPixels` writes them. */
  pixels: string
}
