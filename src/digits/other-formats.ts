/** What is given for digits by mistake, known by its first bytes, and what to do with it. */

const LOOK = 512 // bytes

const FORMATS: [RegExp, string][] = [
  [/^PK[^ -~]/, 'this is a ZIP archive (as Excel workbooks are): unpack it or save the sheet as CSV'],
  [/^[^ -~]\x8b/, 'this was packed by gzip twice: unpack it once'],
  [/^BZh/, 'this is packed by bzip2: unpack it'],
  [/^\xfd7zXZ/, 'this is packed by xz: unpack it'],
  [/^\x28\xb5\x2f\xfd/, 'this is packed by zstd: unpack it'],
  [/^7z\xbc\xaf/, 'this is a 7z archive: unpack it'],
  [/^(\xff\xfe|\xfe\xff)/, 'this text is in UTF-16: save it as UTF-8'],
  [/^\x93NUMPY/, 'this is a NumPy array: save it with np.savetxt(file, array, "%d", ",")'],
  [/^PAR1/, "this is a Parquet file: save it with pandas' to_csv"],
  [/^\x89HDF/, 'this is an HDF5 file: save its arrays as CSV'],
  [/^\x89PNG|^\xff\xd8\xff|^GIF8/, 'this is a picture: CSVs of 28×28 pixels a line are needed'],
  [/^%PDF/, 'this is a PDF document, not a CSV of digits'],
  [/^\s*(<!doctype|<html|<\?xml)/i, 'this is a web page, not a CSV: download the file itself'],
  [/^version https:\/\/git-lfs/, 'this only points to a file in Git LFS: fetch it with git lfs pull'],
  [/^\s*[[{]/, 'this is JSON: save it as CSV'],
  [/^\s*(%[^\n]*\n\s*)*@relation/i, 'this is an ARFF file: save it as CSV'],
]

/** What these bytes are the beginning of, as a sentence, if it is a known format of something else. */
export function otherFormat(head: Buffer): string | undefined {
  const text = head.toString('latin1', 0, LOOK)
  const known = FORMATS.find(([beginning]) => beginning.test(text))
  if (known) return known[1]
  return text.includes('\0') ? 'this is a binary file, not a CSV' : undefined
}
