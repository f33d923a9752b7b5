/** What every command's help ends with. The man pages have sections of their own for it. */
import { EXIT, EXIT_MEANING } from '../failure.ts'

/** How environment variables set options. */
export const BY_VARIABLE =
  'Every option can also be set by an environment variable: MNIST_JSON=1 for --json,\n' +
  'MNIST_OUT=FILE for --out FILE. The command line wins.'

const codes = Object.entries(EXIT) as [keyof typeof EXIT, number][]

export const HELP_FOOTER = `
${BY_VARIABLE}

Exit codes:
${codes.map(([kind, code]) => `  ${String(code).padEnd(4)} ${EXIT_MEANING[kind]}`).join('\n')}`
