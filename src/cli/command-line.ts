/** Command lines that a user can paste into a shell. */
import type { CommandUnknownOpts } from '@commander-js/extra-typings'

/**
 * A command line of this program.
 * @param replaced options by name, with the values they are to have
 * @param kept options by name, repeated if the command line or a configuration gave them
 */
export function commandLine(
  program: CommandUnknownOpts,
  replaced: Record<string, string | number>,
  kept: string[],
): string {
  const words = program.options.flatMap((option) => {
    const name = option.attributeName()
    const isGiven = ['cli', 'config'].includes(program.getOptionValueSource(name) ?? '')
    if (!(name in replaced) && !(isGiven && kept.includes(name))) return []
    const value: unknown = replaced[name] ?? program.getOptionValue(name)
    const flag = option.long ?? option.flags
    return option.isBoolean() ? [flag] : [flag, ...[value].flat().map((word) => shellWord(String(word)))]
  })
  return [program.name(), ...words].join(' ')
}

/** A word for a POSIX shell, quoted if it has to be. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}
