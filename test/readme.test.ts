import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bin, has, newFolder } from './command.ts'

const cwd = newFolder()
afterAll(() => rmSync(cwd, { recursive: true }))
beforeAll(() => {
  const programs = join(cwd, 'programs')
  mkdirSync(programs)
  writeFileSync(join(programs, 'npx'), '#!/bin/sh\nexec "$@"\n', { mode: 0o755 })
  for (const name of ['mnist-train', 'mnist-predict', 'mnist-runs']) symlinkSync(bin(name), join(programs, name))
})

/** The lines of the README's shell blocks. */
const lines = [...readFileSync('README.md', 'utf8').matchAll(/^```sh\n([^]*?)^```$/gm)].flatMap(([, block]) => block!.split('\n')) // prettier-ignore

const skipped = !has('jq')
describe.skipIf(skipped)(`recipes with jq in the README${skipped ? ' (skipped: there is no jq)' : ''}`, () => {
  const recipes = lines.filter((line) => line.includes('| jq '))

  test('are there', () => expect(recipes.length).toBeGreaterThan(3))

  test.each(recipes)('works as pasted: %s', (recipe) => {
    const PATH = [join(cwd, 'programs'), process.env.PATH].join(delimiter)
    const output = execFileSync('bash', ['-o', 'pipefail', '-c', recipe], { cwd, env: { PATH }, encoding: 'utf8' })
    expect(output).not.toBe('')
    expect(output).not.toMatch(/null/)
  })
})
