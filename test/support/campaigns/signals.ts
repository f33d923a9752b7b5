/** Whenever a signal ends a training, its weights file is absent, the old one, or whole. */
import { deepStrictEqual, doesNotMatch, notStrictEqual, strictEqual } from 'node:assert/strict'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { generate } from '../../../src/digits/generate.ts'
import { load } from '../../../src/weights.ts'
import { claim, type MadeBy } from '../claim.ts'
import { ended, printed, start } from '../command.ts'
import { csvOf } from '../csv.ts'
import { runInProcess } from '../in-process.ts'
import { WAYS } from '../ways.ts'

const DATA = csvOf(generate(60, 4))
const SMALL = ['--data', 'small.csv', '--dev', '10', '--quiet']
const ITERATIONS = 100

const killed = fc.record({
  way: fc.constantFrom(...WAYS, '--hidden 100', '--hidden 100'),
  signals: fc.array(
    fc.constantFrom('SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGKILL', 'SIGKILL', 'SIGKILL' as const),
    {
      minLength: 1,
      maxLength: 2,
    },
  ),
  /** From when, and for which share of what a run then takes: not the same moment each time. */
  from: fc.constantFrom('start', 'first report', 'first report', 'first report'),
  moment: fc.double({ min: 0, max: 1.1, noNaN: true }),
  checkpointEvery: fc.constantFrom(1, 1, 7, 1000),
  hasOld: fc.boolean(),
})

/** The text of weights files of whole runs, by their options. */
const whole = new Map<string, string>()
async function wholeRun(folder: string, args: string[]): Promise<string> {
  const key = args.join(' ')
  const known = whole.get(key)
  if (known !== undefined) return known
  await train(folder, [...args, '--out', 'whole.json'])
  const text = readFileSync(join(folder, 'whole.json'), 'utf8')
  rmSync(join(folder, 'whole.json'))
  whole.set(key, text)
  return text
}

/** Milliseconds that the last process that was not killed took. */
const durations: Record<string, number> = { 'start': 2000, 'first report': 1000 } // prettier-ignore

async function train(folder: string, args: string[]): Promise<void> {
  const { code, stderr } = await runInProcess('mnist-train', [...SMALL, ...args], { cwd: folder })
  strictEqual(code, 0, stderr)
}

export const signals = {
  training: claim<MadeBy<typeof killed>>({
    title: 'a killed training leaves the old weights or new ones that can be resumed, and the next run tidies up',
    inputs: killed,
    async check({ way, signals, from, moment, checkpointEvery, hasOld }, folder) {
      rmSync(folder, { recursive: true, force: true })
      mkdirSync(folder)
      writeFileSync(join(folder, 'small.csv'), DATA)
      const out = join(folder, 'out.json')
      const args = [...way.split(' '), '--iters', String(ITERATIONS)]
      const expected = await wholeRun(folder, args)
      const old = await wholeRun(folder, ['--iters', '2', '--seed', '9'])
      if (hasOld) writeFileSync(out, old)

      const often = ['--checkpoint-every', String(checkpointEvery), '--out', 'out.json']
      const child = start('mnist-train', [...SMALL, ...args, ...often], { cwd: folder })
      if (from === 'first report') await printed(child)
      const began = performance.now()
      const timer = setTimeout(() => signals.forEach((signal) => child.kill(signal)), moment * durations[from])
      const { code, stderr } = await ended(child)
      clearTimeout(timer)
      if (code === 0) durations[from] = performance.now() - began
      notStrictEqual(code, 70, stderr)
      doesNotMatch(stderr, /internal error/)

      const isThere = existsSync(out)
      strictEqual(isThere || !hasOld, true, 'the old file is gone')
      const isOld = hasOld && readFileSync(out, 'utf8') === old
      let happened = isThere ? 'old' : 'absent'
      if (isThere && !isOld) {
        const { result } = await load(out)
        happened = result.iterations < ITERATIONS ? 'resumed' : 'complete'
        await train(folder, ['--resume', 'out.json'])
      } else await train(folder, [...args, '--out', 'out.json'])
      strictEqual(readFileSync(out, 'utf8') === expected, true, 'other weights than without a signal')
      if (happened !== 'complete') deepStrictEqual(readdirSync(folder).toSorted(), ['out.json', 'small.csv'])
      return happened
    },
  }),
}
