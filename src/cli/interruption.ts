/** Signals that ask a process to end: work that has something to save or tidy up ends in its own way, other work at once. */
import { EXIT, type Signal } from '../failure.ts'

/** Signals that ask a process to end, as a shell, a terminal or a job scheduler sends them. */
const SIGNALS = ['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2', 'SIGTERM', 'SIGXCPU'] as const satisfies Signal[]

export interface Interruption {
  /** Aborted by the first signal. */
  signal: AbortSignal
  /** The first signal's name, once it has come. */
  name?: Signal
}

let isTakenOver = false
let current: Interruption | undefined

/**
 * Takes over the signals, so that one that comes early ends the process with the same exit code as a late one. SIGHUP is
 * ignored if neither stdout nor stderr is a terminal: Node resets what nohup ignored, and there is no terminal to lose.
 */
export function takeOverSignals(): void {
  if (isTakenOver) return
  isTakenOver = true
  const hasTerminal = process.stdout.isTTY || process.stderr.isTTY
  for (const name of SIGNALS) process.on(name, name === 'SIGHUP' && !hasTerminal ? () => {} : onSignal)
}

function onSignal(name: NodeJS.Signals): void {
  const signal = SIGNALS.find((taken) => taken === name)
  if (!signal) return
  if (!current || hasSignal) {
    endBy(signal) // nothing to save, or the second signal
    process.exit()
  }
  hasSignal = true
  interrupt(current, signal)
}

function interrupt(interruption: Interruption, name: Signal): void {
  if (interruption.name) return
  interruption.name = name
  controller.abort()
}

/** Signals that would also write the memory to disk. */
const DUMPING: Signal[] = ['SIGQUIT', 'SIGXCPU']

/**
 * Has the process end by a signal once it exits, as if it had not been taken over: a shell's loop, xargs and systemd look
 * at how a process ended, not only at its exit code, which shells make 128 + n of the signal. Where the signal would dump
 * core, or cannot end the process (it is the first of a container), it ends with that exit code.
 */
export function endBy(signal: Signal): void {
  process.exitCode = EXIT[signal]
  if (signal === 'SIGPIPE' || DUMPING.includes(signal)) return
  process.once('exit', () => {
    process.off(signal, onSignal)
    process.kill(process.pid, signal)
  })
}

/** From now on there is nothing to save: a signal ends the process at once. */
export function endOnSignals(): void {
  current = undefined
}

let controller = new AbortController()
let hasSignal = false

/**
 * Ends the process as SIGTERM does when the one that started it with an IPC channel closes that, or dies. A signal that a
 * terminal sends to both is not a second one.
 */
export function endWithParent(): void {
  if (!process.channel) return
  process.once('disconnect', () => {
    if (!current) {
      endBy('SIGTERM')
      process.exit()
    }
    interrupt(current, 'SIGTERM')
  })
  process.channel.unref() // work that is done does not wait for it
}

/** From now on the first signal aborts `signal` instead of ending the process; a second one ends it at once. */
export function abortOnSignals(): Interruption {
  controller = new AbortController()
  hasSignal = false
  current = { signal: controller.signal }
  return current
}
