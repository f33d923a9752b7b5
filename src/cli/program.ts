/** What every command's program has: its version, help, completion, environment variables, and messages in one form. */
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { Command, CommanderError, Option, type CommandUnknownOpts } from '@commander-js/extra-typings'
import { EXIT, Failure } from '../failure.ts'
import { message, widthOf } from '../terminal/progress.ts'
import { counted, escaped, excerpt, wrappedHelp } from '../wording.ts'
import { invocation, shellWord } from './command-line.ts'
import type { Shell } from './completion.ts'
import { applyEnvironment } from './environment.ts'
import { HELP_FOOTER } from './help-footer.ts'
import { OTHER_DASH } from './options.ts'

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
    .addOption(new Option('-V, --version', 'print the version'))
    .on('option:version', () => {
      process.stdout.write(`${readVersion()}\n`)
      throw new CommanderError(EXIT.done, 'commander.version', 'version requested')
    })
    .addOption(new Option('--completion <shell>', 'print a shell completion script').choices(['bash', 'zsh', 'fish']))
    .on('option:completion', (shell: Shell) => {
      throw new CompletionRequest(shell)
    })
    .helpOption('-h, --help', 'print this help')
    .showHelpAfterError(false)
    .configureHelp({ showGlobalOptions: false })
    .configureOutput({
      writeOut: (text) => writeHelp(text, process.stdout),
      writeErr: (text) => writeHelp(text, process.stderr),
      outputError: (text) => process.stderr.write(`${message(sentence(program, text), process.stderr)}\n`),
    })
    .addHelpText('after', HELP_FOOTER)
    .allowExcessArguments() // `checkArguments` has better words
    .hook('preAction', (_, command) => {
      checkArguments(command)
      applyEnvironment(command)
    })
    .on('beforeAllHelp', ({ error }: { error: boolean }) => {
      if (error && program.args[0] === 'help' && program.args[1] !== undefined) throw unknownCommand(program)
    })
    .exitOverride()
  define(
    program,
    (act) =>
      async (...args) =>
        onEnd(await act(...args)),
  )
  return program
}

/** Help, in lines as wide as the terminal, or as most terminals. */
function writeHelp(text: string, stream: NodeJS.WriteStream): void {
  stream.write(wrappedHelp(text, widthOf(stream) ?? 80))
}

/**
 * Commander's messages in the form of ours: `mnist-train: unknown option '--alhpa' (did you mean --alpha?)`. Names that
 * other programs give an option are answered with ours.
 */
