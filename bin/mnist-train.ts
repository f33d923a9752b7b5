#!/usr/bin/env node
import { endWithParent } from '../src/cli/interruption.ts'
import { run } from '../src/cli/run.ts'
import { mnistTrain } from '../src/commands/mnist-train.ts'

endWithParent()
await run(mnistTrain)
