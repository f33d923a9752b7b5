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

/** A description of all that has a meaning for a shell. */
const ODD = 'it\'s [a] "b": $HOME `c` \\d (e) {f} *?'
const odd = new Command('odd')
odd.addOption(new Option('-o, --odd <what:ever>', ODD).choices(['odd', 'even']))
odd.addOption(new Option('-f, --other <n>', 'another'))

const cwd = newFolder()
beforeAll(async () => {
  mkdirSync(join(cwd, 'my folder'))
  writeFileSync(join(cwd, 'my digits.csv'), '')
  for (const shell of SHELLS) {
    writeFileSync(join(cwd, `odd.${shell}-completion`), completionScript(odd, shell))
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
      writeFileSync(join(cwd, `${name}.${shell}-completion`), stdout)
    }
  }
  writeFileSync(join(cwd, 'capture.zsh'), CAPTURE)
  writeFileSync(join(cwd, 'setup.zsh'), SETUP)
  if (has('zsh')) ask('zsh', '-f', '-c', 'autoload -Uz compinit; compinit -u -d ./zcompdump') // once, not for each Tab
})

/** An interactive zsh in which Tab completes all lines of a file, one after the other. */
const CAPTURE = `
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell "source ./setup.zsh"
zpty -r shell output '*ready to complete*'
zpty -w -n shell $'\\t'
while zpty -r shell output; do :; done # until it ends
true
`
/** Writes the words that are offered to one file for each line, and their descriptions to another. */
const SETUP = `
autoload -Uz compinit; compinit -C -d ./zcompdump; for script in *.zsh-completion; do source ./$script; done
setopt no_auto_menu; COLUMNS=200 LISTMAX=1000
compadd() {
  if [[ \${@[1,(i)(-|--)]} != *-(O|A|D)\\ * ]]; then
    local -a found; local shown=\${@[\${@[(i)-*d]}+1]}
    builtin compadd -O found "$@"
    print -rl -- \${(Q)found} >> words.$number
    if (( \${@[(I)-*d]} )); then print -rl -- \${(P)shown} >> descriptions.$number; fi
  fi
  builtin compadd "$@"
}
capture() {
  local -a lines; lines=("\${(@f)$(<lines)}"); local number
  for number in {1..$#lines}; do
    : > words.$number; : > descriptions.$number
    BUFFER=\${lines[number]} CURSOR=$#BUFFER
    zle complete-word
  done
  exit
}
zle -N capture
bindkey '^I' capture
print ready to complete
`

const CAPTURED = `
for script in *.bash-completion; do source "./$script"; done
captured() (
  COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
  complete=$(complete -p "$1"); complete=\${complete#*-F }
  "\${complete%% *}" 2>&1
  printf '%s\\n' "\${COMPREPLY[@]}"
)
`
const END = '\u001e'
const inQuotes = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`

/** Asks a shell, once for all lines, for the words that it offers at Tab, after it has read the scripts. */
const SHELL: Record<Shell, (lines: string[]) => string[]> = {
  bash(lines) {
    const wordsOf = (line: string) =>
      line
        .split(/ |(?<==)|(?==)/)
        .map(inQuotes)
        .join(' ')
    const calls = lines.map((line) => `captured ${wordsOf(line)}; printf '\\036'`)
    return ask('bash', '--norc', '-c', [CAPTURED, ...calls].join('\n')).split(END)
  },
  zsh(lines) {
    writeFileSync(join(cwd, 'lines'), lines.join('\n'))
    ask('zsh', '-f', 'capture.zsh')
    lines.forEach((line, i) => descriptions.set(line, readFileSync(join(cwd, `descriptions.${i + 1}`), 'utf8')))
    return lines.map((_, i) => readFileSync(join(cwd, `words.${i + 1}`), 'utf8'))
  },
  fish(lines) {
    const sources = 'for script in *.fish-completion; source $script; end'
    const calls = lines.map((line) => `complete -C '${line}'; printf '\\036'`)
    return ask('fish', '--no-config', '-c', [sources, ...calls].join('\n')).split(END)
  },
}

function ask(program: string, ...args: string[]): string {
  const env = { PATH: process.env.PATH, HOME: cwd, LANG: 'C.UTF-8' }
  return execFileSync(program, args, { cwd, env, encoding: 'utf8', timeout: 20_000 })
}

/** How zsh describes what it offers, by line. */
const descriptions = new Map<string, string>()

/** What each shell offers, line by line. */
const answers = {} as Record<Shell, Map<string, string>>

/** The words, sorted: without descriptions, and without what is before an option's =. */
function offered(shell: Shell, line: string): string[] {
  const lines = answers[shell].get(line)!.split('\n')
  const words = lines.map((word) => word.replace(/\t.*/, '').replace(/^--.*=|\/$/g, ''))
  return [...new Set(words.filter((word) => word !== ''))].toSorted()
}

const OFFERS: [what: string, line: string, words: string[]][] = [
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
]
const ODD_LINES = ['odd --odd e', 'odd --', 'odd --od']

describe.each(SHELLS)('--completion', (shell) => {
  describe.skipIf(!has(shell))(`in ${shell}${has(shell) ? '' : ' (skipped: it is not installed)'}`, () => {
    beforeAll(() => {
      const lines = [...OFFERS.map(([, line]) => line), 'mnist-train -', 'mnist-train --', ...ODD_LINES]
      const words = SHELL[shell](lines)
      answers[shell] = new Map(lines.map((line, i) => [line, words[i]]))
    })

    test.each(OFFERS)('offers %s: %s', (_, line, words) => {
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
      expect(offered(shell, 'odd --odd e')).toEqual(['even'])
      expect(offered(shell, 'odd --')).toEqual(expect.arrayContaining(['--odd', '--other']))
      if (shell === 'zsh') expect(descriptions.get('odd --')).toContain(ODD)
      if (shell === 'fish') expect(answers.fish.get('odd --od')).toBe(`--odd\t${ODD}\n`)
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
