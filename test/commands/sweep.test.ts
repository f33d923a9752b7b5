import { execFileSync, fork, spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { watch } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { generate } from '../../src/digits/generate.ts'
import { bin, ended, has, PATH, printed, run, start } from '../support/command.ts'
import { csvOf } from '../support/csv.ts'
import { newFolder } from '../support/folder.ts'
import { runInProcess } from '../support/in-process.ts'

const cwd = newFolder()
const at = (name: string) => join(cwd, name)
const read = (name: string) => readFileSync(at(name), 'utf8')
const weightsIn = (folder: string) => readdirSync(at(folder)).filter((name) => /^[^.].*\.json$/.test(name))
const RUN = ['--data', 'small.csv', '--dev', '10', '--iters', '40']
/** Runs that do not end in the time of a test. */
const ENDLESS = ['--data', 'small.csv', '--dev', '10', '--iters', '1000000', '--checkpoint-every', '20', '--jobs', '2']

/** Runs a sweep in this process; the mnist-train that it starts are processes. */
const sweep = (...args: string[]) => runInProcess('mnist-sweep', args, { cwd }, bin('mnist-sweep'))
const train = (...args: string[]) => runInProcess('mnist-train', args, { cwd })

beforeAll(() => writeFileSync(at('small.csv'), csvOf(generate(60, 4))))

describe('mnist-sweep refuses', () => {
  test.each([
    [[], 64, "missing required argument 'folder'"],
    [['r', '--alfa', '0.1'], 64, "unknown option '--alfa' (did you mean --alpha?)"],
    [['r', '--alpha', '0.1x', '0.2'], 64, '--alpha "0.1x": not a number above 0'],
    [['r', '--hidden', '10', '0'], 64, '--hidden "0": not an integer from 1 to 4096'],
    [['r', '--seed', '1', '1'], 64, 'two runs would both write r/seed=1.json; give each value once'],
    [['r', '--seed$(touch pwned)', '1', '2'], 64, "unknown option '--seed$(touch pwned)'"],
    [['r', '--out', 'x'], 64, "unknown option '--out'"],
    [['r', '--seed', '1', '--', '--bar'], 64, '--bar: unexpected argument; see mnist-sweep --help'],
    [['r', '--data', '-'], 64, '--data -: not a file; every run has to read it'],
    [['r', '--test', '/dev/null'], 64, '--test /dev/null: not a file; every run has to read it'],
    [['r', '--data', 'small.csv', 'nope.csv'], 66, 'nope.csv: no such file'],
    [['r', '--init', 'generated'], 66, 'generated: no such file'],
    [['small.csv', '--seed', '1'], 73, 'small.csv: is a file, not a folder'],
  ])('%j, and leaves nothing', async (args, code, sentence) => {
    const before = readdirSync(cwd)
    expect(await sweep(...args)).toEqual({ code, stdout: '', stderr: `mnist-sweep: ${sentence}\n` })
    expect(readdirSync(cwd)).toEqual(before)
  })

  test('a file that another process would not find under its name', async () => {
    const file = openSync(at('small.csv'), 'r')
    const { code, stderr } = await sweep('r', '--data', `/dev/fd/${file}`)
    closeSync(file)
    const sentence = `--data /dev/fd/${file}: not a file; every run has to read it`
    expect([code, stderr]).toEqual([64, `mnist-sweep: ${sentence}\n`])
  })

  test('a folder whose runs have other common options, in whatever order they are given', async () => {
    await sweep('other', '--seed', '0', '--hidden', '2', '3', ...RUN, '--print')
    await train('--seed', '0', '--hidden', '2', ...RUN, '--out', 'other/hidden=2.json')
    const stderr =
      'mnist-sweep: other: its runs have other common options: --seed 0 --dev 10 --iters 40; ' +
      'name another folder, or delete other/options.txt to mix them\n'
    expect(await sweep('other', '--hidden', '2', '3', ...RUN)).toEqual({ code: 64, stdout: '', stderr })
    const reordered = await sweep('other', ...RUN, '--seed', '0', '--hidden', '2', '4', '--threads', '3', '--print')
    expect([reordered.code, reordered.stderr]).toEqual([0, ''])
  })

  test('a folder in which another sweep works, but takes over from one that was killed', async () => {
    mkdirSync(at('shared'))
    const child = start('mnist-sweep', ['shared', '--seed', '0', '1', ...ENDLESS], { cwd })
    await begun('shared', 1)
    const { code, stderr } = await sweep('shared', '--seed', '0', '1', ...ENDLESS)
    const sentence = 'works in this folder; wait for it, or name another folder'
    expect([code, stderr]).toEqual([73, `mnist-sweep: shared: another sweep (process ${child.pid}) ${sentence}\n`])
    child.kill('SIGKILL')
    await once(child, 'exit')
    expect(existsSync(at('shared/.mnist-sweep'))).toBe(true)
    expect((await sweep('shared', '--seed', '0', '1', ...ENDLESS, '--print')).code).toBe(0)
    expect(existsSync(at('shared/.mnist-sweep'))).toBe(false)
  })

  test('a folder in which a sweep of another machine works', async () => {
    mkdirSync(at('far'))
    writeFileSync(at('far/.mnist-sweep'), '1-00000000')
    const { code, stderr } = await sweep('far', ...RUN)
    const sentence = 'another sweep on another machine works in this folder; wait for it, or delete far/.mnist-sweep'
    expect([code, stderr]).toEqual([73, `mnist-sweep: far: ${sentence} if it was killed\n`])
  })
})

describe('mnist-sweep', () => {
  const args = ['all', '--alpha', '0.1', '0.2', '--seed', '0', '1', ...RUN]

  test('trains each combination to the bytes of mnist-train, and prints the results in order', async () => {
    const { code, stdout, stderr } = await run('mnist-sweep', args, { cwd })
    expect([code, stderr.split('\n').at(-2)]).toEqual([0, '  mnist-runs all'])
    expect(weightsIn('all')).toEqual([0.1, 0.2].flatMap((alpha) => [0, 1].map((seed) => `alpha=${alpha},seed=${seed}.json`))) // prettier-ignore
    const lines = stdout.trimEnd().split('\n')
    const line = /^(alpha=0\.\d,seed=\d) {2}accuracy 0\.\d{6} {2}loss \d\.\d{6} {2}dev 0\.\d{6}$/
    expect(lines.map((text) => `${line.exec(text)?.[1]}.json`)).toEqual(weightsIn('all'))
    expect(read('all/options.txt')).toBe(' --dev 10 --iters 40\n')

    await train('--alpha', '0.2', '--seed', '1', ...RUN, '--out', 'by-hand.json')
    expect(read('all/alpha=0.2,seed=1.json') === read('by-hand.json')).toBe(true)

    const again = await sweep(...args) // nothing is left to do
    expect([again.code, again.stdout]).toEqual([0, stdout])
    expect(again.stderr).toMatch(/^4 runs, 0 to do\n/)
  })

  test('--json prints an event for each run, in order', async () => {
    const { code, stdout } = await sweep(...args, '--json', '--quiet')
    const events = stdout.trimEnd().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>) // prettier-ignore
    const result = { iterations: 40, loss: expect.any(Number) as number }
    expect([code, events.length]).toEqual([0, 6])
    expect(events[0]).toEqual({ event: 'start', schema: 'mnist-sweep/1', folder: 'all', runs: 4 })
    expect(events[1]).toMatchObject({ event: 'run', file: 'all/alpha=0.1,seed=0.json', result })
    expect(events[5]).toEqual({ event: 'end', complete: 4, failed: 0, incomplete: 0 })
  })

  test('continues a folder of the script that it replaces', async () => {
    const options = [' --init-scale he --iters 40 --dev 10\n', ' --dev 10 --iters 40 --init-scale he\n']
    mkdirSync(at('old'))
    writeFileSync(at('old/options.txt'), options[0])
    const HE = ['--init-scale', 'he']
    await train('--seed', '0', ...RUN, ...HE, '--out', 'old/seed=0.json')
    const before = read('old/seed=0.json')
    const { code, stderr } = await sweep('old', '--seed', '0', '1', ...RUN, ...HE)
    expect([code, stderr.split(',')[1]]).toEqual([0, ' 1 to do'])
    expect(read('old/seed=0.json')).toBe(before)
    expect(weightsIn('old')).toEqual(['seed=0.json', 'seed=1.json'])
  })

  test('goes on after a failed run, names it, and ends with 1', async () => {
    const { code, stdout, stderr } = await sweep('failing', '--alpha', '1e300', '0.1', ...RUN)
    expect([code, stdout]).toEqual([1, expect.stringMatching(/^alpha=0\.1 {4}accuracy .*\n$/)])
    const lines = stderr.split('\n').slice(1)
    expect(lines[0]).toMatch(/^alpha=1e300: the loss is no longer finite .* try --alpha 0\.1/)
    expect(lines.slice(1)).toEqual([
      'mnist-sweep: 1 of 2 runs failed; to try them again:',
      '  mnist-sweep failing --alpha 1e300 0.1 --data small.csv --dev 10 --iters 40',
      '',
    ])
    expect(weightsIn('failing')).toEqual(['alpha=0.1.json'])
  })

  test('leaves nothing if no run could start, so that the corrected command is accepted', async () => {
    const { code, stderr } = await sweep('new/folder', '--seed', '0', '1', '--data', 'small.csv', '--dev', '60')
    expect([code, stderr]).toEqual([1, expect.stringContaining('seed=0: --dev 60: at most 59 of 60 digits')])
    expect(existsSync(at('new'))).toBe(false)
  })

  test('takes options from environment variables, and hides those of mnist-train from its runs', async () => {
    const env = {
      MNIST_SEED: '0:1',
      MNIST_DATA: 'small.csv',
      MNIST_DEV: '10',
      MNIST_OUT: 'x',
      MNIST_RESUME: 'y',
      MNIST_TRANSPOSE: '0',
    }
    const { code } = await runInProcess('mnist-sweep', ['env', '--iters', '2'], { cwd, env }, bin('mnist-sweep'))
    expect([code, weightsIn('env'), existsSync(at('x'))]).toEqual([0, ['seed=0.json', 'seed=1.json'], false])
    expect(read('env/options.txt')).toBe(' --iters 2 --dev 10\n')
  })

  test('ends with 0 if a run just reached its target accuracy', async () => {
    await train('--seed', '0', ...RUN, '--out', 'reached.json')
    const { devAccuracy } = (JSON.parse(read('reached.json')) as { result: { devAccuracy: number } }).result
    const { code, stdout } = await sweep('reached', '--seed', '0', ...RUN, '--target-accuracy', `${devAccuracy}`)
    expect([code, stdout]).toEqual([0, expect.stringContaining(` dev ${devAccuracy.toFixed(6)}\n`)])
  })

  test('ends with 1 if a run missed its target accuracy, also when it is complete already', async () => {
    const target = ['target', '--seed', '0', ...RUN, '--target-accuracy', '1']
    const first = await sweep(...target)
    const second = await sweep(...target)
    for (const { code, stderr } of [first, second]) {
      expect([code, stderr.split('\n').at(-2)]).toEqual([1, 'mnist-sweep: 1 of 1 run below the target accuracy'])
    }
    expect(second.stdout).toBe(first.stdout)
  })
})

