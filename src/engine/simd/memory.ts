/** The memory that the engine's threads share: it grows, and gives out room from its end. */
import { Failure } from '../../failure.ts'

const PAGE = 65536

/** The pages that WebAssembly can address: 4 GiB. */
const MOST = 65536

const LIMITED = 'cannot reserve 4 GiB of virtual memory (see ulimit -v): raise the limit or use --engine reference'

/** Bytes that it grows by: untouched pages cost nothing, and growing often takes time. */
const GROWTH = 2 ** 24

/** Allocates room in a WebAssembly memory; nothing is ever given back. */
export interface Arena {
  readonly memory: WebAssembly.Memory
  /** Where free memory begins. Kernel functions that write to the end return the new one. */
  end: number
  /**
   * Makes sure that `bytes` bytes exist after `end`.
   * @throws Failure `usage` if there is not so much memory, as `take` does
   */
  reserve(bytes: number): void
  /** Allocates `bytes` bytes, zeroed and aligned to a cache line, and returns their address. */
  take(bytes: number): number
  bytes(address: number, length: number): Uint8Array
  words(address: number, length: number): Uint32Array
  doubles(address: number, length: number): Float64Array
}

/**
 * A new shared memory of at most 4 GiB, the most that WebAssembly can address.
 * @throws Failure `usage` if a limit on virtual memory does not allow it
 */
export function sharedMemory(): WebAssembly.Memory {
  try {
    return new WebAssembly.Memory({ initial: 16, maximum: MOST, shared: true })
  } catch (error) {
    throw new Failure('usage', LIMITED, { cause: error })
  }
}

/** Allocates from `start` on. */
export function arena(memory: WebAssembly.Memory, start: number): Arena {
  return {
    memory,
    end: start,
    reserve(bytes) {
      const missing = this.end + bytes - memory.buffer.byteLength
      if (missing <= 0) return
      try {
        memory.grow(Math.ceil(missing / GROWTH) * (GROWTH / PAGE))
      } catch (error) {
        const isTooMuch = this.end + bytes > MOST * PAGE // else a limit of the system, which newer versions of Node meet here
        const message = 'out of memory: the simd engine can use 4 GiB; train on fewer digits (--take)'
        throw new Failure('usage', isTooMuch ? message : LIMITED, { cause: error })
      }
    },
    take(bytes) {
      const address = Math.ceil(this.end / 64) * 64
      this.end = address
      this.reserve(bytes)
      this.end += bytes
      return address
    },
    bytes: (address, length) => new Uint8Array(memory.buffer, address, length),
    words: (address, length) => new Uint32Array(memory.buffer, address, length),
    doubles: (address, length) => new Float64Array(memory.buffer, address, length),
  }
}
