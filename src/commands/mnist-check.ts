/** mnist-check: its options; check.ts does the work. */
import { Option } from '@commander-js/extra-typings'
import { jsonOption, numeric, path, pathArgument } from '../cli/options.ts'
import type { Definition } from '../cli/program.ts'
import { ABOVE_ZERO, type Range } from '../hyperparameters.ts'

const EXAMPLES = `Examples:
  mnist-check                                         the gradients of both engines
  mnist-check mine.mjs                                your own functions
  mnist-check --start exercise                        an exercise: write backpropagation yourself
  mnist-check exercise --watch                        what is right and what is next, whenever you save
  mnist-check exercise --hint
  mnist-check mine.mjs --json | jq -r .status         for grading; the exit code is 1 if it is wrong
`

const NOTES = `
Gradients are compared with central differences of the loss, (J(w + h) − J(w − h)) / 2h with h = 1e-5, at up to 20 entries
of each tensor. A relative error above 1e-2 is wrong and one above 1e-4 doubtful; both end with exit code 1. Entries whose
ReLU changes side between w − h and w + h say nothing; they are counted as undecidable.

A module exports any of initParams, relu, softmax, forwardProp, loss, reluSlope, oneHot, backProp, updateParams with the
signatures of src/network.ts, or the functions of the exercise. Each is compared with the formula, in the order of the lesson, up to the
first that is wrong; the gradients come last. A relu that is not ReLU is accepted if reluSlope is its slope, and another loss if backProp computes its
gradients. The module
runs in a thread of its own, with copies of the arguments; what it prints goes to stderr.

JSON, schema mnist-check/1: schema, status (right, wrong or unfinished), and
  without a module: gradients, one for each engine, iteration (0 and 20) and tensor
  with one: file, steps (name, formula, status, and if wrong: mistake if it is known, message, differences, output),
    gradients, if the steps are right, and next, in an exercise, the name of the next step
  a step's status: right, wrong, missing, unchecked, ours (not exported), own (another activation or loss)
  a gradient: tensor, verdict (right, doubtful, wrong), checked, undecidable, and of the worst entry error, row, column,
    analytic, numeric
  Numbers that are not finite are left out.`

const SECONDS: Range = { ...ABOVE_ZERO, max: 3600, words: 'a number above 0, at most 3600' }

export const mnistCheck: Definition = (program, ends) => {
  program
    .name('mnist-check')
    .description('Check gradients, or the functions of a network that you write.')
    .addHelpText('before', EXAMPLES)
    .addHelpText('after', NOTES)
    .addArgument(pathArgument('[file-or-folder]', 'module, or folder of the exercise (default: our engines)'))
    .addOption(path('--start <dir>', 'write an exercise into a new folder'))
    .option('--hint', 'a hint for the next step of the exercise', false)
    .addOption(new Option('--watch', 'check again on every save, and on Enter').default(false).conflicts('json'))
    .addOption(numeric('--timeout <s>', 'seconds that a function may take', SECONDS).default(5))
    .addOption(jsonOption('mnist-check/1'))
    .action(
      ends(async (path, options) => {
        const { check } = await import('./check.ts')
        return check(path, options)
      }),
    )
}
