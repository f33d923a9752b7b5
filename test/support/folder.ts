import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'

/** Makes an empty folder, which is removed after the tests of the file that calls this at its top level. */
export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'mnist-test-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}
