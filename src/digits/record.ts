/** What a weights file records of the digits that were used. */
import { digitCount, type Digits, type DigitsRecord } from '../digits.ts'
import { Failure } from '../failure.ts'
import { grouped } from '../wording.ts'
import { fingerprint } from './fingerprint.ts'
import { namesOf } from './sources.ts'

/** What a weights file records of the digits. */
export function recordOfDigits(sources: string[], digits: Digits): DigitsRecord {
  return { names: namesOf(sources), rows: digitCount(digits), sha256: fingerprint(digits) }
}

/**
 * Checks that digits are those that a weights file records.
 * @param path the weights file
 * @param option how to name other digits, for the message
 * @throws Failure `badData`
 */
export function checkSameDigits(
  sources: string[],
  digits: Digits,
  recorded: DigitsRecord,
  path: string,
  option: string,
): void {
  if (fingerprint(digits) === recorded.sha256) return
  const wanted = `${grouped(recorded.rows)} digits of ${recorded.names.join(', ')}`
  throw new Failure(
    'badData',
    `${namesOf(sources).join(', ')}: not the digits that ${path} records; use ${option} with the ${wanted}`,
  )
}
