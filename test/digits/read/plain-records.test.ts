import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { generate } from '../../../src/digits/generate.ts'
import { firstRecords } from '../../../src/digits/read/csv.ts'
import { firstPlainRecords } from '../../../src/digits/read/plain-records.ts'
import { csvOf, DIALECTS, FORMS, HEADER, textOf } from '../../support/csv.ts'

const digits = generate(15, 5)

describe('firstPlainRecords', () => {
  test('returns what csv-parse does, for every dialect', () => {
    for (const { files } of DIALECTS) {
      for (const cells of files(digits)) {
        const head = Buffer.from(textOf(cells))
        expect(firstPlainRecords(head, true)).toEqual(firstRecords(head, true, 'x'))
        const start = head.subarray(0, -3)
        expect(firstPlainRecords(start, false)).toEqual(firstRecords(start, false, 'x'))
      }
    }
  })

  test.each(['CRLF', 'CR', 'a byte order mark', 'quotes around every field', 'mixed line endings'])(
    'leaves %s to csv-parse',
    (form) => {
      const [cells] = DIALECTS[1].files(digits)
      expect(firstPlainRecords(Buffer.from(FORMS[form](cells)), true)).toBeUndefined()
    },
  )

  test('leaves long lines, and a beginning without a newline, to csv-parse', () => {
    expect(firstPlainRecords(Buffer.from(`${','.repeat(40_000)}\n`), true)).toBeUndefined()
    expect(firstPlainRecords(Buffer.from(HEADER), false)).toBeUndefined()
    expect(firstPlainRecords(Buffer.from(`${HEADER}\n${csvOf(digits)}`), false)).toHaveLength(13)
  })

  test('returns what csv-parse does, or leaves it to csv-parse, whatever the bytes', () => {
    const character = fc.constantFrom(..."\n\n\n,,,0123456789a ;#\\'.-\t", '\r', '"', 'é', '\0', '\uFEFF')
    const line = fc.array(character, { maxLength: 12 }).map((characters) => characters.join(''))
    const text = fc.array(line, { maxLength: 20 }).map((lines) => lines.join('\n'))
    let plain = 0
    fc.assert(
      fc.property(text, fc.boolean(), (text, isAll) => {
        const head = Buffer.from(text)
        const records = firstPlainRecords(head, isAll)
        if (!records) return
        expect(records).toEqual(firstRecords(head, isAll, 'x'))
        plain++
      }),
      { numRuns: 500 },
    )
    expect(plain).toBeGreaterThan(20)
  })
})
