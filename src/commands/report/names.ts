/** Weights files as the page names them. */
import { dirname, normalize, sep } from 'node:path'

/** The paths without the folders that all of them are in: the page does not say where it was made. */
export function shownNames(paths: string[]): string[] {
  const parts = paths.map((path) => normalize(path).split(sep))
  const folders = paths.map((path) => dirname(normalize(path)).split(sep))
  const first = folders[0]
  const shared = first.findIndex((folder, i) => folders.some((other) => other[i] !== folder))
  const common = shared === -1 ? first.length : shared
  return parts.map((part, i) => (folders[i].join() === '.' ? part : part.slice(common)).join('/'))
}
