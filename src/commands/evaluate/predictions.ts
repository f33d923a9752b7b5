/** All predictions as CSV: index,label,prediction,p0,…,p9. */
import type { Answers } from './measured.ts'

const HEADER = 'index,label,prediction,p0,p1,p2,p3,p4,p5,p6,p7,p8,p9\n'
const BLOCK = 1000 // digits per text

/**
 * The CSV in pieces. Numbers are written in the fewest digits that read back the same.
 * @param labels empty if there are none; so is the column then
 */
export function* predictionsCsv({ digits, predictions, A2 }: Answers, labels: Uint8Array): Generator<string> {
  let text = HEADER
  for (let i = 0; i < digits; i++) {
    text += `${i},${labels[i] ?? ''},${predictions[i]}`
    for (let digit = 0; digit < 10; digit++) text += `,${A2.get(digit, i)}`
    text += '\n'
    if (i % BLOCK === BLOCK - 1) {
      yield text
      text = ''
    }
  }
  yield text
}
