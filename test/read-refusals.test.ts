/** Files that are not what they should be, and the sentence that each gets, from the scanner's way and csv-parse's. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, expect, test } from 'vitest'
import { generate } from '../src/digits/generate.ts'
import { readDigits } from '../src/digits/read.ts'
import { cellsOf, DIALECTS, HEADER, PIXEL_NAMES, textOf, type Cells } from './csv.ts'

const folder = mkdtempSync(join(tmpdir(), 'mnist-refusals-'))
afterAll(() => rmSync(folder, { recursive: true }))

const digits = generate(20, 2)
const rows = cellsOf(digits)
const kaggle: Cells = [['label', ...PIXEL_NAMES], ...rows]
const unlabelled = rows.map(([, ...pixels]) => pixels)
const [openmlPixels, openmlLabels] = DIALECTS[13].files(digits)
const count = (length: number, from = 0) => Array.from({ length }, (_, i) => String(i + from))

/** Kaggle's CSV with other text in the cell of that line and column, from 1. */
const cell = (line: number, column: number, text: string, cells = kaggle) =>
  textOf(cells.with(line - 1, cells[line - 1].with(column - 1, text)))
const text = textOf(kaggle)
const lines = text.split('\n')
const header = (change: (names: string[]) => string[]) => textOf([change(kaggle[0]), ...rows])
/** Every row with another label. */
const labels = (label: (i: number) => string, cells = rows) => textOf(cells.map((row, i) => row.with(0, label(i))))
const scaled = (digit: (value: number) => string) =>
  rows.map(([label, ...p]) => [label, ...p.map((v) => digit(Number(v)))])
const transposed = (cells: Cells) => textOf(cells[0].map((_, i) => cells.map((row) => row[i])))
const idx = (magic: number[], words: number[], bytes: number) =>
  Buffer.from([
    ...magic,
    ...words.flatMap((word) => [word >>> 24, (word >>> 16) & 255, (word >>> 8) & 255, word & 255]),
    ...new Uint8Array(bytes),
  ])
const IMAGES = [0, 0, 8, 3]
const LABELS = [0, 0, 8, 1]

