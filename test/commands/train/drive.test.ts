/** Runs that signals, kill -9 or a closed pipe end. */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { load } from '../../../src/weights.ts'
import { grouped } from '../../../src/wording.ts'
import { bin, ended, PATH, printed, start } from '../../support/command.ts'
import { isLong } from '../../support/long.ts'
import { expectSameParams } from '../../support/tensors.ts'
import { SMALL, trainingFolder } from '../../support/training.ts'

const { cwd, at, text, train } = trainingFolder()
const LONG = [...SMALL, '--iters', '1000000', '--log-every', '1']

describe('mnist-train', () => {
  const ENDS = [
    ['SIGINT', 'SIGINT'],
    ['SIGQUIT', 131],
    ['SIGTERM', 'SIGTERM'],
    ['SIGUSR1', 'SIGUSR1'],
    ['SIGUSR2', 'SIGUSR2'],
    ['SIGXCPU', 152],
  ] as const

  test.each(ENDS)('saves the weights so far and prints how to resume if %s interrupts it', async (signal, code) => {
    const child = start('mnist-train', [...LONG, '--out', "cut run's.json"], { cwd })
    await printed(child)
    child.kill(signal)
    const end = await ended(child)
    expect(end.code).toBe(code)
    const { params, result, training } = await load(at("cut run's.json"))
    expect(result.iterations).toBeGreaterThan(0)
    expect(training.iterations).toBe(1_000_000)
    const saved = `${grouped(result.iterations)} of 1,000,000 iterations done, saved in cut run's.json`
    const command = "mnist-train --data small.csv --resume 'cut run'\\''s.json'"
    expect(end.stderr).toContain(`\ninterrupted: ${saved}; to resume:\n  ${command}\n`)
    if (signal !== 'SIGINT' && !isLong) return // one will do
    await train(...SMALL, '--iters', String(result.iterations), '--out', 'straight.json')
    expectSameParams((await load(at('straight.json'))).params, params)
  })

  test('leaves the old file if it is interrupted before an iteration is done', async () => {
    writeFileSync(at('wide.json'), 'old')
    const args = ['--data', 'generated', '--take', '2000', '--dev', '0', '--hidden', '2000', '--iters', '3', '--json']
    const child = start('mnist-train', [...args, '--out', 'wide.json'], { cwd })
    await printed(child) // the start; the first iteration takes seconds
    child.kill('SIGINT')
    const { code, stderr } = await ended(child)
    expect(code).toBe('SIGINT')
    expect(stderr).toMatch(/\ninterrupted before an iteration was done; wide\.json is unchanged\n$/)
    expect(text('wide.json')).toBe('old')
  }, 30_000)

  test.each([ENDS[0], ENDS[2], ENDS[3]])(
    'writes nothing if %s comes while it reads the digits',
    async (signal, code) => {
      const args = [bin('mnist-train'), '--data', 'generated', '-', '--out', 'early.json']
      const child = spawn(process.execPath, args, { cwd, env: { PATH } })
      await once(child.stderr, 'data') // the notice before it reads; then it waits for standard input
      child.kill(signal)
      const [exitCode, exitSignal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null]
      expect(exitCode ?? exitSignal).toBe(code)
      expect(existsSync(at('early.json'))).toBe(false)
    },
  )

  test("ends a shell's loop with one Ctrl-C", async () => {
    const command = [process.execPath, bin('mnist-train'), ...LONG].map((word) => `'${word}'`).join(' ')
    const loop = `for i in 1 2 3; do ${command} --out "loop$i.json"; echo "end $?"; done`
    const shell = spawn('bash', ['--norc', '-c', loop], {
      cwd,
      env: { PATH },
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    await printed(shell)
    process.kill(-shell.pid!, 'SIGINT') // as a terminal does
    const { code, stdout } = await ended(shell)
    expect([code, stdout.includes('end')]).toEqual(['SIGINT', false])
    expect([1, 2].map((i) => existsSync(at(`loop${i}.json`)))).toEqual([true, false])
  })

  test('does not wait for a reader of a pipe that it writes to if one signal ends it', async () => {
    execFileSync('mkfifo', [at('unread')])
    const args = [...SMALL, '--log-every', '1', '--out', 'unread', '--iters']
    const training = start('mnist-train', [...args, '1000000'], { cwd })
    await printed(training)
    training.kill('SIGINT')
    const end = await ended(training)
    expect(end.code).toBe('SIGINT')
    expect(end.stderr).toMatch(/\ninterrupted: no one reads unread, so the weights are lost\n$/)
    const saving = start('mnist-train', [...args, '1'], { cwd })
    await printed(saving)
    saving.kill('SIGINT')
    expect((await ended(saving)).code).toBe('SIGINT')
  })

  test('does not count the time that it is stopped in', async () => {
    const args = [...SMALL, '--iters', '40', '--hidden', '200', '--log-every', '1', '--out', 'stopped.json']
    const child = start('mnist-train', args, { cwd })
    await printed(child)
    child.kill('SIGSTOP')
    const began = performance.now()
    await sleep(2000) // the stop
    child.kill('SIGCONT')
    const { code, stderr } = await ended(child)
    const wall = (performance.now() - began) / 1000
    expect(code).toBe(0)
    const seconds = Number(/ iterations in 0:(\d\d), /.exec(stderr)?.[1])
    expect(seconds).toBeLessThanOrEqual(Math.ceil(wall - 2) + 1)
  })

  test('continues after SIGHUP if it has no terminal, as under nohup', async () => {
    const child = start('mnist-train', [...LONG, '--out', 'hup.json'], { cwd })
    await printed(child)
    child.kill('SIGHUP')
    await printed(child, '\n', 300)
    child.kill('SIGTERM')
    expect((await ended(child)).code).toBe('SIGTERM')
    expect((await load(at('hup.json'))).result.iterations).toBeGreaterThan(300)
  })

  test('trains on and saves if the reader of its output leaves', async () => {
    const args = [...SMALL, '--iters', '300', '--log-every', '1', '--out', 'unread.json', '--quiet']
    const child = start('mnist-train', args, { cwd })
    await printed(child)
    child.stdout!.destroy()
    expect(await ended(child)).toMatchObject({ code: 0, stderr: '' })
    expect((await load(at('unread.json'))).result.iterations).toBe(300)
  })

  const rounds = isLong ? 50 : 3
  test(`leaves the old weights or the new ones, whole, if kill -9 ends it: ${rounds} times`, async () => {
    /** Trains with a seed; kills it `delay` ms after its first report, if it is still running. Returns how long it ran. */
    const trainAndKill = async (seed: number, delay: number) => {
      const child = start('mnist-train', [...SMALL, '--iters', '2', '--out', 'killed.json', '--seed', `${seed}`], {
        cwd,
      })
      await printed(child)
      const began = performance.now()
      const timer = setTimeout(() => child.kill('SIGKILL'), delay)
      await ended(child)
      clearTimeout(timer)
      return performance.now() - began
    }
    const never = 60_000
    const whole = await trainAndKill(1000, never)
    const seen = new Set<number>()
    for (let i = 0; i < rounds; i++) {
      await trainAndKill(i, i < rounds - 1 ? (1.5 * whole * i) / (rounds - 1) : never)
      seen.add((await load(at('killed.json'))).training.seed)
    }
    expect(seen.size).toBeGreaterThan(1)
  }, 120_000)
})
