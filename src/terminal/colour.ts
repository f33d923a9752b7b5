import { isUtf8 } from './charset.ts'

/**
 * Whether to write colours to a stream. `--no-color` and NO_COLOR (see no-color.org) turn them off and FORCE_COLOR
 * turns them on; otherwise they are on if the stream is a terminal, TERM is not "dumb", and the locale has the half blocks
 * that pictures are made of.
 * @param allowed false if `--no-color` is given
 */
export function hasColour(stream: { isTTY?: boolean }, allowed: boolean): boolean {
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env
  if (!allowed || NO_COLOR) return false
  if (FORCE_COLOR !== undefined) return FORCE_COLOR !== '0'
  return stream.isTTY === true && TERM !== 'dumb' && isUtf8()
}
