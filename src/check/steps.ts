/** The formulas of the lesson, in the order in which each can be checked alone, with examples and their known mistakes. */
import { add, dot, map, matrix, multiply, rowSums, scale, subtract, transpose, type Matrix } from '../matrix.ts'
import type { Params } from '../network.ts'
import type { NetworkFunctions } from '../own-network.ts'
import { randomStream } from '../random.ts'
import * as mistakes from './mistakes.ts'
import type { Example, Mistake } from './mistakes.ts'

/** A matrix or a number that a function returns, or one of several. */
export interface Part {
  /** Its name, if there are several. */
  name?: string
  expected: Matrix | number
  mistakes: Mistake[]
  /** The number of examples, if it is divided by that. */
  m?: number
}

/** A call with what it must return. */
export interface Trial {
  values: unknown[]
  parts: Part[]
}

export interface Step {
  /** The function's name. */
  name: string
  formula: string
  hint: string
  /** Whether the exercise has it. */
  isExercise: boolean
  /** Whether its result is passed to other functions of the exercise, so that it must be a matrix, not a list of rows. */
  isPassed?: true
  /** Calls with what they must return, if the other functions are these. */
  trials: (our: NetworkFunctions) => Trial[]
}

/** Random digits and parameters, and their layers: like MNIST, most pixels are paper. */
function exampleOf(
  our: NetworkFunctions,
  hidden: number,
  Y: Uint8Array,
  edit: (params: Params) => void = () => {},
): Example {
  const random = randomStream(hidden)
  const params = drawn(hidden, random.rand)
  edit(params)
  const X = transpose(map(matrix(Y.length, 784), () => (random.rand() < 0.2 ? random.rand() : 0)))
  return { params, layers: our.forwardProp(params, X), X, Y, our }
}

function drawn(hidden: number, rand: () => number): Params {
  const draw = (rows: number, columns: number) => map(matrix(rows, columns), () => rand() - 0.5)
  return { W1: draw(hidden, 784), b1: draw(hidden, 1), W2: draw(10, hidden), b2: draw(10, 1) }
}

/**
 * Ten hidden units, so that W2 is square and its transpose easily forgotten, and no 9 among the labels; three, of which one
 * has Z1 = 0 and one is dead; one example alone; and more units and examples than before, for loops with fixed ends.
 */
function examples(our: NetworkFunctions): Example[] {
  return [
    exampleOf(our, 10, Uint8Array.of(7, 2, 1, 0, 4)),
    exampleOf(our, 3, Uint8Array.of(9, 0, 3, 3), ({ W1, b1 }) => {
      W1.data.fill(0, 0, 784)
      b1.data[0] = 0
      b1.data[1] = -1000
    }),
    exampleOf(our, 3, Uint8Array.of(5)),
    exampleOf(our, 12, Uint8Array.of(6, 8, 2, 9, 5, 1, 0)),
  ]
}

/** Z for the activation: a few numbers, and more rows and columns than before, for loops with fixed ends. */
const Z = [
  matrix(2, 4, Float64Array.of(-1.5, 0.25, 3, -0.5, 2, -4, 0, 1)),
  matrix(
    12,
    7,
    Float64Array.from({ length: 84 }, (_, i) => i / 12 - 3.45),
  ),
]

/** Z2 for softmax: some, and more, of which the first example’s exp overflows and the second’s is 0. */
const LOGITS = [4, 6].map((m) => {
  const { rand } = randomStream(m)
  const drawn = map(matrix(10, m), () => 6 * rand() - 3)
  return m === 4 ? drawn : add(drawn, matrix(1, m, Float64Array.of(1000, -1000, 0, 0, 0, 0)))
})

type Of<T> = (example: Example) => T

/** A step of a function of one result. */
const single =
  (values: Of<unknown[]>, expected: Of<Matrix>, known: Of<Mistake[]>) =>
  (our: NetworkFunctions): Trial[] =>
    examples(our).map((example) => ({
      values: values(example),
      parts: [{ expected: expected(example), mistakes: known(example) }],
    }))

