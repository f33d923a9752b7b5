/** Progress on a stream: a bar that is redrawn on a terminal, plain lines elsewhere and on a dumb terminal. */
import type { WriteStream } from 'node:tty'
import { escapedLines, wrapped } from '../wording.ts'

const BAR = { most: 24, least: 8 } // characters
const GAP = '  ' // between parts
const REDRAW_INTERVAL = 100 // ms
const LINE_INTERVAL = 10_000 // ms between plain lines

/** Progress drawn on a stream. */
export interface Progress {
  /**
   * Draws the progress, if the last drawing is old enough.
   * @param work what is being done: "reading"
   * @param done from 0 to `total`
   * @param total 0 if unknown
   * @param details what is shown after the percentage, the most important first; called only when it is drawn
   */
  update(work: string, done: number, total: number, details?: () => string[]): void
  /** Erases the bar, so that other text can be written. */
  clear(): void
  /** Erases the bar and writes a line of text, as `message` shows it. */
  notice(text: string): void
}

/** Streams that show a bar. */
const drawnOn = new WeakSet<WriteStream>()

/** Erases the bar that a stream shows, if any. */
export function wipe(stream: WriteStream): void {
  if (drawnOn.delete(stream)) stream.write('\r\u001b[K')
}

/** The characters in a line of a terminal; undefined for other streams. */
export function widthOf({ isTTY, columns }: { isTTY?: boolean; columns?: number }): number | undefined {
  return isTTY ? columns || 80 : undefined
}

/** A message as a stream shows it: control characters from files and names escaped, and wrapped on a terminal. */
export function message(text: string, stream: { isTTY?: boolean; columns?: number }): string {
  return wrapped(escapedLines(text), widthOf(stream) ?? Infinity)
}

/**
 * Progress on a stream.
 * @param quiet draw and write nothing
 */
export function progress(stream: WriteStream, quiet: boolean): Progress {
  if (quiet) return { update() {}, clear() {}, notice() {} }
  const isDrawn = stream.isTTY && process.env.TERM !== 'dumb'
  const every = isDrawn ? REDRAW_INTERVAL : LINE_INTERVAL
  let next = performance.now() + every
  const clear = () => wipe(stream)
  return {
    clear,
    notice(text) {
      clear()
      stream.write(`${message(text, stream)}\n`)
    },
    update(work, done, total, details) {
      if (performance.now() < next) return
      const parts = (details?.() ?? []).map(escapedLines)
      next = performance.now() + every
      const fraction = total > 0 ? Math.min(done / total, 1) : 0
      const percent = `${Math.floor(fraction * 100)} %`
      const line = () => barLine(work, fraction, [percent, ...parts], (stream.columns || 80) - 1)
      stream.write(isDrawn ? `\r\u001b[K${line()}` : `${[`${work} ${percent}`, ...parts].join(', ')}\n`)
      if (isDrawn) drawnOn.add(stream)
    },
  }
}

/** A line of at most `width` characters: work, bar and parts. The bar is shortened before a part is left out. */
function barLine(work: string, fraction: number, parts: string[], width: number): string {
  const room = width - [work, '', parts.join(GAP)].join(' ').length
  const length = Math.min(Math.max(room, BAR.least), BAR.most)
  const filled = Math.round(fraction * length)
  const begin = `${work} ${'█'.repeat(filled)}${'░'.repeat(length - filled)}`
  const lines = parts.map((_, i) => `${begin} ${parts.slice(0, i + 1).join(GAP)}`)
  return lines.findLast((line) => line.length <= width) ?? `${work} ${parts[0]}`.slice(0, width)
}

/** Seconds, rounded up, as a clock shows them: 0:07, 12:34, 1:02:03. */
export function clock(seconds: number): string {
  const whole = Math.ceil(seconds)
  const two = (n: number) => String(n).padStart(2, '0')
  const minutes = Math.floor(whole / 60)
  const tail = two(whole % 60)
  return minutes < 60 ? `${minutes}:${tail}` : `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${tail}`
}
