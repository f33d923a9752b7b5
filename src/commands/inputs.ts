/** Inputs of commands that work with several networks on digits. */
import { GENERATED, STANDARD_INPUT } from '../digits/default-source.ts'
import { Failure } from '../failure.ts'
import { stateOf } from './outputs.ts'

/**
 * Refuses files that are named where others belong, or twice.
 * @param files weights files
 * @param sources digits
 * @throws Failure `usage`
 */
export function checkInputs(files: string[], sources: string[]): void {
  const digits = files.find((file) => /\.csv(\.gz)?$|ubyte|^-$/i.test(file))
  if (digits !== undefined) {
    throw new Failure('usage', `${digits}: digits, not weights; to evaluate on them: --data ${digits}`)
  }
  const weights = sources.find((source) => /\.json$/i.test(source))
  if (weights !== undefined) {
    throw new Failure('usage', `--data ${weights}: weights, not digits; name weights before --data`)
  }
  checkOnce(files, 'a network cannot be compared with itself')
  checkOnce(sources, 'every digit would count twice')
}

/** @throws Failure `usage` if two names are those of the same file */
function checkOnce(paths: string[], why: string): void {
  const seen = new Map<string, string>()
  for (const path of paths) {
    const key = identityOf(path)
    const before = seen.get(key)
    if (before !== undefined) {
      const twice = before === path ? `${path}: named twice` : `${path}: the same file as ${before}`
      throw new Failure('usage', `${twice}; ${why}`)
    }
    seen.set(key, path)
  }
}

/** Which file a name is; the name itself if there is none, which reading reports. */
function identityOf(path: string): string {
  if (path === GENERATED || path === STANDARD_INPUT) return path
  return stateOf(path) ?? path
}