/** A step of a gradient, a sum over the examples that is divided by m. */
const mean =
  (values: Of<unknown[]>, sum: Of<Matrix>, known: Of<Mistake[]>) =>
  (our: NetworkFunctions): Trial[] =>
    examples(our).map((example) => {
      const m = example.Y.length
      const expected = scale(sum(example), 1 / m)
      return { values: values(example), parts: [{ expected, mistakes: known(example), m }] }
    })

const dZ2 = ({ layers: { A2 }, Y, our }: Example) => subtract(A2, our.oneHot(Y))
const dZ1 = (example: Example) => {
  const { params, layers, our } = example
  return multiply(dot(transpose(params.W2), dZ2(example)), our.reluSlope(layers.Z1))
}

/** The steps, each with the formulas before it taken as right. */
export const STEPS: Step[] = [
  {
    name: 'relu',
    formula: 'A = max(Z, 0), entry by entry',
    hint: 'map(Z, f) applies f to each entry: map(Z, (z) => Math.max(z, 0)).',
    isExercise: true,
    trials: ({ relu }) => Z.map((Z) => ({ values: [Z], parts: [{ expected: relu(Z), mistakes: mistakes.ofRelu(Z) }] })),
  },
  {
    name: 'softmax',
    formula: 'A = exp(Z) / (sum of exp(Z)), column by column',
    hint: 'Subtract columnMaxima(Z) from Z, take exp of each entry, and divide by the columnSums of that.',
    isExercise: true,
    trials: ({ softmax }) =>
      LOGITS.map((Z) => ({ values: [Z], parts: [{ expected: softmax(Z), mistakes: mistakes.ofSoftmax(Z) }] })),
  },
  {
    name: 'forwardProp',
    formula: 'Z1 = W1·X + b1, A1 = relu(Z1), Z2 = W2·A1 + b2, A2 = softmax(Z2)',
    hint: 'dot(W1, X) is the matrix product, and add(…, b1) adds the column b1 to each column.',
    isExercise: true,
    trials: (our) =>
      examples(our).map((example) => {
        const known = mistakes.ofForwardProp(example)
        const layers = Object.entries(example.layers) as [keyof typeof known, Matrix][]
        return {
          values: [example.params, example.X],
          parts: layers.map(([name, expected]) => ({ name, expected, mistakes: known[name] })),
        }
      }),
  },
  {
    name: 'loss',
    formula: 'J = mean of −log A2[Y[j], j]',
    hint: 'Add up −Math.log(A2.get(Y[j], j)) for each j, and divide by Y.length.',
    isExercise: false,
    trials: (our) =>
      examples(our).map(({ layers: { A2 }, Y }) => {
        const [J, m] = [our.loss(A2, Y), Y.length]
        return { values: [A2, Y], parts: [{ expected: J, mistakes: mistakes.ofLoss(J, m), m }] }
      }),
  },
  {
    name: 'reluSlope',
    formula: '1 where Z > 0, else 0',
    hint: 'map(Z, (z) => (z > 0 ? 1 : 0)); at z = 0 the slope counts as 0.',
    isExercise: false,
    trials: ({ reluSlope }) =>
      Z.map((Z) => ({ values: [Z], parts: [{ expected: reluSlope(Z), mistakes: mistakes.ofReluSlope(Z) }] })),
  },
  {
    name: 'oneHot',
    formula: 'column j has 1 in row Y[j], else 0',
    hint: 'Begin with matrix(10, Y.length), which is all 0, and set(Y[j], j, 1) for each j.',
    isExercise: true,
    trials: (our) =>
      examples(our).map(({ Y }) => ({
        values: [Y],
        parts: [{ expected: our.oneHot(Y), mistakes: mistakes.ofOneHot(Y, our) }],
      })),
  },
  {
    name: 'dZ2',
    formula: 'dZ2 = A2 − oneHot(Y)',
    hint: 'subtract(A2, oneHot(Y)): softmax and cross-entropy together leave no other slope.',
    isExercise: true,
    isPassed: true,
    trials: single(({ layers, Y }) => [layers.A2, Y], dZ2, mistakes.ofdZ2),
  },
  {
    name: 'dW2',
    formula: 'dW2 = dZ2·A1ᵀ / m',
    hint: 'scale(dot(dZ2, transpose(A1)), 1 / m), where m is the number of columns, dZ2.shape[1].',
    isExercise: true,
    trials: mean(
      (example) => [dZ2(example), example.layers.A1],
      (example) => dot(dZ2(example), transpose(example.layers.A1)),
      (example) => mistakes.ofdW(dZ2(example), example.layers.A1),
    ),
  },
  {
    name: 'db2',
    formula: 'db2 = row sums of dZ2 / m',
    hint: 'scale(rowSums(dZ2), 1 / m): ten numbers, one for each bias.',
    isExercise: true,
    trials: mean(
      (example) => [dZ2(example)],
      (example) => rowSums(dZ2(example)),
      (example) => mistakes.ofdb(dZ2(example)),
    ),
  },
  {
    name: 'dZ1',
    formula: 'dZ1 = W2ᵀ·dZ2 ∘ (1 where Z1 > 0, else 0)',
    hint: 'dot(transpose(W2), dZ2), then multiply entry by entry with the slope: map(Z1, (z) => (z > 0 ? 1 : 0)).',
    isExercise: true,
    isPassed: true,
    trials: single(
      (example) => [example.params.W2, dZ2(example), example.layers.Z1],
      dZ1,
      (example) => mistakes.wrongdZ1(example, dZ2(example)).map(({ dZ1, ...known }) => ({ ...known, result: dZ1 })),
    ),
  },
  {
    name: 'dW1',
    formula: 'dW1 = dZ1·Xᵀ / m',
    hint: 'The same as dW2, with dZ1 in place of dZ2 and X in place of A1.',
    isExercise: true,
    trials: mean(
      (example) => [dZ1(example), example.X],
      (example) => dot(dZ1(example), transpose(example.X)),
      (example) => mistakes.ofdW(dZ1(example), example.X),
    ),
  },
  {
    name: 'db1',
    formula: 'db1 = row sums of dZ1 / m',
    hint: 'The same as db2, with dZ1 in place of dZ2.',
    isExercise: true,
    trials: mean(
      (example) => [dZ1(example)],
      (example) => rowSums(dZ1(example)),
      (example) => mistakes.ofdb(dZ1(example)),
    ),
  },
  {
    name: 'backProp',
    formula: 'dW2 = dZ2·A1ᵀ / m, db2 = row sums of dZ2 / m, dW1 = dZ1·Xᵀ / m, db1 = row sums of dZ1 / m',
    hint: 'Compute dZ2, dW2, db2, dZ1, dW1, db1 in this order, and return { dW1, db1, dW2, db2 }.',
    isExercise: false,
    trials: (our) =>
      examples(our).map((example) => {
        const { params, layers, X, Y } = example
        const gradients = our.backProp(params, layers, X, Y)
        const known = mistakes.ofBackProp(example)
        const parts = (['dW2', 'db2', 'dW1', 'db1'] as const).map((name) => ({
          name,
          expected: gradients[name],
          mistakes: known[name],
          m: Y.length,
        }))
        return { values: [params, layers, X, Y], parts }
      }),
  },
  {
    name: 'updateParams',
    formula: 'W := W − α dW, b := b − α db',
    hint: 'Return { W1: subtract(params.W1, scale(gradients.dW1, alpha)), … }.',
    isExercise: true,
    trials: (our) =>
      examples(our).map(({ params, layers, X, Y }, i) => {
        const alpha = 0.1 + 0.2 * i
        const gradients = our.backProp(params, layers, X, Y)
        const parts = (['W1', 'b1', 'W2', 'b2'] as const).map((name) => {
          const [W, dW] = [params[name], gradients[`d${name}`]]
          const known = mistakes.ofUpdate(W, dW, alpha)
          return { name, expected: subtract(W, scale(dW, alpha)), mistakes: known }
        })
        return { values: [params, gradients, alpha], parts }
      }),
  },
]
