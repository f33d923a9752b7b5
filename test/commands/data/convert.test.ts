/** Converting and inspecting files of digits. Needs `npm run build`. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  watch,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { digitCount, digitsFrom, emptyDigits, join as joinDigits, select, type Digits } from '../../../src/digits.ts'
import { fingerprint } from '../../../src/digits/fingerprint.ts'
import { generate } from '../../../src/digits/generate.ts'
import { MNIST } from '../../../src/digits/mnist.ts'
import { readDigits } from '../../../src/digits/read.ts'
import { bin, ended, start } from '../../support/command.ts'
import { newFolder } from '../../support/folder.ts'
import { runInProcess } from '../../support/in-process.ts'
import { isLong } from '../../support/long.ts'
import { csvOf, DIALECTS, HEADER, textOf } from '../../support/csv.ts'
import { idxOf, mnistDataInProcess } from '../../support/small-mnist.ts'
import { unlabelled } from '../../support/digits.ts'
import { withStandardInput } from '../../support/standard-input.ts'

const root = newFolder()
/** Holds digits that take gzip a while. */
const many = newFolder()
let cwd: string
beforeEach(() => {
  cwd = join(root, String(readdirSync(root).length))
  mkdirSync(cwd)
  write('digits.csv', CSV)
  write('pixels.csv', PIXELS_CSV)
})

const digits = generate(520, 11) // two blocks
const CSV = `${HEADER}\n${csvOf(digits)}`
const PIXELS_CSV = CSV.replaceAll(/^[^,]+,/gm, '')
const [IMAGES, LABELS] = idxOf(digits)

const at = (name: string) => join(cwd, name)
const write = (name: string, content: string | Buffer) => writeFileSync(at(name), content)
const read = (name: string) => readFileSync(at(name))
const is = (name: string, content: string | Buffer) => expect(read(name).equals(Buffer.from(content)), name).toBe(true)
const convert = (...args: string[]) => mnistDataInProcess(['convert', ...args], cwd)
const info = (...args: string[]) => mnistDataInProcess(['info', ...args], cwd)
const listing = () => readdirSync(cwd).filter((name) => !['digits.csv', 'pixels.csv'].includes(name)).toSorted() // prettier-ignore
const line = (file: string, of: Digits = digits) => `${file}  ${digitCount(of)} digits  sha256 ${fingerprint(of)}\n`

/** Runs mnist-data with these bytes on its standard input. */
function piped(args: string[], input: Buffer) {
  const child = spawn(process.execPath, [bin('mnist-data'), ...args], { cwd, env: { PATH: process.env.PATH } })
  child.stdin.end(input)
  return ended(child)
}

