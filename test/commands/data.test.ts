import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, watch, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { fingerprint } from '../../src/digits/fingerprint.ts'
import { generate } from '../../src/digits/generate.ts'
import { MNIST } from '../../src/digits/mnist.ts'
import { digitsOf, readFolder } from '../../src/digits/mnist-files.ts'
import { ended, run, type Ended } from '../support/command.ts'
import { newFolder } from '../support/folder.ts'
import { isLong } from '../support/long.ts'
import { csvOf, HEADER } from '../support/csv.ts'
import {
  changed,
  cut,
  flipBit,
  redirect,
  serve,
  silence,
  stall,
  startMirror,
  status,
  type Answer,
  type Mirror,
} from '../support/mirror.ts'
import { canMount, onDisk } from '../support/small-disk.ts'
import { mnistDataInProcess, SMALL_DIGITS, SMALL_FILES, SMALL_SETS } from '../support/small-mnist.ts'

vi.setConfig({ testTimeout: 60_000 }) // some wait for silent mirrors

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

async function mirror(...answers: Answer[]): Promise<Mirror> {
  const started = await startMirror(SMALL_FILES, ...answers)
  mirrors.push(started)
  return started
}

const ENTRY = fileURLToPath(new URL('../support/small-mnist-data.mjs', import.meta.url))

/** The arguments, and the mirrors unless `--from` replaces them. */
const withMirrors = (args: string[]) =>
  args.includes('--from') ? args : [...args, ...mirrors.flatMap(({ url }) => ['--mirror', url])]

