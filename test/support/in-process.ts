/** Runs the commands of src/ in the test's own process: no process starts, so a run takes milliseconds. */
import type { Definition } from '../../src/cli/program.ts'
import { run } from '../../src/cli/run.ts'
import { mnistCheck } from '../../src/commands/mnist-check.ts'
import { mnistData } from '../../src/commands/mnist-data.ts'
import { mnistEvaluate } from '../../src/commands/mnist-evaluate.ts'
import { mnistPredict } from '../../src/commands/mnist-predict.ts'
import { mnistReport } from '../../src/commands/mnist-report.ts'
import { mnistRuns } from '../../src/commands/mnist-runs.ts'
import { mnistSweep } from '../../src/commands/mnist-sweep.ts'
import { mnistTrain } from '../../src/commands/mnist-train.ts'
import { PATH, type Ended, type Options } from './command.ts'

/** The commands, by name. */
export const COMMANDS: Record<string, Definition> = {
  'mnist-check': mnistCheck,
  'mnist-data': mnistData(),
  'mnist-evaluate': mnistEvaluate,
  'mnist-predict': mnistPredict,
  'mnist-report': mnistReport,
  'mnist-runs': mnistRuns,
  'mnist-sweep': mnistSweep,
  'mnist-train': mnistTrain,
}

let isRunning = false

/**
 * Runs a command to its end and returns what `run` of command.ts does. One at a time: arguments, folder, environment,
 * streams and exit code are the process's own, and are restored afterwards.
 * @param path of the program that the command takes itself for: mnist-sweep starts the mnist-train beside it
 */
export async function runInProcess(
  name: string,
  args: string[],
  { cwd, env = {} }: Options,
  path = name,
): Promise<Ended> {
  if (isRunning) throw new Error('another command is running in this process')
  isRunning = true
  const written = { stdout: '', stderr: '' }
  const restore = [
    ...(['stdout', 'stderr'] as const).map((stream) => capture(stream, (text) => (written[stream] += text))),
    setProcess({ argv: [process.execPath, path, ...args], env: { PATH, ...env }, exitCode: undefined }),
    changeFolder(cwd),
    forgetListeners(process, ['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2', 'SIGTERM', 'SIGXCPU']),
    forgetListeners(process.stdout, ['error']),
    forgetListeners(process.stderr, ['error']),
  ]
  try {
    await run(COMMANDS[name])
    return { code: Number(process.exitCode ?? 0), ...written }
  } finally {
    restore.forEach((undo) => undo())
    isRunning = false
  }
}

/** Hands over what is written to a stream until the returned function is called. */
function capture(name: 'stdout' | 'stderr', onText: (text: string) => void): () => void {
  const stream = process[name]
  const { write } = stream
  stream.write = (chunk: string | Uint8Array, ...rest: unknown[]) => {
    onText(Buffer.from(chunk as string).toString())
    for (const onWritten of rest) if (typeof onWritten === 'function') process.nextTick(onWritten)
    return true
  }
  return () => {
    stream.write = write
  }
}

function setProcess(values: Pick<NodeJS.Process, 'argv' | 'env' | 'exitCode'>): () => void {
  const { argv, env, exitCode } = process
  Object.assign(process, values)
  return () => Object.assign(process, { argv, env, exitCode })
}

function changeFolder(folder: string): () => void {
  const before = process.cwd()
  process.chdir(folder)
  return () => process.chdir(before)
}

/** Removes the listeners that are added from now on, when the returned function is called. */
function forgetListeners(emitter: NodeJS.EventEmitter, events: string[]): () => void {
  const before = new Set(events.flatMap((event) => emitter.listeners(event)))
  return () => {
    for (const event of events) {
      const added = emitter.listeners(event).filter((listener) => !before.has(listener))
      for (const listener of added) emitter.off(event, listener as () => void)
    }
  }
}
