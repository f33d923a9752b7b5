/** What every command has in common: flags in, sentences and an exit code out. */
import { createRequire } from 'node:module'
import { Command, CommanderError, Option } from 'commander'
import { EXIT, Failure } from '../failure.ts'
import { wipe } from '../terminal/progress.ts'
import { completionScript, SHELLS, type Shell } from './completion.ts'
import { applyEnvironment, BY_VARIABLE } from './settings.ts'

/** A command's definition: its options and, as its action, what it does. The action returns how the run ended. */
export type Definition = (program: Command, end: (kind: keyof typeof EXIT) => void) => void

/** Set where whoever read stdout has left: nothing more need be written there. */
export const reader = { left: false }

/** Runs a command with the process's arguments and sets its exit code. */
export async function run(define: Definition): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (stream === process.stdout && error.code === 'EPIPE') reader.left = true
      else if (stream === process.stdout)
        report(program, new Failure('io', `cannot write the output: ${error.message}`))
    })
  }
  const program = programOf(define, (kind) => {
    process.exitCode = EXIT[kind]
  })
  try {
    await program.parseAsync()
  } catch (error) {
    report(program, error)
  }
}

/** A definition's program, with the options that every program has. */
export function programOf(define: Definition, end: Parameters<Definition>[1]): Command {
  const program = new Command()
  program
    .version(readVersion(), '-V, --version', 'print the version')
    .addOption(
      new Option('--completion <shell>', 'print the script that completes this command in a shell').choices(SHELLS),
    )
    .on('option:completion', (shell: Shell) => {
      process.stdout.write(completionScript(program, shell))
      throw new CommanderError(EXIT.done, 'commander.completion', 'the script is printed')
    })
    .helpOption('-h, --help', 'print this help')
    .showHelpAfterError(false)
    .configureHelp({ showGlobalOptions: false })
    .configureOutput({ outputError: (text, write) => write(sentence(program, text)) })
    .addHelpText('after', `\n${BY_VARIABLE}`)
    .hook('preAction', (_, command) => applyEnvironment(command))
    .exitOverride()
  define(program, end)
  return program
}

/** Says an error on stderr, in one sentence, and sets its exit code. */
function report(program: Command, error: unknown): void {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? EXIT.done : EXIT.usage // commander has written it itself
    return
  }
  const kind = error instanceof Failure ? error.kind : 'bug'
  const message = error instanceof Error ? error.message : String(error)
  process.exitCode = EXIT[kind]
  wipe(process.stderr)
  const text = kind === 'bug' ? `this is a bug here: ${message} (DEBUG=1 shows where)` : message
  process.stderr.write(`${program.name()}: ${text}\n`)
  if (process.env.DEBUG && error instanceof Error) process.stderr.write(`${error.stack}\n`)
}

/** Commander's messages in the form of ours: `mnist-train: unknown option '--alhpa' (did you mean --alpha?)`. */
function sentence(program: Command, text: string): string {
  const message = text.trim().replace(/^error: /, '').replace(/\n\(Did/, ' (did') // prettier-ignore
  return `${program.name()}: ${message}\n`
}

function readVersion(): string {
  const manifest = createRequire(import.meta.url)('mnist-from-scratch/package.json') as { version: string }
  return manifest.version
}
