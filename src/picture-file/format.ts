/** What a file is, by its first bytes. */

/** A file that is no picture that can be read, and why. */
export interface Refused {
  /** "is a GIF picture; convert it: magick a.gif a.png" */
  reason(name: string): string
}

/* oxlint-disable no-control-regex -- the marks of binary formats */

const READ: [RegExp, 'PNG' | 'JPEG' | 'BMP'][] = [
  [/^\x89PNG\r\n\x1a\n/, 'PNG'],
  [/^\xff\xd8\xff/, 'JPEG'],
  [/^BM[^]{4}[^]{4}[^]{4}[\x0c\x28\x34\x38\x40\x6c\x7c]\0\0\0/, 'BMP'],
]

/** Formats that are not read, and the command that converts one. */
const CONVERTED: [RegExp, string, (from: string, to: string) => string][] = [
  [/^GIF8/, 'a GIF picture', (from, to) => `magick ${from}[0] ${to}`],
  [/^RIFF[^]{4}WEBP/, 'a WebP picture', (from, to) => `dwebp ${from} -o ${to}`],
  [/^[^]{4}ftypavi[fs]/, 'an AVIF picture', (from, to) => `avifdec ${from} ${to}`],
  [/^[^]{4}ftyp(hei|hev|mif1|msf1)/, 'a HEIC picture', (from, to) => `heif-convert ${from} ${to}`],
  [/^(II\*\0|MM\0\*|II\+\0|MM\0\+)/, 'a TIFF picture', (from, to) => `magick ${from}[0] ${to}`],
  [/^%PDF/, 'a PDF document', (from, to) => `pdftoppm -png -singlefile ${from} ${to.replace(/\.png$/, '')}`],
  [/^\s*(\xef\xbb\xbf)?\s*(<\?xml[^]*?|<!--[^]*?|<!DOCTYPE svg[^]*?)*<svg[\s>]/i, 'an SVG drawing', (from, to) => `rsvg-convert ${from} -o ${to}`],
  [/^P[1-7]\s/, 'a PNM picture', (from, to) => `magick ${from} ${to}`],
  [/^(\xff\x0a|\0\0\0\x0cJXL )/, 'a JPEG XL picture', (from, to) => `djxl ${from} ${to}`],
] // prettier-ignore

/** The format of a picture, or why it cannot be read. */
export function formatOf(bytes: Buffer): 'PNG' | 'JPEG' | 'BMP' | Refused {
  const head = bytes.toString('latin1', 0, 1024)
  const read = READ.find(([mark]) => mark.test(head))
  if (read) return read[1]
  const other = CONVERTED.find(([mark]) => mark.test(head))
  if (other) return { reason: (name) => `is ${other[1]}; convert it: ${other[2](...names(name))}` }
  return { reason: () => `${whatElse(head)}; pictures are read as PNG, JPEG or BMP` }
}

function whatElse(head: string): string {
  if (head === '') return 'empty file'
  if (/^\x89PNG|^\xff\xd8/.test(head)) return 'damaged picture'
  return /[^\t\n\f\r -~\x80-\xff]/.test(head) ? 'not a picture' : 'is text, not a picture'
}

/** A file's name and the one to convert it to, as a shell takes them. */
function names(name: string): [from: string, to: string] {
  if (name === 'standard input' || name.startsWith('-')) return ['FILE', 'FILE.png']
  const quoted = (text: string) =>
    /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`
  const stem = name.replace(/\.[a-z]+$/i, '')
  const to = `${stem}.png`
  return [quoted(name), quoted(to === name ? `${stem}-converted.png` : to)]
}
