/** The options of mnist-train, in one table. */
import { availableParallelism } from 'node:os'
import { Option, type Command } from '@commander-js/extra-typings'
import {
  integer,
  invertOption,
  jsonOption,
  networkOption,
  numeric,
  path,
  paths,
  quietOption,
  takeOption,
  transposeOption,
} from '../../cli/options.ts'
import { DATA_DEFAULT } from '../../digits/default-source.ts'
import { ABOVE_ZERO, DECAYS, ENGINES, INIT_SCALES, RANGES } from '../../hyperparameters.ts'

const EXAMPLES = `Examples:
  mnist-train --iters 500 --alpha 0.1                 the notebook's network, into weights.json
  mnist-train --data mnist_train.csv --test mnist_test.csv
  mnist-train --data mnist_all.csv --notebook         what the notebook prints after np.random.seed(0)
  mnist-train --hidden 200 --batch 96 --epochs 4 --alpha 0.25 --momentum 0.9 --decay linear --init-scale he --label-smoothing 0.1
  mnist-train --snapshots 25                          keep what mnist-predict --over-time shows
  mnist-train --resume weights.json --iters 1000      continue an earlier run
  mnist-train --verify weights.json                   train again and compare every bit
  mnist-train --config weights.json --alpha 0.2       repeat that run with another α
  mnist-train --network mine.mjs --take 2000           with functions of your own
  mnist-train --json | jq 'select(.event == "end")'
`

const NOTES = `
The weights file is JSON: the parameters as nested lists, everything needed to repeat the run, and its results. It
holds no dates and no paths, and the same run writes the same bytes. It is written beside the old file and renamed over
it. Without --out, another run's weights.json is kept as weights.json~. --out is never a file that the run reads.

Ctrl-C, SIGTERM, SIGUSR1 and the other signals that end a process save the weights so far and print the command that
resumes; a second one exits at once. Without a terminal, SIGHUP is ignored, as nohup asks.

--network names a module (.mjs, .js or .ts) that exports any of initParams, relu, softmax, forwardProp, loss, reluSlope,
oneHot, backProp, updateParams, with the signatures of src/network.ts; ours are called for the others. Matrices are
ndarrays, rows × columns; a function can also return a list of rows or { shape, data }. The module can import
mnist-from-scratch/matrix. It trains on the reference engine, and --resume, --verify, mnist-predict and mnist-evaluate
need the same file. mnist-check finds the mistakes in it.

--snapshots keeps the parameters after 0, n, 2n … iterations in a file beside the weights, weights.json.snapshots, which
mnist-predict --over-time reads. It is written with the weights, and --resume continues it. It begins with a line of
JSON (format, version, network, training, every, snapshots); then come W1, b1, W2 and b2 of each snapshot, row by row,
as little-endian float64: 64 kB each with 10 hidden units. --verify does not read it.

Loss and accuracy are measured on the training digits before an iteration's update; dev is the accuracy on the held-out
digits after it. With --batch, they are means over the epoch so far.

If a run went wrong, a sentence at its end says why, with the number that shows it and a command to try: pixels that
are inverted or not from 0 to 255, labels that look shuffled, dead hidden units, a learning rate that is too high or too
low, the same prediction for all digits, overfitting. Runs that went well get none.

Loss is the mean cross-entropy. With --label-smoothing it is that of the smoothed labels, unlike mnist-evaluate's.

JSON, schema mnist-train/1, one event per line:
  start: schema, hidden, done (iterations before this run), training (as in the weights file), epochs with --batch
  iteration: iteration, loss, accuracy, devAccuracy if digits are held out, epoch (from 1) with --batch
  checkpoint: done, out
  end: result (as in the weights file), out
  advice, if the run went wrong: fault (one of pixels, labels, dead-units, learning-rate-too-high, learning-rate-too-low, one-class, overfitting), value, sentence, command
  verify, with --verify: schema, file, same, differs (the keys that differ)`

export type TrainProgram = ReturnType<typeof trainOptions>
export type TrainOptions = ReturnType<TrainProgram['opts']>

