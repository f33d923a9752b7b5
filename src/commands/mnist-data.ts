/** mnist-data: its subcommands and their options; the files of `data/` do the work. */
import { Option } from '@commander-js/extra-typings'
import {
  colorOption,
  integer,
  invertOption,
  jsonOption,
  path,
  pathArgument,
  pathsArgument,
  pictureOption,
  quietOption,
  takeOption,
  transposeOption,
} from '../cli/options.ts'
import type { Definition } from '../cli/program.ts'
import { MIRRORS, MNIST, type DigitSet } from '../digits/mnist.ts'
import { Failure } from '../failure.ts'
import { MAX_SEED } from '../hyperparameters.ts'

const EXAMPLES = `Examples:
  mnist-data get                                      MNIST, as data/mnist_train.csv and data/mnist_test.csv
  mnist-data get --from downloads                     the same, from files that you have
  mnist-data make drawn.csv --count 60000             digits that this program draws
  mnist-data convert mnist_data.csv mnist_target.csv mnist.csv
  mnist-data convert photos/ mine.csv --label-from-name
  mnist-data picture data/mnist_test.csv --index 3 three.png
  mnist-data info data/mnist_train.csv                what a file holds, and what looks wrong in it
`

const GET = {
  examples: `Examples:
  mnist-data get                                      data/mnist_train.csv and data/mnist_test.csv
  mnist-data get digits --mirror https://mirror.example.org/mnist/
  mnist-data get --from downloads                     from MNIST's four files, gzipped or not
  mnist-data get --from archive                       from Kaggle's archive, whose files lie in folders of their names
`,
  notes: `
Mirrors, tried in this order unless --mirror names others:
  ${MIRRORS.join('\n  ')}
HTTPS_PROXY, HTTP_PROXY and NO_PROXY are obeyed, in upper or lower case. A mirror that sends less than 1,000 bytes a
second for a minute counts as silent. A user and password in a mirror's URL are sent to it, and never shown.

JSON, schema mnist-data-get/1, one line per CSV: schema, file, digits, sha256 of pixels and labels.`,
}

const MAKE = {
  examples: `Examples:
  mnist-data make drawn.csv                           60,000 digits
  mnist-data make more.csv --count 1000 --seed 2      1,000 others
  mnist-data make drawn-images-idx3-ubyte.gz          IDX, with drawn-labels-idx1-ubyte.gz beside it
`,
  notes: `
An existing file is replaced only with --force.

JSON, schema mnist-data-make/1, one line per file: schema, file, digits, seed, sha256 of pixels and labels.`,
}

const CONVERT = {
  examples: `Examples:
  mnist-data convert mnist_data.csv mnist_target.csv mnist.csv      OpenML's pair as one CSV
  mnist-data convert train-images-idx3-ubyte.gz train.csv.gz        IDX, labels beside it, as a gzipped CSV
  mnist-data convert mnist_test.csv t10k-images-idx3-ubyte          IDX, with t10k-labels-idx1-ubyte beside it
  unzip -p archive.zip train.csv | mnist-data convert - train.csv   from stdin
  mnist-data convert photos/ mine.csv --label-from-name             pictures such as photos/3_first.png
  mnist-data convert seven.jpg mnist_train.csv all.csv --label 7    a picture, and MNIST
`,
  notes: `
The name of the output selects its format: IDX (images and labels in two files) if it ends in images-idx3-ubyte or
labels-idx1-ubyte, else a label-first CSV; gzipped if it ends in .gz. Names of other formats, such as .png, .json or
.npz, are refused. Unlabelled digits are written as a CSV pixel0,…,pixel783, or as a file of images alone. An existing
output is replaced only with --force, an input never.

Pictures (PNG, JPEG, BMP) and folders of them become digits as MNIST's were made: ink cut out of its paper, fitted into
20×20 pixels, its centre of mass in the middle of 28×28. --label-from-name reads a label from the picture's folder if
that is called by a digit (3/x.png), else from the beginning of its name (3_first.png). If a picture cannot be used,
nothing is written.

JSON, schema mnist-data-convert/1, one line per file: schema, file, digits, sha256 of pixels and labels.`,
}

const PICTURE = {
  examples: `Examples:
  mnist-data picture data/mnist_test.csv --index 3 three.png             28×28 pixels
  mnist-data picture data/mnist_test.csv --index 3 three.png --scale 10  280×280
`,
  notes: `
Ink is white, paper is black, as in MNIST. An existing output is replaced only with --force, an input never.

JSON, schema mnist-data-picture/1: schema, file, index, label if there is one, width and height in pixels.`,
}

const INFO = {
  examples: `Examples:
  mnist-data info data/mnist_train.csv
  mnist-data info mnist_data.csv mnist_target.csv     OpenML's pair, joined as every command joins it
  mnist-data info train-images-idx3-ubyte.gz --json | jq -r .sha256
`,
  notes: `
A pixel of 128 or more is ink. An empty digit has no pixel above 0. An inverted digit is more than half ink, or its
border is. An all-ink digit has no paper. A duplicate has the same pixels as an earlier digit. Rows count from 0
across all files, as in mnist-predict --index.

JSON, schema mnist-data-info/1:
  parts: names, digits, dialect and perhaps a remark, for each file or pair of files
  digits: how many
  classes: ten counts, if the digits are labelled
  constantPixels: pixels that are the same in all digits
  duplicates, empty, inverted, allInk: count, and the first rows
  sha256: of pixels and labels`,
}

