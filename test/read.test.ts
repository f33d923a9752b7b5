import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { fingerprint, type Digits } from '../src/digits.ts'
import { generate } from '../src/digits/generate.ts'
import { readDigits } from '../src/digits/read.ts'
import { csvOf, HEADER } from './csv.ts'

const folder = mkdtempSync(join(tmpdir(), 'mnist-read-'))
afterAll(() => rmSync(folder, { recursive: true }))

let files = 0
function write(content: string | Buffer): string {
  const path = join(folder, `${files++}.csv`)
  writeFileSync(path, content)
  return path
}

const digits = generate(1030, 2) // a few more than are kept in one block while reading
const first = (count: number): Digits => ({
  pixels: digits.pixels.subarray(0, count * 784),
  labels: digits.labels.subarray(0, count),
})
const five = csvOf(first(5))

describe('a CSV of digits is read to the byte', () => {
  const forms: [string, string][] = [
    ['with a header', `${HEADER}\n${five}`],
    ['without one', five],
    ['with CRLF', `${HEADER}\n${five}`.replaceAll('\n', '\r\n')],
    ['with a byte order mark', `\uFEFF${HEADER}\n${five}`],
    ['with quotes around every field', `${HEADER}\n${five}`.replace(/[^,\n]+/g, '"$&"')],
    ['without a last newline', `${HEADER}\n${five}`.trimEnd()],
    ['with empty lines', `${HEADER}\n\n${five.replaceAll('\n', '\n\n')}`],
  ]
  test.each(forms)('%s', async (_, text) => {
    expect(await readDigits(write(text))).toEqual(first(5))
  })

  test('of more rows than are kept together at first', async () => {
    expect(fingerprint(await readDigits(write(csvOf(digits))))).toBe(fingerprint(digits))
  })

  test('of exactly as many rows as are kept together', async () => {
    expect(fingerprint(await readDigits(write(csvOf(first(1024)))))).toBe(fingerprint(first(1024)))
  })

  test('and no further than asked: what is wrong below is not looked at', async () => {
    const path = write(`${HEADER}\n${five}this is no digit\n${five.repeat(200)}\0`)
    expect(await readDigits(path, { limit: 5 })).toEqual(first(5))
    await expect(readDigits(path, { limit: 6 })).rejects.toThrow('this line has 1 column where 785 are expected')
    await expect(readDigits(write(`${five.repeat(200)}\0`))).rejects.toThrow('this is a binary file')
  })
})

describe('what is not such a CSV is refused with its place', () => {
  const rows = csvOf(first(20)).trimEnd().split('\n')
  const changed = (line: number, change: (fields: string[]) => string[]) => {
    const lines = [HEADER, ...rows]
    lines[line - 1] = change(lines[line - 1].split(',')).join(',')
    return `${lines.join('\n')}\n`
  }
  const cell = (line: number, column: number, text: string) => changed(line, (fields) => fields.with(column - 1, text))

  const cases: [string, string | Buffer, string][] = [
    ['no bytes', '', ': the file is empty;'],
    ['nothing but newlines', '\n\n\n', ': the file is empty;'],
    ['a header alone', `${HEADER}\n`, ': there is a header but no digit below it;'],
    [
      '12 columns',
      changed(17, (fields) => fields.slice(0, 12)),
      ':17: this line has 12 columns where 785 are expected',
    ],
    ['a column too many', changed(17, (fields) => [...fields, '0']), ':17: this line has 786 columns where 785'],
    ['a label 10', cell(17, 1, '10'), ':17:1: the label "10" is not a digit from 0 to 9'],
    ['no label', cell(17, 1, ''), ':17:1: the label "" is not a digit from 0 to 9'],
    ['a pixel 256', cell(17, 12, '256'), ':17:12: "256" is not a whole number from 0 to 255'],
    ['a pixel 2S6', cell(17, 12, '2S6'), ':17:12: "2S6" is not a whole number from 0 to 255'],
    ['a pixel below 0', cell(2, 785, '-1'), ':2:785: "-1" is not a whole number from 0 to 255'],
    ['no pixel', cell(21, 785, ''), ':21:785: "" is not a whole number from 0 to 255'],
    ['a fraction', cell(3, 5, '0.5'), ':3:5: "0.5" is not a whole number from 0 to 255'],
    ['hexadecimal', cell(3, 5, '0x10'), ':3:5: "0x10" is not a whole number from 0 to 255'],
    ['a long field', cell(3, 5, 'x'.repeat(99)), `:3:5: "${'x'.repeat(24)}…" is not`],
    ['another header', cell(1, 9, 'pixel8'), ':1:9: the header has "pixel8" where "pixel7" is expected'],
    ['an index column', changed(1, (fields) => ['', ...fields.slice(1)]), ':1:1: the header has "" where "label"'],
    ['an open quote', cell(5, 5, '"1'), ':21: Quote Not Closed'],
    ['a quote within', cell(5, 5, '1"1'), ':5: '],
    ['a line without end', '1'.repeat(70_000), ':1: this line is longer than 64 KiB'],
    ['a binary file', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 0, 0, 13]), ': this is a binary file, not a CSV'],
    ['text', 'It was a dark and stormy night\n', ':1: this line has 1 column where 785 are expected'],
  ]
  test.each(cases)('%s', async (_, content, sentence) => {
    const path = write(content)
    await expect(readDigits(path)).rejects.toMatchObject({ kind: 'badData' })
    await expect(readDigits(path)).rejects.toThrow(`${path}${sentence}`)
  })

  test('no file, and a folder', async () => {
    const absent = join(folder, 'absent.csv')
    await expect(readDigits(absent)).rejects.toThrow(`cannot read ${absent}: there is no such file`)
    await expect(readDigits(folder)).rejects.toThrow(`cannot read ${folder}: it is a folder, not a file`)
    await expect(readDigits(folder)).rejects.toMatchObject({ kind: 'noInput' })
  })
})
