/** Disks that are soon full. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * The words before a command that runs it with an empty file system mounted on a folder; nobody else sees that.
 * @param size KiB
 * @param folder an existing folder, from where the command runs
 * @param after shell commands that run after it, and see the file system
 * @param before shell commands that run before it
 */
export function onDisk(size: number, folder: string, after: string, before = ':'): string[] {
  const shell = `mount -t tmpfs -o size=${size}k none ${folder} && { ${before}; "$@"; code=$?; ${after}; exit $code; }`
  return ['unshare', '--map-root-user', '--mount', 'sh', '-c', shell, 'sh']
}

/** Whether this user may mount file systems. */
export function canMount(): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'mnist-mount-'))
  const [command, ...args] = [...onDisk(64, folder, ':'), 'true']
  const { status } = spawnSync(command, args)
  rmdirSync(folder)
  return status === 0
}

/** The words before a command that runs it with files limited to `blocks` of 512 bytes. */
export function withFileLimit(blocks: number): string[] {
  return ['sh', '-c', `ulimit -f ${blocks}; exec "$@"`, 'sh']
}
