/** Digits → CSV as Kaggle has it: `label,pixel0,…,pixel783`, then a line a digit. */
import { randomBytes } from 'node:crypto'
import { open, realpath, rename, stat, unlink } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { PIXELS, type Digits } from '../digits.ts'
import { systemFailure } from '../failure.ts'

const HEADER = ['label', ...Array.from({ length: PIXELS }, (_, p) => `pixel${p}`)].join(',')
const BLOCK = 512 // digits that are written at a time
const LONGEST_LINE = '0'.length + PIXELS * ',255'.length + '\n'.length

const [ZERO, COMMA, NEWLINE] = Buffer.from('0,\n')

export interface WriteOptions {
  /** Whether the first line names the columns; it does where this is left out. */
  header?: boolean
  /** Told now and then how much is written, from 0 to 1. */
  onProgress?: (share: number) => void
  /** Ends the writing: what is at the path stays as it is. */
  signal?: AbortSignal
}

/** A CSV written whole, beside its place. */
export interface StagedFile {
  /** Puts it in its place, over what is there. */
  commit(): Promise<void>
  /** Removes it. */
  discard(): Promise<void>
}

/**
 * Writes the digits whole or not at all: beside the path, synced, then renamed over what is there. (A device or a
 * pipe is written to as it is.)
 * @throws Failure `io`; the signal's reason
 */
export async function writeDigits(path: string, digits: Digits, options: WriteOptions = {}): Promise<void> {
  const staged = await stageDigits(path, digits, options)
  await staged.commit()
}

/**
 * The first half of `writeDigits`, for several files that are to appear together.
 * @throws Failure `io`; the signal's reason
 */
export async function stageDigits(path: string, digits: Digits, options: WriteOptions = {}): Promise<StagedFile> {
  const failure = (error: unknown) => systemFailure('io', `cannot write ${path}`, error)
  try {
    if (await isSpecial(path)) {
      await writeLines(path, 'w', digits, options)
      return { async commit() {}, async discard() {} }
    }
    const target = await realpath(path).catch(() => path) // a link's folder is that of the file it names
    const beside = join(dirname(target), `.${basename(target)}.${randomBytes(6).toString('hex')}`)
    const discard = () => unlink(beside).catch(() => {})
    const discardAndThrow = async (error: unknown) => {
      await discard()
      throw failure(error)
    }
    await writeLines(beside, 'wx', digits, options).catch(discardAndThrow)
    return { commit: () => rename(beside, target).catch(discardAndThrow), discard }
  } catch (error) {
    throw failure(error)
  }
}

async function writeLines(path: string, flag: 'w' | 'wx', digits: Digits, options: WriteOptions): Promise<void> {
  const { header = true, onProgress, signal } = options
  const m = digits.labels.length
  const file = await open(path, flag)
  try {
    if (header) await file.appendFile(`${HEADER}\n`)
    for (let row = 0; row < m; row += BLOCK) {
      signal?.throwIfAborted()
      const end = Math.min(row + BLOCK, m)
      await file.appendFile(lines(digits, row, end))
      onProgress?.(end / m)
    }
    signal?.throwIfAborted()
    if (flag === 'wx') await file.sync()
  } finally {
    await file.close()
  }
}

/** The lines of the digits from row `start` to before row `end`. */
function lines({ pixels, labels }: Digits, start: number, end: number): Buffer {
  const text = Buffer.allocUnsafe((end - start) * LONGEST_LINE)
  let length = 0
  for (let row = start; row < end; row++) {
    text[length++] = ZERO + labels[row]
    for (let p = row * PIXELS; p < (row + 1) * PIXELS; p++) {
      const pixel = pixels[p]
      text[length++] = COMMA
      if (pixel >= 100) text[length++] = ZERO + Math.floor(pixel / 100)
      if (pixel >= 10) text[length++] = ZERO + (Math.floor(pixel / 10) % 10)
      text[length++] = ZERO + (pixel % 10)
    }
    text[length++] = NEWLINE
  }
  return text.subarray(0, length)
}

/** Whether there is something at the path that is neither a regular file nor a folder. */
async function isSpecial(path: string): Promise<boolean> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  return found !== undefined && !found.isFile() && !found.isDirectory()
}
