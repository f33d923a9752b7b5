import type { Plane } from '../picture.ts'
import { areaResampled } from '../picture/mnist-rule.ts'
import type { Step } from '../picture/prepare.ts'
import { pictures } from './picture.ts'

const SIDE = 28

/**
 * The steps of a picture's preparation under their names, each shrunk to 28 characters, as many side by side as fit.
 * @param width characters per line
 */
export function stepsShown(steps: Step[], colour: boolean, width: number): string {
  const shown = steps.map(({ name, plane }, i) => ({ title: `${i + 1} ${name}`, pixels: shrunken(plane) }))
  return pictures(shown, colour, width)
}

/** A plane in 28×28 bytes; what is not square lies in the middle. */
function shrunken(plane: Plane): Uint8Array {
  const side = Math.max(plane.width, plane.height)
  const left = -(side - plane.width) / 2
  const top = -(side - plane.height) / 2
  const means = areaResampled(plane, { left, top, right: left + side, bottom: top + side }, SIDE)
  return Uint8Array.from(means, (mean) => Math.round(255 * Math.min(1, Math.max(0, mean))))
}
