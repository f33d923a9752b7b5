/** Bytes of a file or of standard input, unpacked where they are gzip's, through a window that moves over them. */
import { readSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { pipeline, Readable } from 'node:stream'
import { setImmediate as eventLoopTurn } from 'node:timers/promises'
import { createGunzip } from 'node:zlib'
import { Failure, systemFailure } from '../failure.ts'

/** What `--data` calls standard input. */
export const STANDARD_INPUT = '-'

const SIZE = 2 ** 20 // bytes of the window
const SLACK = 8 // bytes behind it, so that a scanner may look at several at once
const PACKED = 2 ** 16 // bytes that are handed to gunzip at once
const AT_ONCE = 2 ** 18 // bytes of a file that are read at once

/** Where bytes come from. */
interface Source {
  /** Writes the next bytes into `room` and returns how many, 0 at the end. */
  read(room: Uint8Array): Promise<number>
  close(): Promise<void>
}

/** What has been read and not yet been used of an input: `bytes` from `start` to `end`. */
export interface Window {
  readonly name: string
  readonly bytes: Buffer
  start: number
  end: number
  /** Whether nothing comes after `end`. */
  ended: boolean
  /** Bytes of the whole input, where that is known; undefined of pipes and of what is packed. */
  readonly size: number | undefined
  /** Reads on, once; afterwards `start` is 0. */
  fill(): Promise<void>
  /** Reads on until the window is full or the input has ended. */
  fillUp(): Promise<void>
  close(): Promise<void>
}

/** How errors and notices call an input. */
export function nameOf(path: string): string {
  return path === STANDARD_INPUT ? 'standard input' : path
}

/**
 * Opens a file, or standard input for `-`.
 * @param onProgress told now and then how much of the input has been read, from 0 to 1, where its size is known
 * @throws Failure `noInput` where it cannot be read; `badData` where it is gzip's and damaged
 */
export async function openWindow(path: string, onProgress?: (share: number) => void): Promise<Window> {
  const name = nameOf(path)
  const whole = await openSource(path, onProgress)
  const first = Buffer.alloc(PACKED)
  const length = await readUp(whole.source, first, name)
  const head = first.subarray(0, length)
  const packed = isGzip(head)
  let source = followedBy(head, whole.source)
  if (packed) source = fromStream(gunzip(source))

  const window: Window = {
    name,
    bytes: Buffer.alloc(SIZE + SLACK),
    start: 0,
    end: 0,
    ended: false,
    size: packed ? undefined : whole.size,
    async fill() {
      window.bytes.copyWithin(0, window.start, window.end)
      window.end -= window.start
      window.start = 0
      if (window.end === SIZE) return
      const count = await readFrom(source, window.bytes.subarray(window.end, SIZE), name)
      window.end += count
      if (count === 0) window.ended = true
    },
    async fillUp() {
      while (!window.ended && window.end - window.start < SIZE) await window.fill()
    },
    close: () => source.close(),
  }
  return window
}

function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b
}

async function openSource(path: string, onProgress?: (share: number) => void) {
  if (path === STANDARD_INPUT) return { source: fromStream(process.stdin), size: undefined }
  try {
    const handle = await open(path)
    const stat = await handle.stat()
    const size = stat.isFile() ? stat.size : undefined
    let done = 0
    const source: Source = {
      async read(room) {
        if (size === undefined) return (await handle.read(room, 0, room.length)).bytesRead
        await eventLoopTurn()
        // Another thread to read took up to 0.3 s a 100 MB, to wake it and be woken, and a file keeps nobody waiting.
        const count = readSync(handle.fd, room, 0, Math.min(room.length, AT_ONCE), null)
        done += count
        if (size > 0) onProgress?.(Math.min(1, done / size))
        return count
      },
      close: () => handle.close(),
    }
    return { source, size }
  } catch (error) {
    throw systemFailure('noInput', `cannot read ${path}`, error)
  }
}

/** Reads until the room is full or the source has ended. */
async function readUp(source: Source, room: Uint8Array, name: string): Promise<number> {
  let length = 0
  while (length < room.length) {
    const count = await readFrom(source, room.subarray(length), name)
    if (count === 0) break
    length += count
  }
  return length
}

async function readFrom(source: Source, room: Uint8Array, name: string): Promise<number> {
  try {
    return await source.read(room)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    if (code === 'Z_BUF_ERROR') {
      throw new Failure('badData', `${name}: the gzip file is cut off: bring it again, whole`, { cause: error })
    }
    if (code.startsWith('Z_')) {
      throw new Failure('badData', `${name}: the gzip file is damaged: bring it again`, { cause: error })
    }
    throw systemFailure('noInput', `cannot read ${name}`, error)
  }
}

/** A source that begins with these bytes. */
function followedBy(head: Uint8Array, source: Source): Source {
  let left = head
  return {
    async read(room) {
      if (left.length === 0) return source.read(room)
      const count = Math.min(room.length, left.length)
      room.set(left.subarray(0, count))
      left = left.subarray(count)
      return count
    },
    close: () => source.close(),
  }
}

function fromStream(stream: Readable): Source {
  const chunks = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>
  let left: Uint8Array = new Uint8Array(0)
  return {
    async read(room) {
      while (left.length === 0) {
        const next = await chunks.next()
        if (next.done) return 0
        left = next.value
      }
      const count = Math.min(room.length, left.length)
      room.set(left.subarray(0, count))
      left = left.subarray(count)
      return count
    },
    async close() {
      stream.destroy()
    },
  }
}

function gunzip(source: Source): Readable {
  async function* packed() {
    try {
      for (;;) {
        const chunk = Buffer.alloc(PACKED)
        const count = await source.read(chunk)
        if (count === 0) return
        yield chunk.subarray(0, count)
      }
    } finally {
      await source.close()
    }
  }
  // The error of either reaches whoever reads.
  return pipeline(Readable.from(packed(), { objectMode: false }), createGunzip(), () => {})
}
