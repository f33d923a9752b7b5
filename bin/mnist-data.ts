#!/usr/bin/env node
import { mnistData } from '../src/commands/mnist-data.ts'
import { run } from '../src/commands/run.ts'

await run(mnistData())
