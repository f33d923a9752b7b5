/**
 * Digits → files, in the format that the name selects. A name of IDX selects IDX: a file of images and one of labels.
 * Any other selects Kaggle's CSV: `label,pixel0,…,pixel783`, then a line per digit; without the first column if the
 * digits are unlabelled. Either is gzipped if the name ends in `.gz`. A name that ends as another format's is refused.
 */
import type { FileHandle } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { digitCount, hasLabels, PIXELS, pixelsOf, type Digits } from '../digits.ts'
import { Failure } from '../failure.ts'
import { stage, stageAll, type StagedFile } from '../staged-file.ts'
import { idxHeader, idxPair, labelsBeside } from './idx.ts'

const PIXEL_NAMES = Array.from({ length: PIXELS }, (_, p) => `pixel${p}`).join(',')
const BLOCK = 512 // digits written at once; a chunk holds a whole number of blocks
const LONGEST_LINE = '0'.length + PIXELS * ',255'.length + '\n'.length

const [ZERO, COMMA, NEWLINE] = Buffer.from('0,\n')

/** Endings of formats that this program does not write, before `.gz` too. */
const OTHER_ENDINGS = new RegExp(
  `\\.(${[
    'png jpe?g gif bmp tiff? webp svg pdf ps', // pictures
    'json jsonl ndjson geojson ya?ml toml xml html?', // other text
    'tsv tab psv arff svm libsvm md tex', // other tables
    'npy npz mat pkl pickle joblib pt pth ckpt safetensors onnx h5 hdf5? hdf tfrecords?', // arrays
    'xlsx? xlsm xlsb ods numbers parquet feather arrow avro orc rds rda rdata dta sav sas7bdat', // tables
    'db sqlite3? duckdb sql', // databases
    'zip tar tgz tbz2? txz 7z rar bz2 xz zst lz4 lzma br z', // archives and other compression
    'idx ubyte bin dat exe', // almost IDX
  ]
    .join(' ')
    .replaceAll(' ', '|')})(\\.gz)?$`,
  'i',
)

/** How to write digits. */
export interface WriteOptions {
  /** Write a header line into a CSV; true by default. */
  header?: boolean
  /** Called with the fraction of the digits written so far, 0 to 1. */
  onProgress?: (fraction: number) => void
  /** Aborts the writing; the file at the path is left unchanged. */
  signal?: AbortSignal
}

/** Files of digits that are complete, beside their places. */
export interface StagedDigits extends StagedFile {
  /** The paths they will have. */
  readonly files: string[]
}

/** A file to write, and its bytes in blocks. */
interface Output {
  path: string
  blocks: Iterable<Uint8Array>
}

/**
 * The paths that `writeDigits` writes to: this one, or for IDX those of the images and of the labels.
 * @throws Failure `usage` if it is almost a name of IDX, or that of another format
 */
export function filesNamed(path: string): string[] {
  const pair = pairNamed(path)
  return pair ? [pair.images, pair.labels] : [path]
}

/** As `idxPair`; undefined for a CSV. */
function pairNamed(path: string): ReturnType<typeof idxPair> {
  const pair = idxPair(path)
  const ending = OTHER_ENDINGS.exec(path)?.[0]
  if (pair || ending === undefined) return pair
  const written = '.csv, .csv.gz, or IDX as …images-idx3-ubyte'
  throw new Failure('usage', `${path}: digits are not written as ${ending}; use a name that ends in ${written}`)
}

/**
 * Writes digits atomically.
 * @returns the paths of the files written
 * @throws Failure as `stageDigits` does
 */
export async function writeDigits(path: string, digits: Digits, options: WriteOptions = {}): Promise<string[]> {
  const staged = await stageDigits(path, digits, options)
  await staged.commit()
  return staged.files
}

/**
 * The first half of `writeDigits`, for files that are to appear together.
 * @throws Failure `io`; `usage` if the name does not suit these digits; `cannotCreate` if a file of labels lies beside
 *   the images of unlabelled digits; the signal's reason if aborted
 */
