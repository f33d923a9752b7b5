/** The drawings of mnist-evaluate. */
import { afterEach, describe, expect, test, vi } from 'vitest'
import { bar } from '../../src/terminal/bar.ts'
import { inLocale } from '../../src/terminal/charset.ts'
import { confusionTable } from '../../src/terminal/confusion.ts'
import { pictures } from '../../src/terminal/picture.ts'
import { reliabilityBar } from '../../src/terminal/reliability.ts'
import { aligned } from '../../src/terminal/table.ts'

/** 90 % of each digit right, the rest read as the next one. */
const counts = (support: number) =>
  Array.from({ length: 10 }, (_, i) =>
    Array.from({ length: 10 }, (_, j) => (i === j ? 0.9 * support : j === (i + 1) % 10 ? 0.1 * support : 0)),
  )

describe('a confusion matrix', () => {
  test('names its axes; rows are labels, columns predictions', () => {
    const { lines, unit } = confusionTable(counts(1000), false, 80)
    expect(unit).toBe('counts')
    expect(lines.slice(0, 4)).toEqual([
      '          prediction',
      '          0   1   2   3   4   5   6   7   8   9',
      'label 0 900 100   ·   ·   ·   ·   ·   ·   ·   ·',
      '      1   · 900 100   ·   ·   ·   ·   ·   ·   ·',
    ])
    expect(lines.at(-1)).toBe('      9 100   ·   ·   ·   ·   ·   ·   ·   · 900')
  }) // prettier-ignore

  test.each([10, 1000, 100_000, 10_000_000])('of %i digits each fits 80 columns and 40', (support) => {
    for (const width of [80, 40]) {
      const { lines, unit } = confusionTable(counts(support), false, width)
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(width)
      expect(unit).toBe(support > (width === 80 ? 100_000 : 10) ? 'percent of the label' : 'counts')
      if (unit !== 'counts') expect(lines[2]).toMatch(/^label 0 90 10 +·/)
    }
  })

  test('has counts as long as they fit', () => {
    const [wide, narrow] = [47, 46].map((width) => confusionTable(counts(1000), false, width))
    expect([wide.unit, narrow.unit]).toEqual(['counts', 'percent of the label'])
    expect(wide.lines.at(-1)).toHaveLength(47)
  })

  test('rounds percentages down, so that 100 is all', () => {
    const few = counts(100_000)
    few[0] = [99_999, 1, 0, 0, 0, 0, 0, 0, 0, 0]
    expect(confusionTable(few, false, 40).lines[2]).toMatch(/^label 0 99  0  ·/)
  })

  test('shows a digit that is no label in percent, too', () => {
    const few = counts(100_000)
    few[3].fill(0)
    expect(confusionTable(few, false, 40).lines[5]).toMatch(/^ {6}3( {2}·){10}$/)
  })

  test('shades mistakes by their number, if they are at least a fifth of the most frequent', () => {
    const some = counts(1000)
    some[0][5] = 19
    some[0][6] = 20
    const [, , row] = confusionTable(some, true, 80).lines
    expect(row).toBe(
      'label 0\u001b[1m 900\u001b[0m\u001b[97;48;5;196m 100\u001b[0m   ·   ·   ·  19\u001b[97;48;5;52m  20\u001b[0m   ·   ·   ·',
    )
  })
})

test.each([
  [0.5, 0.75, '█████  │'],
  [0.75, 0.5, '█████│█▌'],
  [1, 1, '█████████│'],
  [0, 0, '│'],
  [0.95, 0.951, '█████████│'],
])('a bar of accuracy %d has its mark at confidence %d', (accuracy, confidence, expected) => {
  expect(reliabilityBar(accuracy, confidence, 10)).toBe(expected)
})

test.each([
  [0, ''],
  [0.07, '▊'],
  [0.5, '█████'],
  [0.999, '██████████'],
])('a bar of %d is drawn to the nearest eighth', (fraction, drawn) => {
  expect(bar(fraction, 10)).toBe(drawn)
})

test('a table aligns numbers to the right, undefined ones too, and text to the left', () => {
  const lines = [['name', 'n', 'share'], ['a', '1,032', '–'], ['long name', '7', '95.1–96.2']]
  expect(aligned(lines)).toBe('name           n      share\na          1,032          –\nlong name      7  95.1–96.2\n')
}) // prettier-ignore

test('a title of several lines stands over its picture', () => {
  const blank = new Uint8Array(784)
  const two = ['row 1\nlabel 4', 'row 22\nlabel 9'].map((title) => ({ pixels: blank, title }))
  const lines = pictures(two, false, 80).split('\n')
  expect(lines.slice(0, 3)).toEqual([`row 1${' '.repeat(25)}row 22`, `label 4${' '.repeat(23)}label 9`, ''])
  expect(lines).toHaveLength(16)
})

describe('a text', () => {
  afterEach(() => vi.unstubAllEnvs())
  const drawn = '–·│█▏−…▁▇┤└─×é'

  test.each([
    [{ LANG: 'C' }, '-.|##-._*|+-xé'],
    [{ LANG: 'de_DE.ISO-8859-1' }, '-.|##-._*|+-xé'],
    [{ LANG: 'en_US.UTF-8', LC_ALL: 'POSIX' }, '-.|##-._*|+-xé'],
    [{ LANG: 'en_US.UTF-8', LC_CTYPE: 'C' }, '-.|##-._*|+-xé'],
    [{ LANG: 'C', LC_ALL: 'C.utf8' }, drawn],
    [{ LANG: 'en_US.UTF-8' }, drawn],
    [{}, drawn],
  ])('is drawn in what the locale %o has', (env, expected) => {
    for (const name of ['LC_ALL', 'LC_CTYPE', 'LANG']) vi.stubEnv(name, (env as Record<string, string>)[name] ?? '')
    expect(inLocale(drawn)).toBe(expected)
  })
})
