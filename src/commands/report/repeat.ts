/** A run's options, and the command that repeats it. */
import type { CommandUnknownOpts } from '@commander-js/extra-typings'
import { optionWords } from '../../cli/command-line.ts'
import { programOf } from '../../cli/program.ts'
import { mnistTrain } from '../mnist-train.ts'
import { optionsOf } from '../train/record.ts'
import type { Weights } from '../../weights.ts'

/** An option that a run had. */
export interface ShownOption {
  name: string
  description: string
  value: string
}

/** The options that a weights file records, as mnist-train names them, in the order of its help. */
export function shownOptions(weights: Weights): ShownOption[] {
  const recorded = new Map(Object.entries(optionsOf(weights)))
  return programOf(mnistTrain).options.flatMap((option) => {
    const value = recorded.get(option.attributeName())
    if (value === undefined || value === false || isDefault(option, value)) {
      if (!ALWAYS.includes(option.attributeName())) return []
    }
    const description = option.description.replace(/ \(default: .*\)/, '')
    return [{ name: option.long ?? '', description, value: value === true ? 'yes' : String(value) }]
  })
}

/** Options that are shown even at their defaults. */
const ALWAYS = ['hidden', 'iters', 'alpha', 'seed', 'dev', 'engine']

/** The command line that trains the same weights, from the folder of the data. */
export function repeatingCommand(weights: Weights): string {
  const program = programOf(mnistTrain)
  const { data, test, init } = weights.training
  const changed = Object.entries(optionsOf(weights)).filter(([name, value]) => {
    const option = program.options.find((option) => option.attributeName() === name)
    return value !== undefined && option !== undefined && !isDefault(option, value)
  })
  const words = optionWords(program, {
    ...(Object.fromEntries(changed) as Record<string, string | number | boolean>),
    data: data.names,
    ...(test && { test: test.names }),
    ...(init !== undefined && { init: 'FILE' }),
  })
  return ['mnist-train', ...words].join(' ')
}

function isDefault({ defaultValue }: CommandUnknownOpts['options'][number], value: unknown): boolean {
  return value === defaultValue
}
