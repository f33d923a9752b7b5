import { escaped, escapedLines } from './wording.ts'

/** How a command can end, with its exit code; those from 64 on are BSD's, from sysexits.h. */
export const EXIT = {
  done: 0,
  no: 1,
  usage: 64,
  badData: 65,
  noInput: 66,
  unavailable: 69,
  bug: 70,
  cannotCreate: 73,
  io: 74,
  SIGHUP: 129,
  SIGINT: 130,
  SIGQUIT: 131,
  SIGUSR1: 138,
  SIGUSR2: 140,
  SIGPIPE: 141,
  SIGTERM: 143,
  SIGXCPU: 152,
} as const

/** A signal that ends a command. */
export type Signal = Extract<keyof typeof EXIT, `SIG${string}`>

export function isSignal(ending: keyof typeof EXIT): ending is Signal {
  return ending.startsWith('SIG')
}

/** What each exit code means. */
export const EXIT_MEANING: Record<keyof typeof EXIT, string> = {
  done: 'Success.',
  no: 'The answer is no: training diverged, a check or a run of a sweep failed, or a required accuracy was not reached.',
  usage: 'An option or argument is wrong.',
  badData: 'The data or weights are invalid; the message names the file, line and column.',
  noInput: 'An input file does not exist or cannot be read.',
  unavailable: 'The download failed.',
  bug: 'Internal error; DEBUG=1 prints a stack trace.',
  cannotCreate: 'The output cannot be created.',
  io: 'Reading or writing failed.',
  SIGHUP: 'Ended by SIGHUP: the terminal was closed.',
  SIGINT: 'Ended by SIGINT (Ctrl-C).',
  SIGQUIT: 'Ended by SIGQUIT.',
  SIGUSR1: 'Ended by SIGUSR1.',
  SIGUSR2: 'Ended by SIGUSR2.',
  SIGPIPE: 'The reader of the output closed the pipe early.',
  SIGTERM: 'Ended by SIGTERM.',
  SIGXCPU: 'Ended by SIGXCPU: out of CPU time.',
}

const LONGEST = 4000 // characters of a message; what is longer repeats a file's content

/**
 * Something that the user can fix. Its message is one sentence: the place, what is wrong, what to do. What of it comes
 * from files and names cannot act on a terminal.
 */
export class Failure extends Error {
  constructor(
    readonly kind: keyof typeof EXIT,
    message: string,
    options?: ErrorOptions,
  ) {
    super(escapedLines(message.length > LONGEST ? `${message.slice(0, LONGEST)}…` : message), options)
  }
}

const REASONS: Record<string, string> = {
  ENOENT: 'no such file',
  ENOTDIR: 'no such file',
  EISDIR: 'is a folder, not a file',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOSPC: 'no space left on the disk',
  EDQUOT: 'no space left in the disk quota',
  EFBIG: 'the file would be larger than allowed',
  EPIPE: 'its reader has left',
  ENAMETOOLONG: 'the name is too long',
  ELOOP: 'its symbolic links form a loop',
  EMFILE: 'too many open files',
}

/** Where they differ for what is to be written. */
const OUTPUT_REASONS: Record<string, string> = {
  ENOENT: 'its folder does not exist',
  ENOTDIR: 'its folder is a file',
}

/**
 * The operating system's error as a `Failure`: "nope.csv: no such file". Other errors are returned as they are.
 * @param place the file, or what could not be done with it
 */
export function systemFailure(kind: 'noInput' | 'cannotCreate' | 'io', place: string, error: unknown): unknown {
  if (!(error instanceof Error) || !('syscall' in error) || !('code' in error)) return error
  const code = String(error.code)
  const reason = (kind === 'noInput' ? undefined : OUTPUT_REASONS[code]) ?? REASONS[code]
  return new Failure(kind, escaped(`${place}: ${reason ?? error.message}`), { cause: error })
}
