/** mnist-train: its options; train.ts does the work. */
import type { Definition } from '../cli/program.ts'
import { trainOptions } from './train/options.ts'

export const mnistTrain: Definition = (program, ends) => {
  const command = trainOptions(program)
  command.action(
    ends(async () => {
      const { train } = await import('./train.ts')
      return train(command)
    }),
  )
}
