/** Runs the commands as a shell does: as processes with arguments, streams and exit codes. Needs `npm run build`. */
import { spawn, spawnSync, type ChildProcess, type StdioOptions } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** Where programs are looked up; on Debian, sshd is in /usr/sbin. */
export const PATH = `${process.env.PATH}:/usr/sbin`

export const bin = (name: string) => fileURLToPath(new URL(`../../dist/bin/${name}.js`, import.meta.url))

export interface Ended {
  /** The exit code, or the signal that ended the process. */
  code: number | NodeJS.Signals | null
  stdout: string
  stderr: string
}

export interface Options {
  cwd: string
  env?: Record<string, string>
}

const running = new Set<ChildProcess>()
process.once('exit', () => running.forEach((child) => child.kill('SIGKILL'))) // those of failed tests

/** Starts a command. Its environment holds `env` and PATH, nothing else. */
export function start(name: string, args: string[], { cwd, env = {} }: Options): ChildProcess {
  const stdio: StdioOptions = ['ignore', 'pipe', 'pipe']
  const child = spawn(process.execPath, [bin(name), ...args], { cwd, env: { PATH, ...env }, stdio })
  running.add(child)
  child.once('exit', () => running.delete(child))
  return child
}

/** Waits for the end of a command, and returns what it writes from now on. */
export async function ended(child: ChildProcess): Promise<Ended> {
  const written = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]!.setEncoding('utf8').on('data', (text: string) => (written[name] += text))
  }
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null]
  return { code: code ?? signal, ...written }
}

/** Waits until stdout contains a text `times` times. Throws if the command ends first. */
export async function printed(child: ChildProcess, text = '\n', times = 1): Promise<void> {
  let [seen, count] = ['', 0]
  for await (const chunk of child.stdout!.iterator({ destroyOnReturn: false })) {
    const pieces = `${seen}${String(chunk)}`.split(text)
    count += pieces.length - 1
    if (count >= times) return
    seen = pieces.at(-1)!
  }
  throw new Error(`${child.spawnargs.slice(1).join(' ')} ended before it printed ${JSON.stringify(text)}`)
}

/** Runs a command to its end. */
export function run(name: string, args: string[], options: Options): Promise<Ended> {
  return ended(start(name, args, options))
}

/** Whether a program is installed. */
export function has(program: string): boolean {
  return spawnSync(program, ['--version'], { env: { PATH } }).error === undefined
}
