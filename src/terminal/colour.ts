/**
 * Whether a stream is to be coloured: `--no-color` and NO_COLOR (no-color.org) say no, FORCE_COLOR says yes, else a
 * terminal is and a dumb one is not.
 */
export function hasColour(stream: { isTTY?: boolean }, asked: boolean): boolean {
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env
  if (!asked || NO_COLOR) return false
  if (FORCE_COLOR !== undefined) return FORCE_COLOR !== '0'
  return stream.isTTY === true && TERM !== 'dumb'
}
