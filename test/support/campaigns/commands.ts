/** Whatever is typed, no command ends with an internal error. */
import { doesNotMatch, notStrictEqual, ok } from 'node:assert/strict'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CommandUnknownOpts, Option } from '@commander-js/extra-typings'
import fc from 'fast-check'
import { rangeOf } from '../../../src/cli/options.ts'
import { isFlag } from '../../../src/cli/environment.ts'
import { programOf } from '../../../src/cli/program.ts'
import { generate } from '../../../src/digits/generate.ts'
import { initParams } from '../../../src/network.ts'
import { randomStream } from '../../../src/random.ts'
import { format } from '../../../src/weights.ts'
import { claim, type Files, type MadeBy } from '../claim.ts'
import { csvOf, HEADER } from '../csv.ts'
import { bytesOf, unlabelled } from '../digits.ts'
import { idx } from '../idx.ts'
import { COMMANDS, runInProcess } from '../in-process.ts'

const digits = generate(30, 4)
const others = generate(12, 5)
const RUN = { iterations: 2, alpha: 0.1, seed: 5, dev: 5, notebook: false, logEvery: 1, engine: 'simd' } as const
const trained = (hidden: number) =>
  format({
    params: initParams(randomStream(hidden), hidden),
    training: { ...RUN, data: { names: ['small.csv'], rows: 30, sha256: 'ab' } },
    result: { iterations: 2, loss: 2.5, trainAccuracy: 0.25 },
    history: [{ iteration: 0, loss: 2.5, accuracy: 0.25 }],
  })

/** The files among which every command runs. */
const FILES: Files = {
  'small.csv': `${HEADER}\n${csvOf(digits)}`,
  'others.csv': csvOf(others),
  'unlabelled.csv': csvOf(unlabelled(others)),
  'damaged.csv': csvOf(others).replace(/,0,0,/, ',0,2S6,'),
  'train-images-idx3-ubyte': idx(8, [30, 28, 28], bytesOf(digits)),
  'train-labels-idx1-ubyte': idx(8, [30], digits.labels),
  'weights.json': trained(3),
  'other.json': trained(2),
  'config.json': '{"format":"mnist-config","alpha":0.2,"hidden":4}',
  empty: '',
}

const NAMES = [...Object.keys(FILES), 'folder', 'folder/', 'folder/new.json', 'absent', 'small.csv/x', '.', '', '\0']
const OUTPUTS = ['new.csv', 'new.csv.gz', 'new-images-idx3-ubyte', 'new.json', 'new.png', 'x'.repeat(300)]
const name = fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...NAMES) }, fc.constantFrom(...OUTPUTS))

const NUMBERS = ['0', '1', '2', '3', '5', '7', '+2', '1.0', '0.5', '.5', '1e-3', '1e-320', '-1', '-0', '1e400']
const NO_NUMBERS = ['', ' ', '1 ', '0x10', '0.5abc', 'NaN', 'Infinity', '１', '--', '-', '9'.repeat(400), '4294967296']
const text = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(...NUMBERS) },
  { weight: 2, arbitrary: fc.constantFrom(...NO_NUMBERS) },
  fc.string({ maxLength: 6, unit: 'binary' }).filter((text) => !/^\d{2,}/.test(text)),
)

/** A word that no command has. */
const stray = fc.oneof(
  fc.constantFrom('help', '--alhpa', '—alpha', '--', '-x', '--lr', '--no-x', '-', '--json=1', '__proto__', '--constructor'),
  fc.string({ maxLength: 5, unit: 'binary' }),
).filter((word) => word !== 'get') // prettier-ignore

/** Options that print a script, open a browser, or wait for files to change. */
const LEFT_OUT = ['--completion', '--open', '--watch']

/** Options that could make a command work for hours: they have few values. */
const LIMITED: Record<string, string[]> = {
  '--threads': ['0', '1', '2', 'x', '1025'],
  '--hidden': ['0', '1', '3', '4097', '2.5'],
  '--max-seconds': ['0', '0.01', '1e-9', '-1'],
  '--retries': ['0', '-1', '21', 'x'],
  '--timeout': ['1', '0', 'x'],
  '--count': ['0', '1', '5', '1e3', '1000001'],
  '--mirror': ['http://127.0.0.1:9/', 'ftp://x/', '', 'x'],
}

function wordsOf(option: Option): fc.Arbitrary<string[]> {
  const flag = fc.constantFrom(...[option.long, option.short].filter((flag) => flag !== undefined))
  if (isFlag(option)) return flag.map((flag) => [flag])
  const limited = LIMITED[option.long ?? '']
  const value = limited
    ? fc.constantFrom(...limited)
    : option.argChoices
      ? fc.constantFrom(...option.argChoices, 'x', '')
      : rangeOf(option)
        ? text
        : name
  const values = fc.array(value, { minLength: 1, maxLength: option.variadic ? 3 : 1 })
  return fc.tuple(flag, values, fc.boolean()).map(([flag, [first, ...rest], isJoined]) =>
    isJoined && flag.startsWith('--') ? [`${flag}=${first}`, ...rest] : [flag, first, ...rest],
  ) // prettier-ignore
}

/** Command lines of one command, from its own table of options. */
function linesOf(command: CommandUnknownOpts, words: string[]): fc.Arbitrary<string[]> {
  const options = command.options.filter(({ long }) => !LEFT_OUT.includes(long ?? ''))
  const option = fc.constantFrom(...options).chain(wordsOf)
  const part = fc.oneof(
    { weight: 12, arbitrary: option },
    { weight: 6, arbitrary: name.map((name) => [name]) },
    { weight: 1, arbitrary: stray.map((word) => [word]) },
  )
  return fc.array(part, { maxLength: 7 }).map((parts) => [...words, ...parts.flat()])
}

const line = fc.oneof(
  ...Object.entries(COMMANDS).flatMap(([name, define]) => {
    const program = programOf(define)
    const lines = [linesOf(program, []), ...program.commands.map((command) => linesOf(command, [command.name()]))]
    return lines.map((args) => args.map((args) => ({ name, args })))
  }),
)

/** Instead of defaults that take long, and of a network. */
const ENVIRONMENT = {
  MNIST_DATA: 'small.csv',
  MNIST_COUNT: '20',
  MNIST_DEV: '10',
  MNIST_MAX_SECONDS: '0.02',
  MNIST_THREADS: '1',
  MNIST_RETRIES: '0',
  MNIST_MIRROR: 'http://127.0.0.1:9/',
  HTTPS_PROXY: 'http://127.0.0.1:9',
  HTTP_PROXY: 'http://127.0.0.1:9',
}

/** A sweep starts processes; here it only prints their commands. */
const runnable = (name: string, args: string[]) => (name === 'mnist-sweep' ? ['--print', ...args] : args)

export const commands = {
  line: claim<MadeBy<typeof line>>({
    title: 'no command line ends with an internal error',
    inputs: line,
    files: ({ name, args }) => ({ ...FILES, 'command.json': JSON.stringify([name, ...args], null, 2) }),
    async check({ name, args }, folder) {
      rmSync(folder, { recursive: true, force: true })
      mkdirSync(join(folder, 'folder'), { recursive: true })
      for (const [name, content] of Object.entries(FILES)) writeFileSync(join(folder, name), content)
      const { code, stderr } = await runInProcess(name, runnable(name, args), { cwd: folder, env: ENVIRONMENT })
      notStrictEqual(code, 70, stderr)
      doesNotMatch(stderr, /internal error|^ +at /m)
      ok(stderr.length < 10_000, `${stderr.length} characters on stderr`)
      return String(code)
    },
  }),
}
