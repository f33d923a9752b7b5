/** Whenever a disk is full, the outputs are the old ones or whole, and an I/O error is reported. */
import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { generate } from '../../../src/digits/generate.ts'
import { parseWeights } from '../../../src/weights.ts'
import { claim, type MadeBy } from '../claim.ts'
import { bin, ended } from '../command.ts'
import { csvOf } from '../csv.ts'
import { runInProcess } from '../in-process.ts'
import { canMount, onDisk, withFileLimit } from '../small-disk.ts'

const DATA = csvOf(generate(60, 4))

/** Commands that write to disk/, and their outputs. */
const COMMANDS: Record<string, { words: string[]; outputs: string[] }> = {
  'train': {
    words: ['mnist-train', ...'--data small.csv --dev 10 --iters 6 --checkpoint-every 2 --out disk/w.json'.split(' ')],
    outputs: ['w.json'],
  },
  'train 40 hidden units': {
    words: ['mnist-train', ...'--data small.csv --dev 10 --iters 6 --hidden 40 --out disk/w.json'.split(' ')],
    outputs: ['w.json'],
  },
  'make a CSV': { words: 'mnist-data make disk/d.csv --count 120 --force'.split(' '), outputs: ['d.csv'] },
  'make IDX': {
    words: 'mnist-data make disk/d-images-idx3-ubyte --count 150 --force'.split(' '),
    outputs: ['d-images-idx3-ubyte', 'd-labels-idx1-ubyte'],
  },
  'convert to a gzipped CSV': {
    words: 'mnist-data convert small.csv disk/d.csv.gz --force'.split(' '),
    outputs: ['d.csv.gz'],
  },
  'convert to gzipped IDX': {
    words: 'mnist-data convert small.csv disk/d-images-idx3-ubyte.gz --force'.split(' '),
    outputs: ['d-images-idx3-ubyte.gz', 'd-labels-idx1-ubyte.gz'],
  },
} // prettier-ignore

const OLD = 'an old file\n'

/** Whether small disks can be mounted; if not, only the sizes of files are limited. */
export const hasDisks = canMount()

const full = fc.record({
  command: fc.constantFrom(...Object.keys(COMMANDS)),
  kibibytes: fc.oneof(fc.integer({ min: 4, max: 60 }), fc.integer({ min: 4, max: 800 })),
  limits: fc.constantFrom(...(hasDisks ? ['the disk', 'each file'] : ['each file'])),
  hasOld: fc.boolean(),
})

/** The outputs of commands that have space, by command. */
const whole = new Map<string, Record<string, string>>()

const contents = (folder: string) =>
  Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'latin1')]))

export const disk = {
  full: claim<MadeBy<typeof full>>({
    title: 'a full disk leaves the old files or whole ones, nothing else',
    inputs: full,
    async check({ command, kibibytes, limits, hasOld }, folder) {
      const { words, outputs } = COMMANDS[command]
      const [name, ...args] = words
      rmSync(folder, { recursive: true, force: true })
      for (const name of ['disk', 'old', 'after']) mkdirSync(join(folder, name), { recursive: true })
      writeFileSync(join(folder, 'small.csv'), DATA)
      const before = Object.fromEntries(hasOld ? outputs.map((output) => [output, OLD]) : [])
      if (!whole.has(command)) {
        const { code, stderr } = await runInProcess(name, args, { cwd: folder })
        strictEqual(code, 0, stderr)
        whole.set(command, contents(join(folder, 'disk')))
        rmSync(join(folder, 'disk'), { recursive: true })
        mkdirSync(join(folder, 'disk'))
      }
      const isDisk = limits === 'the disk'
      const start = join(folder, isDisk ? 'old' : 'disk')
      for (const [name, text] of Object.entries(before)) writeFileSync(join(start, name), text)
      const prefix = isDisk
        ? onDisk(kibibytes, 'disk', 'cp -a disk/. after', 'cp -a old/. disk')
        : withFileLimit(kibibytes * 2)
      const [program, ...rest] = [...prefix, process.execPath, bin(name), ...args]
      const child = spawn(program, rest, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
      const { code, stderr } = await ended(child)
      const after = contents(join(folder, isDisk ? 'after' : 'disk'))

      if (code === 0) {
        deepStrictEqual(after, whole.get(command))
        return 'written'
      }
      ok(code === 73 || code === 74, `exit code ${code}: ${stderr}`)
      match(stderr, /no space left on the disk|the file would be larger than allowed/)
      const isCheckpoint = name === 'mnist-train' && 'w.json' in after && after['w.json'] !== OLD
      if (isCheckpoint) {
        parseWeights(after['w.json'], 'w.json')
        deepStrictEqual(Object.keys(after), ['w.json'])
        return 'checkpoint'
      }
      deepStrictEqual(after, before)
      return 'refused'
    },
  }),
}
