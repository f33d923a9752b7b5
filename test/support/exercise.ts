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

/** What a learner writes who prefers loops; where no other function uses the result, lists. */
export const LOOPS: Record<string, string> = {
  relu: `const [n, m] = Z.shape
  const A = matrix(n, m)
  for (let i = 0; i < n; i++) for (let j = 0; j < m; j++) A.set(i, j, Z.get(i, j) > 0 ? Z.get(i, j) : 0)
  return A`,
  softmax: `const m = Z.shape[1]
  const A = matrix(10, m)
  for (let j = 0; j < m; j++) {
    let [most, sum] = [-Infinity, 0]
    for (let i = 0; i < 10; i++) most = Math.max(most, Z.get(i, j))
    for (let i = 0; i < 10; i++) sum += Math.exp(Z.get(i, j) - most)
    for (let i = 0; i < 10; i++) A.set(i, j, Math.exp(Z.get(i, j) - most) / sum)
  }
  return A`,
  forwardProp: `const [h, m] = [W1.shape[0], X.shape[1]]
  const [Z1, Z2] = [matrix(h, m), matrix(10, m)]
  for (let j = 0; j < m; j++) {
    for (let i = 0; i < h; i++) {
      let z = b1.get(i, 0)
      for (let k = 0; k < 784; k++) z += W1.get(i, k) * X.get(k, j)
      Z1.set(i, j, z)
    }
  }
  const A1 = relu(Z1)
  for (let j = 0; j < m; j++) {
    for (let i = 0; i < 10; i++) {
      let z = b2.get(i, 0)
      for (let k = 0; k < h; k++) z += W2.get(i, k) * A1.get(k, j)
      Z2.set(i, j, z)
    }
  }
  return { Z1, A1, Z2, A2: softmax(Z2) }`,
  oneHot: `const m = Y.length
  const M = matrix(10, m)
  for (let j = 0; j < m; j++) M.set(Y[j], j, 1)
  return M`,
  dZ2: `const m = Y.length
  const D = matrix(10, m)
  for (let j = 0; j < m; j++) for (let i = 0; i < 10; i++) D.set(i, j, A2.get(i, j) - (i === Y[j] ? 1 : 0))
  return D`,
  dW2: `const [h, m] = A1.shape
  const D = Array.from({ length: 10 }, () => new Array(h).fill(0))
  for (let j = 0; j < m; j++)
    for (let i = 0; i < 10; i++) for (let k = 0; k < h; k++) D[i][k] += (dZ2.get(i, j) * A1.get(k, j)) / A1.shape[1]
  return D`,
  db2: `const m = dZ2.shape[1]
  const d = new Array(10).fill(0)
  for (let i = 0; i < 10; i++) for (let j = 0; j < m; j++) d[i] += dZ2.get(i, j) / dZ2.shape[1]
  return d`,
  dZ1: `const [h, m] = Z1.shape
  const D = matrix(h, m)
  for (let k = 0; k < h; k++)
    for (let j = 0; j < m; j++) {
      let d = 0
      for (let i = 0; i < 10; i++) d += W2.get(i, k) * dZ2.get(i, j)
      D.set(k, j, Z1.get(k, j) > 0 ? d : 0)
    }
  return D`,
  dW1: `const [h, m] = dZ1.shape
  const D = { shape: [h, 784], data: new Float64Array(h * 784) }
  for (let i = 0; i < h; i++)
    for (let j = 0; j < m; j++)
      for (let k = 0; k < 784; k++) D.data[i * 784 + k] += (dZ1.get(i, j) * X.get(k, j)) / X.shape[1]
  return D`,
  db1: `const [h, m] = dZ1.shape
  const d = new Array(dZ1.shape[0]).fill(0)
  for (let i = 0; i < h; i++) for (let j = 0; j < m; j++) d[i] += dZ1.get(i, j) / dZ1.shape[1]
  return d`,
  updateParams: `const h = W1.shape[0]
  for (let i = 0; i < h; i++) {
    for (let k = 0; k < 784; k++) W1.set(i, k, W1.get(i, k) - alpha * dW1.get(i, k))
    b1.set(i, 0, b1.get(i, 0) - alpha * db1.get(i, 0))
  }
  for (let i = 0; i < 10; i++) {
    for (let k = 0; k < h; k++) W2.set(i, k, W2.get(i, k) - alpha * dW2.get(i, k))
    b2.set(i, 0, b2.get(i, 0) - alpha * db2.get(i, 0))
  }
  return { W1, b1, W2, b2 }`,
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
