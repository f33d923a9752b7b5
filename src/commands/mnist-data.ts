/** mnist-data: digits as files. Each subcommand is a module of the folder beside this file. */
import { MNIST, type DigitSet } from '../digits/mnist.ts'
import { get } from './mnist-data/get.ts'
import { make } from './mnist-data/make.ts'
import type { Definition } from './run.ts'

const EXAMPLES = `Examples:
  mnist-data get                                      MNIST into data/mnist_train.csv and data/mnist_test.csv
  mnist-data get --from /media/stick                  the same from files that you bring
  mnist-data make drawn.csv --count 60000             digits that this program draws itself
`

/** The command over the sets of digits that `get` downloads. */
export function mnistData(sets: DigitSet[] = MNIST): Definition {
  return (program, end) => {
    program
      .name('mnist-data')
      .description('Gets MNIST from the network, and makes digits, as CSV files.')
      .addHelpText('before', EXAMPLES)
    get(sets)(program.command('get'), end)
    make(program.command('make'), end)
  }
}