type Content = string | Buffer
const cases: [what: string, content: Content | Content[], sentence: string][] = [
  // nothing, or nothing to read
  ['no bytes', '', 'a.csv: the file is empty; a CSV of MNIST digits is needed, one of 785 columns a line'],
  ['nothing but newlines', '\n\r\n\n', 'a.csv: the file is empty; a CSV of MNIST digits is needed, one of 785 columns a line'],
  ['a byte order mark alone', '\uFEFF', 'a.csv: the file is empty; a CSV of MNIST digits is needed, one of 785 columns a line'],
  ['a header alone', `${HEADER}\n`, 'a.csv: there is a header but no digit below it; a CSV of MNIST digits is needed, one of 785 columns a line'],
  ['a header alone, without its newline', HEADER, 'a.csv: there is a header but no digit below it; a CSV of MNIST digits is needed, one of 785 columns a line'],
  ['the labels of a pair without any', [textOf(openmlPixels), ',class\n'], 'b.csv: there is a header but no label below it; a CSV of MNIST digits is needed, one of 785 columns a line'],
  ['gzip of nothing', gzipSync(''), 'a.csv: the file is empty; a CSV of MNIST digits is needed, one of 785 columns a line'],
  // other formats
  ['text', 'It was a dark and stormy night\n', 'a.csv:1: this line has 1 column where 785 are expected, a label and 784 pixels'],
  ['a ZIP archive', Buffer.from('PK\x03\x04\x14\0\0\0', 'latin1'), 'a.csv: this is a ZIP archive (as Excel workbooks are): unpack it or save the sheet as CSV'],
  ['gzip packed twice', gzipSync(gzipSync(text)), 'a.csv: this was packed by gzip twice: unpack it once'],
  ['bzip2', Buffer.from('BZh91AY&SY', 'latin1'), 'a.csv: this is packed by bzip2: unpack it'],
  ['xz', Buffer.from('\xfd7zXZ\0', 'latin1'), 'a.csv: this is packed by xz: unpack it'],
  ['UTF-16', Buffer.from(`\uFEFF${text}`, 'utf16le'), 'a.csv: this text is in UTF-16: save it as UTF-8'],
  ['a NumPy array', Buffer.from('\x93NUMPY\x01\0', 'latin1'), 'a.csv: this is a NumPy array: save it with np.savetxt(file, array, "%d", ",")'],
  ['Parquet', 'PAR1\x15\x04', `a.csv: this is a Parquet file: save it with pandas' to_csv`],
  ['a PNG', Buffer.from('\x89PNG\r\n\x1a\n\0', 'latin1'), 'a.csv: this is a picture: CSVs of 28×28 pixels a line are needed'],
  ['ELF', Buffer.from('\x7fELF\0\x01\x02', 'latin1'), 'a.csv: this is a binary file, not a CSV'],
  ['a web page', '<!DOCTYPE html>\n<html><title>403 Forbidden</title></html>\n', 'a.csv: this is a web page, not a CSV: download the file itself'],
  ['JSON', '{"pixels": [0, 0, 0]}\n', 'a.csv: this is JSON: save it as CSV'],
  ['a Git LFS pointer', 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 109582946\n', 'a.csv: this only points to a file in Git LFS: fetch it with git lfs pull'],
  ['ARFF', '% MNIST\n@RELATION mnist_784\n@ATTRIBUTE pixel1 real\n', 'a.csv: this is an ARFF file: save it as CSV'],
  ['gzip cut off', gzipSync(text).subarray(0, -2000), 'a.csv: the gzip file is cut off: bring it again, whole'],
  ['gzip cut off within its trailer', gzipSync(text).subarray(0, -4), 'a.csv: the gzip file is cut off: bring it again, whole'],
  ['gzip damaged', Buffer.from(gzipSync(text)).fill(0xff, 100, 140), 'a.csv: the gzip file is damaged: bring it again'],
  ['semicolons', text.replaceAll(',', ';'), 'a.csv:1: the fields are separated by semicolons: separate them by commas'],
  ['tabs', text.replaceAll(',', '\t'), 'a.csv:1: the fields are separated by tabs: separate them by commas'],
  ['spaces', textOf(rows).replaceAll(',', ' '), 'a.csv:1: the fields are separated by spaces: separate them by commas'],
  ['a line without end', '1'.repeat(70_000), 'a.csv:1: this line is longer than 64 KiB: is it a CSV of digits?'],
  ['two MiB of commas', ','.repeat(2 ** 21), 'a.csv:1: this line is longer than 64 KiB: is it a CSV of digits?'],
  ['two MiB of commas on line 3', `${lines[0]}\n${lines[1]}\n${','.repeat(2 ** 21)}`, 'a.csv:3: this line is longer than 64 KiB: is it a CSV of digits?'],
  ['a line of 70 KB on line 3', `${lines[0]}\n${lines[1]}\n${'1'.repeat(70_000)}\n`, 'a.csv:3: this line is longer than 64 KiB: is it a CSV of digits?'],
  // columns
  ['12 columns', textOf(kaggle.with(16, kaggle[16].slice(0, 12))), 'a.csv:17: this line has 12 columns where 785 are expected, a label and 784 pixels'],
  ['a column too many', textOf(kaggle.with(16, [...kaggle[16], '0'])), 'a.csv:17: this line has 786 columns where 785 are expected, a label and 784 pixels'],
  ['a comma at the end of every row', text.replaceAll('\n', ',\n'), 'a.csv:1:786: the header has a column without a name, which is neither a pixel nor a label: name the label "label", "class" or "target"'],
  ['one row of 784 columns', textOf(rows.with(5, unlabelled[5])), 'a.csv:6: this line has 784 columns where 785 are expected, a label and 784 pixels'],
  ['786 columns without a header', textOf(rows.map((row, i) => [String(i), ...row])), 'a.csv:1: this line has 786 columns where 785 are expected, a label and 784 pixels: where one is an index, name the columns in a header'],
  ['a file cut off within a row', text.slice(0, 20_000), 'a.csv:9: this line has 120 columns where 785 are expected, a label and 784 pixels'],
  ['digits of 8×8', textOf(rows.map((row) => row.slice(0, 65))), 'a.csv:1: this line has 65 columns where 785 are expected, a label and 784 pixels'],
  ['digits of 8×8 under a header', textOf(kaggle.map((row) => row.slice(0, 65))), 'a.csv:1: the header names 64 pixels where 784 are expected, 28 rows of 28'],
  ['digits of 8×8 without labels under a header', textOf(kaggle.map((row) => row.slice(1, 65))), 'a.csv:1: the header names 64 pixels where 784 are expected, 28 rows of 28'],
  ['two files in one, the header of the second within', `${text}${text}`, 'a.csv:22:1: the label "label" is not a digit from 0 to 9'],
  ['spaces on a line of their own', `${lines[0]}\n${lines[1]}\n   \n${lines[2]}\n`, 'a.csv:3: this line has 1 column where 785 are expected, a label and 784 pixels'],
  ['a comment above', `# MNIST\n${text}`, 'a.csv:1: this line has 1 column where 785 are expected, a label and 784 pixels'],
  ['a semicolon behind a label', text.replace(/(\n\d),/, '$1;'), 'a.csv:2: this line has 784 columns where 785 are expected, a label and 784 pixels'],
  // names
  ['pixels that skip one', header((names) => names.with(8, 'pixel8')), 'a.csv:1:9: the header has "pixel8" where "pixel7" is expected'],
  ['pixels in columns', header(([label, ...names]) => [label, ...names.map((_, p) => `${(p % 28) + 1}x${Math.floor(p / 28) + 1}`)]), 'a.csv:1:3: the header has "2x1" where "1x2" is expected'],
  ['pixels that begin at 2', header(([label]) => [label, ...count(784, 2).map((p) => `pixel${p}`)]), 'a.csv:1:2: the header has "pixel2" where "pixel0" is expected'],
  ['a label by another name', header((names) => names.with(0, 'number')), 'a.csv:1:1: the header has "number", which is neither a pixel nor a label: name the label "label", "class" or "target"'],
  ['a label by another name, last', header(([, ...names]) => [...names, 'number']), 'a.csv:1:785: the header has "number", which is neither a pixel nor a label: name the label "label", "class" or "target"'],
  ['a pixel without a name', header((names) => names.with(100, '')), 'a.csv:1:101: the header has "" where "pixel99" is expected'],
  ['names of something else in 785 columns', header((names) => names.map((name) => name.split('').toReversed().join(''))), 'a.csv:1:1: the header has "lebal" where "label" is expected, and the names of 784 pixels behind it'],
  ['a first row of nothing', textOf([Array.from({ length: 785 }, () => 'nan'), ...rows]), 'a.csv:1:1: the header has "nan" where "label" is expected, and the names of 784 pixels behind it'],
  ['two labels', header((names) => names.with(784, 'class')), 'a.csv:1:785: the header names two labels, "label" and "class": leave one out'],
  ['names of something else', 'sepal_length,sepal_width,species\n5.1,3.5,setosa\n', 'a.csv:1: this line has 3 columns where 785 are expected, a label and 784 pixels'],
  // labels
  ['a label 10 after a 0', labels((i) => String((7 * i) % 11)), 'a.csv:4:1: the label "10" is not a digit from 0 to 9'],
  ['labels from 1 to 10', labels((i) => String(((3 * i) % 10) + 1)), 'a.csv:4:1: the label "10" is not a digit from 0 to 9: labels that run from 1 to 10 have to be brought to 0 to 9'],
  ['no label', cell(17, 1, ''), 'a.csv:17:1: the label "" is not a digit from 0 to 9'],
  ['a label beyond 9', cell(17, 1, '11'), 'a.csv:17:1: the label "11" is not a digit from 0 to 9'],
  ['a label below 0', cell(17, 1, '-1'), 'a.csv:17:1: the label "-1" is not a digit from 0 to 9'],
  ['half a label', cell(17, 1, '4.5'), 'a.csv:17:1: the label "4.5" is not a digit from 0 to 9'],
  ['a label in letters', cell(17, 1, 'seven'), 'a.csv:17:1: the label "seven" is not a digit from 0 to 9'],
  ['a label NaN', cell(17, 1, 'NaN'), 'a.csv:17:1: the label "NaN" is not a digit from 0 to 9'],
  ['letters of EMNIST', textOf(kaggle.map((row, i) => (i > 0 ? row.with(0, String(12 + i)) : row))), 'a.csv:2:1: the label "13" is not a digit from 0 to 9'],
  ['an index for the label', labels(String), 'a.csv:1:1: the first column counts the rows, 0, 1, 2 …: it is an index, no label; leave it out or name the columns in a header'],
  ['an index from 1 for the label', labels((i) => String(i + 1)), 'a.csv:1:1: the first column counts the rows, 1, 2, 3 …: it is an index, no label; leave it out or name the columns in a header'],
  ['an index from 60,000 for the label', labels((i) => String(60_000 + i)), 'a.csv:1:1: the first column counts the rows, 60000, 60001, 60002 …: it is an index, no label; leave it out or name the columns in a header'],
  ['a shuffled index for the label', labels((i) => String((i * 7919) % 60_000)), 'a.csv:2:1: the label "7919" is not a digit from 0 to 9: where it is an index, leave the column out or name the columns in a header'],
  ['no header, and a label that could be first or last', textOf(rows.map((row, i) => [String(i % 2), ...row.slice(1, 784), String(1 + (i % 3))])), 'a.csv: the first column and the last could both be the label: name the columns in a header, label,pixel0,…,pixel783 or pixel0,…,pixel783,label'],
  ['no header, the first column 0 and the last seldom not', textOf(rows.map((row, i) => ['0', ...row.slice(1, 784), i % 5 === 0 ? '1' : '0'])), 'a.csv: the first column and the last could both be the label: name the columns in a header, label,pixel0,…,pixel783 or pixel0,…,pixel783,label'],
  ['no header, and a label last that is 0 for long', textOf(Array.from({ length: 16 }, (_, i) => ['0', ...rows[i].slice(1, 784), i < 14 ? '0' : '1'])), 'a.csv:15:785: the first column was 0 in every line so far and the last one is 1 here: which of them is the label? Name the columns in a header, label,pixel0,…,pixel783 or pixel0,…,pixel783,label'],
  // pixels
  ['a pixel 256', cell(17, 12, '256'), 'a.csv:17:12: "256" is not a whole number from 0 to 255'],
  ['a pixel 256 below empty lines', cell(17, 12, '256').replaceAll('\n', '\n\r\n\n'), 'a.csv:49:12: "256" is not a whole number from 0 to 255'],
  ['a pixel 256 between lines that end in every way', cell(17, 12, '256').split('\n').map((line, i) => line + ['\n', '\r\n', '\r'][i % 3]).join(''), 'a.csv:17:12: "256" is not a whole number from 0 to 255'],
  ['a pixel of a thousand figures', cell(17, 12, '9'.repeat(1000)), 'a.csv:17:12: "999999999999999999999999…" is not a whole number from 0 to 255'],
  ['a pixel 2S6', cell(17, 12, '2S6'), 'a.csv:17:12: "2S6" is not a whole number from 0 to 255'],
  ['a pixel below 0', cell(2, 785, '-1'), 'a.csv:2:785: "-1" is not a whole number from 0 to 255'],
  ['no pixel', cell(21, 785, ''), 'a.csv:21:785: "" is not a whole number from 0 to 255'],
  ['a pixel NaN', cell(5, 3, 'nan'), 'a.csv:5:3: "nan" is not a whole number from 0 to 255'],
  ['hexadecimal', cell(3, 5, '0x10'), 'a.csv:3:5: "0x10" is not a whole number from 0 to 255'],
  ['a fraction above 1', cell(3, 5, '12.5'), 'a.csv:3:5: "12.5" is not a whole number from 0 to 255'],
  ['infinity', cell(3, 5, 'Infinity'), 'a.csv:3:5: "Infinity" is not a whole number from 0 to 255'],
  ['a figure of another script', cell(3, 5, '٣'), 'a.csv:3:5: "٣" is not a whole number from 0 to 255'],
  ['a zero byte', cell(9, 5, '\0'), 'a.csv:9:5: "\\u0000" is not a whole number from 0 to 255'],
  ['decimal commas', textOf(scaled((value) => (value / 255).toFixed(4).replace('.', ','))), 'a.csv:1: this line has 1,569 columns where 785 are expected, a label and 784 pixels'],
  ['pixels from 0 to 1', textOf(scaled((value) => String(value / 255))), 'a.csv:1:155: all pixels so far are from 0 to 1, where 0 is paper and 255 is ink: multiply them by 255'],
  ['pixels from 0 to 1 under a header', textOf([kaggle[0], ...scaled((value) => (value / 255).toFixed(6))]), 'a.csv:2:155: all pixels so far are from 0 to 1, where 0 is paper and 255 is ink: multiply them by 255'],
  ['pixels 0 and 1', textOf(scaled((value) => (value > 127 ? '1' : '0'))), 'a.csv:1:155: all pixels so far are from 0 to 1, where 0 is paper and 255 is ink: multiply them by 255'],
  ['pixels 0.0 and 1.0 without labels', textOf(scaled((value) => (value > 127 ? '1.0' : '0.0')).map((row) => row.slice(1))), 'a.csv:1:154: all pixels so far are from 0 to 1, where 0 is paper and 255 is ink: multiply them by 255'],
  ['pixels from -1 to 1', textOf(scaled((value) => (value / 127.5 - 1).toFixed(4))), 'a.csv:1:2: "-1.0000" is not a whole number from 0 to 255'],
  ['standardised pixels', textOf(scaled((value) => ((value - 33.3) / 78.6).toFixed(4))), 'a.csv:1:2: "-0.4237" is not a whole number from 0 to 255'],
  // quotes
  ['an open quote', cell(5, 5, '"1'), 'a.csv:5:5: a quote is opened here and never closed'],
  ['an open quote in a long file', cell(5, 5, '"1', [...kaggle, ...rows, ...rows, ...rows, ...rows]), 'a.csv:5:5: a quote is opened here and never closed'],
  ['an open quote in the header', cell(1, 5, '"pixel4'), 'a.csv:1:5: a quote is opened here and never closed'],
  ['a quote within', cell(5, 5, '1"1'), 'a.csv:5:5: there is a quote within the field: quotes have to stand around it'],
  ['text behind a quote', cell(5, 5, '"1"1'), 'a.csv:5:5: a comma or the end of the line is expected after the second quote'],
  ['a newline in quotes', cell(5, 5, '"1\n2"'), 'a.csv:6:5: "1\\n2" is not a whole number from 0 to 255'],
  // turned on its side
  ['transposed', transposed(rows), 'a.csv: this file is transposed, 785 lines of 20 columns: write a digit a line, not a pixel'],
  ['transposed, without labels', transposed(unlabelled), 'a.csv: this file is transposed, 784 lines of 20 columns: write a digit a line, not a pixel'],
  ['transposed, under a header of pandas', transposed([count(785), ...rows]).replace(/^/, `${count(21).join(',')}\n`), 'a.csv: this file is transposed, 786 lines of 21 columns: write a digit a line, not a pixel'],
  ['transposed, its lines too long', transposed(Array.from({ length: 40_000 }, (_, i) => unlabelled[i % 20].slice(0, 784))).slice(0, -1), 'a.csv: this file is transposed, 784 lines of 40,000 columns: write a digit a line, not a pixel'],
  ['transposed, of 785 digits', transposed(Array.from({ length: 785 }, (_, i) => unlabelled[i % 20])), 'a.csv:128:785: the first column was 0 in every line so far and the last one is 4 here: which of them is the label? Name the columns in a header, label,pixel0,…,pixel783 or pixel0,…,pixel783,label'],
  ['transposed, of 784 digits', transposed(Array.from({ length: 784 }, (_, i) => unlabelled[i % 20])), 'a.csv: this file is transposed, 784 lines of 784 columns: write a digit a line, not a pixel'],
  // pairs and several files
  ['labels alone', textOf(openmlLabels), 'a.csv: these are labels without pixels: name the file of the pixels before it'],
  ['labels alone, in one column', [...digits.labels].join('\n'), 'a.csv: these are labels without pixels: name the file of the pixels before it'],
  ['labels twice', [textOf(openmlLabels), textOf(openmlLabels)], 'a.csv: these are labels without pixels: name the file of the pixels before it'],
  ['a label too few', [textOf(openmlPixels), textOf(openmlLabels.slice(0, -1))], 'b.csv: this file has 19 labels for the 20 digits of a.csv'],
  ['a digit too few', [textOf(openmlLabels), textOf(openmlPixels.slice(0, -1))], 'b.csv: this file has 19 digits for the 20 labels of a.csv'],
  ['a pair in another order', [textOf(openmlPixels), textOf([openmlLabels[0], ...openmlLabels.slice(1).toReversed()])], 'b.csv:2:1: the index is 19 where a.csv has 0: the rows of both have to be the same, in the same order'],
  ['an index that is none', [textOf(openmlPixels), cell(7, 1, 'six', openmlLabels)], 'b.csv:7:1: the index "six" is not a whole number'],
  ['a label of a pair', [textOf(openmlPixels), cell(7, 2, 'six', openmlLabels)], 'b.csv:7:2: the label "six" is not a digit from 0 to 9'],
  ['a pixel of a pair', [textOf(openmlLabels), cell(7, 2, '300', openmlPixels)], 'b.csv:7:2: "300" is not a whole number from 0 to 255'],
  ['labels once and once not', [text, textOf(unlabelled)], 'b.csv: there are no labels here and some before: all digits need them or none'],
  ['labels not once and once', [textOf(unlabelled), text], 'b.csv: there are labels here and none before: all digits need them or none'],
  ['something wrong in the second file', [text, cell(7, 2, '300')], 'b.csv:7:2: "300" is not a whole number from 0 to 255'],
  // IDX
  ['IDX of floats', idx([0, 0, 13, 3], [1, 28, 28], 784), 'a.csv: this IDX file holds neither pictures nor labels in bytes'],
  ['IDX of 32×32', idx(IMAGES, [1, 32, 32], 1024), 'a.csv: this IDX file holds pictures of 32×32, 28×28 are needed'],
  ['IDX cut off', idx(IMAGES, [60_000, 28, 28], 1000), 'a.csv: the header announces 60,000 digits but the file ends after 1 digit: bring it again, whole'],
  ['IDX cut off within its header', idx(IMAGES, [60_000, 28], 0), 'a.csv: the IDX file is cut off within its header'],
  ['IDX that goes on', idx(IMAGES, [2, 28, 28], 1569), 'a.csv: the file goes on behind the 2 digits that its header announces'],
  ['IDX of nothing', idx(IMAGES, [0, 28, 28], 0), 'a.csv: the IDX file announces no digits'],
  ['IDX of four billion digits', idx(IMAGES, [4_294_967_295, 28, 28], 784), 'a.csv: the header announces 4,294,967,295 digits but the file ends after 1 digit: bring it again, whole'],
  ['IDX labels that are none', [idx(IMAGES, [2, 28, 28], 1568), Buffer.from([...LABELS, 0, 0, 0, 2, 1, 10])], 'b.csv: label 2 is 10, not a digit from 0 to 9'],
  ['IDX labels too few', [idx(IMAGES, [2, 28, 28], 1568), idx(LABELS, [1], 1)], 'b.csv: this file has 1 label for the 2 digits of a.csv'],
  ['IDX labels alone', idx(LABELS, [5], 5), 'a.csv: these are labels without pixels: name the file of the pixels before it'],
] // prettier-ignore

test.each(cases)('%s', async (_, content, sentence) => {
  const paths = [content].flat().map((bytes, i) => {
    const path = join(folder, `${'ab'[i]}.csv`)
    writeFileSync(path, bytes)
    return path
  })
  const refusal = async (scanner: boolean) => {
    const error: unknown = await readDigits(paths, { scanner }).catch((failure: unknown) => failure)
    const { kind, message } = error as { kind?: string; message?: string }
    return [kind, message?.replaceAll(`${folder}/`, '')]
  }
  expect(await refusal(true)).toEqual(['badData', sentence])
  expect(await refusal(false)).toEqual(['badData', sentence])
})
