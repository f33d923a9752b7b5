/** The statistics, held to scikit-learn's, SciPy's, statsmodels' and R's numbers: evaluation/oracle.py made oracle.json. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import {
  calibration,
  classReport,
  confidenceBins,
  confidences,
  confusionMatrix,
  confusions,
  holm,
  logTail,
  mcNemar,
  mistakes,
  paired,
  pairedDifference,
  wilsonInterval,
} from '../src/evaluation.ts'
import { matrix, transpose } from '../src/matrix.ts'
import { randomStream } from '../src/random.ts'

type Report = {
  confusion: number[][]
  classes: Record<string, Record<'precision' | 'recall' | 'f1' | 'support', number>>
  macro: Record<'precision' | 'recall' | 'f1', number>
  accuracy: number
}

interface Oracle {
  answers: string
  confidences: string
  right: string[]
  report: Report
  few: Report & { labels: number[]; predictions: number[] }
  ece: number
  bins: [count: number, correct: number, confidence: number][]
  wilson: { successes: number; trials: number; statsmodels: number[]; R: number[] }[]
  mcNemar: { split: [number, number]; logTail: number; statsmodels: number; R: number }[]
  matched: { counts: number[]; interval: number[] }[]
  holm: { p: number[]; statsmodels: number[]; R: number[] }
}

const oracle = JSON.parse(readFileSync('test/evaluation/oracle.json', 'utf8')) as Oracle

/** Real answers to MNIST's 10,000 test digits. */
const answers = Buffer.from(oracle.answers, 'base64')
const labels = Uint8Array.from(answers, (answer) => Math.floor(answer / 10))
const predictions = Uint8Array.from(answers, (answer) => answer % 10)
const units = Buffer.from(oracle.confidences, 'base64')
const sure = Float64Array.from({ length: 10_000 }, (_, i) => units.readUInt16LE(2 * i) / 65535)

/** Predictions that are right where a network of the oracle's was. */
const rightly = oracle.right.map((text) => {
  const bits = Buffer.from(text, 'base64')
  const isRight = (i: number) => (bits[i >> 3] & (0x80 >> (i & 7))) !== 0
  return labels.map((label, i) => (isRight(i) ? label : (label + 1) % 10))
})

/** Relative error 1e-9, or the same absolute one near 0. */
function expectEqual(name: string, actual: number | null, expected: number) {
  expect(Math.abs((actual ?? NaN) - expected), name).toBeLessThanOrEqual(1e-9 * Math.min(1, Math.abs(expected) || 1))
}

function expectReport({ confusion, classes, macro }: Report) {
  const found = classReport(confusion)
  for (const { digit, ...scores } of found.classes) {
    const expected = classes[digit]
    if (expected === undefined) {
      expect(scores).toMatchObject({ support: 0, predicted: 0, precision: null, recall: null, f1: null })
      continue
    }
    for (const name of ['precision', 'recall', 'f1', 'support'] as const) {
      expectEqual(`${name} of ${digit}`, scores[name] ?? 0, expected[name]) // undefined is 0 there
    }
  }
  for (const name of ['precision', 'recall', 'f1'] as const)
    expectEqual(`macro ${name}`, found.macro[name], macro[name])
}

describe('on 10,000 real predictions', () => {
  test("the confusion matrix is scikit-learn's", () => {
    expect(confusionMatrix(labels, predictions)).toEqual(oracle.report.confusion)
  })

  test("precision, recall, F1, support and their macro averages are scikit-learn's", () => {
    expectReport(oracle.report)
  })

  test("the bins and the expected calibration error are NumPy's", () => {
    const { bins, expectedError } = calibration(labels, predictions, sure)
    expectEqual('expected error', expectedError, oracle.ece)
    bins.forEach(({ count, correct, confidence, accuracy }, b) => {
      const [expectedCount, expectedCorrect, total] = oracle.bins[b]
      expect([count, correct]).toEqual([expectedCount, expectedCorrect])
      if (count === 0) return expect([confidence, accuracy]).toEqual([null, null])
      expectEqual(`confidence of bin ${b}`, confidence, total / count)
      expectEqual(`accuracy of bin ${b}`, accuracy, expectedCorrect / count)
    })
  })

  test('two networks are counted and their difference has its interval', () => {
    oracle.matched.forEach(({ counts: [both, onlyFirst, onlySecond, neither], interval }, i) => {
      const counts = paired(labels, rightly[0], rightly[i + 1])
      expect(counts).toEqual({ both, onlyFirst, onlySecond, neither })
      const { difference, low, high } = pairedDifference(counts)
      expect(difference).toBe((onlyFirst - onlySecond) / 10_000)
      expectEqual('low', low, interval[0])
      expectEqual('high', high, interval[1])
    })
  })
})

test('where a digit is never predicted, never a label, or neither, the report is as scikit-learn’s', () => {
  const { few } = oracle
  expect(confusionMatrix(Uint8Array.from(few.labels), Uint8Array.from(few.predictions))).toEqual(few.confusion)
  expectReport(few)
  const { classes } = classReport(few.confusion)
  expect(classes[8]).toMatchObject({ support: 2, predicted: 0, precision: null, recall: 0, f1: 0 })
  expect(classes[9]).toMatchObject({
    support: 0,
    predicted: 1,
    precision: 0,
    recall: null,
    recallInterval: null,
    f1: 0,
  })
})

