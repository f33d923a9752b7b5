import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { watch } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { generate } from '../../src/digits/generate.ts'
import { bin, ended, has, PATH, printed, start, type Ended } from '../support/command.ts'
import { csvOf } from '../support/csv.ts'
import { newFolder } from '../support/folder.ts'
import { isLong } from '../support/long.ts'

const SCRIPT = fileURLToPath(new URL('../../scripts/sweep.sh', import.meta.url))
const cwd = newFolder()
const at = (name: string) => join(cwd, name)
const RUN = ['--data', 'small.csv', '--dev', '10', '--iters', '400', '--checkpoint-every', '20']
const SEEDS = isLong ? ['0', '1', '2', '3', '4', '5'] : ['0', '1']
const RUNS = 4 * SEEDS.length
const SMALL = ['--alpha', '0.1', '0.2', '--hidden', '2', '3', '--seed', ...SEEDS, ...RUN]
const FOUR = ['--alpha', '0.1', '0.2', '--seed', '0', '1', ...RUN]

/** The first of these programs that is not installed. */
const missing = (...programs: string[]) => programs.find((name) => !has(name))
const absent = missing('parallel')
const sweeps = absent ? ` (skipped: no ${absent})` : ''

const startSweep = (args: string[], env: Record<string, string> = {}) =>
  spawn(SCRIPT, args, {
    cwd,
    env: { PATH, HOME: cwd, TMPDIR: cwd, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
const sweep = (args: string[], env?: Record<string, string>): Promise<Ended> => ended(startSweep(args, env))
const weightsIn = (folder: string) => readdirSync(at(folder)).filter((name) => name.endsWith('.json') && !name.startsWith('.')) // prettier-ignore
const read = (name: string) => readFileSync(at(name), 'utf8')

/** Whether the run of a weights file is complete. */
function isComplete(name: string): boolean {
  const { training, result } = JSON.parse(read(name)) as Record<string, { iterations: number }>
  return training.iterations === result.iterations
}

function expectSameFiles(folder: string, other: string): void {
  expect(weightsIn(folder)).toEqual(weightsIn(other))
  for (const name of weightsIn(folder)) expect(read(`${folder}/${name}`) === read(`${other}/${name}`), name).toBe(true)
}

beforeAll(() => writeFileSync(at('small.csv'), csvOf(generate(60, 4))))

describe('scripts/sweep.sh --print', () => {
  const print = async (...args: string[]) => {
    const { code, stdout, stderr } = await sweep([...args, '--print'], { MNIST_TRAIN: 'mnist-train' })
    expect([code, stderr]).toEqual([0, ''])
    return stdout.trimEnd().split('\n')
  }

  test('prints a command for each combination, with its own options and the common ones', async () => {
    const lines = await print('p', '--alpha', '0.1', '0.2', '--notebook', '--iters', '9', '--seed', '0', '1', '--data', 'a', "b's") // prettier-ignore
    const command = (alpha: string, seed: string) => {
      const [file, how] = [`p/alpha=${alpha},seed=${seed}.json`, "--data a b\\'s --quiet --threads 1 --checkpoint-every 100"] // prettier-ignore
      const start = `mnist-train --alpha ${alpha} --seed ${seed} --notebook --iters 9 --out ${file} ${how}`
      return `if [ -e ${file} ]; then mnist-train --resume ${file} ${how}; else ${start}; fi`
    }
    expect(lines).toEqual([command('0.1', '0'), command('0.1', '1'), command('0.2', '0'), command('0.2', '1')])
    expect(weightsIn('p')).toEqual([])
  })

  test('keeps the given threads and checkpoints, and makes fewer checkpoints for mini-batches', async () => {
    const [given] = await print('p2', '--threads', '2', '--checkpoint-every=7')
    expect(given).toMatch(/--out p2\/run\.json --threads 2 --checkpoint-every 7 --quiet; fi$/)
    const [batches] = await print('p3', '--batch', '32')
    expect(batches).toMatch(/--checkpoint-every 10000; fi$/)
  })

  test('replaces characters that file names cannot have by _', async () => {
    const lines = await print('my runs', '--init', '../a b.json', 'c.json')
    expect(lines[0]).toContain('--init ../a\\ b.json --out my\\ runs/init=.._a_b.json.json')
    expect(lines[1]).toContain('--out my\\ runs/init=c.json.json')
  })

  test('prints commands that a shell runs', async () => {
    const { stdout } = await sweep(['by hand', '--seed', '0', '1', ...RUN, '--print'])
    for (const line of stdout.trimEnd().split('\n')) {
      expect(spawnSync('sh', ['-c', line], { cwd, env: { PATH } }).status).toBe(0)
    }
    expect(weightsIn('by hand').map((name) => isComplete(`by hand/${name}`))).toEqual([true, true])
  })
})

const refusals: [string[], string][] = [
  [[], 'name the folder for the weights files first: scripts/sweep.sh DIR [--OPTION VALUE...]...'],
  [['--alpha', '1'], 'name the folder for the weights files first: scripts/sweep.sh DIR [--OPTION VALUE...]...'],
  [['r', '-a', '1'], '-a: not a long option such as --alpha'],
  [['r', 'x'], 'x: not a long option such as --alpha'],
  [['r', '--x$(touch r)', '1', '2'], "--x$(touch r): not an option's name, such as --alpha"],
  [['r', '--out', 'x'], '--out: a sweep names and resumes its files itself; omit it'],
  [['r', '--seed', '1', '--seed', '2'], '--seed is given twice; give all its values at once'],
  [['r', '--seed', '1', '1'], 'two runs would both write seed=1.json; give each value once'],
  [['/r', '--ssh', 'other'], '/r: with --ssh, the folder must be a relative path'],
  [['r', '--data', '../a', '--ssh', 'other'], '../a: with --ssh, paths cannot contain ..'],
  [['r', '--ssh'], '--ssh: name the machines, such as --ssh :,ada@other'],
]
test.each(refusals)('scripts/sweep.sh refuses %j', async (args, sentence) => {
  expect(await sweep(args)).toEqual({ code: 64, stdout: '', stderr: `sweep.sh: ${sentence}\n` })
  expect(existsSync(at('r'))).toBe(false)
})

test('scripts/sweep.sh refuses a folder whose runs have other common options', async () => {
  await sweep(['other', '--seed', '0', '1', '--iters', '1', '--print'])
  const refused = await sweep(['other', '--seed', '0', '1', '--iters', '2', '--print'])
  expect(refused).toMatchObject({ code: 64, stdout: '' })
  expect(refused.stderr).toContain('other holds runs with other options: --iters 1; name another folder')
  expect((await sweep(['other', '--seed', '0', '7', '--iters', '1', '--threads', '2', '--print'])).code).toBe(0)
})

describe.skipIf(absent)(`scripts/sweep.sh${sweeps}`, () => {
  test('completes a sweep that was killed, with the bytes of an undisturbed one', async () => {
    const undisturbed = await sweep(['whole', ...SMALL])
    expect(undisturbed).toMatchObject({ code: 0, stderr: `sweep.sh: ${RUNS} runs, ${RUNS} to do\n` })
    expect(weightsIn('whole')).toHaveLength(RUNS)
    expect(undisturbed.stdout).toMatch(/^alpha=0\.2,hidden=3,seed=1\tdev accuracy /m)

    mkdirSync(at('killed'))
    const child = startSweep(['killed', ...SMALL])
    const exit = ended(child)
    for await (const _ of watch(at('killed'))) if (stopInTheMiddle(child, 'killed')) break
    for (const pid of tree(child.pid!)) process.kill(pid, 'SIGKILL')
    expect((await exit).code).toBe('SIGKILL')
    const begun = weightsIn('killed').filter((name) => !isComplete(`killed/${name}`))
    expect(begun.length, 'runs that were killed between checkpoints').toBeGreaterThan(0)

    const again = await sweep(['killed', ...SMALL])
    expect(again.code).toBe(0)
    const [, left] = /^sweep\.sh: \d+ runs, (\d+) to do\n$/.exec(again.stderr)!
    expect(Number(left)).toBeGreaterThan(0)
    expect(Number(left)).toBeLessThan(RUNS)
    expectSameFiles('killed', 'whole')

    const third = await sweep(['killed', ...SMALL], { MNIST_TRAIN: 'false' })
    expect(third).toEqual({ code: 0, stdout: '', stderr: `sweep.sh: ${RUNS} runs, 0 to do\n` })
  }, 90_000)

  test('names failed runs at the end, and does the others', async () => {
    const { code, stderr } = await sweep(['failing', '--hidden', '0', '2', ...RUN])
    expect(code).toBe(1)
    expect(stderr.split('\n').slice(1)).toEqual([
      'hidden=0\tmnist-train: --hidden "0": not an integer from 1 to 4096',
      'sweep.sh: 1 of 2 runs failed:',
      '  failing/hidden=0.json: exit code 64',
      '',
    ])
    expect(weightsIn('failing')).toEqual(['hidden=2.json'])
  })

  test('passes what follows -- to GNU parallel', async () => {
    const { stdout, code } = await sweep(['handed on', '--seed', '0', '1', ...RUN, '--', '--dry-run'])
    expect([code, stdout.split('\n').length]).toEqual([1, 3]) // nothing is done
    expect(stdout).toContain('handed\\ on/seed=0.json')
  })
})

/** A process and its descendants. */
function tree(root: number): number[] {
  const lines = spawnSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' }).stdout.trim().split('\n')
  const parents = lines.map((line) => line.trim().split(/\s+/).map(Number))
  const below = (pid: number): number[] => [pid, ...parents.flatMap(([child, parent]) => (parent === pid ? below(child) : []))] // prettier-ignore
  return below(root)
}

/** Signals a process, unless it has ended meanwhile. */
function signal(pid: number, name: NodeJS.Signals) {
  try {
    process.kill(pid, name)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** Stops a sweep if some of its runs are complete and another is not; else lets it continue. Returns whether it stopped. */
function stopInTheMiddle(child: ChildProcess, folder: string): boolean {
  if (weightsIn(folder).length < RUNS / 4) return false
  for (const _ of [1, 2]) for (const pid of tree(child.pid!)) signal(pid, 'SIGSTOP') // twice: those born meanwhile
  const names = weightsIn(folder)
  const complete = names.filter((name) => isComplete(`${folder}/${name}`)).length
  if (complete > 0 && complete < names.length) return true
  for (const pid of tree(child.pid!)) signal(pid, 'SIGCONT')
  return false
}

/** Starts a run and kills it after its first checkpoint, before it is complete. */
async function beginAndKill(file: string): Promise<void> {
  const child = start('mnist-train', ['--alpha', '0.1', '--seed', '0', ...RUN, '--json', '--out', file], { cwd })
  await printed(child, 'checkpoint')
  child.kill('SIGKILL')
  await once(child, 'exit')
  expect(isComplete(file)).toBe(false)
}

/** A second machine: an sshd on this one, whose sessions start in the folder `far`. */
const port = await freePort()
const config = `Port ${port}
ListenAddress 127.0.0.1
HostKey ${at('host')}
AuthorizedKeysFile ${at('user.pub')}
StrictModes no
UsePAM no
PidFile none
ForceCommand cd ${at('far')} && exec sh -c "$SSH_ORIGINAL_COMMAND"
`
const needed = missing('parallel', 'rsync', 'ssh', 'ssh-keygen', 'sshd') ?? sshdRefusal()

function sshdRefusal(): string | undefined {
  for (const key of ['host', 'user']) spawnSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', at(key)])
  writeFileSync(at('sshd.conf'), config)
  writeFileSync(at('ssh.conf'), `Host other\nHostName 127.0.0.1\nPort ${port}\nIdentityFile ${at('user')}\nStrictHostKeyChecking no\nUserKnownHostsFile ${at('known')}\nLogLevel ERROR\n`) // prettier-ignore
  const { status, stderr } = spawnSync('sh', ['-c', `"$(command -v sshd)" -t -f ${at('sshd.conf')}`], { env: { PATH }, encoding: 'utf8' }) // prettier-ignore
  return status === 0 ? undefined : `sshd that starts: ${stderr.trim()}`
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  return port
}

describe.skipIf(needed)(`scripts/sweep.sh --ssh${needed ? ` (skipped: no ${needed})` : ''}`, () => {
  let sshd: ChildProcess
  const env = { PARALLEL_SSH: `ssh -F ${at('ssh.conf')}`, MNIST_TRAIN: at('train') }
  beforeAll(async () => {
    mkdirSync(at('far'))
    writeFileSync(at('train'), `#!/bin/sh\necho "$PARALLEL_SSHLOGIN $PWD $1 $2" >> ${at('calls')}\nexec ${process.execPath} ${bin('mnist-train')} "$@"\n`) // prettier-ignore
    chmodSync(at('train'), 0o755)
    sshd = spawn('sh', ['-c', `exec "$(command -v sshd)" -D -e -f ${at('sshd.conf')}`], { env: { PATH }, stdio: ['ignore', 'ignore', 'pipe'] }) // prettier-ignore
    for await (const line of createInterface(sshd.stderr!)) if (line.includes('listening')) break
    expect((await sweep(['near', ...FOUR])).code).toBe(0)
  }, 120_000)
  afterAll(() => sshd?.kill())

  test('shares a sweep between this machine and another, and leaves nothing there', async () => {
    const { code, stderr } = await sweep(['shared', ...FOUR, '--ssh', '1/:,1/other'], env)
    expect([code, stderr]).toEqual([0, 'sweep.sh: 4 runs, 4 to do\n'])
    const calls = read('calls').trimEnd().split('\n')
    expect(calls.filter((call) => call.startsWith(`: ${cwd} `)).length).toBeGreaterThan(0)
    expect(calls.filter((call) => call.startsWith(`other ${at('far')}/.mnist-sweep-`)).length).toBeGreaterThan(0)
    expectSameFiles('shared', 'near')
    expect(readdirSync(at('far'))).toEqual([])
    expect(readdirSync(cwd).filter((name) => name.startsWith('.mnist-sweep'))).toEqual([])
  }, 120_000)

  test('continues a run there that was begun here, and sends none that is complete', async () => {
    mkdirSync(at('begun'))
    copyFileSync(at('near/options.txt'), at('begun/options.txt'))
    copyFileSync(at('near/alpha=0.1,seed=1.json'), at('begun/alpha=0.1,seed=1.json'))
    const file = 'begun/alpha=0.1,seed=0.json'
    await beginAndKill(file)

    rmSync(at('calls'), { force: true })
    const { code, stderr } = await sweep(['begun', ...FOUR, '--ssh', '2/other'], env)
    expect([code, stderr]).toEqual([0, 'sweep.sh: 4 runs, 3 to do\n'])
    const calls = read('calls').trimEnd().split('\n').map((call) => call.split(' ').slice(2).join(' ')) // prettier-ignore
    expect(calls).toHaveLength(3)
    expect(calls.filter((call) => call === `--resume ${file}`)).toHaveLength(1)
    expectSameFiles('begun', 'near')
  }, 120_000)
})
