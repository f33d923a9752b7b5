/** Man pages from a program's own option table, in roff's man(7) macros. */
import { Option, type Argument, type CommandUnknownOpts } from '@commander-js/extra-typings'
import { EXIT, EXIT_MEANING } from '../failure.ts'
import { hasVariable, variableOf } from './environment.ts'
import { BY_VARIABLE, HELP_FOOTER } from './help-footer.ts'

/** Environment variables that do not set an option. */
const VARIABLES = {
  DEBUG: 'Print a stack trace after an error.',
  NO_COLOR: 'Draw nothing in colour.',
  FORCE_COLOR: 'Draw in colour even if the output is not a terminal; with 0, never.',
}

/** The man page of a program and its version. It has no date, so that every build is the same. */
export function manPage(program: CommandUnknownOpts, version: string): string {
  const [name, about] = [program.name(), program.description()]
  const { commands } = program
  const source = `${name} ${version}`
  const codes = Object.entries(EXIT) as [keyof typeof EXIT, number][]
  return [
    `.TH "${roff(name.toUpperCase())}" 1 "" "${roff(source)}" "User Commands"`,
    `.SH NAME\n${filled(`${name} - ${about.charAt(0).toLowerCase()}${about.slice(1).replace(/\.$/, '')}`)}`,
    `.SH SYNOPSIS\n${[program, ...commands].map(synopsis).join('\n.br\n')}`,
    `.SH DESCRIPTION\n${filled(about)}`,
    `.SH OPTIONS\n${entries(program)}`,
    ...(commands.length > 0 ? ['.SH COMMANDS', ...commands.map(subsection)] : []),
    ...notes(program).map((text) => `.SH NOTES\n${text}`),
    ...examples(program).map((text) => `.SH EXAMPLES\n${text}`),
    '.SH "EXIT STATUS"',
    ...codes.map(([kind, code]) => entry(bold(`${code}`), EXIT_MEANING[kind])),
    `.SH ENVIRONMENT\n${filled(BY_VARIABLE)}`,
    ...Object.entries(VARIABLES).map(([variable, meaning]) => entry(bold(variable), meaning)),
    '',
  ].join('\n')
}

function subsection(command: CommandUnknownOpts): string {
  const parts = [`.SS ${command.name()}`, filled(command.description()), entries(command)]
  const rest = [...notes(command), ...examples(command)].map((text) => `.PP\n${text}`)
  return [...parts, ...rest].filter((part) => part !== '').join('\n')
}

/** A command's usage line, its name in bold. */
function synopsis(command: CommandUnknownOpts): string {
  const usage = command.createHelp().commandUsage(command)
  const [, name, rest] = /^([^[<]*\w)(.*)$/.exec(usage) ?? ['', usage, '']
  return bold(name) + roff(rest)
}

/** A command's arguments and options, each under its name. */
function entries(command: CommandUnknownOpts): string {
  const help = command.createHelp()
  const all = [...command.registeredArguments, ...help.visibleOptions(command)]
  return all.map((of) => entry(term(of), of.description, details(of))).join('\n')
}

/** An option's flags in bold and the name of its value in italics, or the name of an argument. */
function term(of: Option | Argument): string {
  const usage = of instanceof Option ? of.flags : `<${of.name()}${of.variadic ? '...' : ''}>`
  return usage.replace(/[<[]([^>\]]+)[>\]]|--?[\w-]+/g, (flag, value?: string) =>
    value === undefined ? bold(flag) : `\\fI${roff(value)}\\fR`,
  )
}

/** An option's or argument's choices, default and environment variable. */
function details(of: Option | Argument): string {
  const { argChoices, defaultValue, defaultValueDescription } = of
  const isFlag = of instanceof Option && of.isBoolean()
  const value: unknown = defaultValueDescription ?? defaultValue
  return [
    ...(argChoices ? [`one of ${argChoices.join(', ')}`] : []),
    ...(value === undefined || isFlag ? [] : [`default: ${String(value)}`]),
    ...(of instanceof Option && hasVariable(of) ? [`environment: ${variableOf(of)}`] : []),
  ].join('; ')
}

/** The examples at the head of the help: each command in bold, what it does below. */
function examples(command: CommandUnknownOpts): string[] {
  const [title, ...lines] = helpTexts(command)[0].split('\n')
  if (title !== 'Examples:') return []
  const paragraphs = lines.map((line) => {
    const [call, about] = line.trim().split(/ {2,}/)
    return bold(call) + (about === undefined ? '' : `\n${indented(about)}`)
  })
  return [paragraphs.join('\n.PP\n')]
}

/** The notes at the end of the help; indented lines stay lines of their own. */
function notes(command: CommandUnknownOpts): string[] {
  const text = helpTexts(command)[1].replace(HELP_FOOTER.trim(), '').trim()
  const parts = (paragraph: string) => paragraph.split(/\n(?= )|(?<=\n .*)\n/)
  const formatted = (part: string) => (part.startsWith(' ') ? indented(part.trim()) : filled(part))
  return text === ''
    ? []
    : [
        text
          .split(/\n{2,}/)
          .map((paragraph) => parts(paragraph).map(formatted).join('\n'))
          .join('\n.PP\n'),
      ]
}

/** What `addHelpText` puts before and after a command's help. */
function helpTexts(command: CommandUnknownOpts): string[] {
  const output = command.configureOutput()
  let help = ''
  command.configureOutput({ writeOut: (text) => (help += text) }).outputHelp()
  command.configureOutput(output)
  return help.split(command.helpInformation()).map((text) => text.replace(/^\n+|\s+$/g, ''))
}

const entry = (term: string, description: string, details = '') =>
  `.TP\n${term}\n${filled(description)}${details && `\n.br\n${filled(details)}`}`

const indented = (text: string) => `.RS\n${filled(text)}\n.RE`

const bold = (text: string) => `\\fB${roff(text)}\\fR`

/** A paragraph in lines of at most 80 characters, none of which roff can take for a request. */
function filled(text: string): string {
  const lines = roff(text)
    .replace(/\s+/g, ' ')
    .replace(/(.{1,78})( |$)/g, '$1\n')
  return lines.trimEnd().replace(/^\./gm, '\\&.')
}

const ESCAPES: Record<string, string> = {
  '\\': '\\(rs',
  '-': '\\-',
  "'": '\\(aq',
  '"': '\\(dq',
  '`': '\\(ga',
  '^': '\\(ha',
  '~': '\\(ti',
}

/** Text in ASCII, with roff's special characters escaped. */
function roff(text: string): string {
  return text.replace(/[\\'"`^~-]|[^\x20-\x7e\n]/gu, (character) => {
    const codePoint = character.codePointAt(0) ?? 0
    return ESCAPES[character] ?? `\\[u${codePoint.toString(16).toUpperCase().padStart(4, '0')}]`
  })
}
