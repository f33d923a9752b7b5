import { expect, test } from 'vitest'
import { stopwatch } from '../../../src/commands/train/stopwatch.ts'

test('a stopwatch leaves out the time that the process was stopped in', () => {
  let now = 1000
  const watch = stopwatch(() => now)
  const pass = (ms: number) => (now += ms)
  pass(40)
  watch.nextLap()
  pass(30)
  watch.nextLap()
  pass(10)
  pass(60_000) // stopped
  process.emit('SIGCONT', 'SIGCONT')
  expect([watch.seconds(), watch.lap()]).toEqual([0.1, 30])
  watch.nextLap()
  pass(20)
  process.emit('SIGCONT', 'SIGCONT') // without a stop
  expect([watch.seconds(), watch.lap()]).toEqual([0.12, 20])
  watch.close()
  pass(5000)
  process.emit('SIGCONT', 'SIGCONT')
  expect(watch.seconds()).toBe(5.12)
})
