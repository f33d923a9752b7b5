/** What every command's program has: its version, help, completion, environment variables, and messages in one form. */
import { createRequire } from 'node:module'
import { Command, CommanderError, Option, type CommandUnknownOpts } from '@commander-js/extra-typings'
import { EXIT } from '../failure.ts'
import type { Shell } from './completion.ts'
import { applyEnvironment } from './environment.ts'
import { HELP_FOOTER } from './help-footer.ts'

/** How a command ends: the name of an exit code. */
export type Ending = keyof typeof EXIT

/** A command: its options, and as its action what it does. `ends` makes an action of a function that returns how it ended. */
export type Definition = (program: Command, ends: Ends) => void

export type Ends = <Args extends unknown[]>(
  act: (...args: Args) => Ending | Promise<Ending>,
) => (...args: Args) => Promise<void>

/** Thrown by `--completion`: whoever parses prints the script. */
export class CompletionRequest extends CommanderError {
  constructor(readonly shell: Shell) {
    super(EXIT.done, 'commander.completion', 'completion script requested')
  }
}

/** A definition's program. `onEnd` is told how its action ended. */
export function programOf(define: Definition, onEnd: (ending: Ending) => void = () => {}): CommandUnknownOpts {
  const program = new Command()
  program
    .version(readVersion(), '-V, --version', 'print the version')
    .addOption(new Option('--completion <shell>', 'print a shell completion script').choices(['bash', 'zsh', 'fish']))
    .on('option:completion', (shell: Shell) => {
      throw new CompletionRequest(shell)
    })
    .helpOption('-h, --help', 'print this help')
    .showHelpAfterError(false)
    .configureHelp({ showGlobalOptions: false })
    .configureOutput({ outputError: (text, write) => write(sentence(program, text)) })
    .addHelpText('after', HELP_FOOTER)
    .hook('preAction', (_, command) => applyEnvironment(command))
    .exitOverride()
  define(
    program,
    (act) =>
      async (...args) =>
        onEnd(await act(...args)),
  )
  return program
}

/** Commander's messages in the form of ours: `mnist-train: unknown option '--alhpa' (did you mean --alpha?)`. */
function sentence(program: CommandUnknownOpts, text: string): string {
  const message = text.trim().replace(/^error: /, '').replace(/\n\(Did/, ' (did') // prettier-ignore
  return `${program.name()}: ${message}\n`
}

function readVersion(): string {
  const manifest = createRequire(import.meta.url)('mnist-from-scratch/package.json') as { version: string }
  return manifest.version
}