function sentence(program: CommandUnknownOpts, text: string): string {
  const message = text.trim().replace(/^error: /, '').replace(/\n\(Did/, ' (did') // prettier-ignore
  const [, flag = ''] = /^unknown option '(.*)'/s.exec(message) ?? []
  const name = flag.replace(/=.*/s, '').replace(/^--?/, '').replaceAll('_', '-').toLowerCase() // prettier-ignore
  const command = program.commands.find((command) => command.name() === program.args[0]) ?? program
  const ours = FOREIGN.get(name)?.find((long) => hasOption(command, long))
  const own = ours === undefined ? message : `unknown option '${flag}' (did you mean ${ours}?)`
  const short = own.length > LONGEST ? `${own.slice(0, LONGEST)}…` : own
  const commands = /^unknown command '.*'$/s.test(message) ? `; ${commandsOf(program)}` : ''
  return escaped(`${program.name()}: ${short}${commands}`)
}

const LONGEST = 400 // characters

/** Our options by the names that other programs and libraries give them; the first that a command has is meant. */
const FOREIGN = new Map<string, string[]>([
  ...names('--alpha', 'lr, learning-rate, learning-rate-init, eta, eta0, step-size, rate'),
  ...names('--iters', 'iterations, iteration, n-iter, n-iters, num-iters, num-iterations, max-iter, max-iters, steps'),
  ...names('--epochs', 'epoch, n-epochs, num-epochs, max-epochs'),
  ...names('--batch', 'batch-size, minibatch, mini-batch, mini-batch-size, bs'),
  ...names('--hidden', 'n-hidden, num-hidden, hidden-units, hidden-size, hidden-layer-sizes, units, neurons'),
  ...names('--seed', 'random-state, random-seed, rng'),
  ...names('--dev', 'val, valid, validation, validation-split, validation-size, dev-size, holdout, held-out'),
  ...names('--decay', 'schedule, scheduler, lr-decay, lr-schedule, lr-scheduler, learning-rate-schedule'),
  ...names('--patience', 'early-stopping, n-iter-no-change'),
  ...names('--threads', 'n-jobs, jobs, workers, num-workers, cores, cpus'),
  ...names('--out --weights', 'output, out-file, output-file, save'),
  ...names('--weights', 'model, network, checkpoint, load'),
  ...names('--data --from', 'input, file, train, train-data, dataset'),
  ...names('--test', 'test-data, eval, evaluate'),
  ...names('--take --count --index', 'rows, n-rows, nrows, n, samples, n-samples, limit, size'),
  ...names('--index', 'row, digit, i, id'),
  ...names('--require-accuracy', 'fail-under, min-accuracy, threshold'),
])

function names(ours: string, theirs: string): [string, string[]][] {
  return theirs.split(', ').map((name) => [name, ours.split(' ')])
}

function hasOption(command: CommandUnknownOpts, long: string): boolean {
  return command.options.some((option) => option.long === long)
}

/**
 * Refuses words that a command does not take, and says what was probably meant.
 * @throws Failure `usage`
 */
function checkArguments(command: CommandUnknownOpts): void {
  const { args, registeredArguments } = command
  const [first] = args
  if (args.length === 1 && first === 'help' && !existsSync(first)) {
    throw new Failure('usage', `help: unexpected argument; for help: ${nameOf(command)} --help`)
  }
  const dashed = args.find((word) => OTHER_DASH.test(word))
  if (dashed !== undefined && !existsSync(dashed)) throw new Failure('usage', meantAsOption(command, dashed))
  if (registeredArguments.at(-1)?.variadic || args.length <= registeredArguments.length) return
  throw unexpectedArgument(command, args[registeredArguments.length])
}

/** Says what a word that a command does not take was probably meant as. */
export function unexpectedArgument(command: CommandUnknownOpts, word: string): Failure {
  const shown = /^[\w@%+=:,./-]{1,80}$/.test(word) ? word : excerpt(word)
  return new Failure('usage', `${shown}: unexpected argument; ${meantAs(command, word)}`)
}

/** What a superfluous word was probably meant as. */
function meantAs(command: CommandUnknownOpts, word: string): string {
  const uses: [pattern: RegExp, option: string, purpose: string][] = [
    [/^\d+$/, '--index', `for row ${word}`],
    [/^\d+$/, '--iters', `for ${counted(Number(word), 'iteration')}`],
    [/\.json$/i, '--resume', 'to continue its run'],
    [/\.json$/i, '--weights', 'to use its network'],
    [/\.|ubyte|^-$/, '--data', hasOption(command, '--alpha') ? 'to train on it' : 'to read digits from it'],
  ]
  const use = uses.find(([pattern, option]) => pattern.test(word) && hasOption(command, option))
  if (use === undefined || word.length > 255) return `see ${nameOf(command)} --help`
  return `${use[2]}: ${use[1]} ${shellWord(word)}`
}

/** A word that begins with a dash as word processors write it: the option that it would be with hyphens. */
function meantAsOption(command: CommandUnknownOpts, word: string): string {
  const [, name, rest] = /^.-?([\w-]*)(.*)$/s.exec(word) ?? ['', '', '']
  const option = command.options.find(({ long, short }) => long === `--${name}` || short === `-${name}`)
  const meant = option ? `; did you mean ${option.long === `--${name}` ? option.long : option.short}${rest}?` : ''
  return `${excerpt(word)}: begins with another dash than "-"${meant}`
}

/** The command's name after its program's, as a user types them. */
function nameOf(command: CommandUnknownOpts): string {
  return command.parent ? `${nameOf(command.parent)} ${command.name()}` : invocation(command.name())
}

function unknownCommand(program: CommandUnknownOpts): Failure {
  return new Failure('usage', `${excerpt(program.args[1])}: no such command; ${commandsOf(program)}`)
}

function commandsOf(program: CommandUnknownOpts): string {
  return `the commands are ${program.commands.map((command) => command.name()).join(', ')}`
}

/** The package's version. Reading it takes some milliseconds, so only who needs it does. */
export function readVersion(): string {
  const manifest = createRequire(import.meta.url)('mnist-from-scratch/package.json') as { version: string }
  return manifest.version
}