/** The command, with the sets of digits that `get` downloads. */
export function mnistData(sets: DigitSet[] = MNIST): Definition {
  return (program, ends) => {
    program
      .name('mnist-data')
      .description('Download MNIST, draw digits, convert files of digits and pictures, and report what they hold.')
      .addHelpText('before', EXAMPLES)

    program
      .command('get')
      .description('Download MNIST, verify it, and write it as CSV files.')
      .addHelpText('before', GET.examples)
      .addHelpText('after', GET.notes)
      .addArgument(pathArgument('[dir]', 'folder for the CSV files').default('data'))
      .addOption(mirrorOption().conflicts('from'))
      .addOption(path('--from <dir>', "read MNIST's four files from this folder (default: download)"))
      .addOption(integer('--timeout <s>', 'seconds to wait for a mirror that sends nothing', 1, 3600).default(30))
      .addOption(integer('--retries <n>', 'retries per mirror after a temporary error', 0, 20).default(3))
      .option('--force', 'replace existing CSV files that hold other digits', false)
      .addOption(jsonOption('mnist-data-get/1'))
      .addOption(quietOption())
      .action(ends(async (dir, options) => (await import('./data/get.ts')).get(dir, sets, options)))

    program
      .command('make')
      .description('Draw digits, the same for the same count and seed on every machine, as CSV or IDX.')
      .addHelpText('before', MAKE.examples)
      .addHelpText('after', MAKE.notes)
      .addArgument(pathArgument('<file>', 'output file; its name selects the format, as in convert'))
      .addOption(integer('-c, --count <n>', 'number of digits', 1, 1e6).default(60_000))
      .addOption(integer('-s, --seed <n>', 'random seed', 0, MAX_SEED).default(1))
      .option('--force', 'replace an existing file', false)
      .addOption(jsonOption('mnist-data-make/1'))
      .addOption(quietOption())
      .action(ends(async (file, options) => (await import('./data/make.ts')).make(file, options)))

    program
      .command('convert')
      .description('Read digits and pictures, join them, and write a label-first CSV or IDX.')
      .usage('[options] <in...> <out>')
      .addHelpText('before', CONVERT.examples)
      .addHelpText('after', CONVERT.notes)
      .addArgument(pathsArgument('<files...>', 'digits, as for --data, pictures, folders; then the output'))
      .option('--header', 'write a header line', true)
      .option('--no-header', 'omit the header line')
      .option('--force', 'replace an existing output', false)
      .addOption(takeOption())
      .addOption(integer('--label <n>', 'label of all pictures', 0, 9).conflicts('labelFromName'))
      .option('--label-from-name', "labels from the pictures' names: 3_first.png, 3/x.png", false)
      .addOption(transposeOption())
      .addOption(invertOption())
      .addOption(jsonOption('mnist-data-convert/1'))
      .addOption(quietOption())
      .action(ends(async (files, options) => (await import('./data/convert.ts')).convert(files, options)))

    program
      .command('picture')
      .description('Write a digit as a PNG picture.')
      .usage('[options] <in...> <out>')
      .addHelpText('before', PICTURE.examples)
      .addHelpText('after', PICTURE.notes)
      .addArgument(pathsArgument('<files...>', 'digits, as for --data ("-" is stdin), then the output'))
      .addOption(integer('-n, --index <n>', 'row of the digit; the first is 0', 0, 1e9).makeOptionMandatory())
      .addOption(integer('--scale <n>', 'pixels across that each pixel becomes', 1, 100).default(1))
      .option('--force', 'replace an existing output', false)
      .addOption(transposeOption())
      .addOption(invertOption())
      .addOption(jsonOption('mnist-data-picture/1'))
      .addOption(quietOption())
      .action(ends(async (files, options) => (await import('./data/picture.ts')).picture(files, options)))

    program
      .command('info')
      .description('Report what files of digits hold: format, classes, pictures, SHA-256, and what looks wrong.')
      .addHelpText('before', INFO.examples)
      .addHelpText('after', INFO.notes)
      .addArgument(pathsArgument('<file...>', 'digits, as for --data ("-" is stdin); several are joined'))
      .addOption(takeOption())
      .addOption(pictureOption())
      .addOption(colorOption())
      .addOption(jsonOption('mnist-data-info/1'))
      .addOption(quietOption())
      .action(ends(async (files, options) => (await import('./data/info.ts')).info(files, options)))
  }
}

function mirrorOption() {
  const option = new Option('--mirror <url>', 'download from URL/NAME.gz; repeatable (default: see below)')
  return option.argParser<string[]>((text, before: string[] | undefined = []) => {
    if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return [...before, text]
    throw new Failure('usage', `--mirror "${text}": not a URL that begins with https:// or http://`)
  })
}
