import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Command, Option } from '@commander-js/extra-typings'
import { beforeAll, describe, expect, test } from 'vitest'
import { completionScript } from '../../src/cli/completion.ts'
import { ENGINES } from '../../src/hyperparameters.ts'
import { has } from '../support/command.ts'
import { newFolder } from '../support/folder.ts'
import { runInProcess as run } from '../support/in-process.ts'

const SHELLS = ['bash', 'zsh', 'fish'] as const
type Shell = (typeof SHELLS)[number]

const cwd = newFolder()
beforeAll(async () => {
  mkdirSync(join(cwd, 'my folder'))
  writeFileSync(join(cwd, 'my digits.csv'), '')
  for (const shell of SHELLS) {
    for (const name of [
      'mnist-train',
      'mnist-predict',
      'mnist-evaluate',
      'mnist-report',
      'mnist-data',
      'mnist-sweep',
    ]) {
      const { code, stdout, stderr } = await run(name, ['--completion', shell], { cwd })
      expect([code, stderr], `${name} --completion ${shell}`).toEqual([0, ''])
      writeFileSync(join(cwd, `${name}.${shell}`), stdout)
    }
  }
  writeFileSync(join(cwd, 'capture.zsh'), CAPTURE)
  writeFileSync(join(cwd, 'setup.zsh'), SETUP)
  if (has('zsh')) ask('zsh', '-f', '-c', 'autoload -Uz compinit; compinit -u -d ./zcompdump') // once, not for each Tab
})

/** An interactive zsh in which Tab writes the words that it offers to one file and their descriptions to another. */
const CAPTURE = `
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell "source ./setup.zsh $1"
zpty -r shell output '*ready to complete*'
zpty -w -n shell "$2"$'\\t'
zpty -r shell output '*never said*' # until it ends
true
`
const SETUP = `
autoload -Uz compinit; compinit -C -d ./zcompdump; source $1; : > words; COLUMNS=200 LISTMAX=1000
compadd() {
  if [[ \${@[1,(i)(-|--)]} != *-(O|A|D)\\ * ]]; then
    local -a found; local shown=\${@[\${@[(i)-*d]}+1]}
    builtin compadd -O found "$@"
    print -rl -- \${(Q)found} >> words
    if (( \${@[(I)-*d]} )); then print -rl -- \${(P)shown} >> descriptions; fi
  fi
  builtin compadd "$@"
}
comppostfuncs=(exit)
bindkey '^I' complete-word
print ready to complete
`

const CAPTURED = `
source "$1"; shift
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
complete=$(complete -p "$1"); complete=\${complete#*-F }
"\${complete%% *}" 2>&1
printf '%s\\n' "\${COMPREPLY[@]}"
`

/** Asks a shell for the words that it offers at Tab, after it has read the script. */
const SHELL: Record<Shell, (script: string, line: string) => string> = {
  bash: (script, line) => ask('bash', '--norc', '-c', CAPTURED, 'bash', script, ...line.split(/ |(?<==)|(?==)/)),
  zsh: (script, line) => {
    ask('zsh', '-f', 'capture.zsh', script, line)
    return readFileSync(join(cwd, 'words'), 'utf8')
  },
  fish: (script, line) => ask('fish', '--no-config', '-c', `source ${script}; complete -C '${line}'`),
}

function ask(program: string, ...args: string[]): string {
  const env = { PATH: process.env.PATH, HOME: cwd, LANG: 'C.UTF-8' }
  return execFileSync(program, args, { cwd, env, encoding: 'utf8', timeout: 20_000 })
}

/** The words, sorted: without descriptions, and without what is before an option's =. */
function offered(shell: Shell, line: string): string[] {
  const lines = SHELL[shell](`./${line.split(' ')[0]}.${shell}`, line).split('\n')
  const words = lines.map((word) => word.replace(/\t.*/, '').replace(/^--.*=|\/$/g, ''))
  return [...new Set(words.filter((word) => word !== ''))].toSorted()
}

