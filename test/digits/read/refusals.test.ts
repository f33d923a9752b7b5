/** Invalid files and the message for each, with the scanner and with csv-parse alone. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { generate } from '../../../src/digits/generate.ts'
import { readDigits } from '../../../src/digits/read.ts'
import { Failure } from '../../../src/failure.ts'
import { newFolder } from '../../support/folder.ts'
import { isLong } from '../../support/long.ts'
import { cellsOf, DIALECTS, HEADER, PIXEL_NAMES, textOf, type Cells } from '../../support/csv.ts'

const folder = newFolder()

const digits = generate(20, 2)
const rows = cellsOf(digits)
const kaggle: Cells = [['label', ...PIXEL_NAMES], ...rows]
const unlabelled = rows.map(([, ...pixels]) => pixels)
const [openmlPixels, openmlLabels] = DIALECTS[13].files(digits)
const count = (length: number, from = 0) => Array.from({ length }, (_, i) => String(i + from))

/** Kaggle's CSV with one cell replaced; line and column count from 1. */
const cell = (line: number, column: number, text: string, cells = kaggle) =>
  textOf(cells.with(line - 1, cells[line - 1].with(column - 1, text)))
const text = textOf(kaggle)
const lines = text.split('\n')
const header = (change: (names: string[]) => string[]) => textOf([change(kaggle[0]), ...rows])
/** Rows with other labels. */
const labels = (label: (i: number) => string, cells = rows) => textOf(cells.map((row, i) => row.with(0, label(i))))
const scaled = (digit: (value: number) => string) =>
  rows.map(([label, ...p]) => [label, ...p.map((v) => digit(Number(v)))])
const transposed = (cells: Cells) => textOf(cells[0].map((_, i) => cells.map((row) => row[i])))
/** The pixels of the twenty digits `times` times, one pixel on each line. */
const wide = (times: number) => unlabelled[0].map((_, p) => Array(times).fill(unlabelled.map((row) => row[p]).join(',')).join(',')) // prettier-ignore
const idx = (magic: number[], words: number[], bytes: number) =>
  Buffer.from([
    ...magic,
    ...words.flatMap((word) => [word >>> 24, (word >>> 16) & 255, (word >>> 8) & 255, word & 255]),
    ...new Uint8Array(bytes),
  ])
const IMAGES = [0, 0, 8, 3]
const LABELS = [0, 0, 8, 1]

/** A row whose repeated values are made distinct; \`name\` gets how often the value came before. */
const mangled = (row: string[], name: (value: string, before: number) => string) =>
  row.map((value, i) => name(value, row.slice(0, i).filter((other) => other === value).length))
const REMEDY = 'read the original with header=None (pandas) or header = FALSE (R) and write it again'

