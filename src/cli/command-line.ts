/** Command lines that a user can paste into a shell. */
import { sep } from 'node:path'
import type { CommandUnknownOpts } from '@commander-js/extra-typings'
import { escaped } from '../wording.ts'
import { isFlag } from './environment.ts'

/**
 * A command line of this program.
 * @param replaced options by name, with the values they are to have
 * @param kept options by name, repeated if the command line or a configuration gave them
 */
export function commandLine(
  program: CommandUnknownOpts,
  replaced: Record<string, string | number | boolean>,
  kept: string[],
): string {
  return [invocation(program.name()), ...optionWords(program, replaced, kept)].join(' ')
}

/** The options of a command line, as `commandLine` takes them, in the order in which the program has them. */
export function optionWords(
  program: CommandUnknownOpts,
  replaced: Record<string, string | number | boolean | string[]>,
  kept: string[] = [],
): string[] {
  return program.options.flatMap((option) => {
    const name = option.attributeName()
    const isGiven = ['cli', 'config'].includes(program.getOptionValueSource(name) ?? '')
    if (!(name in replaced) && !(isGiven && kept.includes(name))) return []
    const value: unknown = replaced[name] ?? program.getOptionValue(name)
    if (isFlag(option) && value === option.negate) return [] // the flag would say the opposite
    const flag = option.long ?? option.flags
    return isFlag(option) ? [flag] : [flag, ...[value].flat().map((word) => shellWord(String(word)))]
  })
}

/** The command line of this process, to start it again. */
export function sameCommandLine(name: string): string {
  return [invocation(name), ...process.argv.slice(2).map(shellWord)].join(' ')
}

/** How to start a command of this package, as it was started this time: by its name, or with npx. */
export function invocation(name: string): string {
  const { npm_command, npm_lifecycle_event } = process.env
  const isLocal = process.argv[1]?.includes(['', 'node_modules', '.bin', ''].join(sep))
  return npm_command === 'exec' || npm_lifecycle_event === 'npx' || isLocal ? `npx ${name}` : name
}

/** A word for a shell, quoted if it has to be; control characters as bash, zsh and POSIX.1-2024 write them. */
export function shellWord(word: string): string {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word
  if (escaped(word) === word) return `'${word.replaceAll("'", "'\\''")}'`
  const bytes = Array.from(word.replace(/[\\']/g, '\\$&'), (character) =>
    escaped(character) === character ? character : octal(character),
  )
  return `$'${bytes.join('')}'`
}

function octal(character: string): string {
  return Array.from(Buffer.from(character), (byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('')
}