describe("Wilson's interval", () => {
  test.each(oracle.wilson)('of $successes of $trials is that of statsmodels and R', (entry) => {
    const { low, high } = wilsonInterval(entry.successes, entry.trials)
    for (const bounds of [entry.statsmodels, entry.R]) {
      expectEqual('low', low, bounds[0])
      expectEqual('high', high, bounds[1])
    }
  })

  test('never leaves 0 to 1, and touches an end only if all or none are successes', () => {
    for (let trials = 1; trials < 60; trials++) {
      for (let k = 0; k <= trials; k++) {
        const { low, high } = wilsonInterval(k, trials)
        expect([low === 0, high === 1]).toEqual([k === 0, k === trials])
        expect(low).toBeGreaterThanOrEqual(0)
        expect(high).toBeLessThanOrEqual(1)
      }
    }
  })
})

describe("McNemar's exact p", () => {
  test.each(oracle.mcNemar)('of $split is that of statsmodels and R', ({ split: [b, c], ...expected }) => {
    expectEqual('log tail', logTail(Math.min(b, c), b + c), expected.logTail)
    const limit = 2e-323 // where float64 has few digits left
    for (const p of [mcNemar(b, c), mcNemar(c, b)]) {
      for (const wanted of [expected.statsmodels, expected.R]) {
        expect(Math.abs(p - wanted)).toBeLessThanOrEqual(1e-9 * wanted + limit)
      }
    }
  })

  test('is the sum of the binomial terms, and never above 1', () => {
    for (let n = 0; n <= 40; n++) {
      let [term, tail] = [1, 0] // of n over k
      for (let k = 0; 2 * k <= n; k++) {
        tail += term
        expectEqual(`${k} of ${n}`, mcNemar(k, n - k), Math.min(1, (2 * tail) / 2 ** n))
        term = (term * (n - k)) / (k + 1)
      }
    }
  })
})

test("Holm's correction is that of statsmodels and R", () => {
  const { p, statsmodels, R } = oracle.holm
  for (const expected of [statsmodels, R]) holm(p).forEach((value, i) => expectEqual(`p ${i}`, value, expected[i]))
  expect(holm([0.6, 0.7])).toEqual([1, 1])
  expect(holm([])).toEqual([])
})

test('a confidence on the edge of two bins belongs to the lower one', () => {
  const edges = Float64Array.from([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1])
  expect(confidenceBins(edges).map(({ count }) => count)).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 1, 1])
  expect(confidenceBins(edges.map((edge) => edge * (1 - 1e-12))).every(({ count }) => count === 1)).toBe(true)
  expect(confidenceBins(Float64Array.of(0.3000001))[3]).toEqual({ from: 0.3, to: 0.4, count: 1, confidence: 0.3000001 })
})

test('confusions come by frequency, then by label and prediction', () => {
  const counts = Array.from({ length: 10 }, () => Array.from({ length: 10 }, () => 0))
  counts[4] = [0, 0, 0, 0, 924, 0, 0, 0, 0, 58]
  counts[9][4] = 3
  counts[2][7] = 3
  counts[2][3] = 3
  expect(confusions(counts)).toEqual([
    { label: 4, prediction: 9, count: 58, support: 982 },
    { label: 2, prediction: 3, count: 3, support: 6 },
    { label: 2, prediction: 7, count: 3, support: 6 },
    { label: 9, prediction: 4, count: 3, support: 3 },
  ])
})

test('mistakes come by loss, then by index, with both probabilities', () => {
  const m = 200
  const { rand } = randomStream(3)
  const A2 = transpose(matrix(m, 10))
  for (let j = 0; j < m; j++) {
    const weights = Array.from({ length: 10 }, () => Math.floor(rand() * 4)) // many ties, and probabilities of 0
    const total = weights.reduce((sum, w) => sum + w, 0)
    weights.forEach((w, i) => A2.set(w / total, i, j))
  }
  const columns = Array.from({ length: m }, (_, j) => Array.from({ length: 10 }, (_, i) => A2.get(i, j)))
  const predictions = Uint8Array.from(columns, (column) => column.indexOf(Math.max(...column)))
  const labels = predictions.map((digit, j) => (j % 3 === 0 ? digit : (digit + j) % 10))
  const found = mistakes(labels, predictions, A2)
  expect(found).toHaveLength(labels.filter((label, j) => label !== predictions[j]).length)
  for (const { index, label, prediction, loss, ...mistake } of found) {
    expect([label, prediction]).toEqual([labels[index], predictions[index]])
    expect(mistake.probabilityOfLabel).toBe(columns[index][label])
    expect(mistake.probabilityOfPrediction).toBe(columns[index][prediction])
    expect(loss).toBe(-Math.log(columns[index][label]))
  }
  expect(found[0].loss).toBe(Infinity)
  found.slice(1).forEach((mistake, i) => {
    const before = found[i]
    expect(before.loss > mistake.loss || (before.loss === mistake.loss && before.index < mistake.index)).toBe(true)
  })
  expect([...confidences(A2)]).toEqual(columns.map((column) => Math.max(...column)))
})
