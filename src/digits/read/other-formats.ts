/** Formats that users mistake for a CSV of digits, recognised by their first bytes. */
import { EXPECTED } from './dialect.ts'

const HEAD = 512 // bytes looked at

const FORMATS: [RegExp, string][] = [
  [/^PK[^ -~]/, 'is a ZIP archive (or an Excel workbook); unzip it, or save the sheet as CSV'],
  [/^[^ -~]\x8b/, 'is gzipped twice; gunzip it once'],
  [/^BZh/, 'is compressed with bzip2; decompress it'],
  [/^\xfd7zXZ/, 'is compressed with xz; decompress it'],
  [/^\x28\xb5\x2f\xfd/, 'is compressed with zstd; decompress it'],
  [/^7z\xbc\xaf/, 'is a 7z archive; extract it'],
  [/^(\xff\xfe|\xfe\xff)/, 'is UTF-16 text; save it as UTF-8'],
  [/^\x93NUMPY/, 'is a NumPy array; save it with np.savetxt(file, array, "%d", ",")'],
  [/^PAR1/, "is a Parquet file; save it as CSV with pandas' to_csv"],
  [/^\x89HDF/, 'is an HDF5 file; save its arrays as CSV'],
  [/^\x89PNG|^\xff\xd8\xff|^GIF8/, `is an image file; ${EXPECTED}`],
  [/^%PDF/, `is a PDF document; ${EXPECTED}`],
  [/^\s*(<!doctype|<html|<\?xml)/i, 'is a web page; download the file itself'],
  [/^version https:\/\/git-lfs/, 'is a Git LFS pointer; fetch the file with git lfs pull'],
  [/^\s*[[{]/, 'is JSON; save it as CSV'],
  [/^\s*(%[^\n]*\n\s*)*@relation/i, 'is an ARFF file; save it as CSV'],
]

/**
 * What a file is and what to do with it, if it is no CSV: "is JSON; save it as CSV". Undefined if it may be one.
 * @param head the first bytes of the file, 512 or more if it has them
 */
export function otherFormat(head: Buffer): string | undefined {
  const text = head.toString('latin1', 0, HEAD)
  const known = FORMATS.find(([beginning]) => beginning.test(text))
  if (known) return known[1]
  return text.includes('\0') ? `is a binary file; ${EXPECTED}` : undefined
}
