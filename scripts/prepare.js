/**
 * npm's prepare script: builds dist if the tools are installed. `npm ci --omit=dev` does not install them; then an
 * existing dist stays. In JavaScript, because tsx is one of the tools.
 */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

const TOOLS = ['tsc', 'tsx', 'asc', 'esbuild']
const folders = (process.env.PATH ?? '').split(delimiter) // npm puts node_modules/.bin in front
const missing = TOOLS.filter((tool) => !folders.some((folder) => existsSync(join(folder, tool))))

if (missing.length === 0) {
  process.exitCode = spawnSync('npm', ['run', 'build'], { stdio: 'inherit' }).status ?? 1
} else if (!existsSync('dist/bin')) {
  console.error(`The commands are not built: ${missing.join(', ')} not found; run npm ci without --omit=dev`)
}
