// Imports a learner's module. Plain JavaScript: workers import it, too.
import { createRequire, register } from 'node:module'
import { pathToFileURL } from 'node:url'

let isRegistered = false

/**
 * Imports a module, in which mnist-from-scratch/… is this package.
 * @param {string} path absolute
 * @param {string | undefined} tsx where tsx's API is, if the module is TypeScript that this Node cannot run
 * @returns {Promise<Record<string, unknown>>}
 */
export async function importModule(path, tsx) {
  const { href } = pathToFileURL(path)
  if (!isRegistered) register(pathToFileURL(createRequire(import.meta.url).resolve('#resolve')))
  isRegistered = true
  if (tsx === undefined) return import(/* @vite-ignore */ href)
  const { tsImport } = await import(/* @vite-ignore */ pathToFileURL(tsx).href)
  return tsImport(href, import.meta.url)
}
