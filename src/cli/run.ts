/** Runs a command as a process: arguments in, an exit code and error messages out. */
import { CommanderError, type CommandUnknownOpts } from '@commander-js/extra-typings'
import { EXIT, Failure, isSignal, systemFailure } from '../failure.ts'
import { endBy, takeOverSignals } from './interruption.ts'
import { message, wipe } from '../terminal/progress.ts'
import { escapedLines } from '../wording.ts'
import { print, stdout } from './print.ts'
import { CompletionRequest, programOf, type Definition } from './program.ts'

/** Runs a command with the process's arguments and sets its exit code. */
export async function run(define: Definition): Promise<void> {
  takeOverSignals()
  const program = programOf(define, (ending) => {
    if (isSignal(ending)) endBy(ending)
    else process.exitCode ||= EXIT[ending] // a failed write outweighs the answer no
  })
  process.stderr.on('error', () => {}) // no one reads it
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    const isFirst = !stdout.hasFailed
    stdout.hasFailed = true
    if (isFirst && error.code !== 'EPIPE') report(program, systemFailure('io', 'cannot write to stdout', error))
  })
  try {
    await program.parseAsync()
  } catch (error) {
    if (error instanceof CompletionRequest) {
      const { completionScript } = await import('./completion.ts')
      print(completionScript(program, error.shell))
    } else report(program, error)
  }
}

/** Prints an error on stderr and sets its exit code. */
function report(program: CommandUnknownOpts, error: unknown): void {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? EXIT.done : EXIT.usage // commander has printed it
    return
  }
  const kind = error instanceof Failure ? error.kind : 'bug'
  const what = error instanceof Error ? error.message : String(error)
  process.exitCode = EXIT[kind]
  wipe(process.stderr)
  const text = kind === 'bug' ? `internal error: ${what} (set DEBUG=1 for a stack trace)` : what
  process.stderr.write(`${message(`${program.name()}: ${text}`, process.stderr)}\n`)
  if (process.env.DEBUG && error instanceof Error) process.stderr.write(`${escapedLines(String(error.stack))}\n`)
}
