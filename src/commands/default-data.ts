/** The default data of the commands that use a network. */
import { Failure } from '../failure.ts'
import type { Training } from '../weights.ts'

/**
 * Checks that a network was trained on the default data, which is used if the user names none.
 * @param path the weights file
 * @param names of the default data, as `namesOf` gives them
 * @throws Failure `usage`
 */
export function checkDefaultData(path: string, training: Training, names: string[]): void {
  const [trainedOn, data] = [training.data.names.join(', '), names.join(', ')]
  if (data === trainedOn) return
  const message = `${path} was trained on ${trainedOn}, but the default data is ${data}: name the data with --data`
  throw new Failure('usage', message)
}