describe('mnist-sweep --print', () => {
  test('prints a command for each run, which a shell runs, and the values are only values to it', async () => {
    mkdirSync(at('my $(touch pwned)'))
    const folder = "my $(touch pwned)/it's"
    const { stdout, stderr } = await sweep(folder, '--seed', '0', '1', '--hidden', '3', '--transpose', ...RUN, '--print') // prettier-ignore
    expect(stderr).toBe('')
    const lines = stdout.trimEnd().split('\n')
    const how = '--transpose --data small.csv --checkpoint-every 100 --threads 1 --quiet'
    const file = `'my $(touch pwned)/it'\\''s/seed=1.json'`
    expect(lines[1]).toBe(
      `if [ -e ${file} ]; then mnist-train --resume ${file} ${how}; else ` +
        `mnist-train --seed 1 --hidden 3 --dev 10 --iters 40 --out ${file} ${how}; fi`,
    )
    const functions = `mnist-train() { "${process.execPath}" "${bin('mnist-train')}" "$@"; }\n`
    for (const _ of ['start', 'resume'])
      execFileSync('bash', ['--norc', '-c', functions + lines[1]], { cwd, env: { PATH } })
    expect(weightsIn(folder)).toEqual(['seed=1.json'])
    expect(existsSync(at('pwned'))).toBe(false)
  })

  test('passes on the threads of each run', async () => {
    const { stdout } = await sweep('threads', '--seed', '0', '--data', 'small.csv', '--threads', '3', '--print')
    expect(stdout.match(/--threads \d/g)).toEqual(['--threads 3', '--threads 3'])
    rmSync(at('threads'), { recursive: true })
  })

  test('notes other options as long as there are no runs, and knows names with spaces again', async () => {
    await train(...RUN, '--out', 'my weights.json')
    const noted = ['noted', '--seed', '0', '1', '--init', 'my weights.json', ...RUN]
    expect(await sweep(...noted.slice(0, -1), '9', '--print')).toMatchObject({ code: 0 })
    expect(await sweep(...noted, '--print')).toMatchObject({ code: 0 })
    expect(read('noted/options.txt')).toBe(' --init my\\ weights.json --dev 10 --iters 40\n')
    await train('--seed', '0', '--init', 'my weights.json', ...RUN, '--out', 'noted/seed=0.json')
    expect(await sweep(...noted, '--print')).toMatchObject({ code: 0, stderr: '' })
  })

  test('checkpoints mini-batches less often', async () => {
    const { stdout } = await sweep('batches', '--batch', '32', '16', '--data', 'small.csv', '--print')
    expect(stdout).toContain('--checkpoint-every 10000 ')
    rmSync(at('batches'), { recursive: true })
  })
})

