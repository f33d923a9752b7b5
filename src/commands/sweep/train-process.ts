/** A run as a process: mnist-train, which ends and saves its weights when this process ends or asks it to. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { realpathSync } from 'node:fs'
import { dirname, extname, join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { variableOf } from '../../cli/environment.ts'
import type { Interruption } from '../../cli/interruption.ts'
import { Failure } from '../../failure.ts'
import { optionsOfTraining } from './options.ts'

const LONGEST = 4000 // characters of an error message

export interface ProcessEnd {
  /** The exit code, or the name of the signal that ended it. */
  code: number | string
  /** What it wrote on stderr. */
  message: string
}

/**
 * Runs mnist-train with some arguments, `--no-advice`, `--json` and `--quiet`. If the interruption comes, it saves its weights and ends.
 * @param onProgress told the share of the run's iterations that are done
 * @throws Failure `io` if the process cannot be started
 */
export async function trainInProcess(
  args: string[],
  interruption: Interruption,
  onProgress: (share: number) => void,
): Promise<ProcessEnd> {
  const child = fork(trainCommand(), [...args, '--no-advice', '--json', '--quiet'], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: environment(),
  })
  const letGo = () => {
    if (child.connected) child.disconnect()
  }
  interruption.signal.addEventListener('abort', letGo)
  let message = ''
  let iterations = Infinity
  try {
    // Node emits no `close` if the channel was closed here.
    const [[code, signal]] = await Promise.all([
      once(child, 'exit').catch((error: Error) => {
        throw new Failure('io', `cannot start mnist-train: ${error.message}`)
      }) as Promise<[number | null, string | null]>,
      forEachLine(child.stderr, (line) => {
        if (message.length < LONGEST) message += `${line}\n`
      }),
      forEachLine(child.stdout, (line) => {
        const { event, training, iteration } = JSON.parse(line) as TrainEvent
        if (event === 'start') ({ iterations } = training)
        else if (event === 'iteration') onProgress((iteration + 1) / iterations)
      }),
    ])
    return { code: code ?? signal ?? '', message: message.trim() }
  } finally {
    interruption.signal.removeEventListener('abort', letGo)
  }
}

/** Calls a function with each line of a stream, until its end. */
async function forEachLine(stream: Readable | null, onLine: (line: string) => void): Promise<void> {
  if (stream) for await (const line of createInterface(stream)) onLine(line)
}

/** What mnist-train prints with `--json`, as far as it is used here. */
interface TrainEvent {
  event: string
  training: { iterations: number }
  iteration: number
}

/** mnist-train beside this command: bundled, or from the sources. */
function trainCommand(): string {
  const self = realpathSync(process.argv[1])
  return join(dirname(self), `mnist-train${extname(self)}`)
}

/** This environment without mnist-train's options, which the arguments hold. */
function environment(): NodeJS.ProcessEnv {
  const variables = optionsOfTraining().map(variableOf)
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !variables.includes(name)))
}
