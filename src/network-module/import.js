// Imports a learner's module. Plain JavaScript: workers import it, too.
import module, { createRequire } from 'node:module'
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
  if (!isRegistered) await registerResolve()
  isRegistered = true
  if (tsx === undefined) return import(/* @vite-ignore */ href)
  const { tsImport } = await import(/* @vite-ignore */ pathToFileURL(tsx).href)
  return tsImport(href, import.meta.url)
}

/** Has this thread's imports resolved by resolve.js. Node 26 deprecates `register`; `registerHooks` begins with 22.15. */
async function registerResolve() {
  const { href } = pathToFileURL(createRequire(import.meta.url).resolve('#resolve'))
  if ('registerHooks' in module && typeof module.registerHooks === 'function') {
    module.registerHooks(await import(/* @vite-ignore */ href))
  } else module.register(href)
}
