import { afterEach, expect, test, vi } from 'vitest'
import { clock, progress } from '../../src/terminal/progress.ts'

afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllEnvs()
})

/** The bar on a terminal of some columns. */
function barOn(columns: number, work: string, details: string[], done = 1, term = 'xterm'): string {
  vi.stubEnv('TERM', term)
  vi.spyOn(performance, 'now').mockReturnValueOnce(0).mockReturnValue(1e6)
  let written = ''
  const stream = { isTTY: true, columns, write: (text: string) => (written += text) }
  progress(stream as unknown as typeof process.stderr, false).update(work, done, 2, () => details)
  return written.replace('\r\u001b[K', '')
}

test('a bar is shortened, and then loses whole details from the last, to fit its terminal', () => {
  const details = ['1,874/3,750', 'epoch 3/6', '0:03 left', '6,450 iterations/s']
  const on = (columns: number) => barOn(columns, 'training', details)
  const all = details.join('  ')
  expect(on(120)).toBe(`training ${'█'.repeat(12)}${'░'.repeat(12)} 50 %  ${all}`)
  expect(on(80)).toBe(`training █████░░░░░ 50 %  ${all}`)
  expect(on(78)).toBe(`training ████░░░░ 50 %  ${all}`)
  expect(on(76)).toBe('training ████░░░░ 50 %  1,874/3,750  epoch 3/6  0:03 left')
  expect(on(40)).toBe('training ████░░░░ 50 %  1,874/3,750')
  expect(barOn(40, 'train-images-idx3-ubyte.gz', ['4.1 of 9.9 MB'])).toBe('train-images-idx3-ubyte.gz 50 %')
})

test('a bar is never more than full, and escapes its details', () => {
  expect(barOn(80, 'reading', ['\u001b[31m'], 3)).toBe(`reading ${'█'.repeat(24)} 100 %  \\u001b[31m`)
})

test('a dumb terminal gets plain lines', () => {
  expect(barOn(80, 'training', ['1/2'], 1, 'dumb')).toBe('training 50 %, 1/2\n')
})

test.each([
  [0, '0:00'],
  [6.1, '0:07'],
  [59.2, '1:00'],
  [754, '12:34'],
  [3599.5, '1:00:00'],
  [3723, '1:02:03'],
])('a clock shows %d seconds as %s', (seconds, shown) => {
  expect(clock(seconds)).toBe(shown)
})
