#!/usr/bin/env node
import { run } from '../src/cli/run.ts'
import { mnistReport } from '../src/commands/mnist-report.ts'

await run(mnistReport)
