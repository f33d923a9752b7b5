import { spawnSync } from 'node:child_process'
import { closeSync, openSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { openWindow } from '../../../src/digits/read/input.ts'
import { bin } from '../../support/command.ts'
import { newFolder } from '../../support/folder.ts'

const folder = newFolder()

test.each([
  ['a file', (bytes: Buffer) => bytes],
  ['a gzipped file', (bytes: Buffer) => gzipSync(bytes)],
])('%s that another program truncates meanwhile is refused', async (_, form) => {
  const path = join(folder, 'shrinking.csv')
  const bytes = form(randomBytes(600_000))
  writeFileSync(path, bytes)
  const window = await openWindow(path)
  truncateSync(path, 100_000)
  const size = bytes.length.toLocaleString('en')
  await expect(window.fillUp()).rejects.toThrow(
    `${path}: truncated while it was read, after 100,000 of ${size} bytes; read it again when it is complete`,
  )
  await window.close()
})

test('a folder as standard input is refused as one', () => {
  const stdin = openSync(folder, 'r')
  const { status, stderr } = spawnSync(process.execPath, [bin('mnist-data'), 'info', '-'], { stdio: [stdin, 'pipe', 'pipe'], encoding: 'utf8' }) // prettier-ignore
  closeSync(stdin)
  expect([status, stderr]).toEqual([66, 'mnist-data: standard input: is a folder, not a file\n'])
})
