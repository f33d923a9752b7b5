/** How a command can end, with its exit code (those from 64 on are BSD's, of sysexits.h). */
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
  SIGINT: 130,
  SIGPIPE: 141,
  SIGTERM: 143,
} as const

/** What each way to end tells the user. */
export const EXIT_MEANING: Record<keyof typeof EXIT, string> = {
  done: 'It is done.',
  no: 'The answer is no: the training diverged, a verification failed, an accuracy was not reached.',
  usage: 'An option or an argument is wrong.',
  badData: 'The data or the weights are not what they should be; the message names file, line and column.',
  noInput: 'There is no such file.',
  unavailable: 'No mirror gave what was to be downloaded.',
  bug: 'There is a bug in the program; DEBUG=1 shows where.',
  cannotCreate: 'The output cannot be created.',
  io: 'Reading or writing failed.',
  SIGINT: 'Ctrl-C ended it.',
  SIGPIPE: 'Whoever read the output left before the work was done.',
  SIGTERM: 'SIGTERM ended it.',
}

/** Something that the user can mend. Its message is one sentence: the place, what is wrong, what to do. */
export class Failure extends Error {
  constructor(
    readonly kind: keyof typeof EXIT,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options)
  }
}

const REASONS: Record<string, string> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EISDIR: 'it is a folder, not a file',
  EACCES: 'you have no permission',
  EPERM: 'you have no permission',
  EROFS: 'the file system is read-only',
  ENOSPC: 'there is no space left on the disk',
  EMFILE: 'too many files are open',
}

/** What the operating system said of a file, as a sentence; errors that are not the system's are returned as they are. */
export function systemFailure(kind: 'noInput' | 'cannotCreate' | 'io', doing: string, error: unknown): unknown {
  if (!(error instanceof Error) || !('syscall' in error) || !('code' in error)) return error
  const code = String(error.code)
  const reason = kind === 'cannotCreate' && code === 'ENOENT' ? 'its folder does not exist' : REASONS[code]
  return new Failure(kind, `${doing}: ${reason ?? error.message}`, { cause: error })
}
