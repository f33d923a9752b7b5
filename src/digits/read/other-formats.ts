/** Formats that users mistake for a CSV of digits, recognised by their first bytes. */
import { PIXELS } from '../../digits.ts'
import { counted, grouped } from '../../wording.ts'
import { HEADER_BYTES, idxHeader } from '../idx.ts'
import { EXPECTED } from './dialect.ts'

const HEAD = 512 // bytes looked at

/* oxlint-disable no-control-regex -- the marks of binary formats */

/** Formats by their first bytes. */
const FORMATS: [RegExp, string][] = [
  [/^PK\x03\x04[^]{26}[ -~]+\.npy/, 'is a NumPy archive (.npz); save each array with np.savetxt(file, array, "%d", ",")'],
  [/^PK[^ -~]/, 'is a ZIP archive (or an Excel workbook); unzip it, or save the sheet as CSV'],
  [/^\x1f\x8b/, 'is gzipped twice; gunzip it once'],
  [/^\x1f[\x9d\xa0]/, 'is compressed with compress (.Z); decompress it'],
  [/^BZh/, 'is compressed with bzip2; decompress it'],
  [/^\xfd7zXZ/, 'is compressed with xz; decompress it'],
  [/^\x5d\0\0[^]{2}(\0|\xff)/, 'is compressed with lzma; decompress it'],
  [/^LZIP/, 'is compressed with lzip; decompress it'],
  [/^(\x28\xb5\x2f\xfd|[\x50-\x5f]\x2a\x4d\x18)/, 'is compressed with zstd; decompress it'],
  [/^(\x04\x22|\x02\x21)\x4d\x18/, 'is compressed with lz4; decompress it'],
  [/^7z\xbc\xaf/, 'is a 7z archive; extract it'],
  [/^Rar!\x1a\x07/, 'is a RAR archive; extract it'],
  [/^(\xff\xfe|\xfe\xff)\0\0|^\0\0\xfe\xff/, 'is UTF-32 text; save it as UTF-8'],
  [/^(\xff\xfe|\xfe\xff)/, 'is UTF-16 text; save it as UTF-8'],
  [/^\x93NUMPY/, 'is a NumPy array; save it with np.savetxt(file, array, "%d", ",")'],
  [/^PAR1/, "is a Parquet file; save it as CSV with pandas' to_csv"],
  [/^(ARROW1|FEA1)/, "is an Arrow or Feather file; save it as CSV with pandas' to_csv"],
  [/^\x89HDF/, 'is an HDF5 file; save its arrays as CSV'],
  [/^MATLAB \d/, 'is a MATLAB file; save its arrays as CSV with writematrix'],
  [/^\x80[\x02-\x05]/, "is a Python pickle; save its arrays as CSV with pandas' to_csv"],
  [/^(X\n\0\0|A\n\d\n|RD[ABX]\d\n)/, 'is R data; save it as CSV with write.csv(…, row.names = FALSE)'],
  [/^SQLite format 3/, 'is an SQLite database; export its table as CSV'],
  [/^\xd0\xcf\x11\xe0/, 'is an Excel workbook; save the sheet as CSV'],
  [/^(\x89PNG|\xff\xd8\xff|GIF8|P[1-6]\s+\d+\s+\d+\s|BM[^]{4}\0\0\0\0|II\*\0|MM\0\*|RIFF[^]{4}WEBP)/, `is an image file; ${EXPECTED}`],
  [/^%PDF/, `is a PDF document; ${EXPECTED}`],
] // prettier-ignore

/** Protocols 0 and 1 of pickle have no mark: a container, memoised at once, or the name of a class. */
const PICKLE =
  /^\(*([dl]p\d|[\]})]q[^ -~]|\((?=[\]}])|c(numpy|copy_reg|copyreg|pandas|torch|theano|collections|sklearn|_codecs|__builtin__|builtins)[\w.]*\n)/

/** What servers answer instead of a file. */
const ANSWER =
  /^(HTTP\/\d|(\d{3}[: -]+)?(page |file )?(not found|forbidden|unauthori[sz]ed|bad request|access denied|too many requests|internal server error|bad gateway|service unavailable|gateway timeout|moved permanently|rate limit|authentication required)\b)/i

