/** Digits → CSV as Kaggle has it: `label,pixel0,…,pixel783`, then a line a digit. */
import type { FileHandle } from 'node:fs/promises'
import { PIXELS, type Digits } from '../digits.ts'
import { replaceFile, stage, type StagedFile } from '../staged-file.ts'

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

/**
 * Writes the digits whole or not at all.
 * @throws Failure `io`; the signal's reason
 */
export async function writeDigits(path: string, digits: Digits, options: WriteOptions = {}): Promise<void> {
  await replaceFile(path, (file) => writeLines(file, digits, options))
}

/**
 * The first half of `writeDigits`, for several files that are to appear together.
 * @throws Failure `io`; the signal's reason
 */
export async function stageDigits(path: string, digits: Digits, options: WriteOptions = {}): Promise<StagedFile> {
  return stage(path, (file) => writeLines(file, digits, options))
}

async function writeLines(file: FileHandle, digits: Digits, options: WriteOptions): Promise<void> {
  const { header = true, onProgress, signal } = options
  const m = digits.labels.length
  if (header) await file.appendFile(`${HEADER}\n`)
  for (let row = 0; row < m; row += BLOCK) {
    signal?.throwIfAborted()
    const end = Math.min(row + BLOCK, m)
    await file.appendFile(lines(digits, row, end))
    onProgress?.(end / m)
  }
  signal?.throwIfAborted()
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
