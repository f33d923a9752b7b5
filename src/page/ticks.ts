/** Round numbers for an axis from 0, at most about `count` apart, the last one at or above `most`. */
export function ticks(most: number, count: number): number[] {
  if (!(most > 0)) return [0, 1]
  const rough = most / count
  const unit = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 5, 10].map((factor) => factor * unit).find((step) => step >= rough * 0.999_999) ?? rough
  const steps = Math.ceil(most / step - 1e-9)
  return Array.from({ length: steps + 1 }, (_, i) => Number((i * step).toPrecision(12)))
}
