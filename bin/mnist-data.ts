#!/usr/bin/env node
import { run } from '../src/cli/run.ts'
import { mnistData } from '../src/commands/mnist-data.ts'

await run(mnistData())
