/**
 * Digits → files, in the form that the name asks for: CSV as Kaggle has it, `label,pixel0,…,pixel783`, then a line a
 * digit, without the first column where the digits have no labels; the same packed where the name ends in `.gz`; or
 * IDX, pictures and labels in a file each, where it is that of one of them.
 */
import type { FileHandle } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { count, hasLabels, PIXELS, type Digits } from '../digits.ts'
import { Failure } from '../failure.ts'
import { stage, stageAll, type StagedFile } from '../staged-file.ts'
import { idxHeader, idxPair, labelsBeside } from './idx.ts'

const PIXEL_NAMES = Array.from({ length: PIXELS }, (_, p) => `pixel${p}`).join(',')
const BLOCK = 512 // digits that are written at a time
const LONGEST_LINE = '0'.length + PIXELS * ',255'.length + '\n'.length

const [ZERO, COMMA, NEWLINE] = Buffer.from('0,\n')

export interface WriteOptions {
  /** Whether a CSV's first line names the columns; it does where this is left out. */
  header?: boolean
  /** Told now and then how much is written, from 0 to 1. */
  onProgress?: (share: number) => void
  /** Ends the writing: what is at the path stays as it is. */
  signal?: AbortSignal
}

/** The files of some digits, written whole beside their places. */
export interface StagedDigits extends StagedFile {
  /** Their paths. */
  readonly files: string[]
}

/** A file to be, and its bytes in blocks. */
interface Output {
  path: string
  blocks: Iterable<Uint8Array>
}

/**
 * The files that digits of this name are written to: itself, or for IDX that of the pictures and that of the labels.
 * @throws Failure `usage` where it is almost a name of IDX
 */
export function filesNamed(path: string): string[] {
  const pair = idxPair(path)
  return pair ? [pair.images, pair.labels] : [path]
}

/**
 * Writes the digits whole or not at all, and returns the paths of the files.
 * @throws Failure as `stageDigits`
 */
export async function writeDigits(path: string, digits: Digits, options: WriteOptions = {}): Promise<string[]> {
  const staged = await stageDigits(path, digits, options)
  await staged.commit()
  return staged.files
}

/**
 * The first half of `writeDigits`, for several files that are to appear together.
 * @throws Failure `io`; `usage` where the name is not one for these digits; `cannotCreate` where a file of labels that
 *   would be taken for theirs lies beside pictures without labels; the signal's reason
 */
export async function stageDigits(path: string, digits: Digits, options: WriteOptions = {}): Promise<StagedDigits> {
  const outputs = outputsOf(path, digits, options)
  const staged = await stageAll(
    outputs.map((output) => () => stage(output.path, (file) => write(file, output, options))),
  )
  return { files: outputs.map((output) => output.path), ...staged }
}

function outputsOf(path: string, digits: Digits, options: WriteOptions): Output[] {
  const pair = idxPair(path)
  if (!pair) return [{ path, blocks: lines(digits, options) }]
  const images = { path: pair.images, blocks: idxImages(digits, options) }
  if (hasLabels(digits)) return [images, { path: pair.labels, blocks: idxLabels(digits) }]

  if (path === pair.labels)
    throw new Failure('usage', `${path}: the digits have no labels to write; name ${pair.images}`)
  const beside = labelsBeside(pair.images)
  if (beside === undefined) return [images]
  throw new Failure(
    'cannotCreate',
    `cannot write ${path}: ${beside} lies beside it and would be taken for the labels of these digits, which have none; move it away or name another file`,
  )
}

async function write(file: FileHandle, { path, blocks }: Output, { signal }: WriteOptions): Promise<void> {
  const append = async (parts: Iterable<Uint8Array> | AsyncIterable<Uint8Array>) => {
    for await (const part of parts) await file.appendFile(part)
  }
  signal?.throwIfAborted()
  if (path.endsWith('.gz')) await pipeline(Readable.from(blocks, { objectMode: false }), createGzip(), append)
  else await append(blocks)
  signal?.throwIfAborted()
}

/** Rows 0 to m in blocks: where each begins and ends. Progress is told when the block has been used. */
function* blocksOf(m: number, { onProgress, signal }: WriteOptions): Generator<[start: number, end: number]> {
  for (let row = 0; row < m; row += BLOCK) {
    signal?.throwIfAborted()
    const end = Math.min(row + BLOCK, m)
    yield [row, end]
    onProgress?.(end / m)
  }
}

function* idxImages(digits: Digits, options: WriteOptions): Generator<Uint8Array> {
  yield idxHeader({ holds: 'images', count: count(digits) })
  for (const [start, end] of blocksOf(count(digits), options)) {
    yield digits.pixels.subarray(start * PIXELS, end * PIXELS)
  }
}

function* idxLabels(digits: Digits): Generator<Uint8Array> {
  yield idxHeader({ holds: 'labels', count: count(digits) })
  yield digits.labels
}

function* lines(digits: Digits, options: WriteOptions): Generator<Uint8Array> {
  const m = count(digits)
  const isLabelled = hasLabels(digits) || m === 0
  if (options.header ?? true) yield Buffer.from(`${isLabelled ? 'label,' : ''}${PIXEL_NAMES}\n`)
  for (const [start, end] of blocksOf(m, options)) yield linesOf(digits, start, end)
}

/** The lines of the digits from row `start` to before row `end`. */
function linesOf(digits: Digits, start: number, end: number): Buffer {
  const { pixels, labels } = digits
  const isLabelled = hasLabels(digits)
  const text = Buffer.allocUnsafe((end - start) * LONGEST_LINE)
  let length = 0
  for (let row = start; row < end; row++) {
    if (isLabelled) {
      text[length++] = ZERO + labels[row]
      text[length++] = COMMA
    }
    for (let p = row * PIXELS; p < (row + 1) * PIXELS; p++) {
      const pixel = pixels[p]
      if (pixel >= 100) text[length++] = ZERO + Math.floor(pixel / 100)
      if (pixel >= 10) text[length++] = ZERO + (Math.floor(pixel / 10) % 10)
      text[length++] = ZERO + (pixel % 10)
      text[length++] = COMMA
    }
    text[length - 1] = NEWLINE // for the last comma
  }
  return text.subarray(0, length)
}
