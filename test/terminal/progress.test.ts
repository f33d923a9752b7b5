import { afterEach, expect, test, vi } from 'vitest'
import { progress } from '../../src/terminal/progress.ts'

afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllEnvs()
})

/** The bar on a terminal of some columns. */
function barOn(columns: number, work: string, details: string[]): string {
  vi.stubEnv('TERM', 'xterm')
  vi.spyOn(performance, 'now').mockReturnValueOnce(0).mockReturnValue(1e6)
  let written = ''
  const stream = { isTTY: true, columns, write: (text: string) => (written += text) }
  progress(stream as unknown as typeof process.stderr, false).update(work, 1, 2, () => details)
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
