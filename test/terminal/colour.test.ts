import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { hasColour } from '../../src/terminal/colour.ts'

const NAMES = ['NO_COLOR', 'FORCE_COLOR', 'TERM', 'LC_ALL', 'LC_CTYPE', 'LANG'] as const
const terminal = { isTTY: true }

beforeEach(() => NAMES.forEach((name) => vi.stubEnv(name, undefined)))
afterEach(() => vi.unstubAllEnvs())

test.each([
  ['a terminal', {}, true],
  ['a dumb terminal', { TERM: 'dumb' }, false],
  ['a terminal of another character set, which lacks half blocks', { LANG: 'C' }, false],
  ['a terminal that NO_COLOR speaks of', { NO_COLOR: '1', FORCE_COLOR: '1' }, false],
  ['an empty NO_COLOR', { NO_COLOR: '' }, true],
  ['FORCE_COLOR', { FORCE_COLOR: '1', TERM: 'dumb', LANG: 'C' }, true],
  ['FORCE_COLOR=0', { FORCE_COLOR: '0' }, false],
])('colours on %s', (_, env, expected) => {
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value)
  expect(hasColour(terminal, true)).toBe(expected)
  expect(hasColour(terminal, false)).toBe(false)
})

test('no colours in a file, unless FORCE_COLOR asks for them', () => {
  expect(hasColour({}, true)).toBe(false)
  vi.stubEnv('FORCE_COLOR', '1')
  expect(hasColour({}, true)).toBe(true)
})
