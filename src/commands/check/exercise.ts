/** The exercise: a file whose functions are to be written. */
import { copyFileSync, constants, mkdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { Failure, systemFailure } from '../../failure.ts'
import { isFile } from '../outputs.ts'

/** Its file. */
export const EXERCISE = 'network.mjs'

/**
 * Writes the exercise into a folder, which is made if need be.
 * @returns the path of its file
 * @throws Failure `cannotCreate` if there is one already, or it cannot be written
 */
export function startExercise(folder: string): string {
  const path = join(folder, EXERCISE)
  if (isFile(path)) throw new Failure('cannotCreate', `cannot write ${path}: it exists; name another folder`)
  try {
    mkdirSync(folder, { recursive: true })
    copyFileSync(createRequire(import.meta.url).resolve('#exercise'), path, constants.COPYFILE_EXCL)
  } catch (error) {
    throw systemFailure('cannotCreate', `cannot write ${path}`, error)
  }
  return path
}