type Content = string | Buffer
const cases: [what: string, content: Content | Content[], message: string][] = [
  // empty files
  ['an empty file', '', 'a.csv: empty file; expected a CSV of MNIST digits (785 columns)'],
  ['only newlines', '\n\r\n\n', 'a.csv: empty file; expected a CSV of MNIST digits (785 columns)'],
  ['only a byte order mark', '\uFEFF', 'a.csv: empty file; expected a CSV of MNIST digits (785 columns)'],
  ['only a header', `${HEADER}\n`, 'a.csv: no digits after the header'],
  ['only a header, without a newline', HEADER, 'a.csv: no digits after the header'],
  ['a pair whose labels are only a header', [textOf(openmlPixels), ',class\n'], 'b.csv: no labels after the header'],
  ['a gzipped empty file', gzipSync(''), 'a.csv: empty file; expected a CSV of MNIST digits (785 columns)'],
  // other formats
  ['text', 'It was a dark and stormy night\n', 'a.csv:1: 1 column, expected 785 (a label and 784 pixels)'],
  ['a ZIP archive', Buffer.from('PK\x03\x04\x14\0\0\0', 'latin1'), 'a.csv: is a ZIP archive (or an Excel workbook); unzip it, or save the sheet as CSV'],
  ['a file gzipped twice', gzipSync(gzipSync(text)), 'a.csv: is gzipped twice; gunzip it once'],
  ['bzip2', Buffer.from('BZh91AY&SY', 'latin1'), 'a.csv: is compressed with bzip2; decompress it'],
  ['xz', Buffer.from('\xfd7zXZ\0', 'latin1'), 'a.csv: is compressed with xz; decompress it'],
  ['UTF-16', Buffer.from(`\uFEFF${text}`, 'utf16le'), 'a.csv: is UTF-16 text; save it as UTF-8'],
  ['a NumPy array', Buffer.from('\x93NUMPY\x01\0', 'latin1'), 'a.csv: is a NumPy array; save it with np.savetxt(file, array, "%d", ",")'],
  ['Parquet', 'PAR1\x15\x04', `a.csv: is a Parquet file; save it as CSV with pandas' to_csv`],
  ['a PNG', Buffer.from('\x89PNG\r\n\x1a\n\0', 'latin1'), 'a.csv: is an image file; expected a CSV of MNIST digits (785 columns)'],
  ['ELF', Buffer.from('\x7fELF\0\x01\x02', 'latin1'), 'a.csv: is a binary file; expected a CSV of MNIST digits (785 columns)'],
  ['a web page', '<!DOCTYPE html>\n<html><title>403 Forbidden</title></html>\n', 'a.csv: is a web page; download the file itself'],
  ['JSON', '{"pixels": [0, 0, 0]}\n', 'a.csv: is JSON; save it as CSV'],
  ['a Git LFS pointer', 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 109582946\n', 'a.csv: is a Git LFS pointer; fetch the file with git lfs pull'],
  ['ARFF', '% MNIST\n@RELATION mnist_784\n@ATTRIBUTE pixel1 real\n', 'a.csv: is an ARFF file; save it as CSV'],
  ['a truncated gzip file', gzipSync(text).subarray(0, -2000), 'a.csv: truncated gzip file; download it again'],
  ['a gzip file truncated in its trailer', gzipSync(text).subarray(0, -4), 'a.csv: truncated gzip file; download it again'],
  ['a corrupt gzip file', Buffer.from(gzipSync(text)).fill(0xff, 100, 140), 'a.csv: corrupt gzip file; download it again'],
  ['semicolons', text.replaceAll(',', ';'), 'a.csv:1: fields are separated by semicolons, expected commas'],
  ['tabs', text.replaceAll(',', '\t'), 'a.csv:1: fields are separated by tabs, expected commas'],
  ['spaces', textOf(rows).replaceAll(',', ' '), 'a.csv:1: fields are separated by spaces, expected commas'],
  ['a long line without a newline', '1'.repeat(70_000), 'a.csv:1: line longer than 64 KiB; expected a CSV of MNIST digits (785 columns)'],
  ['more commas than the window holds', ','.repeat(1.1 * 2 ** 20), 'a.csv:1: line longer than 64 KiB; expected a CSV of MNIST digits (785 columns)'],
  ['more commas than the window holds, on line 3', `${lines[0]}\n${lines[1]}\n${','.repeat(1.1 * 2 ** 20)}`, 'a.csv:3: line longer than 64 KiB; expected a CSV of MNIST digits (785 columns)'],
  ['a line of 70 KB on line 3', `${lines[0]}\n${lines[1]}\n${'1'.repeat(70_000)}\n`, 'a.csv:3: line longer than 64 KiB; expected a CSV of MNIST digits (785 columns)'],
  // columns
  ['12 columns', textOf(kaggle.with(16, kaggle[16].slice(0, 12))), 'a.csv:17: 12 columns, expected 785 (a label and 784 pixels)'],
  ['an extra column', textOf(kaggle.with(16, [...kaggle[16], '0'])), 'a.csv:17: 786 columns, expected 785 (a label and 784 pixels)'],
  ['one row of 784 columns', textOf(rows.with(5, unlabelled[5])), 'a.csv:6: 784 columns, expected 785 (a label and 784 pixels)'],
  ['786 columns without a header', textOf(rows.map((row, i) => [String(i), ...row])), 'a.csv:1: 786 columns, expected 785 (a label and 784 pixels); if one is an index, add a header that names it'],
  ['a file truncated in a row', text.slice(0, 20_000), 'a.csv:9: 120 columns, expected 785 (a label and 784 pixels)'],
  ['digits of 8×8', textOf(rows.map((row) => row.slice(0, 65))), 'a.csv:1: 65 columns, expected 785 (a label and 784 pixels)'],
  ['digits of 8×8 under a header', textOf(kaggle.map((row) => row.slice(0, 65))), 'a.csv:1: header of 64 pixels, expected 784 (28×28)'],
  ['digits of 8×8 without labels under a header', textOf(kaggle.map((row) => row.slice(1, 65))), 'a.csv:1: header of 64 pixels, expected 784 (28×28)'],
  ['two files in one, with the second header in the middle', `${text}${text}`, 'a.csv:22:1: "label" is not a label (0–9)'],
  ['a line of spaces', `${lines[0]}\n${lines[1]}\n   \n${lines[2]}\n`, 'a.csv:3: 1 column, expected 785 (a label and 784 pixels)'],
  ['a comment before the header', `# MNIST\n${text}`, 'a.csv:1: 1 column, expected 785 (a label and 784 pixels)'],
  ['a semicolon after a label', text.replace(/(\n\d),/, '$1;'), 'a.csv:2: 784 columns, expected 785 (a label and 784 pixels)'],
  // names
  ['pixel names with a gap', header((names) => names.with(8, 'pixel8')), 'a.csv:1:9: column "pixel8", expected "pixel7"'],
  ['pixel names in column-major order', header(([label, ...names]) => [label, ...names.map((_, p) => `${(p % 28) + 1}x${Math.floor(p / 28) + 1}`)]), 'a.csv:1:3: column "2x1", expected "1x2"'],
  ['pixel names that start at 2', header(([label]) => [label, ...count(784, 2).map((p) => `pixel${p}`)]), 'a.csv:1:2: column "pixel2", expected "pixel0"'],
  ['a label by another name', header((names) => names.with(0, 'number')), 'a.csv:1:1: column "number" is neither a pixel nor a label; name the label column "label", "class" or "target"'],
  ['a label by another name, last', header(([, ...names]) => [...names, 'number']), 'a.csv:1:785: column "number" is neither a pixel nor a label; name the label column "label", "class" or "target"'],
  ['a pixel without a name', header((names) => names.with(100, '')), 'a.csv:1:101: column "", expected "pixel99"'],
  ['785 unknown names', header((names) => names.map((name) => name.split('').toReversed().join(''))), 'a.csv:1:1: column "lebal", expected "label", then 784 pixel columns'],
  ['a first row of nan', textOf([Array.from({ length: 785 }, () => 'nan'), ...rows]), 'a.csv:1:1: column "nan", expected "label", then 784 pixel columns'],
  ['two labels', header((names) => names.with(784, 'class')), 'a.csv:1:785: two label columns, "label" and "class"; remove one'],
  ['a header of another data set', 'sepal_length,sepal_width,species\n5.1,3.5,setosa\n', 'a.csv:1: 3 columns, expected 785 (a label and 784 pixels)'],
  // labels
  ['a label 10 after a 0', labels((i) => String((7 * i) % 11)), 'a.csv:4:1: "10" is not a label (0–9)'],
  ['labels from 1 to 10', labels((i) => String(((3 * i) % 10) + 1)), 'a.csv:4:1: "10" is not a label (0–9); if the labels are 1–10, change them to 0–9'],
  ['an empty label', cell(17, 1, ''), 'a.csv:17:1: "" is not a label (0–9)'],
  ['a label above 9', cell(17, 1, '11'), 'a.csv:17:1: "11" is not a label (0–9)'],
  ['a negative label', cell(17, 1, '-1'), 'a.csv:17:1: "-1" is not a label (0–9)'],
  ['a fractional label', cell(17, 1, '4.5'), 'a.csv:17:1: "4.5" is not a label (0–9)'],
  ['a label in letters', cell(17, 1, 'seven'), 'a.csv:17:1: "seven" is not a label (0–9)'],
  ['a label NaN', cell(17, 1, 'NaN'), 'a.csv:17:1: "NaN" is not a label (0–9)'],
  ['labels of EMNIST letters', textOf(kaggle.map((row, i) => (i > 0 ? row.with(0, String(12 + i)) : row))), 'a.csv:2:1: "13" is not a label (0–9); labels 1–26: letters, not digits'],
  ['letters from 1 to 26', labels((i) => String(((7 * i + 2) % 26) + 1)), 'a.csv:2:1: "10" is not a label (0–9); labels 1–26: letters, not digits'],
  ['letters from 0 to 25', textOf([kaggle[0], ...rows.map((row, i) => row.with(0, String((7 * i) % 25)))]), 'a.csv:4:1: "14" is not a label (0–9); labels 0–25: letters, not digits'],
  ['an index instead of the label', labels(String), 'a.csv:1:1: the first column (0, 1, 2, …) is an index, not a label; remove it or add a header that names the columns'],
  ['an index from 1 instead of the label', labels((i) => String(i + 1)), 'a.csv:1:1: the first column (1, 2, 3, …) is an index, not a label; remove it or add a header that names the columns'],
  ['an index from 60,000 instead of the label', labels((i) => String(60_000 + i)), 'a.csv:1:1: the first column (60000, 60001, 60002, …) is an index, not a label; remove it or add a header that names the columns'],
  ['a shuffled index instead of the label', labels((i) => String((i * 7919) % 60_000)), 'a.csv:2:1: "7919" is not a label (0–9); if it is an index, remove it or add a header that names the columns'],
  ['no header, and a first and a last column that could be the label', textOf(rows.map((row, i) => [String(i % 2), ...row.slice(1, 784), String(1 + (i % 3))])), 'a.csv: the label could be the first or the last column; add a header, label,pixel0,…,pixel783 or pixel0,…,pixel783,label'],
  ['no header, a first column of 0 and a last column of mostly 0', textOf(rows.map((row, i) => ['0', ...row.slice(1, 784), i % 5 === 0 ? '1' : '0'])), 'a.csv: the label could be the first or the last column; add a header, label,pixel0,…,pixel783 or pixel0,…,pixel783,label'],
  ['no header, and a last column that could be the label after 14 rows of 0', textOf(Array.from({ length: 16 }, (_, i) => ['0', ...rows[i].slice(1, 784), i < 14 ? '0' : '1'])), 'a.csv:15:785: the label could be the first column (always 0 so far) or the last (1 here); add a header, label,pixel0,…,pixel783 or pixel0,…,pixel783,label'],
  // pixels
  ['a pixel 256', cell(17, 12, '256'), 'a.csv:17:12: "256" is not a pixel value (0–255)'],
  ['a pixel 256 after empty lines', cell(17, 12, '256').replaceAll('\n', '\n\r\n\n'), 'a.csv:49:12: "256" is not a pixel value (0–255)'],
  ['a pixel 256 among mixed line endings', cell(17, 12, '256').split('\n').map((line, i) => line + ['\n', '\r\n', '\r'][i % 3]).join(''), 'a.csv:17:12: "256" is not a pixel value (0–255)'],
  ['a pixel of a thousand figures', cell(17, 12, '9'.repeat(1000)), 'a.csv:17:12: "999999999999999999999999…" is not a pixel value (0–255)'],
  ['a pixel 2S6', cell(17, 12, '2S6'), 'a.csv:17:12: "2S6" is not a pixel value (0–255)'],
  ['a negative pixel', cell(2, 785, '-1'), 'a.csv:2:785: "-1" is not a pixel value (0–255)'],
  ['an empty pixel', cell(21, 785, ''), 'a.csv:21:785: "" is not a pixel value (0–255)'],
  ['a pixel NaN', cell(5, 3, 'nan'), 'a.csv:5:3: "nan" is not a pixel value (0–255)'],
  ['hexadecimal', cell(3, 5, '0x10'), 'a.csv:3:5: "0x10" is not a pixel value (0–255)'],
  ['a fraction above 1', cell(3, 5, '12.5'), 'a.csv:3:5: "12.5" is not a pixel value (0–255)'],
  ['infinity', cell(3, 5, 'Infinity'), 'a.csv:3:5: "Infinity" is not a pixel value (0–255)'],
  ['a digit of another script', cell(3, 5, '٣'), 'a.csv:3:5: "٣" is not a pixel value (0–255)'],
  ['a NUL byte', cell(9, 5, '\0'), 'a.csv:9:5: "\\u0000" is not a pixel value (0–255)'],
  ['decimal commas', textOf(scaled((value) => (value / 255).toFixed(4).replace('.', ','))), 'a.csv:1: 1,569 columns, expected 785 (a label and 784 pixels); if the numbers have decimal commas, write decimal points'],
  ['pixels from 0 to 1', textOf(scaled((value) => String(value / 255))), 'a.csv:1:155: pixels are scaled to 0–1, expected 0 (paper) to 255 (ink); multiply them by 255 and round'],
  ['pixels from 0 to 1 under a header', textOf([kaggle[0], ...scaled((value) => (value / 255).toFixed(6))]), 'a.csv:2:155: pixels are scaled to 0–1, expected 0 (paper) to 255 (ink); multiply them by 255 and round'],
  ['pixels 0 and 1', textOf(scaled((value) => (value > 127 ? '1' : '0'))), 'a.csv:1:155: pixels are scaled to 0–1, expected 0 (paper) to 255 (ink); multiply them by 255 and round'],
  ['pixels 0.0 and 1.0 without labels', textOf(scaled((value) => (value > 127 ? '1.0' : '0.0')).map((row) => row.slice(1))), 'a.csv:1:154: pixels are scaled to 0–1, expected 0 (paper) to 255 (ink); multiply them by 255 and round'],
  ['pixels from -1 to 1', textOf(scaled((value) => (value / 127.5 - 1).toFixed(4))), 'a.csv:1:2: pixels are scaled to −1–1, expected 0 (paper) to 255 (ink); add 1, multiply by 127.5 and round'],
  ['standardised pixels', textOf(scaled((value) => (value / 80 - 0.5).toFixed(4))), 'a.csv:1:2: pixels are standardised (−0.5 to 2.688 here), expected 0 (paper) to 255 (ink); write the original pixels'],
  ['pixels standardised as PyTorch does', textOf(scaled((value) => ((value / 255 - 0.1307) / 0.3081).toFixed(6))), 'a.csv:1:2: pixels are standardised (−0.4242 to 2.821 here), expected 0 (paper) to 255 (ink); multiply them by 0.3081, add 0.1307, multiply by 255 and round'],
  ['pixels from -0.5 to 0.5', textOf(scaled((value) => (value / 255 - 0.5).toFixed(4))), 'a.csv:1:2: pixels are scaled to −0.5–0.5, expected 0 (paper) to 255 (ink); add 0.5, multiply by 255 and round'],
  ['pixels from 0 to 255/256', textOf(scaled((value) => String(value / 256))), 'a.csv:1:155: pixels are scaled to 0–255/256, expected 0 (paper) to 255 (ink); multiply them by 256'],
  ['pixels from 0 to 255/256, rounded', textOf(scaled((value) => (value / 256).toFixed(6))), 'a.csv:1:155: pixels are scaled to 0–255/256, expected 0 (paper) to 255 (ink); multiply them by 256 and round'],
  ['pixels from 0 to 0.9', textOf(scaled((value) => String((0.9 * value) / 255))), 'a.csv:1:155: pixels are scaled to 0–0.9, expected 0 (paper) to 255 (ink); write the original pixels'],
  ['pixels from 0.01 to 1', textOf(scaled((value) => String((0.99 * value) / 255 + 0.01))), 'a.csv:1:2: pixels are scaled to 0.01–1, expected 0 (paper) to 255 (ink); subtract 0.01, divide by 0.99, multiply by 255 and round'],
  ['pixels from 0 to 1, label last', textOf(scaled((value) => String((0.99 * value) / 255 + 0.01)).map(([label, ...p], i) => [...p, label === '0' ? String(1 + (i % 9)) : label])), 'a.csv:1:1: pixels are scaled to 0.01–1, expected 0 (paper) to 255 (ink); subtract 0.01, divide by 0.99, multiply by 255 and round'],
  ['pixels that are not whole', textOf(scaled((value) => String(value * 1.0000001))), 'a.csv:1:155: pixels are not whole numbers, expected 0 (paper) to 255 (ink); round them'],
  ['pixels from 0 to 254.004', textOf(scaled((value) => String((value / 256) * 255))), 'a.csv:1:155: pixels are not whole numbers, expected 0 (paper) to 255 (ink); multiply them by 256/255 and round'],
  ['pixels up to 65535', textOf(scaled((value) => String(value * 257))), 'a.csv:1:155: pixels go up to 65540, expected 0 (paper) to 255 (ink); write the original pixels'],
  ['a single pixel between 0 and 1', cell(3, 5, '0.5'), 'a.csv:3:5: "0.5" is not a pixel value (0–255)'],
  ['UTF-16 after UTF-8', Buffer.concat([Buffer.from(text), Buffer.from(textOf(rows), 'utf16le')]), 'a.csv:22:1: "4\\u0000" is not a label (0–9); from here on the file is UTF-16: save all of it as UTF-8'],
  // separators
  ['semicolons and decimal commas', textOf(scaled((value) => value.toFixed(1))).replaceAll(',', ';').replaceAll('.', ','), 'a.csv:1: fields are separated by semicolons, with decimal commas; separate them by commas and write whole numbers'],
  ['semicolons and decimal commas under a header', textOf([kaggle[0], ...scaled((value) => value.toFixed(1))]).replaceAll(',', ';').replaceAll('.', ','), 'a.csv:1: fields are separated by semicolons, with decimal commas; separate them by commas and write whole numbers'],
  ['semicolons between quotes', textOf(kaggle.map((row) => row.map((field) => `"${field}"`))).replaceAll(',', ';'), 'a.csv:1: fields are separated by semicolons, expected commas'],
  ['tabs and decimal commas', textOf(scaled((value) => value.toFixed(1))).replaceAll(',', '\t').replaceAll('.', ','), 'a.csv:1: fields are separated by tabs, with decimal commas; separate them by commas and write whole numbers'],
  ['sep=; and semicolons', `sep=;\r\n${text.replaceAll(',', ';')}`, 'a.csv:2: fields are separated by semicolons, expected commas'],
  ['pipes', text.replaceAll(',', '|'), 'a.csv:1: fields are separated by pipes, expected commas'],
  ['semicolons that end in CR', text.replaceAll(',', ';').replaceAll('\n', '\r'), 'a.csv:1: fields are separated by semicolons, expected commas'],
  // labels in ten columns, empty rows and columns
  ['one-hot labels after the pixels', textOf(rows.map(([label, ...p]) => [...p, ...count(10).map((c) => (c === label ? '1' : '0'))])), 'a.csv:1: 794 columns: 784 pixels and ten for a label, 1 of 10 (columns 785–794); write the label as one number, 0–9'],
  ['one-hot labels under a header', textOf([[...count(10).map((c) => `class_${c}`), ...PIXEL_NAMES], ...rows.map(([label, ...p]) => [...count(10).map((c) => (c === label ? '1.0' : '0.0')), ...p])]), 'a.csv:1: 794 columns: 784 pixels and ten for a label, 1 of 10 (columns 1–10); write the label as one number, 0–9'],
  ['one-hot labels after an index', textOf(rows.map(([label, ...p], i) => [String(i), ...count(10).map((c) => (c === label ? '1' : '0')), ...p])), 'a.csv:1: 795 columns: 784 pixels and ten for a label, 1 of 10 (columns 2–11); write the label as one number, 0–9'],
  ['a label and 783 pixels with a comma at the end', textOf(rows.map((row) => [...row.slice(0, 784), ''])), 'a.csv:1:785: "" is not a pixel value (0–255)'],
  ['a value after commas at the end', textOf([...rows.map((row) => [...row, '']).slice(0, 15), [...rows[15], '7']]), 'a.csv:16:786: "7" in a column that is empty in the rows before; remove it'],
  ['an empty row between digits', textOf(kaggle.toSpliced(9, 0, kaggle[0].map(() => ''))), 'a.csv:10: empty row between digits; delete it'],
  // headers that were rows of digits
  ['a row of digits that pandas made into a header', textOf([mangled(rows[0], (v, n) => (n ? `${v}.${n}` : v)), ...rows.slice(1)]), `a.csv:1: the header is a row of digits made into names ("${rows[0][0]}", "0", "0.1", …); ${REMEDY}`],
  ['a row of floats that pandas made into a header', textOf([mangled(rows[0], (v, n) => (n ? `${v}.0.${n}` : `${v}.0`)), ...rows.slice(1)]), `a.csv:1: the header is a row of digits made into names ("${rows[0][0]}.0", "0.0", "0.0.1", …); ${REMEDY}`],
  ['a row of pixels that R made into a header', textOf([mangled(unlabelled[0], (v, n) => (n ? `X${v}.${n}` : `X${v}`)), ...unlabelled.slice(1)]), `a.csv:1: the header is a row of digits made into names ("X0", "X0.1", "X0.2", …); ${REMEDY}`],
  ['a row of digits that a tibble made into a header', textOf([rows[0].map((v, i) => (rows[0].filter((w) => w === v).length > 1 ? `${v}...${i + 1}` : v)), ...rows.slice(1)]), `a.csv:1: the header is a row of digits made into names ("${rows[0][0]}...1", "0...2", "0...3", …); ${REMEDY}`],
  ['a row of digits that polars made into a header', textOf([mangled(rows[0], (v, n) => (n ? `${v}_duplicated_${n - 1}` : v)), ...rows.slice(1)]), `a.csv:1: the header is a row of digits made into names ("${rows[0][0]}", "0", "0_duplicated_0", …); ${REMEDY}`],
  // quotes
  ['an unclosed quote', cell(5, 5, '"1'), 'a.csv:5:5: unclosed quote'],
  ['an unclosed quote in a long file', cell(5, 5, '"1', [...kaggle, ...rows, ...rows, ...rows, ...rows]), 'a.csv:5:5: unclosed quote'],
  ['an unclosed quote in the header', cell(1, 5, '"pixel4'), 'a.csv:1:5: unclosed quote'],
  ['a quote inside a field', cell(5, 5, '1"1'), 'a.csv:5:5: quote inside a field; quotes must enclose the whole field'],
  ['text after a closing quote', cell(5, 5, '"1"1'), 'a.csv:5:5: text after the closing quote; expected a comma or the end of the line'],
  ['a newline in quotes', cell(5, 5, '"1\n2"'), 'a.csv:6:5: "1\\n2" is not a pixel value (0–255)'],
  // transposed
  ['transposed', transposed(rows), 'a.csv: transposed (785 lines of 20 columns); write one digit per line, not one pixel'],
  ['transposed, without labels', transposed(unlabelled), 'a.csv: transposed (784 lines of 20 columns); write one digit per line, not one pixel'],
  ['transposed, with a header from pandas', transposed([count(785), ...rows]).replace(/^/, `${count(21).join(',')}\n`), 'a.csv: transposed (786 lines of 21 columns); write one digit per line, not one pixel'],
  ['transposed, with a first line too long', [Array(3000).fill('0.000000000000000000e+00').join(','), ...wide(150).slice(1)].join('\n'), 'a.csv: transposed (784 lines of 3,000 columns); write one digit per line, not one pixel'],
  ...(isLong ? [['transposed, with lines too long', wide(2000).join('\n'), 'a.csv: transposed (784 lines of 40,000 columns); write one digit per line, not one pixel'] as [string, string, string]] : []),
  ['transposed, of 785 digits', transposed(Array.from({ length: 785 }, (_, i) => unlabelled[i % 20])), 'a.csv:128:785: the label could be the first column (always 0 so far) or the last (4 here); add a header, label,pixel0,…,pixel783 or pixel0,…,pixel783,label'],
  ['transposed, of 784 digits', transposed(Array.from({ length: 784 }, (_, i) => unlabelled[i % 20])), 'a.csv: transposed (784 lines of 784 columns); write one digit per line, not one pixel'],
  ['transposed, with lines that end in CR', transposed(rows).replaceAll('\n', '\r'), 'a.csv: transposed (785 lines of 20 columns); write one digit per line, not one pixel'],
  // pairs and several files
  ['only labels', textOf(openmlLabels), 'a.csv: labels without pixels; name the file of pixels next to it'],
  ['only labels, in one column', [...digits.labels].join('\n'), 'a.csv: labels without pixels; name the file of pixels next to it'],
  ['labels twice', [textOf(openmlLabels), textOf(openmlLabels)], 'a.csv: labels without pixels; name the file of pixels next to it'],
  ['one label too few', [textOf(openmlPixels), textOf(openmlLabels.slice(0, -1))], 'b.csv: 19 labels for the 20 digits of a.csv'],
  ['one digit too few', [textOf(openmlLabels), textOf(openmlPixels.slice(0, -1))], 'b.csv: 19 digits for the 20 labels of a.csv'],
  ['a pair in another order', [textOf(openmlPixels), textOf([openmlLabels[0], ...openmlLabels.slice(1).toReversed()])], 'b.csv:2:1: index 19, expected 0 as in a.csv; both files need the same rows in the same order'],
  ['an index that is not a number', [textOf(openmlPixels), cell(7, 1, 'six', openmlLabels)], 'b.csv:7:1: "six" is not an index (0, 1, 2, …)'],
  ['an invalid label in a pair', [textOf(openmlPixels), cell(7, 2, 'six', openmlLabels)], 'b.csv:7:2: "six" is not a label (0–9)'],
  ['an invalid pixel in a pair', [textOf(openmlLabels), cell(7, 2, '300', openmlPixels)], 'b.csv:7:2: "300" is not a pixel value (0–255)'],
  ['labels in the first file only', [text, textOf(unlabelled)], 'b.csv: no labels, unlike the digits before it; use labelled or unlabelled digits only'],
  ['labels in the second file only', [textOf(unlabelled), text], 'b.csv: has labels, unlike the digits before it; use labelled or unlabelled digits only'],
  ['an invalid pixel in the second file', [text, cell(7, 2, '300')], 'b.csv:7:2: "300" is not a pixel value (0–255)'],
  // IDX
  ['IDX of floats', idx([0, 0, 13, 3], [1, 28, 28], 784), 'a.csv: IDX file of 32-bit floats, expected pixels as unsigned bytes; write them as bytes, 0 (paper) to 255 (ink)'],
  ['IDX of 32×32', idx(IMAGES, [1, 32, 32], 1024), 'a.csv: images of 32×32 pixels, expected 28×28'],
  ['truncated IDX', idx(IMAGES, [60_000, 28, 28], 1000), 'a.csv: truncated after 1 of 60,000 digits; download it again'],
  ['IDX truncated in its header', idx(IMAGES, [60_000, 28], 0), 'a.csv: truncated IDX header; download the file again'],
  ['IDX with extra bytes', idx(IMAGES, [2, 28, 28], 1569), 'a.csv: more data after the 2 digits that its header declares; download it again'],
  ['IDX of 0 images', idx(IMAGES, [0, 28, 28], 0), 'a.csv: empty IDX file; its header declares 0 images'],
  ['IDX of more digits than memory can hold', gzipSync(idx(IMAGES, [4_294_967_295, 28, 28], 784)), expect.stringMatching(/^a\.csv: 4,294,967,295 digits need 3371\.5 GB of memory, but [\d.]+ GB are available; read fewer with --take$/)],
  ['IDX of four billion digits', idx(IMAGES, [4_294_967_295, 28, 28], 784), 'a.csv: truncated after 1 of 4,294,967,295 digits; download it again'],
  ['an invalid IDX label', [idx(IMAGES, [2, 28, 28], 1568), Buffer.from([...LABELS, 0, 0, 0, 2, 1, 10])], 'b.csv: label 2 is 10, expected 0–9'],
  ['too few IDX labels', [idx(IMAGES, [2, 28, 28], 1568), idx(LABELS, [1], 1)], 'b.csv: 1 label for the 2 digits of a.csv'],
  ['only IDX labels', idx(LABELS, [5], 5), 'a.csv: labels without pixels; name the file of pixels next to it'],
] // prettier-ignore

test.each(cases)(
  '%s is refused, with the place and what to do',
  async (_, content, message) => {
    const paths = [content].flat().map((bytes, i) => {
      const path = join(folder, `${'ab'[i]}.csv`)
      writeFileSync(path, bytes)
      return path
    })
    const refusal = async (scanner: boolean) => {
      const error: unknown = await readDigits(paths, { scanner }).catch((failure: unknown) => failure)
      if (!(error instanceof Failure)) throw new Error('not refused', { cause: error })
      return [error.kind, error.message.replaceAll(`${folder}/`, '')]
    }
    expect(await refusal(true)).toEqual(['badData', message])
    expect(await refusal(false)).toEqual(['badData', message])
  },
  30_000,
)
