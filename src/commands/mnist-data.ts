/** mnist-data: digits as files. Each subcommand is a module of the folder beside this file. */
import { MNIST, type DigitSet } from '../digits/mnist.ts'
import { convert } from './mnist-data/convert.ts'
import { get } from './mnist-data/get.ts'
import { info } from './mnist-data/info.ts'
import { make } from './mnist-data/make.ts'
import type { Definition } from './run.ts'

const EXAMPLES = `Examples:
  mnist-data get                                      MNIST into data/mnist_train.csv and data/mnist_test.csv
  mnist-data get --from /media/stick                  the same from files that you bring
  mnist-data make drawn.csv --count 60000             digits that this program draws itself
  mnist-data convert mnist_data.csv mnist_target.csv mnist.csv      any form, and OpenML's pair, as a label-first CSV
  mnist-data info data/mnist_train.csv                what a file holds, with pictures, and what looks wrong in it
`

/** The command over the sets of digits that `get` downloads. */
export function mnistData(sets: DigitSet[] = MNIST): Definition {
  return (program, end) => {
    program
      .name('mnist-data')
      .description('Gets MNIST from the network, makes digits, converts files of them, and says what they hold.')
      .addHelpText('before', EXAMPLES)
    get(sets)(program.command('get'), end)
    make(program.command('make'), end)
    convert(program.command('convert'), end)
    info(program.command('info'), end)
  }
}
