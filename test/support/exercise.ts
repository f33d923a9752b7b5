/** The exercise with bodies: the right ones, or others. */
import { readFileSync } from 'node:fs'

const EXERCISE = readFileSync('src/check/exercise/network.mjs', 'utf8')

/** What a learner writes who follows the comments. */
export const SOLUTION: Record<string, string> = {
  relu: 'return map(Z, (z) => Math.max(z, 0))',
  softmax: 'const E = map(subtract(Z, columnMaxima(Z)), Math.exp)\n  return divide(E, columnSums(E))',
  forwardProp: `const Z1 = add(dot(W1, X), b1)
  const A1 = relu(Z1)
  const Z2 = add(dot(W2, A1), b2)
  const A2 = softmax(Z2)
  return { Z1, A1, Z2, A2 }`,
  oneHot: 'const M = matrix(10, Y.length)\n  Y.forEach((y, j) => M.set(y, j, 1))\n  return M',
  dZ2: 'return subtract(A2, oneHot(Y))',
  dW2: 'return scale(dot(dZ2, transpose(A1)), 1 / dZ2.shape[1])',
  db2: 'return scale(rowSums(dZ2), 1 / dZ2.shape[1])',
  dZ1: 'return multiply(dot(transpose(W2), dZ2), map(Z1, (z) => (z > 0 ? 1 : 0)))',
  dW1: 'return scale(dot(dZ1, transpose(X)), 1 / dZ1.shape[1])',
  db1: 'return scale(rowSums(dZ1), 1 / dZ1.shape[1])',
  updateParams: `return {
    W1: subtract(W1, scale(dW1, alpha)),
    b1: subtract(b1, scale(db1, alpha)),
    W2: subtract(W2, scale(dW2, alpha)),
    b2: subtract(b2, scale(db2, alpha)),
  }`,
}

/** The exercise's file with these bodies; a function without one is as it was. */
export function exerciseWith(bodies: Record<string, string>): string {
  return Object.entries(bodies).reduce((text, [name, body]) => {
    const written = new RegExp(`(export function ${name}\\(.*\\) \\{\\n)(  // .*\\n)+`)
    if (!written.test(text)) throw new Error(`the exercise has no ${name}`)
    return text.replace(written, (_, head: string) => `${head}  ${body}\n`)
  }, EXERCISE)
}

/** backProp as the notebook has it, with the lines in question. */
export const backProp = (lines: Record<string, string> = {}) => {
  const right = {
    dZ2: 'subtract(A2, oneHot(Y))',
    dW2: 'scale(dot(dZ2, transpose(A1)), 1 / m)',
    db2: 'scale(rowSums(dZ2), 1 / m)',
    dZ1: 'multiply(dot(transpose(W2), dZ2), map(Z1, (z) => z > 0 ? 1 : 0))',
    dW1: 'scale(dot(dZ1, transpose(X)), 1 / m)',
    db1: 'scale(rowSums(dZ1), 1 / m)',
  }
  const body = Object.entries({ ...right, ...lines }).map(([name, value]) => `  const ${name} = ${value}\n`)
  return `import { columnSums, dot, map, matrix, multiply, rowSums, scale, subtract, transpose } from 'mnist-from-scratch/matrix'
const oneHot = (Y) => {
  const M = matrix(10, Y.length)
  Y.forEach((y, j) => M.set(y, j, 1))
  return M
}
const sum = (M) => M.data.reduce((sum, x) => sum + x, 0)
export function backProp({ W2 }, { Z1, A1, A2 }, X, Y) {
  const m = Y.length
${body.join('')}  return { dW1, db1, dW2, db2 }
}
`
}
