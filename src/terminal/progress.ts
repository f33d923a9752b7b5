/** Progress on a stream: a bar that is redrawn on a terminal, a plain line now and then elsewhere. */
import type { WriteStream } from 'node:tty'

const BAR = 24 // characters
const REDRAW = 100 // ms
const LINE = 10_000 // ms between plain lines

export interface Progress {
  /** Tells how far which work is, and perhaps a few words about it. */
  update(work: string, done: number, total: number, words?: () => string): void
  /** Wipes the bar, so that other text can be written. */
  clear(): void
  /** Writes a line of text in place of the bar. */
  notice(text: string): void
}

/** Streams on which a bar stands. */
const drawnOn = new WeakSet<WriteStream>()

/** Wipes the bar that stands on a stream, if one does. */
export function wipe(stream: WriteStream): void {
  if (drawnOn.delete(stream)) stream.write('\r\u001b[K')
}

/** Progress drawn on a stream; `quiet` draws nothing. */
export function progress(stream: WriteStream, quiet: boolean): Progress {
  if (quiet) return { update() {}, clear() {}, notice() {} }
  const every = stream.isTTY ? REDRAW : LINE
  let next = performance.now() + every
  const clear = () => wipe(stream)
  return {
    clear,
    notice(text) {
      clear()
      stream.write(`${text}\n`)
    },
    update(work, done, total, about) {
      if (performance.now() < next) return
      const words = about?.() ?? ''
      next = performance.now() + every
      const share = total > 0 ? Math.min(done / total, 1) : 0
      const filled = Math.round(share * BAR)
      const percent = `${Math.floor(share * 100)} %`
      const bar = '█'.repeat(filled) + '░'.repeat(BAR - filled)
      const line = `${work} ${bar} ${percent}  ${words}`.slice(0, (stream.columns || 80) - 1)
      stream.write(stream.isTTY ? `\r\u001b[K${line}` : `${work} ${percent}${words && `, ${words}`}\n`)
      if (stream.isTTY) drawnOn.add(stream)
    },
  }
}

/** Seconds as a clock shows them: 0:07, 12:34, 1:02:03. */
export function clock(seconds: number): string {
  const whole = Math.ceil(seconds)
  const two = (n: number) => String(n).padStart(2, '0')
  const minutes = Math.floor(whole / 60)
  const tail = two(whole % 60)
  return minutes < 60 ? `${minutes}:${tail}` : `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${tail}`
}
