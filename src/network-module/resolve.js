// How imports in learners' modules are resolved. Plain JavaScript: Node loads it by itself.

/**
 * mnist-from-scratch/… is this package, wherever the module lies. TypeScript is ES modules, even where no package.json
 * says so: tsx would take it for CommonJS.
 * @type {import('node:module').ResolveHook}
 */
export function resolve(specifier, context, nextResolve) {
  const isOurs = specifier.startsWith('mnist-from-scratch/')
  const resolved = nextResolve(specifier, isOurs ? { ...context, parentURL: import.meta.url } : context)
  return resolved instanceof Promise ? resolved.then(asModule) : asModule(resolved)
}

/**
 * @param {import('node:module').ResolveFnOutput} resolved
 * @returns {import('node:module').ResolveFnOutput}
 */
function asModule(resolved) {
  const isForTsx = /\.ts(\?|$)/.test(resolved.url) && !('typescript' in process.features && process.features.typescript)
  return isForTsx ? { ...resolved, format: 'module' } : resolved
}
