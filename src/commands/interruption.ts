/** Ending a run early, and the command that goes on. */
import type { Command } from 'commander'

export interface Interruption {
  /** The signal that asked for the end, once one has. */
  signal?: 'SIGINT' | 'SIGTERM'
}

/** SIGINT and SIGTERM ask for an end after the iteration under way; a second one ends the process at once. */
export function interruptions(): Interruption {
  const interruption: Interruption = {}
  const take = (signal: 'SIGINT' | 'SIGTERM') => {
    interruption.signal = signal
    process.off('SIGINT', take).off('SIGTERM', take)
  }
  process.on('SIGINT', take).on('SIGTERM', take)
  return interruption
}

/** The command line of this run with some options' values replaced, as a shell takes it. */
export function commandLine(program: Command, replaced: Record<string, string | number>): string {
  const given = program.options.flatMap((option) => {
    const name = option.attributeName()
    const isGiven = name in replaced || program.getOptionValueSource(name) === 'cli'
    if (!isGiven) return []
    const value: unknown = replaced[name] ?? program.getOptionValue(name)
    return option.isBoolean() ? [option.long] : [option.long, ...[value].flat().map((word) => quoted(String(word)))]
  })
  return [program.name(), ...given].join(' ')
}

/** A word as a shell takes it, in quotes where it needs them. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}
