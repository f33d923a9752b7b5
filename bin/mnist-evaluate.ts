#!/usr/bin/env node
import { run } from '../src/cli/run.ts'
import { mnistEvaluate } from '../src/commands/mnist-evaluate.ts'

await run(mnistEvaluate)
