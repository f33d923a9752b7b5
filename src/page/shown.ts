/** Numbers as the page shows them, with a true minus sign. */

/** A probability in percent: "84.60 %". */
export function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`
}

/** A probability in four decimals, or its order of magnitude if they were 0.0000. */
export function probability(p: number): string {
  return p > 0 && p < 0.0001 ? minus(p.toExponential(0)) : p.toFixed(4)
}

/** A number with two decimals, which columns align: "−1.20". */
export function decimal(value: number, digits = 2): string {
  return minus(value.toFixed(digits).replace(/^-(0\.?0*)$/, '$1'))
}

/** A number after another that it is added to: "+ 1.20", "− 0.26". */
export function added(value: number, digits = 2): string {
  return decimal(value, digits).replace(/^−?/, (sign) => `${sign || '+'} `)
}

function minus(text: string): string {
  return text.replace('-', '−')
}
