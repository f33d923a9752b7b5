#!/usr/bin/env node
import { run } from '../src/cli/run.ts'
import { mnistPredict } from '../src/commands/mnist-predict.ts'

await run(mnistPredict)
