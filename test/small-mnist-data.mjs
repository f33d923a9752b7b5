/** mnist-data over the sets of digits that a JSON file describes, its first argument; else as bin/mnist-data. */
import { readFileSync } from 'node:fs'
import { mnistData } from '../dist/src/commands/mnist-data.js'
import { run } from '../dist/src/commands/run.js'

const [sets] = process.argv.splice(2, 1)
await run(mnistData(JSON.parse(readFileSync(sets, 'utf8'))))
