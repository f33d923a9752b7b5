#!/usr/bin/env node
import { run } from '../src/commands/run.ts'
import { train } from '../src/commands/train.ts'

await run(train)
