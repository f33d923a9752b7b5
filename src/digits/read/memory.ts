/** Whether the memory of this machine suffices. */
import { totalmem } from 'node:os'
import { Failure } from '../../failure.ts'
import { counted } from '../../wording.ts'

const GB = 1e9

/**
 * Checks that this much memory is available.
 * @param name the input that needs them
 * @param digits the digits that need them, for the message
 * @throws Failure `badData` if not
 */
export function checkMemory(name: string, digits: number, bytes: number): void {
  const available = availableMemory()
  if (bytes <= available) return
  const [needed, found] = [bytes, available].map((number) => (number / GB).toFixed(1))
  const needs = `${counted(digits, 'digit')} need ${needed} GB of memory, but ${found} GB are available`
  throw new Failure('badData', `${name}: ${needs}; read fewer with --take`)
}

/** Bytes that this process may still allocate. Only Linux counts its caches as available; elsewhere, all there is. */
function availableMemory(): number {
  return process.platform === 'linux' ? process.availableMemory() : totalmem()
}
