/** The options of mnist-sweep: those of mnist-train, each with several values, and its own. */
import { Command, Option } from '@commander-js/extra-typings'
import { isFlag } from '../../cli/environment.ts'
import { integer, jsonOption, pathArgument, quietOption } from '../../cli/options.ts'
import { DATA_DEFAULT } from '../../digits/default-source.ts'
import { trainOptions } from '../train/options.ts'

const EXAMPLES = `Examples:
  mnist-sweep runs --alpha 0.1 0.2 0.4 --seed 0 1 2   nine runs
  mnist-sweep runs --hidden 10 32 --iters 100 --data mnist_train.csv
  mnist-sweep runs --alpha 0.1 0.2 --print > jobs.txt
  mnist-runs runs                                     compare them
`

const NOTES = `
An option of mnist-train with several values is swept: each combination is a run. An option with one value applies to
all runs. Each run writes a weights file named after its values, such as runs/alpha=0.1,seed=0.json, with the same bytes
as mnist-train with these options; options.txt holds the other options. The same command continues a sweep: it skips
complete runs and resumes the others. If a run fails, the others continue, and the exit code is 1; it is also 1 if runs are
incomplete after --max-seconds or missed their --target-accuracy.

Ctrl-C, SIGTERM and the other signals that end a process save the weights of every run and print the command that
continues; a second one exits at once. If kill -9 ends the sweep, its runs still save their weights.

--print prints a shell command for each run, which starts or resumes it, and trains nothing: for a job array, or for
other machines that share the folder. Without a shared folder, sweep some of the seeds on each machine and copy the
folders together: the weights do not depend on the machine.

JSON, schema mnist-sweep/1, one event per line, the runs in order:
  start: schema, folder, runs (how many)
  run: file, and result (as in the weights file), or message if it failed
  end: complete, failed, incomplete (how many)`

/** Options of mnist-train that a sweep sets itself, or that train nothing. */
const LEFT_OUT = ['out', 'resume', 'verify', 'printConfig', 'threads', 'checkpointEvery', 'advice', 'json', 'quiet']

/** Options that list several files, or limit a run without changing it: they cannot differ between runs. */
const SHARED = ['data', 'test', 'maxSeconds', 'snapshots']

/** Descriptions that differ from mnist-train's. */
const DESCRIPTIONS: Record<string, string> = {
  data: `CSV or IDX files (default: ${DATA_DEFAULT})`,
  maxSeconds: 'stop each run after s seconds; the same command continues',
}

export type SweepProgram = ReturnType<typeof sweepOptions>

/** mnist-train's options. */
export function optionsOfTraining(): readonly Option[] {
  return trainOptions(new Command()).options
}

/** Adds the options to a program. */
export function sweepOptions(program: Command) {
  const command = program
    .name('mnist-sweep')
    .description('Train a network for each combination of option values, several at a time, each into its own file.')
    .usage('<folder> [--option value...]...')
    .addHelpText('before', EXAMPLES)
    .addHelpText('after', NOTES)
    .addArgument(pathArgument('<folder>', 'folder for the weights files'))

    .optionsGroup('Sweep:')
    .addOption(integer('-j, --jobs <n>', 'runs at a time (default: one per core)', 1, 1024))
    .addOption(integer('--threads <n>', 'threads of each run (default: cores / jobs)', 1, 1024))
    .addOption(integer('--checkpoint-every <n>', 'iterations between saves (default: 100; with --batch 10000)', 1, 1e9))
    .option('--print', 'print a shell command for each run instead', false)
    .addOption(jsonOption('mnist-sweep/1'))
    .addOption(quietOption())
  for (const option of optionsOfTraining()) {
    const name = option.attributeName()
    if (LEFT_OUT.includes(name)) continue
    option.description = DESCRIPTIONS[name] ?? option.description
    command.addOption(isFlag(option) || SHARED.includes(name) ? option : sweptOption(option))
  }
  return command
}

/** An option with one or more of the values that another takes. They stay as they are typed: they name files. */
function sweptOption(option: Option): Option {
  const { defaultValue, argChoices, helpGroupHeading } = option
  const several = new Option(
    option.flags.replace(/>$/, '...>'),
    defaultValue === undefined ? option.description : `${option.description} (default: ${String(defaultValue)})`,
  )
  if (argChoices) several.choices(argChoices)
  if (helpGroupHeading !== undefined) several.helpGroup(helpGroupHeading)
  return several.argParser<string[]>((word, before: string[] | undefined = []) => {
    option.parseArg?.(word, undefined) // refuses what mnist-train would
    return [...before, word]
  })
}
