import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Params } from '../src/network.ts'
import { bytesOfSnapshots, holdsSnapshots, loadSnapshots, snapshotsAfter, stageSnapshots } from '../src/snapshots.ts'
import type { Snapshots } from '../src/snapshots.ts'
import type { Training } from '../src/weights.ts'
import { someParams } from './support/examples.ts'
import { newFolder } from './support/folder.ts'

const cwd = newFolder()
const at = (name: string) => join(cwd, name)
const training: Training = {
  iterations: 7,
  alpha: 0.1,
  seed: 0,
  dev: 10,
  notebook: false,
  logEvery: 100,
  engine: 'simd',
  data: { names: ['zahlen–ä.csv'], rows: 60, sha256: 'ab' },
}
const SNAPSHOTS: Snapshots = { hidden: 3, training, every: 3, params: [1, 2, 3].map((seed) => someParams(3, seed)) }
const numbersOf = ({ W1, b1, W2, b2 }: Params) => [W1, b1, W2, b2].flatMap(({ data }) => Array.from(data))

const path = at('w.json.snapshots')
const write = async (snapshots = SNAPSHOTS) => (await stageSnapshots(path, snapshots)).commit()

describe('a file of snapshots', () => {
  test('holds every bit of the parameters, and the run', async () => {
    await write()
    const { params, ...rest } = await loadSnapshots(path)
    const { params: expected, ...run } = SNAPSHOTS
    expect(rest).toEqual(run)
    expect(params.map(numbersOf)).toEqual(expected.map(numbersOf))
    const shapes = ({ W1, b1, W2, b2 }: Params) => [W1, b1, W2, b2].map(({ shape }) => shape)
    expect(params.map(shapes)).toEqual(expected.map(shapes))
    expect(await holdsSnapshots(path)).toBe(true)
    await write({ ...SNAPSHOTS, activation: 'custom' })
    expect(await loadSnapshots(path)).toMatchObject({ activation: 'custom' })
  })

  test('is a line of JSON and little-endian float64, W1, b1, W2 and b2 of each snapshot', async () => {
    await write()
    const bytes = readFileSync(path)
    const end = bytes.indexOf('\n') + 1
    expect(JSON.parse(bytes.toString('utf8', 0, end))).toMatchObject({
      format: 'mnist-snapshots',
      version: 1,
      every: 3,
    })
    expect(bytes.length - end).toBe(bytesOfSnapshots(3, 3))
    const each = bytesOfSnapshots(3, 1) / 8
    expect(each).toBe(3 * 784 + 3 + 30 + 10)
    const number = (i: number) => bytes.readDoubleLE(end + 8 * i)
    expect(number(each)).toBe(SNAPSHOTS.params[1].W1.get(0, 0))
    expect(number(each + 784)).toBe(SNAPSHOTS.params[1].W1.get(1, 0))
    expect(number(2 * each + 3 * 784)).toBe(SNAPSHOTS.params[2].b1.get(0, 0))
    expect(number(3 * each - 1)).toBe(SNAPSHOTS.params[2].b2.get(9, 0))
    expect(bytesOfSnapshots(10, 1)).toBe(63_680)
  })

  test('has a snapshot of the beginning, and one after every n-th iteration', () => {
    expect([0, 2, 3, 5, 6].map((iterations) => snapshotsAfter(iterations, 3))).toEqual([1, 1, 2, 2, 3])
  })
})

describe('a file of snapshots is refused', () => {
  type Head = Record<string, unknown>
  /** Writes a file with another head or other bytes after it. */
  const spoiled = async (change: (head: Head) => unknown, body = (bytes: Buffer) => bytes) => {
    await write()
    const bytes = readFileSync(path)
    const end = bytes.indexOf('\n') + 1
    const head: unknown = change(JSON.parse(bytes.toString('utf8', 0, end)) as Head)
    writeFileSync(path, Buffer.concat([Buffer.from(`${JSON.stringify(head)}\n`), body(bytes.subarray(end))]))
    return loadSnapshots(path).then(
      () => undefined,
      (error: Error) => error.message.replace(`${path}: `, ''),
    )
  }
  const same = (head: Head) => head

  test.each<[string, (head: Head) => unknown]>([
    ['not a snapshots file: "format" is not "mnist-snapshots"', () => ({ format: 'mnist-weights' })],
    ['not a snapshots file: "format" is not "mnist-snapshots"', () => null],
    ['not a snapshots file: no version; mnist-train writes 1', (head) => ({ ...head, version: undefined })],
    ['version is 2, not 1; a newer program reads it', (head) => ({ ...head, version: 2 })],
    ['every is 0, not an integer from 1 to 1000000000', (head) => ({ ...head, every: 0 })],
    ['snapshots is missing', (head) => ({ ...head, snapshots: undefined })],
    ['network.hidden is 5000, not an integer from 1 to 4096', (head) => ({ ...head, network: { inputs: 784, hidden: 5000, outputs: 10, activation: 'relu' } })],
    ['training.alpha is -1, not a number above 0', (head) => ({ ...head, training: { ...training, alpha: -1 } })],
    ['has 57,480 bytes of parameters, not 76,640 for 4 snapshots of 3 hidden units; it may be cut off', (head) => ({ ...head, snapshots: 4 })],
  ])('%s', async (message, change) => {
    expect(await spoiled(change)).toBe(message)
  }) // prettier-ignore

  test('if it is cut off, too long, or a number is none', async () => {
    const cut = /^has [\d,]+ bytes of parameters, not 57,480 for 3 snapshots of 3 hidden units; it may be cut off$/
    expect(await spoiled(same, (bytes) => bytes.subarray(0, -1))).toMatch(cut)
    expect(await spoiled(same, (bytes) => bytes.subarray(0, bytesOfSnapshots(3, 2)))).toMatch(cut)
    expect(await spoiled(same, (bytes) => Buffer.concat([bytes, Buffer.alloc(8)]))).toMatch(cut)
    const nan = (bytes: Buffer) => {
      bytes.writeDoubleLE(NaN, bytesOfSnapshots(3, 1) + 80)
      return bytes
    }
    expect(await spoiled(same, nan)).toBe('snapshot 1 has a parameter that is NaN, not a finite number')
  })

  test.each(['', '\n', 'not JSON\n1', '{"format":"mnist-snapshots"'])('if it is %j', async (text) => {
    writeFileSync(path, text)
    await expect(loadSnapshots(path)).rejects.toThrow(/: not a snapshots file/)
  })

  test('if there is none', async () => {
    await expect(loadSnapshots(at('absent'))).rejects.toThrow(`${at('absent')}: no such file`)
    writeFileSync(at('other'), '{"format":"mnist')
    expect(await holdsSnapshots(at('other'))).toBe(false)
  })
})
