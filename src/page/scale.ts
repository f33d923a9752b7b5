/** The absolute value that all but a part of the numbers do not exceed: a few large ones would pale all others. */
export function greatestBut(numbers: Float64Array, part: number): number {
  const sizes = numbers.map(Math.abs).toSorted()
  return sizes[Math.floor((1 - part) * (sizes.length - 1))]
}
