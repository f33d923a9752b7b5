/** How SIGINT (Ctrl-C) and SIGTERM end work that has something to tidy up, and the command that goes on. */
import type { Command } from 'commander'

export interface Interruption {
  /** Aborted by the first SIGINT or SIGTERM. */
  signal: AbortSignal
  /** The signal that came, if one did. */
  name?: 'SIGINT' | 'SIGTERM'
}

/** From now on SIGINT and SIGTERM abort a signal; a second one ends the process at once. */
export function abortOnSignals(): Interruption {
  const controller = new AbortController()
  const interruption: Interruption = { signal: controller.signal }
  const take = (name: 'SIGINT' | 'SIGTERM') => {
    interruption.name = name
    process.off('SIGINT', take).off('SIGTERM', take)
    controller.abort()
  }
  process.on('SIGINT', take).on('SIGTERM', take)
  return interruption
}

/** A command line of this program as a shell takes it: some options with new values, and the given ones of those named. */
export function commandLine(program: Command, replaced: Record<string, string | number>, names: string[]): string {
  const given = program.options.flatMap((option) => {
    const name = option.attributeName()
    const isGiven = names.includes(name) && ['cli', 'config'].includes(program.getOptionValueSource(name)!)
    if (!isGiven && !(name in replaced)) return []
    const value: unknown = replaced[name] ?? program.getOptionValue(name)
    return option.isBoolean() ? [option.long] : [option.long, ...[value].flat().map((word) => quoted(String(word)))]
  })
  return [program.name(), ...given].join(' ')
}

/** A word as a shell takes it, in quotes where it needs them. */
export function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}
