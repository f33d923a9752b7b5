/** The last step of npm run build: writes the manual page of every command, dist/man/NAME.1. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { manPage } from '../src/commands/man-page.ts'
import { mnistData } from '../src/commands/mnist-data.ts'
import { predict } from '../src/commands/predict.ts'
import { programOf } from '../src/commands/run.ts'
import { runs } from '../src/commands/runs.ts'
import { train } from '../src/commands/train.ts'

mkdirSync('dist/man', { recursive: true })
for (const define of [train, predict, mnistData(), runs]) {
  const program = programOf(define, () => {})
  writeFileSync(`dist/man/${program.name()}.1`, manPage(program))
}
