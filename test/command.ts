/** Runs the commands as a user's shell does: processes with arguments, streams and exit codes. Needs `npm run build`. */
import { spawn, spawnSync, type ChildProcess, type StdioOptions } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Where programs are looked for; Debian keeps sshd, which some tests need, in /usr/sbin. */
export const PATH = `${process.env.PATH}:/usr/sbin`

export const bin = (name: string) => fileURLToPath(new URL(`../dist/bin/${name}.js`, import.meta.url))

export interface Ended {
  /** The exit code, or the signal that ended it. */
  code: number | NodeJS.Signals | null
  stdout: string
  stderr: string
}

export interface Options {
  cwd: string
  env?: Record<string, string>
}

const running = new Set<ChildProcess>()
process.once('exit', () => running.forEach((child) => child.kill('SIGKILL'))) // those of tests that failed

/** Starts a command; nothing of the tests' own environment reaches it but what it needs to run. */
export function start(name: string, args: string[], { cwd, env = {} }: Options): ChildProcess {
  const stdio: StdioOptions = ['ignore', 'pipe', 'pipe']
  const child = spawn(process.execPath, [bin(name), ...args], { cwd, env: { PATH, ...env }, stdio })
  running.add(child)
  child.once('exit', () => running.delete(child))
  return child
}

/** Waits until a command has ended and returns all that it wrote from now on. */
export async function ended(child: ChildProcess): Promise<Ended> {
  const written = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]!.setEncoding('utf8').on('data', (text: string) => (written[name] += text))
  }
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null]
  return { code: code ?? signal, ...written }
}

export function run(name: string, args: string[], options: Options): Promise<Ended> {
  return ended(start(name, args, options))
}

/** A new empty folder to run in, without data/mnist_train.csv. */
export function newFolder(): string {
  return mkdtempSync(join(tmpdir(), 'mnist-command-'))
}

/** Whether the machine has a program that tests ask for its opinion. */
export function has(program: string): boolean {
  return spawnSync(program, ['--version'], { env: { PATH } }).error === undefined
}
