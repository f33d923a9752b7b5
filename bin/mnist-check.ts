#!/usr/bin/env node
import { run } from '../src/cli/run.ts'
import { mnistCheck } from '../src/commands/mnist-check.ts'

await run(mnistCheck)
