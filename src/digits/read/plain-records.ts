/** The first records of plain CSVs, without csv-parse, which takes 15 to 20 ms to load. */
import { FIRST_RECORDS, type CsvRecord } from './dialect.ts'

const LONGEST_RECORD = 2 ** 15 // bytes; csv-parse refuses records from 2¹⁶ on

/**
 * What `firstRecords` of csv.ts returns, if these records are printable ASCII without quotes and their lines end in LF;
 * undefined if they need csv-parse.
 * @param head as for `firstRecords`
 * @param isAll as for `firstRecords`
 */
export function firstPlainRecords(head: Buffer, isAll: boolean): CsvRecord[] | undefined {
  if (!isAll && !head.includes('\n')) return undefined
  const records: CsvRecord[] = []
  let end = 0
  for (let line = 1; end < head.length && records.length < FIRST_RECORDS; line++) {
    const start = end
    const newline = head.indexOf('\n', start)
    if (newline === -1 && !isAll) {
      if (head.includes('\r', start)) return undefined // may end lines, too
      break
    }
    const stop = newline === -1 ? head.length : newline
    end = newline === -1 ? head.length : newline + 1
    if (stop === start) continue // csv-parse skips empty lines, too
    if (stop - start > LONGEST_RECORD) return undefined
    const text = head.toString('latin1', start, stop)
    if (!PLAIN.test(text)) return undefined
    records.push({ fields: text.split(','), line, end })
  }
  return records
}

const PLAIN = /^[ !#-~]+$/ // printable ASCII but "
