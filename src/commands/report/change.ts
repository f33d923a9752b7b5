/** What training changed in W1. */
import { subtract } from '../../matrix.ts'
import { packPixels } from '../../page/encoding.ts'
import type { ReportData } from '../../page/report-data.ts'
import { greatestBut } from '../../page/scale.ts'
import { beginning } from '../../training.ts'
import type { Weights } from '../../weights.ts'

const MOST_ROWS = 1e7 // to shuffle again: a second

/** W1 minus what the run drew at random, if it did. */
export function changeOf({ params: { W1 }, training }: Weights): ReportData['change'] {
  const { init, dev, data } = training
  if (init !== undefined || dev >= data.rows || data.rows > MOST_ROWS) return undefined
  const { data: change } = subtract(W1, beginning(training, data.rows, W1.shape[0]).drawn().W1)
  const limit = greatestBut(change, 0.005)
  if (limit === 0) return undefined
  const steps = Int8Array.from(change, (value) => Math.round(127 * Math.max(-1, Math.min(1, value / limit))))
  return { limit, steps: packPixels(new Uint8Array(steps.buffer)) }
}
