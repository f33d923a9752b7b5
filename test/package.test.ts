import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'

const run = promisify(execFile)
const project = fileURLToPath(new URL('..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'mnist-package-'))
const modules = join(folder, 'node_modules')
const installed = join(modules, 'mnist-from-scratch')
afterAll(() => rmSync(folder, { recursive: true }))

interface Manifest {
  bin: Record<string, string>
  dependencies: Record<string, string>
}

/** What `npm install` of the packed tarball makes, the dependencies being those of the project. */
beforeAll(async () => {
  mkdirSync(installed, { recursive: true })
  await run('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], { cwd: project })
  await run('tar', ['-xzf', join(folder, 'mnist-from-scratch-0.1.0.tgz'), '-C', installed, '--strip-components', '1'])
  const { dependencies } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as Manifest
  mkdirSync(join(modules, '@types'))
  for (const name of [...Object.keys(dependencies), '@types/node', 'undici-types']) {
    symlinkSync(join(project, 'node_modules', name), join(modules, name))
  }
})

test('the packed commands run in another folder', async () => {
  const { bin } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as Manifest
  for (const path of Object.values(bin)) {
    const { stdout } = await run(join(installed, path), ['--version'], { cwd: folder })
    expect(stdout).toBe('0.1.0\n')
  }
  await run(join(installed, bin['mnist-train']), ['--iters', '1', '--threads', '2'], { cwd: folder })
  const { stdout } = await run(join(installed, bin['mnist-predict']), ['--index', '0', '--json'], { cwd: folder })
  expect(JSON.parse(stdout)).toMatchObject({ index: 0, data: 'generated' })
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
  const flags = ['--strict', '--module', 'nodenext', '--target', 'es2023', '--types', 'node', 'use.ts']
  await run(tsc, flags, { cwd: folder })
  const { stdout } = await run(process.execPath, ['use.js'], { cwd: folder })
  expect(stdout).toBe('[ 10, 2 ] object\n')
})
