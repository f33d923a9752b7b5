/** Ctrl-C and SIGTERM during work that has something to save or tidy up. */

export interface Interruption {
  /** Aborted by the first SIGINT or SIGTERM. */
  signal: AbortSignal
  /** The signal that came, if one did. */
  name?: 'SIGINT' | 'SIGTERM'
}

/** From now on the first SIGINT or SIGTERM aborts `signal`; a second one ends the process at once. */
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
