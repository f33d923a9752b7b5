/** Manual pages from a program's own table of options, in roff's man(7) language. */
import { Option, type Argument, type Command } from 'commander'
import { EXIT, EXIT_MEANING } from '../failure.ts'
import { BY_VARIABLE, hasVariable, variableOf } from './settings.ts'

/** The environment variables that are no option's. */
const VARIABLES = {
  DEBUG: 'Errors are followed by the place in the program that they come from.',
  NO_COLOR: 'Nothing is drawn in colour.',
  FORCE_COLOR: 'Colours are drawn where the output is no terminal, too; with 0 nowhere.',
}

/** A program's manual page. It bears no date: whenever it is built, it is the same. */
export function manPage(program: Command): string {
  const [name, about] = [program.name(), program.description()]
  const { commands } = program
  const source = `${name} ${program.version()}`
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

function subsection(command: Command): string {
  const parts = [`.SS ${command.name()}`, filled(command.description()), entries(command)]
  const rest = [...notes(command), ...examples(command)].map((text) => `.PP\n${text}`)
  return [...parts, ...rest].filter((part) => part !== '').join('\n')
}

/** How a command is called, its name in bold. */
function synopsis(command: Command): string {
  const usage = command.createHelp().commandUsage(command)
  const [, name, rest] = /^([^[<]*\w)(.*)$/.exec(usage) ?? ['', usage, '']
  return bold(name) + roff(rest)
}

/** A command's arguments and options, each under its name. */
function entries(command: Command): string {
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

/** What else the table knows of an option or argument. */
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

/** The examples that the help begins with: each command in bold, and below it what it does. */
function examples(command: Command): string[] {
  const [title, ...lines] = helpTexts(command)[0].split('\n')
  if (title !== 'Examples:') return []
  const paragraphs = lines.map((line) => {
    const [call, about] = line.trim().split(/ {2,}/)
    return bold(call) + (about === undefined ? '' : `\n${indented(about)}`)
  })
  return [paragraphs.join('\n.PP\n')]
}

/** What the help ends with; lines that are indented there are lines of their own here. */
function notes(command: Command): string[] {
  const text = helpTexts(command)[1].replace(BY_VARIABLE, '').trim()
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

/** What addHelpText puts before and after the rest of a command's help. */
function helpTexts(command: Command): string[] {
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

/** A paragraph in lines of at most 80 characters, none of which roff takes for a request. */
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

/** Text in ASCII without what roff gives a meaning of its own. */
function roff(text: string): string {
  return text.replace(
    /[\\'"`^~-]|[^\x20-\x7e\n]/gu,
    (character) =>
      ESCAPES[character] ?? `\\[u${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}]`,
  )
}