/** Adds the options to a program. */
export function trainOptions(program: Command) {
  return program
    .name('mnist-train')
    .description('Train a two-layer network, 784 → hidden (ReLU) → 10 (softmax), by gradient descent on MNIST digits.')
    .addHelpText('before', EXAMPLES)
    .addHelpText('after', NOTES)

    .optionsGroup('Data and weights:')
    .addOption(paths('-d, --data <file...>', `CSV or IDX files; "-" is stdin (default: ${DATA_DEFAULT})`))
    .addOption(paths('-t, --test <file...>', 'measure the final accuracy on these digits (default: none)'))
    .addOption(takeOption())
    .addOption(transposeOption())
    .addOption(invertOption())
    .addOption(numeric('--dev <n>', 'held-out digits', RANGES.dev).default(1000))
    .addOption(path('-o, --out <file>', 'weights file to write').default('weights.json'))

    .optionsGroup('Gradient descent:')
    .addOption(numeric('-i, --iters <n>', 'iterations', RANGES.iterations).default(500))
    .addOption(numeric('--epochs <n>', 'train for n epochs (default: --iters)', RANGES.epochs))
    .addOption(numeric('-a, --alpha <rate>', 'learning rate α', RANGES.alpha).default(0.1))
    .addOption(numeric('--batch <n>', 'mini-batch size (default: all digits)', RANGES.batch))
    .addOption(numeric('--momentum <mu>', 'momentum coefficient', RANGES.momentum).default(0))
    .addOption(new Option('--decay <schedule>', 'learning-rate schedule').choices(DECAYS).default('none' as const))
    .addOption(
      numeric(
        '--label-smoothing <eps>',
        'spread this fraction of each label over all ten',
        RANGES.labelSmoothing,
      ).default(0),
    )
    .addOption(numeric('--hidden <n>', 'hidden units', RANGES.hidden).default(10))
    .addOption(new Option('--init-scale <scheme>', 'initialization').choices(INIT_SCALES).default('notebook' as const))
    .addOption(path('--init <file>', 'start from the parameters of a weights file (default: random)'))
    .addOption(networkOption())
    .addOption(numeric('-s, --seed <n>', 'random seed, as in np.random.seed', RANGES.seed).default(0))
    .option('--notebook', "reproduce the notebook's code, two slips included", false)

    .optionsGroup('When to stop:')
    .addOption(
      numeric(
        '--target-accuracy <x>',
        'stop at this held-out accuracy; exit code 1 if never reached',
        RANGES.targetAccuracy,
      ),
    )
    .addOption(numeric('--patience <n>', 'stop after n reports without improvement; keep the best', RANGES.patience))
    .addOption(numeric('--max-seconds <s>', 'stop after s seconds; --resume continues', ABOVE_ZERO))

    .optionsGroup('Resume and repeat:')
    .addOption(path('--resume <file>', 'continue the run of a weights file').conflicts(['init', 'config', 'verify']))
    .addOption(integer('--checkpoint-every <n>', 'save the weights every n iterations', 1, 1e9))
    .addOption(numeric('--snapshots <n>', 'keep the parameters of every n-th iteration', RANGES.snapshots))
    .addOption(
      path('--verify <file>', 'repeat the run of a weights file and compare').conflicts([
        'config',
        'out',
        'maxSeconds',
        'checkpointEvery',
        'snapshots',
      ]),
    )
    .addOption(path('--config <file>', 'options from a weights file or --print-config output'))
    .addOption(
      new Option('--print-config', 'print the options as JSON and exit').default(false).conflicts(['resume', 'verify']),
    )

    .optionsGroup('Engine and output:')
    .addOption(new Option('--engine <name>', 'gradient engine').choices(ENGINES).default('simd' as const))
    .addOption(
      integer('--threads <n>', 'threads; they do not change the result', 1, 1024).default(
        availableParallelism(),
        'all cores',
      ),
    )
    .addOption(numeric('--log-every <n>', 'iterations between reports (default: 100, or an epoch)', RANGES.logEvery))
    .option('--no-advice', 'omit advice on runs that went wrong')
    .addOption(jsonOption('mnist-train/1'))
    .addOption(quietOption())
}
