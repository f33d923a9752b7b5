/** What the commands say about a network whose activation the lesson may not compute. */
import { lessonActivation } from '../engine/activation.ts'
import type { Activation } from '../hyperparameters.ts'

const NAMES = { relu: 'ReLU', custom: 'an activation of its own' } as const satisfies Record<Activation, string>

/** What a weights file was trained with and src/network.ts computes, unless both are ReLU. */
export function noticeOfActivation(path: string, trained: Activation = 'relu'): string | undefined {
  const computed = lessonActivation()
  if (trained === 'relu' && computed === 'relu') return undefined
  const was = `${path} was trained with ${NAMES[trained]}`
  if (trained === computed) return `${was}; make sure that src/network.ts computes the same one`
  return `${was}, and src/network.ts computes ${NAMES[computed]}; use the src/network.ts that trained it`
}
