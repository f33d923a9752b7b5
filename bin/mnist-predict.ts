#!/usr/bin/env node
import { predict } from '../src/commands/predict.ts'
import { run } from '../src/commands/run.ts'

await run(predict)
