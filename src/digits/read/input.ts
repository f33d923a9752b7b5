/** The bytes of a file or of standard input, gunzipped if necessary, through a sliding window. */
import { fstatSync, readSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { pipeline, Readable } from 'node:stream'
import { setImmediate as nextEventLoop } from 'node:timers/promises'
import { inputName, STANDARD_INPUT } from '../default-source.ts'
import { Failure, systemFailure } from '../../failure.ts'
import { counted, grouped } from '../../wording.ts'
import { isGzipped } from '../gzip.ts'

const WINDOW = 2 ** 20 // bytes
const SLACK = 8 // bytes after the window, so that a scanner may look at several bytes at once
const GZIP_CHUNK = 2 ** 16 // bytes passed to gunzip at once
const FILE_CHUNK = 2 ** 18 // bytes read from a file at once

/** Where bytes come from. */
interface Source {
  /** Reads bytes into `target`; returns how many, 0 at the end. */
  read(target: Uint8Array): Promise<number>
  close(): Promise<void>
}

/** A window over an input: `bytes` from `start` to `end` have been read and not used yet. */
export interface Window {
  /** The input, as messages call it. */
  readonly name: string
  readonly bytes: Buffer
  start: number
  end: number
  /** Whether the input ends at `end`. */
  ended: boolean
  /** Bytes of the whole input; undefined if unknown, as for pipes and gzipped files. */
  readonly size: number | undefined
  /** Reads once; sets `start` to 0. */
  fill(): Promise<void>
  /** Reads until the window is full or the input ends. */
  fillUp(): Promise<void>
  close(): Promise<void>
}

/**
 * Opens a file, or standard input for `-`.
 * @param onProgress called with the fraction of the file read so far, 0 to 1; never called for a pipe
 * @throws Failure `noInput` if it cannot be read; `badData` if its gzip data is corrupt or another program truncates it
 *   meanwhile, as do `fill` and `fillUp`
 */
export async function openWindow(path: string, onProgress?: (fraction: number) => void): Promise<Window> {
  const name = inputName(path)
  const { source: file, size } = await openSource(path, onProgress)
  const head = await readHead(file, name).catch(async (error: unknown) => {
    await file.close()
    throw error
  })
  const gzipped = isGzipped(head)
  const whole = withHead(head, file)
  const source = gzipped ? fromStream(await gunzip(whole)) : whole

  const window: Window = {
    name,
    bytes: Buffer.alloc(WINDOW + SLACK),
    start: 0,
    end: 0,
    ended: false,
    size: gzipped ? undefined : size,
    async fill() {
      window.bytes.copyWithin(0, window.start, window.end)
      window.end -= window.start
      window.start = 0
      if (window.end === WINDOW) return
      const length = await readFrom(source, window.bytes.subarray(window.end, WINDOW), name)
      window.end += length
      if (length === 0) window.ended = true
    },
    async fillUp() {
      while (!window.ended && window.end - window.start < WINDOW) await window.fill()
    },
    close: () => source.close(),
  }
  return window
}

async function openSource(path: string, onProgress?: (fraction: number) => void) {
  if (path === STANDARD_INPUT) {
    if (fstatSync(0).isDirectory()) throw new Failure('noInput', 'standard input: is a folder, not a file')
    return { source: fromStream(process.stdin), size: undefined }
  }
  try {
    const handle = await open(path)
    const stat = await handle.stat()
    const size = stat.isFile() ? stat.size : undefined
    let done = 0
    const source: Source = {
      async read(target) {
        if (size === undefined) return (await handle.read(target, 0, target.length)).bytesRead
        await nextEventLoop()
        // Synchronous because a file never blocks for long; `handle.read` takes up to 0.3 s more per 100 MB (measured).
        const length = readSync(handle.fd, target, 0, Math.min(target.length, FILE_CHUNK), null)
        done += length
        if (length === 0 && done < size) {
          const found = `${grouped(done)} of ${counted(size, 'byte')}`
          throw new Failure(
            'badData',
            `${path}: truncated while it was read, after ${found}; read it again when it is complete`,
          )
        }
        if (size > 0) onProgress?.(Math.min(1, done / size))
        return length
      },
      close: () => handle.close(),
    }
    return { source, size }
  } catch (error) {
    throw systemFailure('noInput', path, error)
  }
}

/** The first bytes of a source, fewer than 64 KiB only if it has no more. */
async function readHead(source: Source, name: string): Promise<Uint8Array> {
  const head = Buffer.alloc(GZIP_CHUNK)
  let length = 0
  while (length < head.length) {
    const more = await readFrom(source, head.subarray(length), name)
    if (more === 0) break
    length += more
  }
  return head.subarray(0, length)
}

async function readFrom(source: Source, target: Uint8Array, name: string): Promise<number> {
  try {
    return await source.read(target)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    if (!code.startsWith('Z_')) throw systemFailure('noInput', name, error)
    const fault = code === 'Z_BUF_ERROR' ? 'truncated' : 'corrupt'
    throw new Failure('badData', `${name}: ${fault} gzip file; download it again`, { cause: error })
  }
}

/** A source that yields `head`, then the rest of `source`. */
function withHead(head: Uint8Array, source: Source): Source {
  let left = head
  return {
    async read(target) {
      if (left.length === 0) return source.read(target)
      const length = copyTo(target, left)
      left = left.subarray(length)
      return length
    },
    close: () => source.close(),
  }
}

function fromStream(stream: Readable): Source {
  const chunks = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>
  let left: Uint8Array = new Uint8Array(0)
  return {
    async read(target) {
      while (left.length === 0) {
        const next = await chunks.next()
        if (next.done) return 0
        left = next.value
      }
      const length = copyTo(target, left)
      left = left.subarray(length)
      return length
    },
    async close() {
      stream.destroy()
    },
  }
}

/** Copies as many bytes as fit; returns how many. */
function copyTo(target: Uint8Array, bytes: Uint8Array): number {
  const length = Math.min(target.length, bytes.length)
  target.set(bytes.subarray(0, length))
  return length
}

async function gunzip(source: Source): Promise<Readable> {
  const { createGunzip } = await import('node:zlib')
  async function* gzippedChunks() {
    try {
      for (;;) {
        const chunk = Buffer.alloc(GZIP_CHUNK)
        const length = await source.read(chunk)
        if (length === 0) return
        yield chunk.subarray(0, length)
      }
    } finally {
      await source.close()
    }
  }
  // Errors of either stream reach whoever reads from the last one.
  return pipeline(Readable.from(gzippedChunks(), { objectMode: false }), createGunzip(), () => {})
}
