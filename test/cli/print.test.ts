import { afterEach, expect, test, vi } from 'vitest'
import { printAll, stdout, toJson } from '../../src/cli/print.ts'

afterEach(() => {
  vi.restoreAllMocks()
  stdout.hasFailed = false
})

test('printAll makes no more pieces when stdout has failed', async () => {
  let made = 0
  function* pieces() {
    while (made < 100) yield `piece ${++made}\n`
  }
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((_, onWritten) => {
    if (made === 3) stdout.hasFailed = true
    process.nextTick(onWritten as unknown as () => void)
    return true
  })
  await printAll(pieces())
  expect(write.mock.calls.map(([piece]) => piece)).toEqual(['piece 1\n', 'piece 2\n', 'piece 3\n'])
  expect(made).toBeLessThan(5)
})

test('JSON cannot act on a terminal', () => {
  expect(toJson({ file: 'a\u001b[31m\u009b\u202e.png' })).toBe('{"file":"a\\u001b[31m\\u009b\\u202e.png"}')
})
