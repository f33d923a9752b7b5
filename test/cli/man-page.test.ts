import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Command, Option, type CommandUnknownOpts } from '@commander-js/extra-typings'
import { beforeAll, describe, expect, test } from 'vitest'
import { manPage } from '../../src/cli/man-page.ts'
import { EXIT, EXIT_MEANING } from '../../src/failure.ts'
import { has } from '../support/command.ts'
import { runInProcess } from '../support/in-process.ts'

const project = fileURLToPath(new URL('../..', import.meta.url))
const manifest = JSON.parse(readFileSync(`${project}/package.json`, 'utf8')) as {
  bin: Record<string, string>
  man: string[]
}

const ODD = '.dot at the start, \\back \\fBslash, it\'s "quoted" `so` ^and ~so -- with-hyphens, 10⁻³ and α'

/** A program with one of everything. */
function oddProgram(): CommandUnknownOpts {
  const program = new Command('odd-one').description('Does what is odd. Then it ends.')
  program
    .addHelpText('before', 'Examples:\n  odd-one --level 3 x.csv      what it does\n  odd-one y.csv\n')
    .addHelpText('after', '\nMirrors:\n  https://one.example.org\n  https://two.example.org\nThose are all.')
    .argument('[file]', 'what is read', 'in.csv')
    .addOption(new Option('-l, --log-every <n>', ODD).default(4, 'the cores'))
    .addOption(new Option('--level <name>', 'how odd').choices(['odd', 'even']).default('even'))
    .option('-q, --quiet', 'says nothing', false)
  const sub = program.command('sub').description('Does a part.').option('--part <n>', 'which part')
  sub.addHelpText('before', 'Examples:\n  odd-one sub --part 2   the second\n')
  return program
}

/** A page as a terminal shows it, on one line. */
function rendered(program: 'groff' | 'mandoc', page: string): string {
  const args = program === 'groff' ? ['-man', '-Tutf8', '-P-cbou', '-rLL=200n'] : ['-T', 'utf8', '-O', 'width=200']
  const text = execFileSync(program, args, { input: page, encoding: 'utf8' })
  return text.replace(/.[\b]/g, '').replace(/\s+/g, ' ')
}

describe.each(['groff', 'mandoc'] as const)('a manual page', (renderer) => {
  const skipped = !has(renderer)
  describe.skipIf(skipped)(`read with ${renderer}${skipped ? ' (skipped: it is not installed)' : ''}`, () => {
    let text = ''
    beforeAll(() => {
      text = rendered(renderer, manPage(oddProgram(), '1.2.3'))
    })

    test('has its sections in the usual order', () => {
      const sections = manPage(oddProgram(), '1.2.3').matchAll(/^\.S[HS] "?([^"\n]+)/gm)
      const usual = 'NAME SYNOPSIS DESCRIPTION OPTIONS COMMANDS sub NOTES EXAMPLES EXIT STATUS ENVIRONMENT'
      expect(Array.from(sections, ([, title]) => title).join(' ')).toBe(usual)
    })

    test('names the program, its version and its arguments', () => {
      expect(text).toContain('NAME odd-one - does what is odd. Then it ends SYNOPSIS')
      expect(text).toContain('odd-one [options] [command] [file] odd-one sub [options] DESCRIPTION')
      expect(text).toContain('odd-one 1.2.3')
    })

    test('shows every character of a description', () => {
      expect(text).toContain(ODD)
    })

    test('names the default, the choices and the environment variable of an option', () => {
      expect(text).toContain(`-l, --log-every n ${ODD} default: the cores; environment: MNIST_LOG_EVERY`)
      expect(text).toContain('--level name how odd one of odd, even; default: even; environment: MNIST_LEVEL')
      expect(text).toContain('-q, --quiet says nothing environment: MNIST_QUIET')
      expect(text).toContain('file what is read default: in.csv')
      expect(text).not.toMatch(/MNIST_(VERSION|HELP)/)
    })

    test('has a section for a subcommand, with its options and examples', () => {
      const part = 'sub Does a part. --part n which part environment: MNIST_PART -h, --help display help for command'
      expect(text).toContain(`${part} odd-one sub --part 2 the second NOTES`)
    })

    test('ends with notes, examples and the meaning of each exit code', () => {
      expect(text).toContain('NOTES Mirrors: https://one.example.org https://two.example.org Those are all. EXAMPLES')
      expect(text).toContain('EXAMPLES odd-one --level 3 x.csv what it does odd-one y.csv EXIT STATUS')
      for (const [kind, code] of Object.entries(EXIT)) {
        expect(text).toContain(` ${code} ${EXIT_MEANING[kind as keyof typeof EXIT]}`)
      }
    })

    test.each(Object.keys(manifest.bin))('of %s causes no warnings', (name) => {
      const args = renderer === 'groff' ? ['-man', '-ww', '-Tutf8', '-z'] : ['-T', 'lint']
      const { stdout, stderr } = spawnSync(renderer, [...args, pageOf(name)], { encoding: 'utf8' })
      const warnings = `${stdout}${stderr}`.split('\n').filter((line) => !/missing date|^$/.test(line)) // on purpose
      expect(warnings).toEqual([])
    })
  })
})

const pageOf = (name: string) => `${project}/dist/man/${name}.1`

describe.each(Object.keys(manifest.bin))('the manual page of %s', (name) => {
  test('is built, and installed by npm', () => {
    expect(existsSync(pageOf(name))).toBe(true)
    expect(manifest.man).toContain(`dist/man/${name}.1`)
  })

  test('has every option of --help', async () => {
    const { stdout } = await runInProcess(name, ['--help'], { cwd: project })
    const options = Array.from(stdout.matchAll(/^ {2}(?:-\w, )?--([\w-]+)/gm), ([, option]) => option)
    const page = readFileSync(pageOf(name), 'utf8').replaceAll('\\-', '-')
    for (const option of options) expect(page).toContain(`\\fB--${option}\\fR`)
    expect(options).toContain('completion')
  })
})
