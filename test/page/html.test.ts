import { expect, test } from 'vitest'
import { html } from '../../src/page/html.ts'
import { ticks } from '../../src/page/ticks.ts'

test('text stays text: entities, quotes and control characters', () => {
  const text = '</p><script>&"\'\u001b\u202e'
  expect(html`<p title="${text}">${text}</p>`.text).toBe(
    `<p title="&lt;/p&gt;&lt;script&gt;&amp;&quot;&#39;\\u001b\\u202e">&lt;/p&gt;&lt;script&gt;&amp;&quot;&#39;\\u001b\\u202e</p>`,
  )
})

test('pieces of HTML and lists of them are joined, undefined is nothing', () => {
  expect(html`<ul>${[1, 2].map((n) => html`<li>${n}</li>`)}</ul>${undefined}`.text).toBe('<ul><li>1</li><li>2</li></ul>') // prettier-ignore
})

test.each([
  [2.7, 4, [0, 1, 2, 3]],
  [1, 5, [0, 0.2, 0.4, 0.6, 0.8, 1]],
  [499, 4, [0, 200, 400, 600]],
  [0.03, 4, [0, 0.01, 0.02, 0.03]],
  [0, 4, [0, 1]],
])('an axis up to %d has round ticks', (most, count, wanted) => {
  expect(ticks(most, count)).toEqual(wanted)
})
