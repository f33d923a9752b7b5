/**
 * A step of npm run build: bundles the commands into dist/bin, with their dependencies. Loading some seventy small modules
 * took longer than what most commands do. What a command imports dynamically stays a file of its own. Each command is
 * bundled alone: sharing pieces with the others would cut it into 46 files instead of 20, which took mnist-evaluate 30 ms
 * more to load. The script and the style of mnist-report's page go into dist/page.
 */
import { readdirSync } from 'node:fs'
import { build } from 'esbuild'

for (const name of readdirSync('bin')) {
  await build({
    entryPoints: [`bin/${name}`],
    outdir: 'dist/bin',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    // CommonJS dependencies call require, which ES modules lack.
    banner: { js: "import { createRequire as banner } from 'node:module'; const require = banner(import.meta.url)" },
    logLevel: 'warning',
  })
}

await build({
  entryPoints: ['src/page/page.ts', 'src/page/page.css'],
  outdir: 'dist/page',
  bundle: true,
  format: 'esm',
  platform: 'browser',
  alias: { ndarray: './src/page/strided.ts' },
  target: ['es2022', 'chrome111', 'firefox115', 'safari16.4'],
  minify: true,
  charset: 'utf8',
  logLevel: 'warning',
})
