/** A few inputs of the campaigns that `npm run fuzz` runs for long. Those of the reader are in digits/read/. */
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { commands } from './support/campaigns/commands.ts'
import { config } from './support/campaigns/config.ts'
import { disk } from './support/campaigns/disk.ts'
import { signals } from './support/campaigns/signals.ts'
import { weights } from './support/campaigns/weights.ts'
import { propertyOf, type Claim } from './support/claim.ts'
import { newFolder } from './support/folder.ts'
import { isLong } from './support/long.ts'

const folder = join(newFolder(), 'files')

/** Claims, how many inputs to check, and how many if there is time; what happens to some of them. */
const CLAIMS: [claim: Claim, few: number, many: number, happenings: string[]][] = [
  [weights.load, 40, 300, ['loaded', 'refused']],
  [weights.runs, 30, 100, ['listed', 'skipped']],
  [config.print, 40, 300, ['refused', 'taken']],
  [commands.line, 40, 300, ['0', '64']],
  [signals.training, 1, 10, []],
  [disk.full, 1, 15, []],
]

test.each(CLAIMS.map(([claim, ...rest]) => [claim.title, claim, ...rest] as const))(
  '%s',
  async (_, claim, few, many, happenings) => {
    const seen = new Set<string>()
    const property = propertyOf(claim, folder, (happened) => seen.add(happened))
    await fc.assert(property, { numRuns: isLong ? many : few })
    expect([...seen]).toEqual(expect.arrayContaining(happenings))
  },
  240_000,
)