/** Starts `mnist-data get` for the small sets, optionally through another command. */
function startGet(args: string[], prefix: string[] = []): ChildProcess {
  const [command, ...rest] = [...prefix, process.execPath, ENTRY, sets, 'get', ...withMirrors(args)]
  return spawn(command, rest, {
    cwd,
    env: { PATH: process.env.PATH ?? '' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

const get = (...args: string[]): Promise<Ended> => mnistDataInProcess(['get', ...withMirrors(args)], cwd)

const CSVS = SMALL_SETS.map(({ csv }, i) => ({ csv, text: `${HEADER}\n${csvOf(SMALL_DIGITS[i])}` }))
const SUMS = SMALL_SETS.map(({ sha256 }) => sha256)
const RESULT = `data/mnist_train.csv  100 digits  sha256 ${SUMS[0]}\ndata/mnist_test.csv  20 digits  sha256 ${SUMS[1]}\n`
const data = (name: string) => join(cwd, 'data', name)
const listing = () => (existsSync(data('')) ? readdirSync(data('')).toSorted() : [])

/** Expects both CSV files, byte for byte, and nothing else. */
function expectComplete(): void {
  expect(listing()).toEqual(['mnist_test.csv', 'mnist_train.csv'])
  for (const { csv, text } of CSVS) expect(readFileSync(data(csv), 'utf8') === text, csv).toBe(true)
}

/** Expects nothing but partial files. */
function expectNone(): void {
  expect(listing().filter((name) => !/\.gz\.part(\.json)?$/.test(name))).toEqual([])
}

const smallFile = (name: string) => SMALL_FILES.get(name) ?? Buffer.of()
const times = (count: number, answer: Answer) => Array.from({ length: count }, () => answer)
const url = (i: number, name = 'train-images-idx3-ubyte.gz') => `${mirrors[i].url}/${name}`
const BY_HAND =
  'If you can get train-images-idx3-ubyte.gz, train-labels-idx1-ubyte.gz, t10k-images-idx3-ubyte.gz, ' +
  't10k-labels-idx1-ubyte.gz elsewhere, put them into a folder and name it with --from.\n'

describe('mnist-data get', () => {
  test('downloads MNIST, writes both CSV files and prints them', async () => {
    const { requests } = await mirror()
    expect(await get()).toEqual({ code: 0, stdout: RESULT, stderr: '' })
    expectComplete()
    expect(requests.map(({ name }) => name)).toEqual([...SMALL_FILES.keys()])
  })

  test('does nothing if the CSV files are complete, in any dialect', async () => {
    const { requests } = await mirror()
    mkdirSync(data(''))
    writeFileSync(data('mnist_train.csv'), CSVS[0].text)
    writeFileSync(data('mnist_test.csv'), csvOf(SMALL_DIGITS[1])) // without the header
    const { code, stdout, stderr } = await get()
    expect([code, stdout]).toEqual([0, RESULT])
    expect(stderr).toBe('data/mnist_train.csv and data/mnist_test.csv are complete: nothing to do\n')
    expect(requests).toEqual([])
    expect(readFileSync(data('mnist_test.csv'), 'utf8')).toBe(csvOf(SMALL_DIGITS[1]))
  })

  test('downloads only what is missing', async () => {
    const { requests } = await mirror()
    mkdirSync(data(''))
    writeFileSync(data('mnist_train.csv'), CSVS[0].text)
    expect(await get()).toMatchObject({ code: 0, stdout: RESULT })
    expectComplete()
    expect(requests.map(({ name }) => name)).toEqual(['t10k-images-idx3-ubyte.gz', 't10k-labels-idx1-ubyte.gz'])
  })

  test.each([
    ['other digits', `${HEADER}\n${csvOf(generate(3, 1))}`],
    ['a truncated file', CSVS[0].text.slice(0, -100)],
    ['something else', 'my notes'],
  ])('leaves a file of %s alone, unless --force is given', async (_, text) => {
    const { requests } = await mirror()
    mkdirSync(data(''))
    writeFileSync(data('mnist_train.csv'), text)
    const refusal =
      'data/mnist_train.csv exists and does not hold MNIST; move it, name another folder, or replace it with --force'
    expect(await get()).toEqual({ code: 73, stdout: '', stderr: `mnist-data: ${refusal}\n` })
    expect([listing(), requests]).toEqual([['mnist_train.csv'], []])
    expect(readFileSync(data('mnist_train.csv'), 'utf8')).toBe(text)
    expect(await get('--force')).toMatchObject({ code: 0 })
    expectComplete()
  })

  test('with --json prints one value per line, with --quiet nothing on stderr', async () => {
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
    [['--mirror', 'ftp://x/'], 64, '--mirror "ftp://x/": not a URL that begins with https:// or http://'],
    [['--mirror', 'x'], 64, '--mirror "x": not a URL that begins with https:// or http://'],
    [['--mirror', 'http://x/', '--from', 'y'], 64, "option '--mirror <url>' cannot be used with option '--from <dir>'"],
    [['--timeout', '0'], 64, '--timeout "0": not an integer from 1 to 3600'],
    [['--retries', '1.5'], 64, '--retries "1.5": not an integer from 0 to 20'],
    [['--from', ''], 64, '--from "": the name is empty'],
    [['--form', 'x'], 64, "unknown option '--form' (did you mean --from?)"],
    [[''], 64, 'dir "": the name is empty'],
    [['a', 'b'], 64, 'b: unexpected argument; see mnist-data get --help'],
    [['file'], 73, 'cannot create file: a file has that name'],
    [['file/below'], 73, 'cannot create file/below: a file has that name'],
    [['--from', 'absent'], 66, 'absent/train-images-idx3-ubyte.gz: no such file, nor one without .gz'],
  ] // prettier-ignore
  test.each(refusals)('refuses %j', async (args, code, message) => {
    writeFileSync(join(cwd, 'file'), '')
    expect(await get(...args)).toEqual({ code, stdout: '', stderr: `mnist-data: ${message}\n` })
    expectNone()
  })
})

describe('mnist-data get --from', () => {
  const writeFiles = (rename: (name: string) => string, change = (bytes: Buffer) => bytes) => {
    mkdirSync(join(cwd, 'usb'))
    for (const [name, bytes] of SMALL_FILES) writeFileSync(join(cwd, 'usb', rename(name)), change(bytes))
  }

  test.each([
    ['gzipped files', (name: string) => name, (bytes: Buffer) => bytes],
    ['files that are not gzipped', (name: string) => name.replace('.gz', ''), gunzipSync],
    ["the files of Kaggle's archive", (name: string) => name.replace('.gz', '').replace('-idx', '.idx'), gunzipSync],
    ['files named .gz that are not gzipped', (name: string) => name, gunzipSync],
  ])('reads %s', async (_, rename, change) => {
    writeFiles(rename, change)
    expect(await get('--from', 'usb')).toEqual({ code: 0, stdout: RESULT, stderr: '' })
    expectComplete()
  })

  test.each([
    ["Kaggle's archive", (name: string) => name, (name: string) => name],
    ['the other names of that archive', (name: string) => name, (name: string) => name.replace('-idx', '.idx')],
    ['gzipped files', (name: string) => name, (name: string) => `${name}.gz`],
  ])('reads files in folders of their names: %s', async (_, folderOf, nameOf) => {
    for (const [gzName, bytes] of SMALL_FILES) {
      const name = gzName.replace('.gz', '')
      mkdirSync(join(cwd, 'archive', folderOf(name)), { recursive: true })
      writeFileSync(join(cwd, 'archive', folderOf(name), nameOf(name)), gunzipSync(bytes))
    }
    expect(await get('--from', 'archive')).toEqual({ code: 0, stdout: RESULT, stderr: '' })
    expectComplete()
  })

  test('reads the valid one of two files, gzipped and not', async () => {
    writeFiles((name) => name)
    writeFileSync(join(cwd, 'usb/train-images-idx3-ubyte'), gunzipSync(smallFile('train-images-idx3-ubyte.gz'))) // prettier-ignore
    writeFileSync(join(cwd, 'usb/train-images-idx3-ubyte.gz'), 'half')
    expect(await get('--from', 'usb')).toMatchObject({ code: 0 })
    expectComplete()
  })

  test.each([
    ['a missing file', () => rmSync(join(cwd, 'usb/t10k-labels-idx1-ubyte.gz')), 66, 'usb/t10k-labels-idx1-ubyte.gz: no such file, nor one without .gz'],
    ['a truncated file', () => writeFileSync(join(cwd, 'usb/t10k-labels-idx1-ubyte.gz'), smallFile('t10k-labels-idx1-ubyte.gz').subarray(0, 30)), 65, 'usb/t10k-labels-idx1-ubyte.gz: truncated'],
    ['a file under the wrong name', () => writeFileSync(join(cwd, 'usb/t10k-labels-idx1-ubyte.gz'), smallFile('train-labels-idx1-ubyte.gz')), 65, 'usb/t10k-labels-idx1-ubyte.gz: more bytes than expected'],
    ['a web page', () => writeFileSync(join(cwd, 'usb/t10k-labels-idx1-ubyte.gz'), '<!doctype html>'), 65, 'usb/t10k-labels-idx1-ubyte.gz: neither gzip nor IDX (begins with "<!doctype html>")'],
  ])('refuses %s', async (_, spoil, code, message) => {
    writeFiles((name) => name)
    spoil()
    expect(await get('--from', 'usb')).toEqual({ code, stdout: '', stderr: `mnist-data: ${message}\n` })
    expect(listing()).toEqual([])
  }) // prettier-ignore
})

describe('mnist-data get completes the files if', () => {
  const faults: [string, Answer[][], string[], retries?: number][] = [
    ['a mirror answers 403 and another serves', [[status(403)], []], ['403 Forbidden']],
    ['a mirror answers 404 and another serves', [[status(404)], []], ['404 Not Found']],
    ['a mirror answers 500 and then serves', [[status(500)]], ['500 Internal Server Error; retrying in 1 s']],
    ['a mirror is silent and another serves', [[silence], []], ['no data for 1 s'], 0],
    ['a mirror stalls in the middle and another serves', [[stall(20_000), silence], []], ['no data for 1 s after 20000 of SIZE bytes; retrying in 1 s', 'no data for 1 s']],
    ['a mirror sends other bytes and another serves', [[changed((bytes) => bytes.fill(7, 0, 100))], []], [`neither gzip nor IDX (begins with "${'\\u0007'.repeat(16)}")`]],
    ['a mirror flips a bit and another serves', [[changed((bytes) => flipBit(gunzipSync(bytes)))], []], [`SHA-256 is SUM, expected ${SMALL_SETS[0].images.sha256}`]],
    ['a mirror redirects', [[redirect((name) => `/moved/${name}`)]], []],
  ] // prettier-ignore
  test.each(faults)('%s', async (_, answers, notices, retries = 1) => {
    for (const some of answers) await mirror(...some)
    const { code, stdout, stderr } = await get('--timeout', '1', '--retries', String(retries))
    const size = smallFile('train-images-idx3-ubyte.gz').length
    const expected = notices.map((notice) => `${url(0)}: ${notice.replace('SIZE', String(size))}`)
    const sums = /(SHA-256 is) [0-9a-f]{64}/g
    expect(stderr.replaceAll(sums, '$1 SUM').trimEnd().split('\n').filter(Boolean)).toEqual(expected)
    expect([code, stdout]).toEqual([0, RESULT])
    expectComplete()
  })

  test('the connection closes in the middle: it resumes', async () => {
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

describe('mnist-data get writes no files and says why if', () => {
  const faults: [string, Answer[][], string[], retries?: number][] = [
    ['all mirrors answer 403 or 404', [[status(403)], [status(404)]], ['403 Forbidden', '404 Not Found']],
    ['the mirror always answers 500', [times(2, status(500))], ['500 Internal Server Error']],
    ['the mirror is silent', [[silence]], ['no data for 1 s'], 0],
    ['the connection closes again and again', [[cut(5000), cut(10_000)]], ['connection closed after 10000 of SIZE bytes']],
    ['the mirror sends a web page', [[changed(() => Buffer.from('<html>Sign in'))]], ['neither gzip nor IDX (begins with "<html>Sign in")']],
    ['the mirror flips a bit', [[changed((bytes) => flipBit(gunzipSync(bytes)))]], [`SHA-256 is SUM, expected ${SMALL_SETS[0].images.sha256}`]],
    ['the mirror redirects in a loop', [times(9, redirect((name) => `/mnist/${name}`))], ['redirect loop']],
  ] // prettier-ignore
  test.each(faults)('%s', async (_, answers, expected, retries = 1) => {
    for (const some of answers) await mirror(...some)
    const { code, stdout, stderr } = await get('--timeout', '1', '--retries', String(retries), '--quiet')
    const size = smallFile('train-images-idx3-ubyte.gz').length
    const lines = expected.map((answer, i) => `  ${url(i)}: ${answer.replace('SIZE', String(size))}\n`).join('')
    expect(stderr.replace(/(SHA-256 is) [0-9a-f]{64}/, '$1 SUM')).toBe(
      `mnist-data: cannot download train-images-idx3-ubyte.gz:\n${lines}${BY_HAND}`,
    )
    expect([code, stdout]).toEqual([69, ''])
    expectNone()
  })

  test('no server is there', async () => {
    const gone = await mirror()
    await gone.close()
    mirrors = []
    const { code, stderr } = await get('--mirror', gone.url, '--quiet')
    expect([code, stderr]).toEqual([69, expect.stringContaining(': connection refused\nIf you can get ')])
    expectNone()
  })

  test('the last file fails: the next run downloads only that one', async () => {
    const { requests } = await mirror(serve, serve, serve, status(404))
    expect(await get('--quiet')).toMatchObject({ code: 69 })
    expectNone()
    expect(await get('--quiet')).toMatchObject({ code: 0 })
    expectComplete()
    expect(requests.map(({ name }) => name)).toEqual([...SMALL_FILES.keys(), 't10k-labels-idx1-ubyte.gz'])
  })
})

describe('mnist-data get on a full disk', () => {
  let canFill: boolean
  beforeAll(() => {
    canFill = canMount()
  })
  const partials = (names: Iterable<string>) => [...names].flatMap((name) => [`${name}.part`, `${name}.part.json`])
  test.for([
    ['downloads', 64, 'data/train-images-idx3-ubyte.gz.part', partials(['train-images-idx3-ubyte.gz'])],
    ['writes the first CSV', 256, 'data/mnist_train.csv', partials(SMALL_FILES.keys())],
    ['writes the second CSV', 440, 'data/mnist_test.csv', partials(SMALL_FILES.keys())],
  ] as const)('while it %s fails with an I/O error and writes no CSV', async ([, size, path, left], { skip }) => {
    skip(!canFill, 'cannot mount file systems here')
    mkdirSync(data(''))
    await mirror()
    const { code, stdout, stderr } = await ended(startGet([], onDisk(size, 'data', 'ls -A data')))
    expect([code, stderr]).toEqual([74, `mnist-data: cannot write ${path}: no space left on the disk\n`])
    expect(stdout.trimEnd().split('\n').toSorted()).toEqual(left.toSorted())
  })
})

describe('mnist-data get', () => {
  const partial = () => data('train-images-idx3-ubyte.gz.part')
  /** Waits until the partial file has this many bytes. */
  function partialReaches(bytes: number): Promise<void> {
    mkdirSync(data(''), { recursive: true })
    return new Promise((resolve) => {
      const watcher = watch(data(''), () => {
        if ((statSync(partial(), { throwIfNoEntry: false })?.size ?? 0) < bytes) return
        watcher.close()
        resolve()
      })
    })
  }

  test('interrupted by Ctrl-C, then by SIGTERM, keeps the partial file, and the next run resumes it', async () => {
    const { requests } = await mirror(stall(10_000), stall(40_000))
    const notice = 'interrupted; run the same command again to continue from data/*.part\n'
    for (const [signal, bytes, args, stderr] of [
      ['SIGINT', 10_000, [], notice],
      ['SIGTERM', 40_000, ['--quiet'], ''],
    ] as const) {
      const reached = partialReaches(bytes)
      const child = startGet([...args])
      const end = ended(child)
      await reached
      const began = performance.now()
      child.kill(signal)
      expect(await end).toEqual({ code: signal, stdout: '', stderr })
      expect(performance.now() - began).toBeLessThan(5000)
      expect(listing()).toEqual(['train-images-idx3-ubyte.gz.part', 'train-images-idx3-ubyte.gz.part.json'])
      expect(statSync(partial()).size).toBe(bytes)
    }
    expect(await get()).toMatchObject({ code: 0, stdout: RESULT })
    expectComplete()
    expect(requests.slice(0, 3).map(({ headers }) => headers.range)).toEqual([
      undefined,
      'bytes=10000-',
      'bytes=40000-',
    ])
  })

  test('interrupted twice leaves no staged CSV; what kill -9 leaves is removed by the next run', async () => {
    mkdirSync(data(''))
    mkdirSync(join(cwd, 'usb'))
    for (const [name, bytes] of SMALL_FILES) writeFileSync(join(cwd, 'usb', name), bytes)
    const slow = `import { writeFileSync } from 'node:fs'
      import { open, writeFile } from 'node:fs/promises'
      for (const name of ['SIGINT', 'SIGTERM']) process.once(name, () => writeFileSync('signalled', ''))
      const file = await open('/dev/null')
      Object.getPrototypeOf(file).sync = async () => {
        await writeFile('syncing', '')
        await new Promise((resolve) => setTimeout(resolve, 20_000))
      }`
    writeFileSync(join(cwd, 'slow-sync.mjs'), slow)
    const staged = () => listing().filter((name) => name.startsWith('.mnist_train.csv.')).length
    /** Waits for a file that the command writes. */
    const appears = async (name: string) => {
      while (!existsSync(join(cwd, name))) await sleep(5)
      rmSync(join(cwd, name))
    }
    for (const [first, second, code, left] of [
      ...(isLong ? ([['SIGINT', 'SIGINT', 'SIGINT', 0]] as const) : []),
      ['SIGTERM', 'SIGINT', 'SIGINT', 0],
      ['SIGKILL', undefined, 'SIGKILL', 1],
    ] as const) {
      const child = startGet(
        ['--from', 'usb', '--quiet'],
        ['env', `NODE_OPTIONS=--import=${join(cwd, 'slow-sync.mjs')}`],
      )
      const end = ended(child)
      await appears('syncing')
      child.kill(first)
      if (second) {
        await appears('signalled')
        child.kill(second)
      }
      expect([(await end).code, staged()]).toEqual([code, left])
      rmSync(join(cwd, 'signalled'), { force: true }) // by the second signal
    }
    expect(await get('--from', 'usb')).toMatchObject({ code: 0 })
    expectComplete()
  })

  test('interrupted by Ctrl-C while it waits to retry ends at once', async () => {
    await mirror(...times(20, status(500)))
    const child = startGet(['--retries', '20'])
    const end = ended(child)
    if (child.stderr) await once(child.stderr, 'data')
    child.kill('SIGINT')
    expect((await end).code).toBe('SIGINT')
    expectNone()
  })

  test('killed at any moment leaves each CSV complete or absent, and the next run completes them', async () => {
    const { nextRequest } = await mirror()
    for (let i = 0; i < (isLong ? 15 : 3); i++) {
      const downloading = nextRequest()
      const child = startGet([])
      const end = ended(child)
      await Promise.race([downloading, end])
      await sleep((isLong ? 5 : 25) * i) // another moment each time
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
  const make = (...args: string[]) => mnistDataInProcess(['make', ...args], cwd)

  test('writes digits that depend only on the count and the seed', async () => {
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
    [[''], 64, 'file "": the name is empty'],
    [['x.csv', '--count', '0'], 64, '--count "0": not an integer from 1 to 1000000'],
    [['x.csv', '--seed', '-1'], 64, '--seed "-1": not an integer from 0 to 4294967295'],
    [['none/x.csv'], 73, 'cannot write none/x.csv: its folder does not exist'],
    [['.'], 73, 'cannot write .: is a folder, not a file'],
  ])('refuses %j', async (args, code, message) => {
    expect(await make(...args)).toEqual({ code, stdout: '', stderr: `mnist-data: ${message}\n` })
    expect(readdirSync(cwd)).toEqual([])
  })

  test('fails with an I/O error if the disk is full', async () => {
    if (!existsSync('/dev/full')) return expect(process.platform).not.toBe('linux')
    const { code, stderr } = await make('/dev/full', '--count', '10')
    expect([code, stderr]).toEqual([74, 'mnist-data: cannot write /dev/full: no space left on the disk\n'])
  })
})

test('mnist-data suggests the nearest subcommand for an unknown one, or names all', async () => {
  const { code, stderr } = await mnistDataInProcess(['gett'], cwd)
  expect([code, stderr]).toEqual([64, "mnist-data: unknown command 'gett' (did you mean get?)\n"])
  const commands = 'the commands are get, make, convert, picture, info'
  expect((await mnistDataInProcess(['nope'], cwd)).stderr).toBe(`mnist-data: unknown command 'nope'; ${commands}\n`)
})

const { MNIST_DIR = '' } = process.env
describe.skipIf(!MNIST_DIR)('MNIST itself (needs MNIST_DIR)', () => {
  const filesOf = (sets: typeof MNIST) => sets.flatMap(({ images, labels }) => [images, labels])

  test('is what the program expects, each file and each set', async () => {
    const contents = await readFolder(MNIST_DIR, filesOf(MNIST))
    for (const set of MNIST) expect(fingerprint(digitsOf(set, contents)), set.csv).toBe(set.sha256)
  })

  test('is downloaded by mnist-data get, and recognised by the next run', async () => {
    const sets = isLong ? MNIST : MNIST.slice(1)
    const names = filesOf(sets).map(({ name }) => `${name}.gz`)
    const started = await startMirror(
      new Map(names.map((name) => [name, readFileSync(join(MNIST_DIR, name))])),
      cut(1_000_000),
    )
    mirrors.push(started)
    const args = ['get', '--mirror', started.url]
    const download = () => (isLong ? run('mnist-data', args, { cwd }) : mnistDataInProcess(args, cwd, sets))
    const { code, stdout } = await download()
    const lines = sets.map(({ csv, labels, sha256 }) => `data/${csv}  ${labels.bytes - 8} digits  sha256 ${sha256}\n`)
    expect([code, stdout]).toEqual([0, lines.join('')])
    const ranges = [undefined, 'bytes=1000000-', ...names.slice(1).map(() => undefined)]
    expect(started.requests.map(({ headers }) => headers.range)).toEqual(ranges)
    expect(listing()).toEqual(sets.map(({ csv }) => csv).toSorted())
    const again = await download() // reads the CSV files
    expect([again.code, again.stdout]).toEqual([0, stdout])
    expect(again.stderr).toContain('complete: nothing to do')
    expect(started.requests).toHaveLength(names.length + 1)
  }, 180_000)
})
