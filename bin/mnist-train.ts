#!/usr/bin/env node
import { run } from '../src/cli/run.ts'
import { mnistTrain } from '../src/commands/mnist-train.ts'

await run(mnistTrain)
