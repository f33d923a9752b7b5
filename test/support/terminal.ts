/** What is written to stdout or stderr, as if it were a terminal. */
import { vi } from 'vitest'

/** What `write` writes to a stream that is a terminal of so many columns. */
export function terminal(name: 'stdout' | 'stderr', columns: number, write: () => void): string {
  let written = ''
  vi.spyOn(process[name], 'write').mockImplementation((text) => {
    written += String(text)
    return true
  })
  const restore = asTerminal(name, columns)
  try {
    write()
  } finally {
    restore()
    vi.restoreAllMocks()
  }
  return written
}

/** Makes a stream a terminal of so many columns until the returned function is called. */
export function asTerminal(name: 'stdout' | 'stderr', columns: number): () => void {
  const { isTTY, columns: before } = process[name]
  Object.assign(process[name], { isTTY: true, columns })
  return () => Object.assign(process[name], { isTTY, columns: before })
}
