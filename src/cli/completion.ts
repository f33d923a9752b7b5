/** Shell completion from a program's own option table: the scripts start no process when Tab is pressed. */
import { Option, type Argument, type CommandUnknownOpts } from '@commander-js/extra-typings'
import { shellWord } from './command-line.ts'

export type Shell = 'bash' | 'zsh' | 'fish'

/** The script that completes a program's words in a shell. */
export function completionScript(program: CommandUnknownOpts, shell: Shell): string {
  const help = program.createHelp()
  const subcommands = help.visibleCommands(program)
  const places = [program, ...subcommands].map((command) => ({
    word: command === program ? '' : command.name(),
    description: command.description(),
    options: help.visibleOptions(command).map((option) => entryOf(option, program)),
    values: command.registeredArguments.map((argument) => entryOf(argument, program)),
  }))
  return { bash, zsh, fish }[shell](program.name(), places)
}

/** A command, or a subcommand after its word. */
interface Place {
  word: string
  description: string
  options: Entry[]
  values: Entry[]
}

/** An option, or an argument, which has no flags. */
interface Entry {
  flags: string[]
  description: string
  /** The value's name in the help; a flag has none. */
  name: string
  value: readonly string[] | 'file' | 'folder' | 'unknown' | ''
  variadic: boolean
}

function entryOf(of: Option | Argument, program: CommandUnknownOpts): Entry {
  const { description, variadic, argChoices } = of
  const flags = of instanceof Option ? [of.short, of.long].filter((flag) => flag !== undefined) : []
  const name = of instanceof Option ? (/[<[]([\w-]+)/.exec(of.flags)?.[1] ?? '') : of.name()
  const words = name === 'command' ? program.commands.map((command) => command.name()) : argChoices // of "help [command]"
  const path = /file/.test(name) ? 'file' : /folder|dir/.test(name) ? 'folder' : 'unknown'
  return { flags, description, name, value: words ?? (name && path), variadic }
}

/** The flags of options that take several files. */
function flagsOfFiles({ options }: Place): string[] {
  return options.filter(({ variadic, value }) => variadic && value === 'file').flatMap(({ flags }) => flags)
}

function bash(name: string, places: Place[]): string {
  const words = (value: Entry['value']) => shellWord(typeof value === 'string' ? value : value.join(' '))
  const valued = places.flatMap(({ word, options }) =>
    options.flatMap(({ flags, value, variadic }) => {
      const patterns = flags.map((flag) => shellWord(`${word} ${flag}`)).join(' | ')
      return value === '' ? [] : `${patterns}) value=${words(value)}${variadic ? ' more=1' : ''} ;;`
    }),
  )
  const subcommands = places.slice(1).map(({ word }) => word)
  const begun = places.map(({ word, options, values }) => {
    const flags = options.flatMap((option) => option.flags)
    const here = values[0]?.value ?? (word === '' && subcommands.length > 0 ? subcommands : flags)
    return `'${word}') flags=${words(flags)} value=${words(here)} ;;`
  })
  const takeWord = subcommands.length > 0 ? 'command=${command:-$word}' : ':'
  const complete = `_${name.replaceAll('-', '_')}`
  return `# bash completion of ${name}; in ~/.bashrc: eval "$(${name} --completion bash)"
${complete}() {
  local current=\${COMP_WORDS[COMP_CWORD]} command='' value='' more='' flags='' word i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    case "$word" in
    =) ;; # --option=value comes as three words
    -?*)
      value='' more=''
      case "$command $word" in
      ${valued.join('\n      ')}
      esac
      ;;
    *) if [[ -z $value ]]; then ${takeWord}; elif [[ -z $more ]]; then value=''; fi ;;
    esac
  done
  [[ $current != = ]] || current=''
  if [[ -z $value || $current == -* ]]; then
    case "$command" in
    ${begun.join('\n    ')}
    esac
    [[ $current != -* ]] || value=$flags
  fi
  while IFS= read -r word; do COMPREPLY+=("$word"); done < <(
    case "$value" in
    file) compgen -f -- "$current" ;;
    folder) compgen -d -- "$current" ;;
    unknown) ;;
    *) compgen -W "$value" -- "$current" ;;
    esac
  )
  case "$value" in file | folder) compopt -o filenames 2>/dev/null ;; esac
}
complete -F ${complete} ${name}
`
}

function zsh(name: string, places: Place[]): string {
  const escaped = (text: string) => text.replace(/[[\]:\\]/g, '\\$&')
  const action = ({ name, value }: Entry) => {
    const actions = { file: '_files', folder: '_files -/', unknown: ' ', '': '' }
    return `:${escaped(name)}:${typeof value === 'string' ? actions[value] : `(${value.join(' ')})`}`
  }
  const argumentsOf = (place: Place, ...more: string[]) => {
    const options = place.options.flatMap((option) => {
      const rest = `[${escaped(option.description)}]${option.value === '' ? '' : action(option)}`
      const joined = (flag: string) => (option.value === '' ? '' : flag.startsWith('--') ? '=' : '+')
      const without = option.variadic ? '*' : `(${option.flags.join(' ')})`
      return option.flags.map((flag) => `${without}${flag}${joined(flag)}${rest}`)
    })
    const values = place.values.map((value, i) => `${value.variadic ? '*' : i + 1}${action(value)}`)
    const last = '${${(@)words[1,CURRENT-1]}[(R)-?*]}' // the last option before the cursor
    const files = flagsOfFiles(place)
    if (files.length > 0 && values.length + more.length === 0) {
      more.push(`*:file:{ [[ ${last} == (${files.join('|')})(|=*) ]] && _files }`)
    }
    return ['_arguments -s -S', ...[...options, ...values, ...more].map(shellWord)].join(' \\\n    ')
  }
  const [top, ...subcommands] = places
  const described = subcommands.map(({ word, description }) => shellWord(`${word}:${description}`))
  const body =
    subcommands.length === 0
      ? argumentsOf(top)
      : `local state line curcontext=$curcontext
  local -A opt_args
  local -a commands=(
    ${described.join('\n    ')}
  )
  ${argumentsOf(top, '1:command:->command', '*::value:->value').replace('-s', '-C -s')} && return
  case $state in
  command) _describe command commands ;;
  value)
    case $words[1] in
    ${subcommands.map((place) => `${place.word}) ${argumentsOf(place)} ;;`).join('\n    ')}
    esac
    ;;
  esac`
  return `#compdef ${name}
# zsh completion of ${name}; in ~/.zshrc, after compinit: eval "$(${name} --completion zsh)"
_${name}() {
  ${body}
}
if [[ $funcstack[1] == _${name} ]]; then _${name} "$@"; else compdef _${name} ${name}; fi
`
}