/** Waits until a folder, which exists, has `count` weights files. */
async function begun(folder: string, count: number): Promise<void> {
  const changes = watch(at(folder))
  if (weightsIn(folder).length >= count) return
  for await (const _ of changes) if (weightsIn(folder).length >= count) return
}

/** The processes whose arguments contain a text. */
function processesWith(text: string): string[] {
  const { stdout } = spawnSync('ps', ['-A', '-o', 'args='], { encoding: 'utf8' })
  return stdout.split('\n').filter((args) => args.includes(text))
}

/** Waits until no run of a folder is left. */
async function runsEnd(folder: string): Promise<void> {
  while (processesWith(`${folder}/seed`).length > 0) await new Promise((resolve) => setImmediate(resolve))
}

describe('an interrupted sweep', () => {
  const iterationsIn = (file: string) =>
    (JSON.parse(read(file)) as { result: { iterations: number } }).result.iterations

  test('ends its runs after SIGTERM, keeps their weights and says how to continue', async () => {
    const name = 'SIGTERM'
    mkdirSync(at(name))
    const args = [name, '--seed', '0', '1', '2', ...ENDLESS]
    const child = start('mnist-sweep', args, { cwd, env: { npm_command: 'exec' } })
    const exited = ended(child)
    await begun(name, 2)
    child.kill(name)
    const { code, stdout, stderr } = await exited
    expect([code, stdout]).toEqual(['SIGTERM', ''])
    expect(stderr.split('\n').slice(1)).toEqual([
      'interrupted: 0 of 3 runs complete; to continue:',
      `  npx mnist-sweep ${args.join(' ')}`,
      '',
    ])
    expect(processesWith(`${name}/seed`)).toEqual([])
    expect(readdirSync(at(name)).toSorted()).toEqual(['options.txt', 'seed=0.json', 'seed=1.json'])
  })

  test.each([
    ['before', (run: ChildProcess) => run.kill('SIGINT'), (run: ChildProcess) => run.disconnect()],
    ['after', (run: ChildProcess) => run.disconnect(), (run: ChildProcess) => run.kill('SIGINT')],
  ])('has its runs save their weights if a terminal signals them %s it does', async (when, first, second) => {
    const file = `${when}.json`
    const args = [
      '--data',
      'small.csv',
      '--dev',
      '10',
      '--iters',
      '100000000',
      '--log-every',
      '20',
      '--json',
      '--quiet',
      '--out',
    ]
    const child = fork(bin('mnist-train'), [...args, file], {
      cwd,
      env: { PATH },
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    })
    await printed(child, '"iteration"', 2)
    child.stdout!.resume()
    first(child)
    second(child)
    const [, signal] = (await once(child, 'exit')) as [null, NodeJS.Signals]
    expect(['SIGINT', 'SIGTERM']).toContain(signal)
    expect(iterationsIn(file)).toBeGreaterThan(0)
  })

  test('ends its runs even if it is killed, and continues to the bytes of an undisturbed one', async () => {
    mkdirSync(at('killed'))
    const args = ['--seed', '0', '1', '--data', 'small.csv', '--dev', '10', '--hidden', '2', '--iters', '1500']
    const child = start('mnist-sweep', ['killed', ...args, '--checkpoint-every', '10'], { cwd })
    await begun('killed', 1)
    child.kill('SIGKILL')
    await once(child, 'exit')
    await runsEnd('killed')
    expect(weightsIn('killed').map((file) => iterationsIn(`killed/${file}`) < 600)).toContain(true)
    const { code } = await sweep('killed', ...args, '--checkpoint-every', '1000')
    expect(code).toBe(0)
    for (const seed of ['0', '1']) {
      await train('--seed', seed, ...args.slice(3), '--out', 'undisturbed.json')
      expect(read(`killed/seed=${seed}.json`) === read('undisturbed.json')).toBe(true)
    }
    expect(readdirSync(at('killed')).toSorted()).toEqual(['options.txt', 'seed=0.json', 'seed=1.json'])
  })

  const skipped = !has('script')
  test.skipIf(skipped)(`ends on Ctrl-C in a terminal${skipped ? ' (skipped: no script)' : ''}`, async () => {
    mkdirSync(at('tty'))
    const line = `"${process.execPath}" "${bin('mnist-sweep')}" tty --seed 0 1 ${ENDLESS.join(' ')}`
    const child = spawn('script', ['-qec', line, '/dev/null'], { cwd, env: { PATH, SHELL: '/bin/sh' } })
    const exited = ended(child)
    await begun('tty', 2)
    child.stdin.write('\u0003')
    const { code, stdout } = await exited
    expect([code, stdout]).toEqual([130, expect.stringContaining('interrupted: 0 of 2 runs complete; to continue:')])
    expect(processesWith('tty/seed')).toEqual([])
    expect(readdirSync(at('tty')).toSorted()).toEqual(['options.txt', 'seed=0.json', 'seed=1.json'])
  })
})
