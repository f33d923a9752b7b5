#!/usr/bin/env node
import { run } from '../src/commands/run.ts'
import { runs } from '../src/commands/runs.ts'

await run(runs)
