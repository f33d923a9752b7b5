/** For any file, the scanner and csv-parse read the same digits or refuse it with the same message. */
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { reader } from '../../support/campaigns/reader.ts'
import { propertyOf, type Claim } from '../../support/claim.ts'
import { newFolder } from '../../support/folder.ts'
import { isLong } from '../../support/long.ts'

const folder = join(newFolder(), 'files')

/** Checks a claim; returns what happened. Of damaged CSVs 8 % can be read, of damaged bytes 21 %: few would miss them. */
async function check(claim: Claim, few: number, many: number): Promise<string[]> {
  const seen = new Set<string>()
  const property = propertyOf(claim, folder, (happened) => seen.add(happened))
  await fc.assert(property, { numRuns: isLong ? many : few })
  return [...seen].toSorted()
}

test(reader.valid.title, () => check(reader.valid, 10, 200), 120_000)

test(reader.idx.title, () => check(reader.idx, 6, 200), 120_000)

test(
  reader.changedNumber.title,
  async () => {
    expect(await check(reader.changedNumber, 25, 2000)).toEqual(['read', 'refused'])
  },
  240_000,
)

test(
  reader.damaged.title,
  async () => {
    expect(await check(reader.damaged, 120, 1000)).toEqual(['read', 'refused'])
  },
  240_000,
)

test(
  reader.damagedBytes.title,
  async () => {
    expect(await check(reader.damagedBytes, 45, 500)).toEqual(['read', 'refused'])
  },
  240_000,
)

test(reader.damagedAtTheEdge.title, () => check(reader.damagedAtTheEdge, 4, 40), 240_000)
