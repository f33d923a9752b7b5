import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { newFolder } from '../support/folder.ts'

const SCRIPT = fileURLToPath(new URL('../../scripts/prepare.js', import.meta.url))
const cwd = newFolder()

/** Runs npm's prepare script where only these programs are installed; `npm` says what it was asked to do. */
function prepare(...programs: string[]) {
  const tools = join(cwd, `tools${programs.length}`)
  mkdirSync(tools, { recursive: true })
  for (const name of programs) writeFileSync(join(tools, name), '#!/bin/sh\n', { mode: 0o755 })
  writeFileSync(join(tools, 'npm'), '#!/bin/sh\necho "npm $@"\nexit 7\n', { mode: 0o755 })
  const { status, stdout, stderr } = spawnSync(process.execPath, [SCRIPT], {
    cwd,
    env: { PATH: tools },
    encoding: 'utf8',
  })
  return { status, stdout, stderr }
}

test('without its tools, prepare says what to do, or keeps the dist that is there', () => {
  const sentence = 'The commands are not built: tsc, asc, esbuild not found; run npm ci without --omit=dev\n'
  expect(prepare('tsx')).toEqual({ status: 0, stdout: '', stderr: sentence })
  mkdirSync(join(cwd, 'dist', 'bin'), { recursive: true })
  expect(prepare('tsx')).toEqual({ status: 0, stdout: '', stderr: '' })
  expect(readdirSync(join(cwd, 'dist'))).toEqual(['bin'])
})

test('with its tools, prepare builds, and fails if that does', () => {
  expect(prepare('tsc', 'tsx', 'asc', 'esbuild')).toEqual({ status: 7, stdout: 'npm run build\n', stderr: '' })
})
