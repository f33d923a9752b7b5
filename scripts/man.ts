/** The last step of npm run build: writes the man page of every command, dist/man/NAME.1. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { manPage } from '../src/cli/man-page.ts'
import { programOf, readVersion } from '../src/cli/program.ts'
import { mnistCheck } from '../src/commands/mnist-check.ts'
import { mnistData } from '../src/commands/mnist-data.ts'
import { mnistEvaluate } from '../src/commands/mnist-evaluate.ts'
import { mnistPredict } from '../src/commands/mnist-predict.ts'
import { mnistReport } from '../src/commands/mnist-report.ts'
import { mnistRuns } from '../src/commands/mnist-runs.ts'
import { mnistSweep } from '../src/commands/mnist-sweep.ts'
import { mnistTrain } from '../src/commands/mnist-train.ts'

mkdirSync('dist/man', { recursive: true })
for (const define of [
  mnistTrain,
  mnistPredict,
  mnistEvaluate,
  mnistReport,
  mnistCheck,
  mnistData(),
  mnistRuns,
  mnistSweep,
]) {
  const program = programOf(define)
  writeFileSync(`dist/man/${program.name()}.1`, manPage(program, readVersion()))
}
