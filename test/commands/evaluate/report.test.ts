/** What mnist-evaluate prints, of answers whose numbers are known. */
import { describe, expect, test } from 'vitest'
import { comparisons } from '../../../src/commands/evaluate/comparison.ts'
import { unlabelled, type Measured } from '../../../src/commands/evaluate/measured.ts'
import { predictionsCsv } from '../../../src/commands/evaluate/predictions.ts'
import {
  comparisonReport,
  described,
  gallery,
  report,
  shownProbability,
  unlabelledReport,
} from '../../../src/commands/evaluate/report.ts'
import { emptyDigits } from '../../../src/digits.ts'
import { answers, hundred, labels, M, network, NEW } from '../../support/answers.ts'

const page = (width: number) => ({ colour: false, width, fold: Infinity })

/** The lines of one part of a report, after its title. */
const linesOf = (text: string, title: string) =>
  text
    .split('\n\n')
    .find((part) => part.startsWith(title))!
    .split('\n')
    .slice(1)

describe('the report on one network', () => {
  const one = network('a.json', hundred)
  const at = (width: number) => report(one, NEW, page(width))

  test('has the scores of each digit and their means, without intervals if it is narrow', () => {
    const wide = linesOf(at(80), 'Per digit')
    expect([0, 5, 11].map((i) => wide[i].split(/ {2,}/))).toEqual([
      ['digit', 'precision', 'recall', '95 % interval', 'F1', 'support'],
      ['4', '92.59', '50.00', '40.38–59.62', '64.94', '100'],
      ['macro', '91.23', '90.00', '89.70', '1,000'],
    ])
    const narrow = linesOf(at(40), 'Per digit')
    expect([0, 5].map((i) => narrow[i].split(/ {2,}/))).toEqual([
      ['digit', 'precision', 'recall', 'F1', 'support'],
      ['4', '92.59', '50.00', '64.94', '100'],
    ])
  })

  test('names the five most frequent confusions', () => {
    expect(linesOf(at(80), 'Most frequent')).toEqual([
      '4 read as 5: 50 of 100',
      '9 read as 0: 10 of 100',
      '8 read as 9: 9 of 100',
      '7 read as 8: 8 of 100',
      '6 read as 7: 7 of 100',
    ])
    expect(report(network('a.json', () => false), NEW, page(80))).not.toContain('confusions') // prettier-ignore
  })

  test('draws accuracy beside confidence in forty characters, in fewer or not at all if it is narrow', () => {
    const bin = (width: number) => linesOf(at(width), 'Calibration, expected error 15.00 points')[8]
    const numbers = ' 70–80   1,000   75.00  90.00'
    expect(bin(200)).toBe(`${numbers}  ${'█'.repeat(30)}│${'█'.repeat(5)}`)
    expect(bin(37)).toBe(`${numbers}  ████│▍`)
    expect(bin(36)).toBe(numbers)
    expect(at(37)).toContain('bars: accuracy')
    expect(at(36)).not.toContain('bars: accuracy')
  })

  test('says if it was trained on these digits, and how many it did not learn from', () => {
    const trained = (dev: number) => report(network('a.json', hundred, { data: NEW, dev }), NEW, page(80))
    expect(at(80)).not.toContain('trained')
    expect(trained(0)).toContain('\na.json was trained on these digits: expect a lower accuracy on others.\n')
    expect(trained(50)).toContain('trained on these digits (50 of them held out): expect')
  })

  test('shows mistakes with the probabilities of both digits', () => {
    const text = gallery({ ...emptyDigits(M), labels }, one.mistakes, 'Worst mistakes', page(80))
    expect(text).toMatch(/^row 0 +row 1\nlabel 0 \(0\.0278\) +label 1 \(0\.0278\)\n/m)
    expect(text).toMatch(/^prediction 1 \(0\.7500\) +prediction 2 \(0\.7500\)$/m)
  })
})

describe('the comparison', () => {
  const best = network('a.json', hundred)
  /** 14 more 4s are wrong, and four fewer of another digit: p is 0.031. */
  const worse = (file: string, better: number, ...training: object[]) =>
    network(file, (label, row) => (label === 4 ? row < 640 : hundred(label, row) && (label !== better || row >= 40)), ...training) // prettier-ignore
  const [b, c] = [worse('b.json', 9), worse('c.json', 8)]
  const compared = (networks: Measured[], width = 80) =>
    comparisonReport(networks, comparisons(networks, labels), NEW, page(width))

  test('of two says what only one of them gets right, and whether that is chance', () => {
    const two = compared([best, b])
    expect(two).toMatch(/^2 networks on 1,000 digits of new\.csv\n\n/)
    expect(linesOf(two, "Against the best, McNemar's exact test")).toEqual([
      'b.json: 1.00 points below a.json (95 % interval 0.15 to 1.85); only a.json right: 14, only this one: 4; worse than a.json, p = 0.031',
    ])
  })

  test('of three corrects p for it, and says that the best is lucky', () => {
    const three = compared([best, b, c])
    expect(three.split('\n')[1]).toBe(
      'a.json is the best of 3 on these digits, so its accuracy on others is likely lower.',
    )
    const lines = linesOf(three, "Against the best, McNemar's exact test, Holm-corrected")
    expect(lines).toHaveLength(2)
    for (const line of lines) expect(line).toMatch(/; no difference that 1,000 digits can show, p = 0\.062$/)
  })

  test('names those that were trained on the digits', () => {
    expect(compared([best, worse('b.json', 9, { data: NEW, dev: 0 })])).toContain(
      '\nb.json was trained on these digits:',
    )
  })

  test('has names on lines of their own if the table is too wide', () => {
    const table = [
      'network  acc %  95 % interval    loss',
      'a.json   90.00    87.98–91.71  0.5000',
      'b.json   89.00    86.91–90.79  0.5000',
    ]
    expect(compared([best, b], 37)).toContain(`\n\n${table.join('\n')}\n\n`)
    const narrow = table.flatMap((line, i) => (i === 0 ? [line.slice(9)] : [line.slice(0, 6), line.slice(9)]))
    expect(compared([best, b], 36)).toContain(`\n\n${narrow.join('\n')}\n\n`)
  })
})

test('the report on unlabelled digits counts what is predicted, and how surely', () => {
  const text = unlabelledReport(unlabelled(answers('a.json', hundred)), NEW, page(80))
  expect(text).toContain('\nmean confidence 75.00 %\n')
  expect(linesOf(text, 'Predictions').slice(5, 7)).toEqual(['    4         54', '    5        144'])
  expect(linesOf(text, 'Confidence')[8]).toBe(' 70–80   1,000   75.00')
})

test('the CSV of predictions has a line per digit, also if it is written in pieces', () => {
  const pieces = Array.from(predictionsCsv(answers('a.json', hundred), labels))
  expect(pieces.length).toBeGreaterThan(1)
  const lines = pieces.join('').trimEnd().split('\n').slice(1)
  expect(lines.map((line) => line.split(',', 2).map(Number))).toEqual(Array.from(labels, (label, row) => [row, label]))
})

test('digits are named by their files, or as generated', () => {
  expect(described({ ...NEW, names: ['a.csv', 'b.csv'] })).toBe('1,000 digits of a.csv, b.csv')
  expect(described({ ...NEW, names: ['generated'] })).toBe('1,000 generated digits')
})

test.each([
  [0, '0.0000'],
  [0.00004, '4e-5'],
  [0.0001, '0.0001'],
  [1, '1.0000'],
])('a probability of %d is shown as %s', (p, shown) => {
  expect(shownProbability(p)).toBe(shown)
})
