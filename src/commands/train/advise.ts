/** What mnist-train says at the end of a run that went wrong: one sentence, and a command to try. */
import type { CommandUnknownOpts } from '@commander-js/extra-typings'
import { diagnose, pixelFault, smallerRate, type Diagnosis, type Patient, type Remedy } from '../../advice.ts'
import { commandLine, invocation, shellWord } from '../../cli/command-line.ts'
import { defaultSource } from '../../digits/default-source.ts'
import type { Digits } from '../../digits.ts'
import { Failure } from '../../failure.ts'
import type { Divergence } from '../../gradient-descent.ts'
import type { TrainProgram } from './options.ts'
import type { TrainOutput } from './output.ts'
import { unsaved } from './weights-file.ts'

/** Says what is wrong with a run, if anything is. */
export function advise(program: TrainProgram, patient: Patient, screen: TrainOutput): void {
  const found = diagnose(patient)
  if (found) screen.advice(found, remedyCommand(program, found))
}

/** The error of a run that diverged, with what is wrong and a command to try. */
export function adviseDiverged(program: TrainProgram, error: Divergence, digits: Digits, screen: TrainOutput): Failure {
  const { alpha, json, out } = program.opts()
  const found: Diagnosis = pixelFault(digits) ?? {
    fault: 'learning-rate-too-high',
    value: alpha,
    sentence: `training diverges at --alpha ${alpha}`,
    remedy: { options: { alpha: smallerRate(alpha) } },
  }
  const command = remedyCommand(program, found)
  if (json) screen.advice(found, command)
  const message = `${error.message}: ${found.sentence}; ${unsaved(out)}; try\n  ${command}`
  return new Failure('no', message, { cause: error })
}

/** The command that a diagnosis suggests, to paste into a shell. */
function remedyCommand(program: TrainProgram, { remedy }: Pick<Diagnosis, 'remedy'>): string {
  if (remedy !== 'inspect') return retry(program, remedy)
  const { data = defaultSource() } = program.opts()
  return [invocation('mnist-data'), 'info', ...data.map(shellWord)].join(' ')
}

/** Options about one invocation, which a new run does not repeat. */
const NOT_REPEATED = ['resume', 'config', 'printConfig', 'verify', 'completion']

/** The same run with other options, whether the command line, a configuration or a weights file gave them. */
function retry(program: CommandUnknownOpts, { options, without }: Exclude<Remedy, 'inspect'>): string {
  const given = program.options.filter((option) => {
    const name = option.attributeName()
    const source = program.getOptionValueSource(name) ?? 'default'
    const value: unknown = program.getOptionValue(name)
    const isOwn = value !== undefined && value !== option.defaultValue
    return name !== without && !NOT_REPEATED.includes(name) && (source === 'cli' || (source !== 'env' && isOwn))
  })
  const values = given.map((option) => [option.attributeName(), program.getOptionValue(option.attributeName())])
  return commandLine(program, { ...(Object.fromEntries(values) as Record<string, string>), ...options }, [])
}
