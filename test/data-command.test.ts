import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { fingerprint } from '../src/digits.ts'
import { generate } from '../src/digits/generate.ts'
import { ended, newFolder, run, type Ended } from './command.ts'
import { csvOf, HEADER } from './csv.ts'
import {
  changed,
  cut,
  redirect,
  serve,
  silence,
  stall,
  startMirror,
  status,
  type Answer,
  type Mirror,
} from './mirror.ts'
import { SMALL_DIGITS, SMALL_FILES, SMALL_SETS } from './small-mnist.ts'

vi.setConfig({ testTimeout: 60_000 }) // some wait for mirrors that are silent

const root = newFolder()
const sets = join(root, 'sets.json')
writeFileSync(sets, JSON.stringify(SMALL_SETS))
let cwd: string
let mirrors: Mirror[]
beforeEach(() => {
  cwd = join(root, `run-${readdirSync(root).length}`)
  mkdirSync(cwd)
  mirrors = []
})
afterEach(async () => {
  for (const mirror of mirrors) await mirror.close()
})
afterAll(() => rmSync(root, { recursive: true }))

async function mirror(...answers: Answer[]): Promise<Mirror> {
  const started = await startMirror(SMALL_FILES, ...answers)
  mirrors.push(started)
  return started
}

const ENTRY = fileURLToPath(new URL('small-mnist-data.mjs', import.meta.url))

