import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { basename, delimiter, dirname, join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { generate } from '../src/digits/generate.ts'
import { bin, has } from './support/command.ts'
import { csvOf } from './support/csv.ts'
import { newFolder } from './support/folder.ts'
import { runInProcess } from './support/in-process.ts'

const cwd = newFolder()
beforeAll(() => {
  const programs = join(cwd, 'programs')
  mkdirSync(programs)
  writeFileSync(join(programs, 'npx'), '#!/bin/sh\nexec "$@"\n', { mode: 0o755 })
  writeFileSync(join(cwd, 'few.csv'), csvOf(generate(150, 1)))
  for (const name of ['mnist-train', 'mnist-predict', 'mnist-runs']) symlinkSync(bin(name), join(programs, name))
})

const readme = readFileSync('README.md', 'utf8')
const map = readFileSync('src/README.md', 'utf8')

/** The shell lines under a heading, in order. */
function linesUnder(heading: string): string[] {
  const [, section] = readme.split(`\n${heading}\n`)
  const [own] = section.split(/\n##/)
  return [...own.matchAll(/^```sh\n([^]*?)^```$/gm)].flatMap(([, block]) => block.trimEnd().split('\n'))
}

const skipped = !has('jq')
describe.skipIf(skipped)(`the experiments in the README${skipped ? ' (skipped: jq is not installed)' : ''}`, () => {
  const lines = linesUnder('## Experiments')

  test('include recipes with jq', () => {
    expect(lines.filter((line) => line.includes('| jq ')).length).toBeGreaterThan(3)
  })

  const PATH = [join(cwd, 'programs'), process.env.PATH].join(delimiter)
  const env = { MNIST_DATA: 'few.csv', MNIST_DEV: '50' } // fewer digits than the default, to save time
  const shell = (script: string) => {
    const args = ['--norc', '-o', 'pipefail', '-c', script]
    return execFileSync('bash', args, { cwd, env: { PATH, ...env }, encoding: 'utf8', stdio: 'pipe' })
  }

  /** Runs a line in a shell, but its command in this process. */
  async function runLine(line: string): Promise<string> {
    rmSync(join(cwd, 'args'), { force: true })
    shell(`npx() { printf '%s\\0' "$@" >args; }; ${line}`)
    const [name, ...args] = readFileSync(join(cwd, 'args'), 'utf8').split('\0').slice(0, -1)
    const { code, stdout } = await runInProcess(name, args, { cwd, env })
    writeFileSync(join(cwd, 'stdout'), stdout)
    return shell(`npx() { cat stdout; return ${code}; }; ${line}`)
  }

  const commandsOf = (line: string) => [...line.matchAll(/npx (\S+)/g)].map(([, name]) => name)
  /** Whether a line is to be run as it is: one for each command does, and one of several commands must. */
  const isWhole = (line: string, i: number) => {
    const [name, ...more] = commandsOf(line)
    return more.length > 0 || !lines.slice(0, i).some((other) => commandsOf(other).includes(name))
  }
  const all = lines.map((line, i) => [line, isWhole(line, i)] as const)
  test.each(all)('work as pasted, in order: %s', { timeout: 30_000 }, async (line, isProcess) => {
    const output = isProcess ? shell(line) : await runLine(line)
    expect(output).not.toBe('')
    expect(output).not.toMatch(/null/)
  })
})

describe('the source map', () => {
  const LEAVES = ['failure', 'wording', 'hyperparameters']
  const rows = [...map.matchAll(/^\| (`[^|]*)\|[^|]*\|([^|]*)\|$/gm)].map(([, files, imports]) => ({
    paths: [...files.matchAll(/`([^`]+)`/g)].map(([, path]) => `src/${path}`),
    imports: imports.split(',').map((name) => name.trim()).filter((name) => name !== ''), // prettier-ignore
  }))
  /** What a row is called in the column of imports: digits, or engine/ if there is a file engine.ts in another row. */
  const nameOf = ({ paths: [path] }: (typeof rows)[number]) => path.replace(/^src\//, '').replace(/\.ts$/, '')
  const rowOf = (file: string) => {
    const isIn = (path: string) => file === path || (path.endsWith('/') && file.startsWith(path))
    const matches = rows.filter(({ paths }) => paths.some(isIn))
    return matches.find(({ paths }) => paths.includes(file)) ?? matches[0]
  }
  const files = readdirSync('src', { recursive: true, encoding: 'utf8' })
    .filter((name) => /(?<!\.d)\.(ts|js)$/.test(name) && !name.startsWith('engine/kernel/'))
    .map((name) => `src/${name}`)

  test('has a row for every file except the leaves', () => {
    const missing = files.filter((file) => !rowOf(file)).map((file) => basename(file, '.ts'))
    expect(missing.toSorted()).toEqual(LEAVES.toSorted())
  })

  test.each(rows.map((row) => [row.paths.join(', '), row] as const))('names what %s imports', (_, row) => {
    const imported = new Set<string>()
    for (const file of files.filter((name) => rowOf(name) === row)) {
      const specifiers = readFileSync(file, 'utf8').matchAll(/(?:from |import\(|import )'(\.[^']+)'/g)
      for (const [, specifier] of specifiers) {
        const target = rowOf(join(dirname(file), specifier))
        if (target && target !== row) imported.add(nameOf(target).replace(/^(terminal|cli|commands|page)\/$/, '$1'))
      }
    }
    expect([...imported].toSorted()).toEqual(row.imports.toSorted())
  })
})

test('the library example runs', () => {
  const [, example] = /^```js\n([^]*?)^```$/m.exec(map) ?? []
  const stdout = execFileSync(process.execPath, ['--input-type=module', '-e', example], { encoding: 'utf8' })
  const lines = stdout.trimEnd().split('\n').map((line) => line.split(' ').map(Number)) // prettier-ignore
  expect(lines.map(([iteration]) => iteration)).toEqual([0, 10, 20, 30, 40, 50, 60, 70, 80, 90])
  expect(lines[9][1]).toBeLessThan(lines[0][1]) // the loss falls
})

test('the formulas in the README are lines of src/network.ts', () => {
  const code = [...readme.matchAll(/^\|[^|`]*\| `(const [^`]+)`/gm)].map(([, line]) => line)
  expect(code).toHaveLength(10)
  const lesson = readFileSync('src/network.ts', 'utf8')
  for (const line of code) expect(lesson).toContain(line)
})
