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

/** As `recordOfDigits`, for a command that may not need the hash: that of 60,000 digits takes some 40 ms. */
export function lazyRecordOfDigits(sources: string[], digits: Digits): DigitsRecord {
  let sha256: string | undefined
  return {
    names: namesOf(sources),
    rows: digitCount(digits),
    get sha256() {
      return (sha256 ??= fingerprint(digits))
    },
  }
}

/** Whether two records are of the same digits, whatever the files are called. */
export function isSame(one: DigitsRecord, other: DigitsRecord): boolean {
  return one.rows === other.rows && one.sha256 === other.sha256
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
  if (isSame(recorded, lazyRecordOfDigits(sources, digits))) return
  const wanted = `${grouped(recorded.rows)} digits of ${recorded.names.join(', ')}`
  throw new Failure(
    'badData',
    `${namesOf(sources).join(', ')}: not the digits that ${path} records; use ${option} with the ${wanted}`,
  )
}
