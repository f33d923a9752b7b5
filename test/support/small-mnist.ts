/** A small MNIST: 100 training and 20 test digits of noise, which does not compress. */
import { createHash } from 'node:crypto'
import type { EventEmitter } from 'node:events'
import { gzipSync } from 'node:zlib'
import { vi } from 'vitest'
import { run } from '../../src/cli/run.ts'
import { mnistData } from '../../src/commands/mnist-data.ts'
import { digitsFrom, PIXELS, type Digits } from '../../src/digits.ts'
import { fingerprint } from '../../src/digits/fingerprint.ts'
import type { DigitSet, IdxFile } from '../../src/digits/mnist.ts'
import { randomStream } from '../../src/random.ts'
import type { Ended } from './command.ts'
import { bytesOf } from './digits.ts'

function noise(m: number, seed: number): Digits {
  const { rand } = randomStream(seed)
  const below = (n: number) => () => Math.floor(n * rand())
  return digitsFrom(Uint8Array.from({ length: m * PIXELS }, below(256)), Uint8Array.from({ length: m }, below(10)))
}

/** The IDX files of images and of labels. */
export function idxOf(digits: Digits): [images: Buffer, labels: Buffer] {
  const words = (...values: number[]) => {
    const header = Buffer.alloc(4 * values.length)
    values.forEach((value, i) => header.writeUInt32BE(value, 4 * i))
    return header
  }
  const { labels } = digits
  const m = labels.length
  return [Buffer.concat([words(0x0803, m, 28, 28), bytesOf(digits)]), Buffer.concat([words(0x0801, m), labels])]
}

/** The files of a mirror: their gzipped bytes by name, with .gz. */
export const SMALL_FILES = new Map<string, Buffer>()

function setOf(csv: string, prefix: string, digits: Digits): DigitSet {
  const [images, labels] = idxOf(digits)
  const file = (name: string, content: Buffer): IdxFile => {
    SMALL_FILES.set(`${name}.gz`, gzipSync(content))
    return { name, bytes: content.length, sha256: createHash('sha256').update(content).digest('hex') }
  }
  return {
    csv,
    images: file(`${prefix}-images-idx3-ubyte`, images),
    labels: file(`${prefix}-labels-idx1-ubyte`, labels),
    sha256: fingerprint(digits),
  }
}

export const SMALL_DIGITS = [noise(100, 1), noise(20, 2)]
export const SMALL_SETS = [
  setOf('mnist_train.csv', 'train', SMALL_DIGITS[0]),
  setOf('mnist_test.csv', 't10k', SMALL_DIGITS[1]),
]

/**
 * Runs mnist-data for the small sets, or others, in this process, without its environment variables. Returns what the command's own
 * process would print, and its exit code.
 */
export async function mnistDataInProcess(args: string[], cwd: string, sets: DigitSet[] = SMALL_SETS): Promise<Ended> {
  const { argv, env } = process
  const folder = process.cwd()
  const emitters: [EventEmitter, string][] = [
    [process, 'SIGINT'],
    [process, 'SIGTERM'],
    [process.stdout, 'error'],
    [process.stderr, 'error'],
  ]
  const listeners = emitters.map(([emitter, event]) => emitter.listeners(event))
  const written = { stdout: '', stderr: '' }
  const spies = (['stdout', 'stderr'] as const).map((name) =>
    vi.spyOn(process[name], 'write').mockImplementation((text) => {
      written[name] += String(text)
      return true
    }),
  )
  process.argv = [process.execPath, 'mnist-data', ...args]
  process.env = {}
  process.chdir(cwd)
  try {
    await run(mnistData(sets))
    return { code: Number(process.exitCode), ...written }
  } finally {
    process.exitCode = undefined
    process.chdir(folder)
    process.env = env
    process.argv = argv
    for (const spy of spies) spy.mockRestore()
    emitters.forEach(([emitter, event], i) => {
      emitter.removeAllListeners(event)
      for (const listener of listeners[i]) emitter.on(event, listener as () => void)
    })
  }
}
