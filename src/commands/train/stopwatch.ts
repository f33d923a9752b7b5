/** Time that work takes in laps, without the time that the process was stopped in, as by Ctrl-Z or SIGSTOP. */

export interface Stopwatch {
  /** Seconds since the start. */
  seconds(): number
  /** Milliseconds since the lap under way began. */
  lap(): number
  /** Begins another lap. Whether the process was stopped is known once the event loop has had a turn. */
  nextLap(): void
  /** Stops watching. */
  close(): void
}

/**
 * Starts a stopwatch. Laps are short and alike: one in which the process is continued counts as long as the one before it.
 * @param now milliseconds; tests pass their own
 */
export function stopwatch(now = () => performance.now()): Stopwatch {
  let began = now()
  let lapBegan = began
  let usual = 0 // ms
  const onContinue = () => {
    const stopped = Math.max(0, now() - lapBegan - usual)
    began += stopped
    lapBegan += stopped
  }
  process.on('SIGCONT', onContinue)
  return {
    seconds: () => (now() - began) / 1000,
    lap: () => now() - lapBegan,
    nextLap() {
      usual = now() - lapBegan
      lapBegan += usual
    },
    close: () => process.off('SIGCONT', onContinue),
  }
}