describe.each(SHELLS)('--completion', (shell) => {
  describe.skipIf(!has(shell))(`in ${shell}${has(shell) ? '' : ' (skipped: it is not installed)'}`, () => {
    test.each([
      ['an option', 'mnist-train --eng', ['--engine']],
      ["an option's choices", 'mnist-train --engine ', ENGINES.toSorted()],
      ['the rest of a choice', 'mnist-train --data my.csv --engine s', ['simd']],
      ['a choice after =', 'mnist-train --engine=s', ['simd']],
      ['files for a file', 'mnist-predict --weights my', ['my digits.csv', 'my folder']],
      ['files after =', 'mnist-predict --weights=my', ['my digits.csv', 'my folder']],
      ['files for a short flag', 'mnist-predict -w my', ['my digits.csv', 'my folder']],
      ['more files if there can be several', 'mnist-train --data a.csv - my', ['my digits.csv', 'my folder']],
      ['an option after several files', 'mnist-train --data a.csv b.csv --hid', ['--hidden']],
      ['no more files if there can be one', 'mnist-train --out a.json my', []],
      ['no files after an option without a value', 'mnist-train --quiet my', []],
      ['nothing for a number', 'mnist-train --iters ', []],
      ['subcommands', 'mnist-data ', ['convert', 'get', 'help', 'info', 'make', 'picture']],
      ['subcommands after help', 'mnist-data help m', ['make']],
      ["a subcommand's option", 'mnist-data get --fr', ['--from']],
      ["no other subcommand's option", 'mnist-data get --coun', []],
      ['folders for a folder', 'mnist-data get --from my', ['my folder']],
      ["folders for a subcommand's folder", 'mnist-data get my', ['my folder']],
      ["files for a subcommand's files", 'mnist-data convert a.csv my', ['my digits.csv', 'my folder']],
      ["nothing for a subcommand's number", 'mnist-data make --count ', []],
      ["folders for a sweep's folder", 'mnist-sweep my', ['my folder']],
      ['a choice of a swept option', 'mnist-sweep runs --decay c', ['cosine']],
      ['the shells', 'mnist-data --completion ', ['bash', 'fish', 'zsh']],
    ])('offers %s: %s', (_, line, words) => {
      expect(offered(shell, line)).toEqual(words)
    })

    test('offers every flag of every option', async () => {
      const { stdout } = await run('mnist-train', ['--help'], { cwd })
      const flags = [...stdout.matchAll(/^ {2}(?:(-\w), )?(--[\w-]+)/gm)].flatMap(([, short, long]) => [short, long])
      expect(flags.length).toBeGreaterThan(20)
      const words = [...offered(shell, 'mnist-train -'), ...offered(shell, 'mnist-train --')]
      expect(words).toEqual(expect.arrayContaining(flags.filter((flag) => flag !== undefined)))
    })

    test('quotes all that has a meaning for the shell', () => {
      const program = new Command('odd')
      const description = 'it\'s [a] "b": $HOME `c` \\d (e) {f} *?'
      program.addOption(new Option('-o, --odd <what:ever>', description).choices(['odd', 'even']))
      program.addOption(new Option('-f, --other <n>', 'another'))
      writeFileSync(join(cwd, `odd.${shell}`), completionScript(program, shell))
      expect(offered(shell, 'odd --odd e')).toEqual(['even'])
      expect(offered(shell, 'odd --')).toEqual(expect.arrayContaining(['--odd', '--other']))
      if (shell === 'zsh') expect(readFileSync(join(cwd, 'descriptions'), 'utf8')).toContain(description)
      if (shell === 'fish') expect(SHELL.fish('odd.fish', 'odd --od')).toBe(`--odd\t${description}\n`)
    })
  })
})

describe('--completion', () => {
  test('refuses another shell, and names those there are', async () => {
    const sentence = "option '--completion <shell>' argument 'tcsh' is invalid. Allowed choices are bash, zsh, fish."
    const ended = { code: 64, stdout: '', stderr: `mnist-predict: ${sentence}\n` }
    expect(await run('mnist-predict', ['--completion', 'tcsh'], { cwd })).toEqual(ended)
  })
})
