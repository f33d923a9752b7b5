import { execFile } from 'node:child_process'
import { mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { beforeAll, expect, test } from 'vitest'
import { newFolder } from './support/folder.ts'

const run = promisify(execFile)
const project = fileURLToPath(new URL('..', import.meta.url))
const folder = newFolder()
const elsewhere = newFolder()
const modules = join(folder, 'node_modules')
const installed = join(modules, 'mnist-from-scratch')

interface Manifest {
  bin: Record<string, string>
  dependencies: Record<string, string>
}

/** Installs the packed tarball as `npm install` does, with links to the project's dependencies. */
beforeAll(async () => {
  mkdirSync(installed, { recursive: true })
  const pack = ['pack', '--ignore-scripts', '--offline', '--no-update-notifier', '--pack-destination', folder]
  await run('npm', pack, { cwd: project })
  await run('tar', ['-xzf', join(folder, 'mnist-from-scratch-0.1.0.tgz'), '-C', installed, '--strip-components', '1'])
  const { dependencies } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as Manifest
  for (const name of [...Object.keys(dependencies), '@types/node', 'undici-types']) {
    mkdirSync(dirname(join(modules, name)), { recursive: true })
    symlinkSync(join(project, 'node_modules', name), join(modules, name))
  }
}, 60_000)

test('the packed commands run in another folder', async () => {
  const { bin } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as Manifest
  const paths = Object.values(bin).map((path) => join(installed, path))
  for (const path of paths) {
    expect(statSync(path).mode & 0o111, path).toBe(0o111)
    expect(readFileSync(path, 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/)
  }
  const versions = `for (const path of process.argv.splice(1, Infinity, 'command', '--version')) await import(path)`
  const printed = await run(process.execPath, ['--input-type=module', '-e', versions, ...paths], { cwd: folder })
  expect(printed.stdout).toBe('0.1.0\n'.repeat(8))
  const few = ['--take', '450', '--dev', '50', '--hidden', '100'] // enough for two threads
  await run(join(installed, bin['mnist-train']), ['--iters', '1', '--threads', '2', ...few], { cwd: folder })
  const { stdout } = await run(join(installed, bin['mnist-predict']), ['--index', '0', '--json'], { cwd: folder })
  expect(JSON.parse(stdout)).toMatchObject({ index: 0, data: 'generated' })
})

test('the packed mnist-check runs modules that import the package, wherever they lie', async () => {
  const module =
    "import { map } from 'mnist-from-scratch/matrix'\nexport const relu = (Z) => map(Z, (z) => Math.max(z, 0))\n"
  writeFileSync(join(elsewhere, 'mine.mjs'), module)
  const check = join(installed, 'dist/bin/mnist-check.js')
  const { stdout } = await run(check, ['mine.mjs'], { cwd: elsewhere })
  expect(stdout).toMatch(/^relu {2}right\n[^]*mine.mjs is right/)
  await run(check, ['--start', 'exercise'], { cwd: elsewhere })
  expect(readFileSync(join(elsewhere, 'exercise/network.mjs'), 'utf8')).toContain('export function backProp(')
})

test('the packed modules can be imported, with their types', async () => {
  writeFileSync(
    join(folder, 'use.ts'),
    `import { forwardProp, initParams } from 'mnist-from-scratch'
import { matrix } from 'mnist-from-scratch/matrix'
import { randomStream } from 'mnist-from-scratch/random'

const { A2 } = forwardProp(initParams(randomStream(0), 3), matrix(784, 2))
const shape: number[] = A2.shape
// @ts-expect-error a matrix is no text
const text: string = A2
console.log(shape, typeof text)
`,
  )
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  const tsc = join(project, 'node_modules/.bin/tsc')
  const flags = [
    '--strict',
    '--module',
    'nodenext',
    '--target',
    'es2023',
    '--lib',
    'es2023',
    '--types',
    'node',
    'use.ts',
  ]
  await run(tsc, flags, { cwd: folder })
  const { stdout } = await run(process.execPath, ['use.js'], { cwd: folder })
  expect(stdout).toBe('[ 10, 2 ] object\n')
})
