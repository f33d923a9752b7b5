import { expect, test } from 'vitest'
import { mistakesSection } from '../../../src/commands/report/mistakes-section.ts'
import { emptyDigits } from '../../../src/digits.ts'
import { answers, hundred, labels, M, network, NEW } from '../../support/answers.ts'

const section = (isWrong: Parameters<typeof answers>[1]) => {
  const evaluated = { networks: [network('a.json', isWrong)], digits: { ...emptyDigits(M), labels }, data: NEW }
  return mistakesSection(evaluated).text.replace(/\s+/g, ' ')
}

test('a cell of the confusion matrix is shaded by its share of the label, and a button if it holds mistakes', () => {
  const text = section(hundred)
  expect(text).toContain('<td style="--share:0.5000"> <button type="button" data-label="4" data-prediction="5"')
  expect(text).toContain('aria-label="4 read as 5: 50 of 100"')
  expect(text).toContain('<td class="right" style="--share:0.9900"> 99 </td>')
  expect(text.match(/<td class="none" style="--share:0\.0000"> · <\/td>/g)).toHaveLength(80)
  expect(text.match(/data-prediction=/g)).toHaveLength(10)
})

test('without mistakes says so', () => {
  const none = section(() => false)
  expect(none).toContain('<p class="muted"> There are none. </p>')
  expect(none).not.toContain('Most frequent')
  expect(section(hundred)).toContain('Most frequent: 4 read as 5, 50 of 100; 9 read as 0, 10 of 100; 8 read as 9,')
})
