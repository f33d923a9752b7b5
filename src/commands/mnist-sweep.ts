/** mnist-sweep: its options; sweep.ts does the work. */
import type { Definition } from '../cli/program.ts'
import { sweepOptions } from './sweep/options.ts'

export const mnistSweep: Definition = (program, ends) => {
  const command = sweepOptions(program)
  command.action(
    ends(async (folder) => {
      const { sweep } = await import('./sweep.ts')
      return sweep(command, folder)
    }),
  )
}
