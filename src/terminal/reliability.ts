/** Accuracy beside confidence, as bars. */
import { bar } from './bar.ts'

const MARK = '│'

/**
 * A bar of an accuracy with a mark where the confidence is: a well calibrated network's bars end at their marks.
 * @param accuracy from 0 to 1
 * @param confidence from 0 to 1
 * @param width characters if the accuracy is 1
 */
export function reliabilityBar(accuracy: number, confidence: number, width: number): string {
  const at = Math.min(Math.floor(confidence * width), width - 1)
  const drawn = bar(accuracy, width).padEnd(width)
  return `${drawn.slice(0, at)}${MARK}${drawn.slice(at + 1)}`.trimEnd()
}
