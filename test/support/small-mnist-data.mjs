/** mnist-data for other sets of digits: the first argument is a JSON file of them. */
import { readFileSync } from 'node:fs'
import { mnistData } from '../../dist/src/commands/mnist-data.js'
import { run } from '../../dist/src/cli/run.js'

const [sets] = process.argv.splice(2, 1)
await run(mnistData(JSON.parse(readFileSync(sets, 'utf8'))))
