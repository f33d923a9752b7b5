/** Files that are no CSV, by their first bytes; each as it begins in the wild. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { fingerprint } from '../../../src/digits/fingerprint.ts'
import { generate } from '../../../src/digits/generate.ts'
import { otherFormat } from '../../../src/digits/read/other-formats.ts'
import { readDigits } from '../../../src/digits/read.ts'
import { grouped } from '../../../src/wording.ts'
import { csvOf, DIALECTS, FORMS } from '../../support/csv.ts'
import { bytesOf, unlabelled } from '../../support/digits.ts'
import { newFolder } from '../../support/folder.ts'

const folder = newFolder()
const digits = generate(15, 4)
const csv = csvOf(digits)
const bytes = (text: string) => Buffer.from(text, 'latin1')

const tar = (options: string[]) => {
  mkdirSync(join(folder, 'mnist'), { recursive: true })
  writeFileSync(join(folder, 'mnist/mnist_test.csv'), csv)
  execFileSync('tar', ['-C', folder, ...options, '-cf', join(folder, 'mnist.tar'), 'mnist/mnist_test.csv'])
  return readFileSync(join(folder, 'mnist.tar'))
}

test.each([
  ['a tar archive', tar(['--format=ustar']), 'is a tar archive; extract it with tar xf'],
  ['a tar archive of 1979', tar(['--format=v7']), 'is a tar archive; extract it with tar xf'],
  ['a gzipped tar archive', gzipSync(tar(['--format=gnu'])), 'is a tar archive; extract it with tar xf'],
])('%s is named', async (_, content, message) => {
  const path = join(folder, 'a.csv')
  writeFileSync(path, content)
  await expect(readDigits([path])).rejects.toThrow(`${path}: ${message}`)
})

test.each([
  ['.Z', bytes('\x1f\x9d\x90\x37\x58\x60'), 'is compressed with compress (.Z); decompress it'],
  ['rar 4', bytes('Rar!\x1a\x07\0\xcf'), 'is a RAR archive; extract it'],
  ['rar 5', bytes('Rar!\x1a\x07\x01\0'), 'is a RAR archive; extract it'],
  ['lz4', bytes('\x04\x22\x4d\x18\x64\x40'), 'is compressed with lz4; decompress it'],
  ['npz', bytes(`PK\x03\x04${'\0'.repeat(22)}\x0b\0\0\0x_train.npy\x93NUMPY`), 'is a NumPy archive (.npz); save each array with np.savetxt(file, array, "%d", ",")'],
  ['xlsx', bytes(`PK\x03\x04${'\0'.repeat(26)}[Content_Types].xml`), 'is a ZIP archive (or an Excel workbook); unzip it, or save the sheet as CSV'],
  ['MATLAB 5', bytes('MATLAB 5.0 MAT-file, Platform: GLNXA64'), 'is a MATLAB file; save its arrays as CSV with writematrix'],
  ['MATLAB 7.3', bytes('MATLAB 7.3 MAT-file, Platform: GLNXA64'), 'is a MATLAB file; save its arrays as CSV with writematrix'],
  ['PGM', bytes('P5\n28 28\n255\n\0\0'), 'is an image file; expected a CSV of MNIST digits (785 columns)'],
  ['R data', bytes('X\n\0\0\0\x03'), 'is R data; save it as CSV with write.csv(…, row.names = FALSE)'],
  ['UTF-16, little-endian, without a mark', Buffer.from(csv, 'utf16le'), 'is UTF-16 text; save it as UTF-8'],
  ['UTF-16, big-endian, without a mark', Buffer.from(csv, 'utf16le').swap16(), 'is UTF-16 text; save it as UTF-8'],
  ['UTF-16, short', Buffer.from('7,0', 'utf16le'), 'is UTF-16 text; save it as UTF-8'],
  ['LIBSVM', bytes('5 153:3 154:18 155:18 156:18\n'), "is in LIBSVM's format (index:value); save it as CSV, with every pixel"],
  ['LIBSVM, scaled', bytes('-1.0 153:0.0117647 154:7.05e-2\n'), "is in LIBSVM's format (index:value); save it as CSV, with every pixel"],
])('%s is named', (_, head, message) => {
  expect(otherFormat(head)).toBe(message)
}) // prettier-ignore

// What Python's pickle.dumps(x, protocol) begins with
test.each([
  ['a list, protocol 0', '(lp0\nI1\naI2\na.'],
  ['a dictionary, protocol 0', "(dp0\nVdata\np1\n"],
  ['an array, protocol 0', 'cnumpy.core.multiarray\n_reconstruct\np0\n(cnumpy\nndarray\np1\n'],
  ['a tuple of tuples of arrays, protocol 0', '((cnumpy.core.multiarray\n_reconstruct\np0\n'],
  ['a list, protocol 1', ']q\0(K\x01K\x02e.'],
  ['a dictionary, protocol 1', '}q\0X\x04\0\0\0data'],
  ['an array, protocol 1', 'cnumpy.core.multiarray\n_reconstruct\nq\0(cnumpy\nndarray\n'],
  ['a tuple, protocol 1', '(]q\0(K\x01K\x02e'],
  ['protocol 2', '\x80\x02cnumpy.core.multiarray\n'],
  ['protocol 3', '\x80\x03cnumpy.core.multiarray\n'],
  ['protocol 4', '\x80\x04\x95\xa0\0\0\0'],
  ['protocol 5', '\x80\x05\x95\xa0\0\0\0'],
])('a pickle of %s is named', (_, head) => {
  expect(otherFormat(bytes(head))).toBe("is a Python pickle; save its arrays as CSV with pandas' to_csv")
}) // prettier-ignore

test.each(['404: Not Found', 'Not Found', '\uFEFF403 Forbidden\n', '429 - Too Many Requests', 'HTTP/1.1 404 Not Found', '<Error><Code>AccessDenied</Code></Error>', '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>NoSuchKey</Code></Error>'])(
  '%j is named as what a server answers',
  (head) => {
    expect(otherFormat(Buffer.from(head))).toBe('is an error message of a server; download the file again')
  },
) // prettier-ignore

test.each(['<!-- saved from url=(0014)about:internet -->\n<html></html>', '\n <head><title>x</title></head>', '\uFEFF<!DOCTYPE html>', '<?xml version="1.0"?><!DOCTYPE html>', '<script>location = "/"</script>'])(
  '%j is named as a web page',
  (head) => {
    expect(otherFormat(Buffer.from(head))).toMatch(/web page; download the file itself/)
  },
) // prettier-ignore

test('no CSV in any dialect and form is taken for another format', () => {
  for (const { files } of DIALECTS) {
    for (const cells of files(digits)) {
      for (const form of Object.values(FORMS)) expect(otherFormat(Buffer.from(form(cells)))).toBeUndefined()
    }
  }
})

describe('IDX without its header', () => {
  const read = async (name: string, content: Uint8Array) => {
    const path = join(folder, name)
    writeFileSync(path, content)
    return readDigits([path]).catch((error: Error) => error.message)
  }

  test.each([
    ['small', 15],
    ['larger than the window', 1400],
  ])('is named, with a command that puts it before the images: %s', async (_, count) => {
    const images = generate(count, 4)
    const message = await read('raw.bin', bytesOf(images))
    expect(message).toContain(
      `is ${grouped(count * 784)} bytes without a header, as many as ${grouped(count)} 28×28 images take; `,
    )
    const [command] = /\(printf.*$/.exec(String(message)) ?? ['']
    execFileSync('sh', ['-c', command.replace('FILE', 'raw.bin')], { cwd: folder })
    const digits = await readDigits([join(folder, 'digits-images-idx3-ubyte')])
    expect(fingerprint(digits)).toBe(fingerprint(unlabelled(images)))
    rmSync(join(folder, 'digits-images-idx3-ubyte'))
  })

  test('is named if it holds labels', async () => {
    expect(await read('labels.bin', Uint8Array.of(7, 2, 1, 0, 4))).toContain(
      'is 5 bytes without a header, as many as 5 labels take; ',
    )
  })

  test('is not taken for any other binary file', async () => {
    expect(await read('other.bin', bytesOf(generate(15, 4)).subarray(1))).toMatch(/is a binary file; /)
  })
})
