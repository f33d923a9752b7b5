import { Command } from '@commander-js/extra-typings'
import { execFileSync } from 'node:child_process'
import { mkdirSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { commandLine, invocation, shellWord } from '../../src/cli/command-line.ts'
import { programOf } from '../../src/cli/program.ts'
import { mnistData } from '../../src/commands/mnist-data.ts'
import { mnistPredict } from '../../src/commands/mnist-predict.ts'
import { mnistRuns } from '../../src/commands/mnist-runs.ts'
import { mnistSweep } from '../../src/commands/mnist-sweep.ts'
import { mnistTrain } from '../../src/commands/mnist-train.ts'
import { Failure } from '../../src/failure.ts'
import { progress } from '../../src/terminal/progress.ts'
import { newFolder } from '../support/folder.ts'
import { runInProcess as run } from '../support/in-process.ts'
import { terminal } from '../support/terminal.ts'

const cwd = newFolder()
afterEach(() => {
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
})

describe('a word that a command does not take is named, with what was probably meant:', () => {
  test.each([
    ['mnist-train', ['data.csv'], 'data.csv: unexpected argument; to train on it: --data data.csv'],
    ['mnist-train', ['my data.csv'], `"my data.csv": unexpected argument; to train on it: --data 'my data.csv'`],
    ['mnist-train', ['w.json'], 'w.json: unexpected argument; to continue its run: --resume w.json'],
    ['mnist-train', ['500'], '500: unexpected argument; for 500 iterations: --iters 500'],
    ['mnist-train', ['help'], 'help: unexpected argument; for help: mnist-train --help'],
    ['mnist-train', ['please'], 'please: unexpected argument; see mnist-train --help'],
    ['mnist-train', ['–iters', '5'], '"–iters": begins with another dash than "-"; did you mean --iters?'],
    ['mnist-train', ['—iters=5'], '"—iters=5": begins with another dash than "-"; did you mean --iters=5?'],
    ['mnist-train', ['−i', '5'], '"−i": begins with another dash than "-"; did you mean -i?'],
    ['mnist-predict', ['3'], '3: unexpected argument; for row 3: --index 3'],
    ['mnist-predict', ['w.json'], 'w.json: unexpected argument; to use its network: --weights w.json'],
    ['mnist-predict', ['x.csv'], 'x.csv: unexpected argument; to read digits from it: --data x.csv'],
    ['mnist-train', [`${'x'.repeat(300)}.csv`], `"${'x'.repeat(24)}…": unexpected argument; see mnist-train --help`],
    ['mnist-data', ['make', 'a.csv', 'b.csv'], 'b.csv: unexpected argument; see mnist-data make --help'],
    ['mnist-data', ['get', 'help'], 'help: unexpected argument; for help: mnist-data get --help'],
    ['mnist-data', ['help', 'bogus'], '"bogus": no such command; the commands are get, make, convert, picture, info'],
    ['mnist-train', ['\u001b[31m'], String.raw`"\u001b[31m": unexpected argument; see mnist-train --help`],
  ])('%s %j', async (name, args, sentence) => {
    expect(await run(name, args, { cwd })).toEqual({ code: 64, stdout: '', stderr: `${name}: ${sentence}\n` })
  })

  test.each([
    ['mnist-train', ['--lr', '1'], '--lr', '--alpha'],
    ['mnist-train', ['-lr', '1'], '-lr', '--alpha'],
    ['mnist-train', ['--learning-rate', '1'], '--learning-rate', '--alpha'],
    ['mnist-train', ['--LR', '1'], '--LR', '--alpha'],
    ['mnist-train', ['--learning_rate=1'], '--learning_rate=1', '--alpha'],
    ['mnist-train', ['--batch-size', '1'], '--batch-size', '--batch'],
    ['mnist-train', ['--iterations', '1'], '--iterations', '--iters'],
    ['mnist-train', ['--n-hidden', '1'], '--n-hidden', '--hidden'],
    ['mnist-train', ['--model', 'a'], '--model', undefined],
    ['mnist-train', ['--constructor', 'a'], '--constructor', undefined],
    ['mnist-predict', ['--model', 'a'], '--model', '--weights'],
    ['mnist-predict', ['--rows', '1'], '--rows', '--index'],
    ['mnist-data', ['make', '--rows', '1'], '--rows', '--count'],
    ['mnist-train', ['--\u009b2J'], String.raw`--\u009b2J`, undefined],
  ])("%s %j: another program's name for an option", async (name, args, flag, ours) => {
    const { code, stderr } = await run(name, args, { cwd })
    const hint = ours === undefined ? '' : ` (did you mean ${ours}?)`
    expect([code, stderr]).toEqual([64, `${name}: unknown option '${flag}'${hint}\n`])
  })

  test('in a short message, however long it is', async () => {
    const long = 'x'.repeat(1e5)
    for (const word of [long, `--${long}`, `–${long}`]) {
      expect((await run('mnist-train', [word], { cwd })).stderr.length).toBeLessThan(500)
    }
  })
})

describe('a path', () => {
  test.each([
    ['a\0b', String.raw`"a\u0000b": a name cannot contain a NUL character`],
    ['x'.repeat(4097), `"${'x'.repeat(24)}…": the name is too long: 4,097 characters`],
    ['–here.csv', '"–here.csv": begins with another dash than "-"; to name such a file: ./–here.csv'],
  ])('is refused if it cannot be one, or is meant as an option: %j', async (word, sentence) => {
    writeFileSync(join(cwd, '–here.csv'), '')
    const stderr = `mnist-report: --out ${sentence}\n`
    expect(await run('mnist-report', ['--out', word], { cwd })).toEqual({ code: 64, stdout: '', stderr })
    const named = await run('mnist-runs', [word], { cwd })
    expect([named.code, named.stderr]).toEqual([64, `mnist-runs: file-or-folder ${sentence}\n`])
  })

  test('may be the word help, if there is such a file or folder', async () => {
    mkdirSync(join(cwd, 'help'))
    expect((await run('mnist-runs', ['help'], { cwd })).stderr).toMatch('mnist-runs: help: no .json files;')
    rmdirSync(join(cwd, 'help'))
  })
})

test.each(['0.5', '.5', '5e-1', '+0.5'])('a number may be written as %s', async (text) => {
  const { stdout } = await run('mnist-train', ['--alpha', text, '--print-config'], { cwd })
  expect(JSON.parse(stdout)).toMatchObject({ alpha: 0.5 })
})

describe('a command line to paste', () => {
  const program = new Command('mnist-train').option('--out <file>')

  test('begins with npx if the command was started with it', () => {
    vi.stubEnv('npm_command', undefined).stubEnv('npm_lifecycle_event', undefined)
    expect(commandLine(program, { out: 'w.json' }, [])).toBe('mnist-train --out w.json')
    vi.stubEnv('npm_command', 'exec')
    expect(commandLine(program, { out: 'w.json' }, [])).toBe('npx mnist-train --out w.json')
    vi.stubEnv('npm_command', 'test')
    expect(invocation('mnist-data')).toBe('mnist-data')
    vi.stubEnv('npm_lifecycle_event', 'npx')
    expect(invocation('mnist-data')).toBe('npx mnist-data')
  })

  test('begins with npx if the command is in node_modules/.bin', () => {
    vi.stubEnv('npm_command', undefined).stubEnv('npm_lifecycle_event', undefined)
    const { argv } = process
    try {
      process.argv = ['node', '/home/me/node_modules/.bin/mnist-train']
      expect(invocation('mnist-train')).toBe('npx mnist-train')
      process.argv = ['node', '/usr/local/bin/mnist-train']
      expect(invocation('mnist-train')).toBe('mnist-train')
    } finally {
      process.argv = argv
    }
  })

  test.each(['a b', "it's", '$(x)', 'a\nb', '1\n2', '\u001b[31m\u009b1', "\u202e\\'", 'ä😀\t'])(
    'quotes %j for bash',
    (word) => {
      expect(shellWord(word)).not.toMatch(/[\p{Cc}\u202e]/u)
      expect(execFileSync('bash', ['-c', `printf %s ${shellWord(word)}`], { encoding: 'utf8' })).toBe(word)
    },
  )
})

describe.each([20, 40, 60, 80, 132])('on a terminal of %i columns', (columns) => {
  const programs = [mnistTrain, mnistPredict, mnistRuns, mnistSweep, mnistData()].map((define) => programOf(define))
  const commands = programs.flatMap((program) => [program, ...program.commands])
  test.each(commands.map((command) => [command.name(), command] as const))('the help of %s fits', (_, command) => {
    const help = terminal('stdout', columns, () => command.outputHelp())
    for (const line of help.split('\n')) {
      const isOneWord = !/\S \S/.test(line.replace(/ \\$/, ''))
      if (!isOneWord) expect(line.length, line).toBeLessThanOrEqual(columns)
    }
    for (const option of command.options) expect(help).toContain(option.long)
  })

  test('examples can still be pasted', () => {
    const help = terminal('stdout', columns, () => programs[0].outputHelp())
    const joined = help.replace(/ \\\n +/g, ' ')
    expect(joined).toContain(
      '  mnist-train --hidden 200 --batch 96 --epochs 4 --alpha 0.25 --momentum 0.9 --decay linear',
    )
  })

  test('notices fit, but commands to paste are not broken', () => {
    const command = '  mnist-train --resume weights.json --iters 1000 --data a-file-with-a-name-that-is-long.csv'
    const text = terminal('stderr', columns, () => {
      progress(process.stderr, false).notice(
        `interrupted: 5 of 1000 iterations done, saved in w.json; to resume:\n${command}`,
      )
    })
    const lines = text.trimEnd().split('\n')
    expect(lines.at(-1)).toBe(command)
    for (const line of lines.slice(0, -1)) expect(line.length).toBeLessThanOrEqual(columns)
    expect(lines.slice(0, -1).join(' ')).toBe('interrupted: 5 of 1000 iterations done, saved in w.json; to resume:')
  })
})

describe('progress on a terminal', () => {
  const drawn = (term: string) => {
    vi.stubEnv('TERM', term)
    vi.spyOn(performance, 'now').mockReturnValueOnce(0).mockReturnValue(1e6)
    let written = ''
    const write = (text: string) => (written += text)
    const stream = { isTTY: true, columns: 80, write } as unknown as typeof process.stderr
    const bar = progress(stream, false)
    bar.update('training', 1, 2, () => ['now \u009b2J'])
    bar.notice('done \u001b[2J\u202e\nwith all')
    return written
  }

  test('is a bar, without control characters of others', () => {
    const bar = '█'.repeat(12) + '░'.repeat(12)
    expect(drawn('xterm')).toBe(
      `\r\u001b[Ktraining ${bar} 50 %  now \\u009b2J\r\u001b[Kdone \\u001b[2J\\u202e\nwith all\n`,
    )
  })

  test('is plain lines if the terminal is dumb', () => {
    expect(drawn('dumb')).toBe('training 50 %, now \\u009b2J\ndone \\u001b[2J\\u202e\nwith all\n')
  })
})

test('a failure cannot act on a terminal, and is not longer than a page', () => {
  const all = Array.from({ length: 0x2100 }, (_, code) => String.fromCharCode(code)).join('')
  const { message } = new Failure('badData', all.slice(0, 300) + all.slice(0x600, 0x620) + all.slice(0x2000))
  expect(message.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/u)
  expect(new Failure('badData', 'ä α 😀 "x" 5 %').message).toBe('ä α 😀 "x" 5 %')
  expect(new Failure('badData', 'x'.repeat(1e6)).message.length).toBeLessThan(5000)
})

test('help is wrapped at 80 characters without a terminal', async () => {
  const { stdout } = await run('mnist-runs', ['--help'], { cwd })
  expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80)
})