export async function stageDigits(path: string, digits: Digits, options: WriteOptions = {}): Promise<StagedDigits> {
  const outputs = outputsOf(path, digits, options)
  const staged = await stageAll(
    outputs.map((output) => () => stage(output.path, (file) => write(file, output, options))),
  )
  return { files: outputs.map((output) => output.path), ...staged }
}

function outputsOf(path: string, digits: Digits, options: WriteOptions): Output[] {
  const pair = pairNamed(path)
  if (!pair) return [{ path, blocks: lines(digits, options) }]
  const images = { path: pair.images, blocks: idxImages(digits, options) }
  if (hasLabels(digits)) return [images, { path: pair.labels, blocks: idxLabels(digits) }]

  if (path === pair.labels) throw new Failure('usage', `${path}: the digits are unlabelled; use ${pair.images}`)
  const beside = labelsBeside(pair.images)
  if (beside === undefined) return [images]
  const reason = `the digits are unlabelled, but would be read with the labels in ${beside}`
  throw new Failure('cannotCreate', `cannot write ${path}: ${reason}; move it or use another name`)
}

async function write(file: FileHandle, { path, blocks }: Output, { signal }: WriteOptions): Promise<void> {
  let fault: unknown
  const append = async (chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>) => {
    for await (const chunk of chunks) {
      await file.appendFile(chunk).catch((error: unknown) => {
        throw (fault = error)
      })
    }
  }
  signal?.throwIfAborted()
  try {
    if (/\.gz$/i.test(path)) await pipeline(Readable.from(blocks, { objectMode: false }), createGzip(), append)
    else await append(blocks)
  } catch (error) {
    throw fault ?? error // pipeline reports the AbortError that follows
  }
  signal?.throwIfAborted()
}

/** Splits m rows into blocks: the first row of each, and the one after its last. Reports progress after each block. */
function* blocksOf(m: number, { onProgress, signal }: WriteOptions): Generator<[start: number, end: number]> {
  for (let row = 0; row < m; row += BLOCK) {
    signal?.throwIfAborted()
    const end = Math.min(row + BLOCK, m)
    yield [row, end]
    onProgress?.(end / m)
  }
}

function* idxImages(digits: Digits, options: WriteOptions): Generator<Uint8Array> {
  yield idxHeader({ holds: 'images', count: digitCount(digits) })
  for (const [start, end] of blocksOf(digitCount(digits), options)) {
    yield pixelsOf(digits, start, end - start)
  }
}

function* idxLabels(digits: Digits): Generator<Uint8Array> {
  yield idxHeader({ holds: 'labels', count: digitCount(digits) })
  yield digits.labels
}

function* lines(digits: Digits, options: WriteOptions): Generator<Uint8Array> {
  const m = digitCount(digits)
  const isLabelled = hasLabels(digits) || m === 0
  if (options.header ?? true) yield Buffer.from(`${isLabelled ? 'label,' : ''}${PIXEL_NAMES}\n`)
  for (const [start, end] of blocksOf(m, options)) yield linesOf(digits, start, end)
}

/** The CSV lines of the digits in rows `start` to `end` − 1. */
function linesOf(digits: Digits, start: number, end: number): Buffer {
  const { labels } = digits
  const isLabelled = hasLabels(digits)
  const text = Buffer.allocUnsafe((end - start) * LONGEST_LINE)
  let length = 0
  for (let row = start; row < end; row++) {
    if (isLabelled) {
      text[length++] = ZERO + labels[row]
      text[length++] = COMMA
    }
    for (const pixel of pixelsOf(digits, row)) {
      if (pixel >= 100) text[length++] = ZERO + Math.floor(pixel / 100)
      if (pixel >= 10) text[length++] = ZERO + (Math.floor(pixel / 10) % 10)
      text[length++] = ZERO + (pixel % 10)
      text[length++] = COMMA
    }
    text[length - 1] = NEWLINE // replaces the last comma
  }
  return text.subarray(0, length)
}