/** Starts `mnist-data get` over the small sets; a prefix is a command that is to run it. */
function startGet(args: string[], prefix: string[] = []): ChildProcess {
  const [command, ...rest] = [...prefix, process.execPath, ENTRY, sets, 'get', ...args]
  const urls = args.includes('--from') ? [] : mirrors.flatMap(({ url }) => ['--mirror', url])
  return spawn(command, [...rest, ...urls], {
    cwd,
    env: { PATH: process.env.PATH ?? '' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

const get = (...args: string[]): Promise<Ended> => ended(startGet(args))

const CSVS = SMALL_SETS.map(({ csv }, i) => ({ csv, text: `${HEADER}\n${csvOf(SMALL_DIGITS[i])}` }))
const SUMS = SMALL_SETS.map(({ sha256 }) => sha256)
const RESULT = `data/mnist_train.csv  100 digits  sha256 ${SUMS[0]}\ndata/mnist_test.csv  20 digits  sha256 ${SUMS[1]}\n`
const data = (name: string) => join(cwd, 'data', name)
const listing = () => (existsSync(data('')) ? readdirSync(data('')).toSorted() : [])

/** Both CSV files are there, right to the byte, and nothing else is. */
function expectComplete(): void {
  expect(listing()).toEqual(['mnist_test.csv', 'mnist_train.csv'])
  for (const { csv, text } of CSVS) expect(readFileSync(data(csv), 'utf8') === text, csv).toBe(true)
}

/** There is nothing but part-files to go on with. */
function expectNone(): void {
  expect(listing().filter((name) => !/\.gz\.part(\.json)?$/.test(name))).toEqual([])
}

const times = (count: number, answer: Answer) => Array.from({ length: count }, () => answer)
const url = (i: number, name = 'train-images-idx3-ubyte.gz') => `${mirrors[i].url}/${name}`
const BY_HAND =
  'To bring them by hand, put train-images-idx3-ubyte.gz, train-labels-idx1-ubyte.gz, t10k-images-idx3-ubyte.gz, ' +
  't10k-labels-idx1-ubyte.gz into a folder, from wherever you can get them, and name it with --from.\n'

function flip(bytes: Buffer): Buffer {
  bytes[bytes.length >> 1] ^= 4
  return bytes
}

describe('mnist-data get', () => {
  test('downloads, writes both CSV files and says so', async () => {
    const { requests } = await mirror()
    expect(await get()).toEqual({ code: 0, stdout: RESULT, stderr: '' })
    expectComplete()
    expect(requests.map(({ name }) => name)).toEqual([...SMALL_FILES.keys()])
  })

  test('does nothing where they are there, complete and right, however written', async () => {
    const { requests } = await mirror()
    mkdirSync(data(''))
    writeFileSync(data('mnist_train.csv'), CSVS[0].text)
    writeFileSync(data('mnist_test.csv'), csvOf(SMALL_DIGITS[1])) // without the header
    const { code, stdout, stderr } = await get()
    expect([code, stdout]).toEqual([0, RESULT])
    expect(stderr).toBe(
      'data/mnist_train.csv and data/mnist_test.csv are there already, complete and right: nothing to do\n',
    )
    expect(requests).toEqual([])
    expect(readFileSync(data('mnist_test.csv'), 'utf8')).toBe(csvOf(SMALL_DIGITS[1]))
  })

  test('gets only the one that is missing', async () => {
    const { requests } = await mirror()
    mkdirSync(data(''))
    writeFileSync(data('mnist_train.csv'), CSVS[0].text)
    expect(await get()).toMatchObject({ code: 0, stdout: RESULT })
    expectComplete()
    expect(requests.map(({ name }) => name)).toEqual(['t10k-images-idx3-ubyte.gz', 't10k-labels-idx1-ubyte.gz'])
  })

  test.each([
    ['other digits', `${HEADER}\n${csvOf(generate(3, 1))}`],
    ['a cut file', CSVS[0].text.slice(0, -100)],
    ['something else', 'my notes'],
  ])('leaves a file that holds %s alone, unless --force is given', async (_, text) => {
    const { requests } = await mirror()
    mkdirSync(data(''))
    writeFileSync(data('mnist_train.csv'), text)
    const refusal =
      "data/mnist_train.csv is there and does not hold MNIST's digits; move it away, name another folder, or replace it with --force"
    expect(await get()).toEqual({ code: 73, stdout: '', stderr: `mnist-data: ${refusal}\n` })
    expect([listing(), requests]).toEqual([['mnist_train.csv'], []])
    expect(readFileSync(data('mnist_train.csv'), 'utf8')).toBe(text)
    expect(await get('--force')).toMatchObject({ code: 0 })
    expectComplete()
  })

  test('with --json prints one value a line, with --quiet says nothing on stderr', async () => {
    await mirror(status(403))
    await mirror()
    const { code, stdout, stderr } = await get('new/folder', '--json', '--quiet')
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout.trimEnd().split('\n').map((line) => JSON.parse(line))).toEqual([
      { schema: 'mnist-data-get/1', file: 'new/folder/mnist_train.csv', digits: 100, sha256: SUMS[0] },
      { schema: 'mnist-data-get/1', file: 'new/folder/mnist_test.csv', digits: 20, sha256: SUMS[1] },
    ]) // prettier-ignore
    expect(existsSync(join(cwd, 'new/folder/mnist_train.csv'))).toBe(true)
  })

  const refusals: [string[], number, string][] = [
    [['--mirror', 'ftp://x/'], 64, '--mirror "ftp://x/": a URL that begins with https:// or http:// is needed'],
    [['--mirror', 'x'], 64, '--mirror "x": a URL that begins with https:// or http:// is needed'],
    [['--mirror', 'http://x/', '--from', 'y'], 64, "option '--mirror <url>' cannot be used with option '--from <dir>'"],
    [['--timeout', '0'], 64, '--timeout "0": a whole number from 1 to 3600 is needed'],
    [['--retries', '1.5'], 64, '--retries "1.5": a whole number from 0 to 20 is needed'],
    [['--from', ''], 64, '--from "": the name of a file is needed'],
    [['--form', 'x'], 64, "unknown option '--form' (did you mean --from?)"],
    [[''], 64, 'dir "": the name of a folder is needed'],
    [['a', 'b'], 64, "too many arguments for 'get'. Expected 1 argument but got 2."],
    [['file'], 73, 'cannot make file: there is a file of that name'],
    [['file/below'], 73, 'cannot make file/below: there is a file of that name'],
    [['--from', 'absent'], 66, 'there is no train-images-idx3-ubyte.gz in absent, nor train-images-idx3-ubyte without the .gz'],
  ] // prettier-ignore
  test.each(refusals)('refuses %j', async (args, code, sentence) => {
    writeFileSync(join(cwd, 'file'), '')
    expect(await get(...args)).toEqual({ code, stdout: '', stderr: `mnist-data: ${sentence}\n` })
    expectNone()
  })
})

describe('mnist-data get --from', () => {
  const bring = (rename: (name: string) => string, change = (bytes: Buffer) => bytes) => {
    mkdirSync(join(cwd, 'stick'))
    for (const [name, bytes] of SMALL_FILES) writeFileSync(join(cwd, 'stick', rename(name)), change(bytes))
  }

  test.each([
    ['gzipped files', (name: string) => name, (bytes: Buffer) => bytes],
    ['files that are not gzipped', (name: string) => name.replace('.gz', ''), gunzipSync],
    ["the files of Kaggle's archive", (name: string) => name.replace('.gz', '').replace('-idx', '.idx'), gunzipSync],
    ['files that are called .gz but are not', (name: string) => name, gunzipSync],
  ])('takes %s', async (_, rename, change) => {
    bring(rename, change)
    expect(await get('--from', 'stick')).toEqual({ code: 0, stdout: RESULT, stderr: '' })
    expectComplete()
  })

  test('takes what is right beside what is not', async () => {
    bring((name) => name)
    writeFileSync(join(cwd, 'stick/train-images-idx3-ubyte'), gunzipSync(SMALL_FILES.get('train-images-idx3-ubyte.gz')!)) // prettier-ignore
    writeFileSync(join(cwd, 'stick/train-images-idx3-ubyte.gz'), 'half')
    expect(await get('--from', 'stick')).toMatchObject({ code: 0 })
    expectComplete()
  })

  test.each([
    ['a missing file', () => rmSync(join(cwd, 'stick/t10k-labels-idx1-ubyte.gz')), 66, 'there is no t10k-labels-idx1-ubyte.gz in stick, nor t10k-labels-idx1-ubyte without the .gz'],
    ['a cut file', () => writeFileSync(join(cwd, 'stick/t10k-labels-idx1-ubyte.gz'), SMALL_FILES.get('t10k-labels-idx1-ubyte.gz')!.subarray(0, 30)), 65, 'stick/t10k-labels-idx1-ubyte.gz: it is cut short'],
    ['a file under another name', () => writeFileSync(join(cwd, 'stick/t10k-labels-idx1-ubyte.gz'), SMALL_FILES.get('train-labels-idx1-ubyte.gz')!), 65, 'stick/t10k-labels-idx1-ubyte.gz: it holds more bytes than expected'],
    ['a page', () => writeFileSync(join(cwd, 'stick/t10k-labels-idx1-ubyte.gz'), '<!doctype html>'), 65, 'stick/t10k-labels-idx1-ubyte.gz: it is neither gzipped nor IDX, it begins with "<!doctype html>"'],
  ])('refuses %s', async (_, spoil, code, sentence) => {
    bring((name) => name)
    spoil()
    expect(await get('--from', 'stick')).toEqual({ code, stdout: '', stderr: `mnist-data: ${sentence}\n` })
    expect(listing()).toEqual([])
  }) // prettier-ignore
})

describe('mnist-data get through a fault ends with complete files where', () => {
  const faults: [string, Answer[][], string[]][] = [
    ['a mirror answers 403 and another serves', [[status(403)], []], ['403 Forbidden']],
    ['a mirror answers 404 and another serves', [[status(404)], []], ['404 Not Found']],
    ['a mirror answers 500 and then serves', [[status(500)]], ['500 Internal Server Error; asking again in 1 s']],
    ['a mirror is silent and another serves', [[silence, silence], []], ['no answer for 1 s; asking again in 1 s', 'no answer for 1 s']],
    ['a mirror stalls in the middle and another serves', [[stall(20_000), silence], []], ['no answer for 1 s after 20000 of SIZE bytes; asking again in 1 s', 'no answer for 1 s']],
    ['a mirror sends other bytes and another serves', [[changed((bytes) => bytes.fill(7, 0, 100))], []], ['what came is neither gzipped nor IDX, it begins with "' + '\\u0007'.repeat(16) + '"']],
    ['a mirror sends a bit flipped and another serves', [[changed((bytes) => flip(gunzipSync(bytes)))], []], [`what came is not MNIST's: its SHA-256 is SUM where ${SMALL_SETS[0].images.sha256} is expected`]],
    ['a mirror sends us elsewhere', [[redirect((name) => `/moved/${name}`)]], []],
  ] // prettier-ignore
  test.each(faults)('%s', async (_, answers, notices) => {
    for (const some of answers) await mirror(...some)
    const { code, stdout, stderr } = await get('--timeout', '1', '--retries', '1')
    const size = SMALL_FILES.get('train-images-idx3-ubyte.gz')!.length
    const expected = notices.map((notice) => `${url(0)}: ${notice.replace('SIZE', String(size))}`)
    const sums = /(its SHA-256 is) [0-9a-f]{64}/g
    expect(stderr.replaceAll(sums, '$1 SUM').trimEnd().split('\n').filter(Boolean)).toEqual(expected)
    expect([code, stdout]).toEqual([0, RESULT])
    expectComplete()
  })

  test('the connection is cut in the middle: it asks for the rest', async () => {
    const { requests } = await mirror(serve, serve, cut(5000))
    expect(await get()).toMatchObject({ code: 0, stdout: RESULT })
    expectComplete()
    expect(requests.map(({ name, headers }) => [name, headers.range])).toEqual([
      ['train-images-idx3-ubyte.gz', undefined],
      ['train-labels-idx1-ubyte.gz', undefined],
      ['t10k-images-idx3-ubyte.gz', undefined],
      ['t10k-images-idx3-ubyte.gz', 'bytes=5000-'],
      ['t10k-labels-idx1-ubyte.gz', undefined],
    ])
  })
})

describe('mnist-data get through a fault ends with no files and a sentence where', () => {
  const faults: [string, Answer[][], string[]][] = [
    ['all mirrors answer 403 or 404', [[status(403)], [status(404)]], ['403 Forbidden', '404 Not Found']],
    ['the mirror answers 500 for ever', [times(2, status(500))], ['500 Internal Server Error']],
    ['the mirror is silent', [times(2, silence)], ['no answer for 1 s']],
    ['the connection is cut again and again', [[cut(5000), cut(10_000)]], ['the connection was cut after 10000 of SIZE bytes']],
    ['the mirror sends a page', [[changed(() => Buffer.from('<html>Sign in'))]], ['what came is neither gzipped nor IDX, it begins with "<html>Sign in"']],
    ['the mirror sends a bit flipped', [[changed((bytes) => flip(gunzipSync(bytes)))]], [`what came is not MNIST's: its SHA-256 is SUM where ${SMALL_SETS[0].images.sha256} is expected`]],
    ['the mirror sends us round', [times(9, redirect((name) => `/mnist/${name}`))], ['it redirects in a circle']],
  ] // prettier-ignore
  test.each(faults)('%s', async (_, answers, expected) => {
    for (const some of answers) await mirror(...some)
    const { code, stdout, stderr } = await get('--timeout', '1', '--retries', '1', '--quiet')
    const size = SMALL_FILES.get('train-images-idx3-ubyte.gz')!.length
    const lines = expected.map((answer, i) => `  ${url(i)}: ${answer.replace('SIZE', String(size))}\n`).join('')
    expect(stderr.replace(/(its SHA-256 is) [0-9a-f]{64}/, '$1 SUM')).toBe(
      `mnist-data: train-images-idx3-ubyte.gz could not be downloaded; the mirrors answered:\n${lines}${BY_HAND}`,
    )
    expect([code, stdout]).toEqual([69, ''])
    expectNone()
  })

  test('no server is there', async () => {
    const gone = await mirror()
    await gone.close()
    mirrors = []
    const { code, stderr } = await get('--mirror', gone.url, '--quiet')
    expect([code, stderr]).toEqual([69, expect.stringContaining(': the connection is refused\nTo bring them by hand')])
    expectNone()
  })

  test('the last file fails: the others are not asked for again by the next run', async () => {
    const { requests } = await mirror(serve, serve, serve, status(404))
    expect(await get('--quiet')).toMatchObject({ code: 69 })
    expectNone()
    expect(await get('--quiet')).toMatchObject({ code: 0 })
    expectComplete()
    expect(requests.map(({ name }) => name)).toEqual([...SMALL_FILES.keys(), 't10k-labels-idx1-ubyte.gz'])
  })
})

describe('mnist-data get on a full disk', () => {
  /** Runs it where the folder data is a file system of this size, in KiB, and names what is in there at the end. */
  const onDisk = (size: number): string[] => [
    'unshare',
    '--map-root-user',
    '--mount',
    'sh',
    '-c',
    `mount -t tmpfs -o size=${size}k none data && "$@"; code=$?; ls -A data; exit $code`,
    'sh',
  ]
  const isPossible = () => {
    mkdirSync(data(''))
    const [command, ...args] = [...onDisk(64), 'true']
    return spawnSync(command, args, { cwd }).status === 0
  }

  const parts = (names: Iterable<string>) => [...names].flatMap((name) => [`${name}.part`, `${name}.part.json`])
  test.for([
    ['downloads', 64, 'data/train-images-idx3-ubyte.gz.part', parts(['train-images-idx3-ubyte.gz'])],
    ['writes the first CSV', 256, 'data/mnist_train.csv', parts(SMALL_FILES.keys())],
    ['writes the second CSV', 440, 'data/mnist_test.csv', parts(SMALL_FILES.keys())],
  ] as const)('while it %s: an I/O error, and no CSV', async ([, size, path, left], { skip }) => {
    skip(!isPossible(), 'file systems cannot be mounted here')
    await mirror()
    const { code, stdout, stderr } = await ended(startGet([], onDisk(size)))
    expect([code, stderr]).toEqual([74, `mnist-data: cannot write ${path}: there is no space left on the disk\n`])
    expect(stdout.trimEnd().split('\n').toSorted()).toEqual(left.toSorted())
  })
})

describe('mnist-data get that is ended', () => {
  const part = () => data('train-images-idx3-ubyte.gz.part')
  async function partHas(bytes: number): Promise<void> {
    while (!existsSync(part()) || statSync(part()).size < bytes) await sleep(10)
  }

  test('by Ctrl-C in the middle, and again, leaves what the next run goes on with', async () => {
    const { requests } = await mirror(stall(10_000), stall(40_000))
    for (const bytes of [10_000, 40_000]) {
      const child = startGet([])
      const end = ended(child)
      await partHas(bytes)
      const began = performance.now()
      child.kill('SIGINT')
      expect(await end).toEqual({
        code: 130,
        stdout: '',
        stderr: 'interrupted; the same command goes on with what has arrived in data/*.part\n',
      })
      expect(performance.now() - began).toBeLessThan(5000)
      expect(listing()).toEqual(['train-images-idx3-ubyte.gz.part', 'train-images-idx3-ubyte.gz.part.json'])
      expect(statSync(part()).size).toBe(bytes)
    }
    expect(await get()).toMatchObject({ code: 0, stdout: RESULT })
    expectComplete()
    expect(requests.slice(0, 3).map(({ headers }) => headers.range)).toEqual([
      undefined,
      'bytes=10000-',
      'bytes=40000-',
    ])
  })

  test('by SIGTERM says so with its exit code', async () => {
    await mirror(stall(10_000))
    const child = startGet(['--quiet'])
    const end = ended(child)
    await partHas(10_000)
    child.kill('SIGTERM')
    expect(await end).toEqual({ code: 143, stdout: '', stderr: '' })
    expectNone()
  })

  test('by Ctrl-C while it waits to ask a mirror again, ends at once', async () => {
    await mirror(...times(20, status(500)))
    const child = startGet(['--retries', '20'])
    const end = ended(child)
    await once(child.stderr!, 'data')
    child.kill('SIGINT')
    expect((await end).code).toBe(130)
    expectNone()
  })

  test('by kill -9, at any moment, leaves each CSV whole or absent, and the next run completes them', async () => {
    const { requests } = await mirror()
    for (let i = 0; i < 15; i++) {
      const before = requests.length
      const child = startGet([])
      const end = ended(child)
      while (requests.length === before && child.exitCode === null) await sleep(1) // until it downloads
      await sleep(5 * i)
      child.kill('SIGKILL')
      await end
      for (const { csv, text } of CSVS) {
        if (existsSync(data(csv))) expect(readFileSync(data(csv), 'utf8') === text, csv).toBe(true)
      }
      if (i % 5 === 4) rmSync(data(''), { recursive: true, force: true })
    }
    expect(await get()).toMatchObject({ code: 0 })
    expectComplete()
  })
})

describe('mnist-data make', () => {
  const make = (...args: string[]) => run('mnist-data', ['make', ...args], { cwd })

  test('writes the drawn digits, the same for the same count and seed', async () => {
    const digits = generate(30, 7)
    const { code, stdout, stderr } = await make('drawn.csv', '--count', '30', '--seed', '7')
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toBe(`drawn.csv  30 digits  sha256 ${fingerprint(digits)}\n`)
    expect(readFileSync(join(cwd, 'drawn.csv'), 'utf8')).toBe(`${HEADER}\n${csvOf(digits)}`)
    const json = await make('again.csv', '--count', '30', '--seed', '7', '--json')
    const result = { schema: 'mnist-data-make/1', file: 'again.csv', digits: 30, seed: 7, sha256: fingerprint(digits) }
    expect(JSON.parse(json.stdout)).toEqual(result)
    expect(readdirSync(cwd).toSorted()).toEqual(['again.csv', 'drawn.csv'])
  })

  test.each([
    [[], 64, "missing required argument 'file'"],
    [[''], 64, 'file "": the name of a file is needed'],
    [['x.csv', '--count', '0'], 64, '--count "0": a whole number from 1 to 1000000 is needed'],
    [['x.csv', '--seed', '-1'], 64, '--seed "-1": a whole number from 0 to 4294967295 is needed'],
    [['none/x.csv'], 73, 'cannot write none/x.csv: its folder does not exist'],
    [['.'], 73, 'cannot write .: it is a folder; name a file'],
  ])('refuses %j', async (args, code, sentence) => {
    expect(await make(...args)).toEqual({ code, stdout: '', stderr: `mnist-data: ${sentence}\n` })
    expect(readdirSync(cwd)).toEqual([])
  })

  test('a full disk is an I/O error', async () => {
    if (!existsSync('/dev/full')) return expect(process.platform).not.toBe('linux')
    const { code, stderr } = await make('/dev/full', '--count', '10')
    expect([code, stderr]).toEqual([74, 'mnist-data: cannot write /dev/full: there is no space left on the disk\n'])
  })
})

test('mnist-data answers an unknown subcommand with the nearest one', async () => {
  const { code, stderr } = await run('mnist-data', ['gett'], { cwd })
  expect([code, stderr]).toEqual([64, "mnist-data: unknown command 'gett' (did you mean get?)\n"])
})

const { MNIST_DIR } = process.env
test.skipIf(MNIST_DIR === undefined)(
  'MNIST itself (of MNIST_DIR), from a mirror; skipped where that is not set',
  async () => {
    const files = new Map<string, Buffer>()
    for (const name of readdirSync(MNIST_DIR!)) files.set(name, readFileSync(join(MNIST_DIR!, name)))
    const started = await startMirror(files, cut(1_000_000))
    mirrors.push(started)
    const args = ['get', '--mirror', started.url]
    const { code, stdout } = await run('mnist-data', args, { cwd })
    expect([code, stdout.replaceAll(/sha256 \w+/g, '')]).toEqual([
      0,
      'data/mnist_train.csv  60000 digits  \ndata/mnist_test.csv  10000 digits  \n',
    ])
    expect(started.requests.map(({ headers }) => headers.range)).toEqual([undefined, 'bytes=1000000-', ...Array(3)])
    expect(listing()).toEqual(['mnist_test.csv', 'mnist_train.csv'])
    const again = await run('mnist-data', args, { cwd }) // reads them with the reader of all commands
    expect([again.code, again.stdout]).toEqual([0, stdout])
    expect(again.stderr).toContain('complete and right: nothing to do')
    expect(started.requests).toHaveLength(5)
  },
  180_000,
)