describe('mnist-data convert', () => {
  test('writes the same digits in every format, byte for byte, and back', async () => {
    const formats: [string, () => void][] = [
      ['a.csv', () => is('a.csv', CSV)],
      ['a.csv.gz', () => expect(gunzipSync(read('a.csv.gz')).toString() === CSV).toBe(true)],
      ['a-images-idx3-ubyte', () => [is('a-images-idx3-ubyte', IMAGES), is('a-labels-idx1-ubyte', LABELS)]],
      ['b-labels.idx1-ubyte.gz', () => {
        expect(gunzipSync(read('b-images.idx3-ubyte.gz')).equals(IMAGES)).toBe(true)
        expect(gunzipSync(read('b-labels.idx1-ubyte.gz')).equals(LABELS)).toBe(true)
      }],
    ] // prettier-ignore
    let before = 'digits.csv'
    for (const [file, expectContent] of formats) {
      const { code, stdout, stderr } = await convert(before, file)
      const images = file.replace('labels.idx1', 'images.idx3')
      const written = file.includes('idx') ? [images, images.replace('images', 'labels').replace('idx3', 'idx1')] : [file] // prettier-ignore
      expect([code, stdout]).toEqual([0, written.map((name) => line(name)).join('')])
      expect(stderr).toMatch(/^\S+( and \S+)?: 520 digits, (Kaggle's label-first CSV|IDX)\n$/)
      expectContent()
      before = images
    }
    expect(await convert(before, 'again.csv')).toMatchObject({ code: 0, stdout: line('again.csv') })
    is('again.csv', CSV)
    expect(listing()).toEqual([
      'a-images-idx3-ubyte',
      'a-labels-idx1-ubyte',
      'a.csv',
      'a.csv.gz',
      'again.csv',
      'b-images.idx3-ubyte.gz',
      'b-labels.idx1-ubyte.gz',
    ])
  })

  test('obeys --no-header, --json and --quiet', async () => {
    const { code, stdout, stderr } = await convert('digits.csv', 'bare.csv', '--no-header', '--json', '--quiet')
    expect([code, stderr]).toEqual([0, ''])
    const result = { schema: 'mnist-data-convert/1', file: 'bare.csv', digits: 520, sha256: fingerprint(digits) }
    expect(stdout).toBe(`${JSON.stringify(result)}\n`)
    is('bare.csv', csvOf(digits))
    await convert('digits.csv', '--header', 'named.csv')
    is('named.csv', CSV)
  })

  test('joins a pair, standard input and generated digits', async () => {
    const few = select(digits, Uint32Array.of(5, 6, 7))
    const [pixels, labels] = DIALECTS[13].files(few)
    write('mnist_data.csv', textOf(pixels))
    write('mnist_target.csv', textOf(labels))
    const args = ['convert', 'mnist_target.csv', 'mnist_data.csv', '-', 'generated', 'all-images-idx3-ubyte']
    const { code, stderr } = await piped([...args, '--take', '623'], gzipSync(CSV))
    expect([code, stderr.split('\n')]).toEqual([0, [
      "mnist_target.csv and mnist_data.csv: 3 digits, OpenML's pair of CSVs",
      "standard input: 520 digits, Kaggle's label-first CSV",
      'generated: 100 digits, drawn by this program',
      '',
    ]]) // prettier-ignore
    const [images, labelsOfAll] = idxOf(joinDigits([few, digits, generate(100, 1)]))
    is('all-images-idx3-ubyte', images)
    is('all-labels-idx1-ubyte', labelsOfAll)
  })

  test('takes only the first digits with --take, as info does', async () => {
    const five = select(digits, Uint32Array.of(0, 1, 2, 3, 4))
    expect((await convert('digits.csv', 'five.csv', '--take', '5')).stdout).toBe(line('five.csv', five))
    const { stdout } = await info('digits.csv', '--take', '5', '--json')
    expect(JSON.parse(stdout)).toMatchObject({ digits: 5, sha256: fingerprint(five) })
  })

  test('writes unlabelled digits as a CSV of pixels or as IDX images alone', async () => {
    for (const [file, content] of [
      ['p.csv', PIXELS_CSV],
      ['p-images-idx3-ubyte', IMAGES],
    ] as const) {
      expect(await convert('pixels.csv', file)).toMatchObject({ code: 0, stdout: line(file, unlabelled(digits)) })
      is(file, content)
      expect(fingerprint(await readDigits([at(file)]))).toBe(fingerprint(unlabelled(digits)))
    }
    await convert('pixels.csv', 'bare.csv', '--no-header')
    is('bare.csv', csvOf(digits).replaceAll(/^[^,]+,/gm, ''))
    expect(listing()).toEqual(['bare.csv', 'p-images-idx3-ubyte', 'p.csv'])
  })

  test('refuses to write unlabelled images beside a file of labels', async () => {
    for (const stale of ['p-labels-idx1-ubyte', 'p-labels-idx1-ubyte.gz']) {
      write(stale, 'old')
      const { code, stdout, stderr } = await convert('pixels.csv', 'p-images-idx3-ubyte', '--quiet', '--force')
      const message = `mnist-data: cannot write p-images-idx3-ubyte: the digits are unlabelled, but would be read with the labels in ${stale}; move it or use another name\n`
      expect([code, stdout, stderr, listing()]).toEqual([73, '', message, [stale]])
      rmSync(at(stale))
    }
  })

  test('gzips to the same bytes every time, without a timestamp', async () => {
    await convert('digits.csv', 'one.csv.gz')
    await convert('digits.csv', 'two.csv.gz')
    expect(read('one.csv.gz').equals(read('two.csv.gz'))).toBe(true)
    expect(read('one.csv.gz').readUInt32LE(4)).toBe(0)
  })

  test('replaces an existing output only with --force, and keeps its permissions', async () => {
    write('old.csv', 'old')
    chmodSync(at('old.csv'), 0o600)
    const remedy = 'it exists; name a new file after the inputs, or replace it with --force'
    expect(await convert('none.csv', 'old.csv')).toEqual({
      code: 73,
      stdout: '',
      stderr: `mnist-data: cannot write old.csv: ${remedy}\n`,
    })
    is('old.csv', 'old')
    expect(await convert('digits.csv', 'old.csv', '--force')).toMatchObject({ code: 0 })
    is('old.csv', CSV)
    expect(statSync(at('old.csv')).mode & 0o777).toBe(0o600)
    write('x-labels-idx1-ubyte', 'old')
    const { code, stderr } = await convert('digits.csv', 'x-images-idx3-ubyte')
    expect([code, stderr]).toEqual([73, `mnist-data: cannot write x-labels-idx1-ubyte: ${remedy}\n`])
    expect(listing()).toEqual(['old.csv', 'x-labels-idx1-ubyte'])
  })

  test('never replaces an input, whatever its name is', async () => {
    write('x-images-idx3-ubyte', IMAGES)
    write('x-labels-idx1-ubyte', LABELS)
    symlinkSync('digits.csv', at('symbolic.csv'))
    linkSync(at('digits.csv'), at('hard.csv'))
    linkSync(at('x-labels-idx1-ubyte'), at('labels.csv'))
    const cases: [string[], string][] = [
      [['digits.csv', 'digits.csv'], 'digits.csv: is an input'],
      [['generated', 'pixels.csv', './digits.csv', 'hard.csv'], 'hard.csv: is read as an input (./digits.csv)'],
      [['digits.csv', 'symbolic.csv'], 'symbolic.csv: is read as an input (digits.csv)'],
      [['x-images-idx3-ubyte', 'labels.csv'], 'labels.csv: is read as an input (x-images-idx3-ubyte)'],
      [['digits.csv', 'x-labels-idx1-ubyte', 'x-images-idx3-ubyte'], 'x-labels-idx1-ubyte: is an input'],
    ]
    for (const [args, refusal] of cases) {
      const stderr = `mnist-data: ${refusal} and cannot be the output; name another file after the inputs\n`
      for (const force of [[], ['--force']]) expect(await convert(...args, ...force)).toEqual({ code: 64, stdout: '', stderr }) // prettier-ignore
    }
    const redirected = spawnSync(
      'sh',
      ['-c', `'${process.execPath}' '${bin('mnist-data')}' convert - digits.csv --force < digits.csv`],
      { cwd },
    )
    expect([redirected.status, String(redirected.stderr)]).toEqual([
      64,
      expect.stringMatching(/read as an input \(-\)/),
    ])
    is('digits.csv', CSV)
    is('x-labels-idx1-ubyte', LABELS)
  })

  test.each(['x.png', 'X.JPG', 'x.json', 'x.npz', 'x.npy', 'x.pkl', 'x.xlsx', 'x.parquet', 'x.csv.zip', 'x.json.gz', 'x.tar.gz', 'x.csv.bz2', 'x.ubyte'])(
    'refuses %s, a name of another format',
    async (name) => {
      const ending = name.replace(/^x(\.csv)?/i, '')
      const written = '.csv, .csv.gz, or IDX as …images-idx3-ubyte'
      expect(await convert('none.csv', name)).toEqual({
        code: 64,
        stdout: '',
        stderr: `mnist-data: ${name}: digits are not written as ${ending}; use a name that ends in ${written}\n`,
      })
    },
  ) // prettier-ignore

  test('writes CSV under names without an ending, or with one that is no format', async () => {
    const few = `${HEADER}\n${csvOf(select(digits, Uint32Array.of(5, 6, 7)))}`
    write('few.csv', few)
    for (const name of ['mnist', 'mnist.v1.2', 'mnist.txt', 'png']) {
      expect(await convert('few.csv', name)).toMatchObject({ code: 0 })
      is(name, few)
    }
    await convert('few.csv', 'loud.CSV.GZ')
    expect(gunzipSync(read('loud.CSV.GZ')).toString()).toBe(few)
  })

  test('into /dev/stdout writes the digits alone, to a pipe or a file, and ends quietly if its reader has left', async () => {
    const shell = (command: string) =>
      spawnSync('bash', ['-c', `m() { '${process.execPath}' '${bin('mnist-data')}' "$@"; }; ${command}`], { cwd })
    const left = shell('set -o pipefail; m make /dev/stdout --count 600 | head -c 10')
    expect([left.status, String(left.stdout), String(left.stderr)]).toEqual([141, 'label,pixe', ''])
    for (const redirected of ['| cat > out.csv', '> out.csv']) {
      const { status, stderr } = shell(`m convert digits.csv /dev/stdout -q ${redirected}`)
      expect([status, String(stderr)]).toEqual([0, ''])
      is('out.csv', CSV)
    }
    const json = shell('m convert digits.csv /dev/stdout --json')
    const refusal = 'mnist-data: /dev/stdout and --json both write to stdout: write to a file\n'
    expect([json.status, String(json.stdout), String(json.stderr)]).toEqual([64, '', refusal])
  })

  const IDX_NAMES = 'not an IDX name; use …images-idx3-ubyte or …labels-idx1-ubyte, or either with .gz'
  test.each([
    [[], 64, "missing required argument 'files'"],
    [['digits.csv'], 64, 'digits.csv: only one file given; name the inputs, then the output'],
    [['', 'x.csv'], 64, 'files "": the name is empty'],
    [['digits.csv', ''], 64, 'files "": the name is empty'],
    [['digits.csv', '-'], 64, 'the output cannot be "-": name a file to write; /dev/stdout is stdout'],
    [['-', '-', 'x.csv'], 64, '"-" is given twice; standard input can be read only once'],
    [['digits.csv', 'x.idx'], 64, `x.idx: ${IDX_NAMES}`],
    [['digits.csv', 'digits-idx3-ubyte.gz'], 64, `digits-idx3-ubyte.gz: ${IDX_NAMES}`],
    [['digits.csv', 'images-idx1-ubyte'], 64, `images-idx1-ubyte: ${IDX_NAMES}`],
    [['digits.csv', 'x-images-idx3-ubyte', '--no-header'], 64, '--no-header: x-images-idx3-ubyte is IDX, which has no header line'],
    [['pixels.csv', 'x-labels-idx1-ubyte'], 64, 'x-labels-idx1-ubyte: the digits are unlabelled; use x-images-idx3-ubyte'],
    [['digits.csv', 'bad.csv', 'x.csv'], 65, 'bad.csv:1: 2 columns, expected 785 (a label and 784 pixels)'],
    [['digits.csv', 'pixels.csv', 'x.csv'], 65, 'pixels.csv: no labels, unlike the digits before it; use labelled or unlabelled digits only'],
    [['none.csv', 'x.csv'], 66, 'none.csv: no such file'],
    [['none.csv', 'none/x.csv'], 73, 'cannot write none/x.csv: its folder does not exist'],
    [['none.csv', '.'], 73, 'cannot write .: is a folder, not a file'],
    [['none.csv', 'folder-images-idx3-ubyte'], 73, 'cannot write folder-labels-idx1-ubyte: is a folder, not a file'],
  ])('refuses %j and writes nothing', async (args, code, message) => {
    write('bad.csv', '1,2\n')
    mkdirSync(at('folder-labels-idx1-ubyte'))
    expect(await convert(...args, '--quiet')).toEqual({ code, stdout: '', stderr: `mnist-data: ${message}\n` })
    expect(listing()).toEqual(['bad.csv', 'folder-labels-idx1-ubyte'])
  }) // prettier-ignore

  test('fails with an I/O error if the disk is full, or the reader of a pipe leaves', async () => {
    if (!existsSync('/dev/full')) return expect(process.platform).not.toBe('linux')
    symlinkSync('/dev/full', at('full.csv.gz'))
    const gzipped = await convert('digits.csv', 'full.csv.gz', '--quiet')
    const message = 'mnist-data: cannot write full.csv.gz: no space left on the disk\n'
    expect([gzipped.code, gzipped.stderr]).toEqual([74, message])
    spawnSync('mkfifo', ['pipe.csv.gz'], { cwd })
    spawn('head', ['-c', '10', 'pipe.csv.gz'], { cwd, stdio: 'ignore' })
    const piped = await convert('digits.csv', 'pipe.csv.gz', '--quiet')
    expect([piped.code, piped.stderr]).toEqual([74, 'mnist-data: cannot write pipe.csv.gz: its reader has left\n'])
    const { code, stderr } = await convert('digits.csv', '/dev/full', '--quiet')
    expect([code, stderr]).toEqual([74, 'mnist-data: cannot write /dev/full: no space left on the disk\n'])
  })

  beforeAll(() => {
    const [images, labels] = idxOf(joinDigits(Array(40).fill(digits)))
    writeFileSync(join(many, 'images-idx3-ubyte'), images)
    writeFileSync(join(many, 'labels-idx1-ubyte'), labels)
  })

  test.each([
    ['SIGINT', 'SIGINT'],
    ['SIGTERM', 'SIGTERM'],
  ] as const)('interrupted by %s leaves both old files unchanged and nothing beside them', async (signal, code) => {
    const [images, labels] = ['x-images-idx3-ubyte.gz', 'x-labels-idx1-ubyte.gz']
    write(images, 'old images')
    write(labels, 'old labels')
    const child = start('mnist-data', ['convert', '--force', join(many, 'images-idx3-ubyte'), images], { cwd })
    const watcher = watch(cwd, () => {
      const staged = readdirSync(cwd).find((name) => name.startsWith('.x-'))
      if (!staged || (statSync(at(staged), { throwIfNoEntry: false })?.size ?? 0) === 0) return
      watcher.close()
      child.kill(signal)
    })
    expect(await ended(child)).toMatchObject({ code, stdout: '' })
    expect(listing()).toEqual([images, labels])
    is(images, 'old images')
    is(labels, 'old labels')
  })
})

test('mnist-data make replaces an existing file only with --force', async () => {
  write('old.csv', 'old')
  const make = (...args: string[]) => mnistDataInProcess(['make', ...args, '--count', '520', '--seed', '11'], cwd)
  const message = 'mnist-data: cannot write old.csv: it exists; name a new file, or replace it with --force\n'
  expect(await make('old.csv')).toEqual({ code: 73, stdout: '', stderr: message })
  is('old.csv', 'old')
  expect(await make('old.csv', '--force')).toMatchObject({ code: 0, stdout: line('old.csv') })
  is('old.csv', CSV)
  expect(await make('x.png')).toMatchObject({ code: 64, stdout: '' })
  expect(await make('-')).toMatchObject({ code: 64, stdout: '' })
  expect(listing()).toEqual(['old.csv'])
})

test('mnist-data make writes the format that the name selects', async () => {
  const args = ['make', 'drawn-images-idx3-ubyte', '--count', '520', '--seed', '11']
  const { code, stdout } = await mnistDataInProcess(args, cwd)
  expect([code, stdout]).toEqual([0, line('drawn-images-idx3-ubyte') + line('drawn-labels-idx1-ubyte')])
  is('drawn-images-idx3-ubyte', IMAGES)
  is('drawn-labels-idx1-ubyte', LABELS)
})

describe('mnist-data info', () => {
  const few = select(digits, Uint32Array.of(0, 1, 2, 1))
  const SUSPECTS = { duplicates: { count: 1, first: [3] }, empty: { count: 0, first: [] } }

  test('prints one line of JSON, the same for every format', async () => {
    write('few.csv', csvOf(few))
    await convert('few.csv', 'few-images-idx3-ubyte.gz', '--quiet')
    const [pixels, labels] = DIALECTS[13].files(few)
    write('mnist_data.csv', textOf(pixels))
    write('mnist_target.csv', textOf(labels))
    for (const [names, dialect] of [
      [['few.csv'], 'a label-first CSV without a header'],
      [['few-images-idx3-ubyte.gz', 'few-labels-idx1-ubyte.gz'], 'IDX'],
      [['mnist_data.csv', 'mnist_target.csv'], "OpenML's pair of CSVs"],
      [['mnist_target.csv', 'mnist_data.csv'], "OpenML's pair of CSVs"],
    ] as const) {
      const { code, stdout, stderr } = await info(...names, '--json')
      expect([code, stderr, stdout.split('\n').length]).toEqual([0, '', 2])
      expect(stdout).not.toMatch(/null|NaN/)
      expect(JSON.parse(stdout)).toEqual({
        schema: 'mnist-data-info/1',
        parts: [{ names, digits: 4, dialect }],
        digits: 4,
        classes: Array.from({ length: 10 }, (_, label) => few.labels.filter((other) => other === label).length),
        constantPixels: expect.any(Number),
        ...SUSPECTS,
        inverted: SUSPECTS.empty,
        allInk: SUSPECTS.empty,
        sha256: fingerprint(few),
      })
    }
  })

  test('prints a report and pictures in plain characters, at most 80 wide', async () => {
    const empty = emptyDigits(7)
    write('empty.csv', csvOf(empty))
    const { code, stdout, stderr } = await info('digits.csv', 'empty.csv')
    expect([code, stderr]).toEqual([0, ''])
    const [text, ...bands] = stdout.split(/\n\n(?=\d \(row)/)
    const classes = Array.from({ length: 10 }, (_, label) => digits.labels.filter((other) => other === label).length)
    classes[0] += 7
    const both = joinDigits([digits, empty])
    expect(text.replace(/(constant) +\d+/, '$1 N').split('\n')).toEqual([
      "digits.csv: 520 digits, Kaggle's label-first CSV",
      'empty.csv: 7 digits, a label-first CSV without a header',
      'digits      527',
      `labels      ${classes.map((n, label) => `${label}: ${n}`).join('  ')}`,
      'constant N of 784 pixels are the same in all digits',
      'duplicates  6: row 521, 522, 523, 524, 525, …',
      'empty       7: row 520, 521, 522, 523, 524, …',
      'inverted    none',
      'all ink     none',
      `sha256      ${fingerprint(both)}`,
    ])
    const titles = Array.from({ length: 10 }, (_, label) => `${label} (row ${digits.labels.indexOf(label)})`)
    expect(bands.map((band) => band.split('\n')[0].split(/ {3,}/))).toEqual([0, 2, 4, 6, 8].map((i) => titles.slice(i, i + 2))) // prettier-ignore
    expect(
      Math.max(
        ...bands
          .join('\n')
          .split('\n')
          .map(({ length }) => length),
      ),
    ).toBeLessThanOrEqual(58)
    expect(stdout).not.toContain('\u001b')
  })

  test('obeys FORCE_COLOR, NO_COLOR, --no-color and --no-picture', async () => {
    const coloured = async (env: Record<string, string>, ...more: string[]) =>
      (await runInProcess('mnist-data', ['info', 'digits.csv', ...more], { cwd, env })).stdout.includes('\u001b[38;5;')
    expect(await coloured({ FORCE_COLOR: '1' })).toBe(true)
    expect(await coloured({ FORCE_COLOR: '1', NO_COLOR: '1' })).toBe(false)
    expect(await coloured({ FORCE_COLOR: '1' }, '--no-color')).toBe(false)
    expect((await info('digits.csv', '--no-picture')).stdout.split('\n')).toHaveLength(9)
  })

  test('reports no classes for unlabelled digits', async () => {
    const { stdout } = await info('pixels.csv', '--json')
    expect(JSON.parse(stdout)).not.toHaveProperty('classes')
    expect(JSON.parse(stdout)).toMatchObject({ digits: 520, sha256: fingerprint(unlabelled(digits)) })
    const text = (await info('pixels.csv')).stdout
    expect(text).toContain('\nlabels      none\n')
    expect(text).toMatch(/\nrow 0 +row 1\n/)
  })

  test('reads standard input and generated digits', async () => {
    const { stdout } = await withStandardInput(CSV, () => info('-', 'generated', '--json'))
    expect(JSON.parse(stdout)).toMatchObject({
      digits: 10_520,
      parts: [
        { names: ['standard input'], digits: 520, dialect: "Kaggle's label-first CSV" },
        { names: ['generated'], digits: 10_000, dialect: 'drawn by this program' },
      ],
    })
  })

  test.each([
    [[], 64, "missing required argument 'file'"],
    [[''], 64, 'file "": the name is empty'],
    [['bad.csv'], 65, 'bad.csv:1: 2 columns, expected 785 (a label and 784 pixels)'],
    [['none.csv'], 66, 'none.csv: no such file'],
  ])('refuses %j', async (args, code, message) => {
    write('bad.csv', '1,2\n')
    expect(await info(...args, '--quiet')).toEqual({ code, stdout: '', stderr: `mnist-data: ${message}\n` })
  })

  test('ends quietly if the reader of its output has left', async () => {
    const child = start('mnist-data', ['info', 'digits.csv'], { cwd })
    child.stdout?.destroy()
    const [[code], stderr] = await Promise.all([once(child, 'exit'), child.stderr?.toArray()])
    expect([code, stderr]).toEqual([0, []])
  })
})

const { MNIST_DIR = '' } = process.env
describe.skipIf(!MNIST_DIR)('MNIST itself (needs MNIST_DIR)', () => {
  const images = ({ images: { name } }: (typeof MNIST)[number]) => join(MNIST_DIR, `${name}.gz`)

  const sets = isLong ? MNIST : MNIST.slice(1) // data.test.ts verifies the training set
  test.each(sets)('is recognised by info: $images.name', async (set) => {
    const { code, stdout } = await info(images(set), '--json')
    const m = set.labels.bytes - 8
    expect([code, JSON.parse(stdout)]).toMatchObject([0, { digits: m, sha256: set.sha256, duplicates: { count: 0 } }])
  }, 60_000) // prettier-ignore

  test('is converted to .csv.gz and back to IDX, byte for byte', async () => {
    const set = MNIST[1]
    const take = isLong ? 10_000 : 1000
    const [pixels, labels] = [set.images, set.labels].map(({ name }) => gunzipSync(readFileSync(join(MNIST_DIR, `${name}.gz`)))) // prettier-ignore
    const first = digitsFrom(pixels.subarray(16, 16 + 784 * take), labels.subarray(8, 8 + take))
    const stdout = line('test.csv.gz', first)
    expect(await convert(images(set), 'test.csv.gz', '--take', String(take))).toMatchObject({ code: 0, stdout })
    if (isLong) expect(stdout).toContain(set.sha256)
    expect(JSON.parse((await info('test.csv.gz', '--json')).stdout)).toMatchObject({ sha256: fingerprint(first) })
    await convert('test.csv.gz', set.images.name)
    const [imageBytes, labelBytes] = idxOf(first)
    is(set.images.name, imageBytes)
    is(set.labels.name, labelBytes)
  }, 60_000)
})