/** Formats of text by their beginning, without white space before it. */
const TEXTS: [RegExp, string][] = [
  [/^<(\?xml[^>]*>\s*<)?error\b/i, 'is an error message of a server; download the file again'],
  [/^<\?xml(?![^]*<(!doctype )?html)/i, 'is XML or a web page; download the file itself, or save it as CSV'],
  [/^<[!?a-z]/i, 'is a web page; download the file itself'],
  [ANSWER, 'is an error message of a server; download the file again'],
  [/^version https:\/\/git-lfs/, 'is a Git LFS pointer; fetch the file with git lfs pull'],
  [/^[[{]/, 'is JSON; save it as CSV'],
  [/^(%[^\n]*\n\s*)*@relation/i, 'is an ARFF file; save it as CSV'],
  [/^%%MatrixMarket/, 'is a Matrix Market file; save it as CSV'],
  [/^[+-]?\d+(\.\d+)?([ \t]+\d+:[+-]?[\d.]+(e[+-]?\d+)?){2}/i, "is in LIBSVM's format (index:value); save it as CSV, with every pixel"],
  [PICKLE, "is a Python pickle; save its arrays as CSV with pandas' to_csv"],
] // prettier-ignore

/**
 * What a file is and what to do with it, if it is no CSV: "is JSON; save it as CSV". Undefined if it may be one.
 * @param head the first bytes of the file, 512 or more if it has them
 * @param size bytes of the whole file; undefined if unknown
 */
export function otherFormat(head: Buffer, size?: number): string | undefined {
  const text = head.toString('latin1', 0, HEAD)
  if (isTar(head)) return 'is a tar archive; extract it with tar xf'
  const isKnown = (beginnings: [RegExp, string][], from: string) =>
    beginnings.find(([beginning]) => beginning.test(from))?.[1]
  const known = isKnown(FORMATS, text) ?? isKnown(TEXTS, text.replace(/^\xef\xbb\xbf/, '').trimStart())
  if (known !== undefined) return known
  if (!text.includes('\0')) return undefined
  if (isUtf16(text)) return 'is UTF-16 text; save it as UTF-8'
  return (size !== undefined && withoutHeader(head, size)) || `is a binary file; ${EXPECTED}`
}

/** What a file is if it holds only the bytes of images, or of labels: IDX without its header. */
function withoutHeader(head: Buffer, size: number): string | undefined {
  const [holds, count] = head.every((byte) => byte < 10)
    ? (['labels', size] as const)
    : (['images', size / PIXELS] as const)
  const name = holds === 'images' ? 'digits-images-idx3-ubyte' : 'digits-labels-idx1-ubyte'
  if (!Number.isInteger(count) || count > 0xffffffff) return undefined
  const header = Array.from(idxHeader({ holds, count }), (byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('')
  const what = holds === 'images' ? counted(count, '28×28 image') : counted(count, 'label')
  const remedy = `put IDX's ${HEADER_BYTES[holds]} bytes before them: (printf '${header}'; cat FILE) > ${name}`
  return `is ${grouped(size)} bytes without a header, as many as ${what} take; ${remedy}`
}

/** Whether a file begins with the header of a tar archive, of any age: its bytes add up to its checksum. */
function isTar(head: Buffer): boolean {
  const CHECKSUM = { start: 148, end: 156 }
  if (head.length < 512 || head[0] === 0) return false
  const written = /^ *([0-7]+)[ \0]/.exec(head.toString('latin1', CHECKSUM.start, CHECKSUM.end))
  if (!written) return false
  let sum = (CHECKSUM.end - CHECKSUM.start) * 0x20 // the checksum itself counts as spaces
  for (let i = 0; i < 512; i++) if (i < CHECKSUM.start || i >= CHECKSUM.end) sum += head[i]
  return sum === Number.parseInt(written[1], 8)
}

/** Whether text without a byte order mark is UTF-16: every second byte is 0, the others are printable ASCII. */
function isUtf16(text: string): boolean {
  const even = text.slice(0, text.length - (text.length % 2))
  return /^(?:[\t\n\r -~]\0)+$/.test(even) || /^(?:\0[\t\n\r -~])+$/.test(even)
}
