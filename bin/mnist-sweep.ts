#!/usr/bin/env node
import { run } from '../src/cli/run.ts'
import { mnistSweep } from '../src/commands/mnist-sweep.ts'

await run(mnistSweep)