function fish(name: string, places: Place[]): string {
  const text = (words: string) => shellWord(words.replaceAll('\\', '\\\\'))
  const top = places.length > 1 ? ' -n __fish_use_subcommand' : ''
  const lines = places.flatMap((place) => {
    const { word, description, options, values } = place
    const condition = word === '' ? top : ` -n '__fish_seen_subcommand_from ${word}'`
    const entries = [...options, ...values].map(({ flags, description, value }) => {
      const names = flags.map((flag) => flag.replace(/^--/, '-l ').replace(/^-(?=\w$)/, '-s '))
      const actions = { file: ['-rF'], folder: ["-xa '(__fish_complete_directories)'"], unknown: ['-x'], '': [] }
      const action = typeof value === 'string' ? actions[value] : [`-xa ${text(value.join(' '))}`]
      return `complete -c ${name}${condition} ${[...names, ...action].join(' ')} -d ${text(description)}`
    })
    const files = flagsOfFiles(place).join(' ')
    const last = '(string match -r -- "^-.+" (commandline -opc))[-1]' // the last option before the cursor
    if (files) entries.push(`complete -c ${name} -n 'contains -- ${last} ${files}' -F`)
    return word === '' ? entries : [`complete -c ${name}${top} -a ${word} -d ${text(description)}`, ...entries]
  })
  return `# fish completion of ${name}; in ~/.config/fish/config.fish: ${name} --completion fish | source
complete -c ${name} -f
${lines.join('\n')}
`
}
