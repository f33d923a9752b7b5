#!/usr/bin/env node
import { run } from '../src/cli/run.ts'
import { mnistRuns } from '../src/commands/mnist-runs.ts'

await run(mnistRuns)
