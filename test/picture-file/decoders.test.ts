/** Our readers against Pillow's, on files that ImageMagick and Pillow write. */
import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { decodePicture } from '../../src/picture-file.ts'
import { PATH } from '../support/command.ts'
import { newFolder } from '../support/folder.ts'

const cwd = newFolder()
const env = { PATH }
const isRun = (program: string, args: string[]) => spawnSync(program, args, { env }).status === 0
const python = ['python3', '/usr/bin/python3'].find((program) => isRun(program, ['-c', 'import PIL'])) ?? ''
const skipped = python === '' || !isRun('convert', ['-version'])

/**
 * ImageMagick's arguments, by the file that they make. A gradient with transparency is the source of all. The colour of the
 * background is left out: it would be one more in the palette, which then takes more bits.
 */
const SOURCE = ['-size', '37x23', 'gradient:#205080-#f0e0a0', '-fill', '#c01020', '-draw', 'circle 18,11 18,4']
const KINDS: Record<string, string[]> = {
  ...Object.fromEntries(
    ['None', 'PNG'].flatMap((interlace) => {
      const name = interlace === 'None' ? 'png' : 'adam7.png'
      const png = (type: number, depth: number) => ['-interlace', interlace, '-define', 'png:exclude-chunks=bKGD', '-define', `png:color-type=${type}`, '-define', `png:bit-depth=${depth}`] // prettier-ignore
      return [
        ...[1, 2, 4, 8, 16].map((depth) => [`grey${depth}.${name}`, ['-colorspace', 'Gray', '-depth', String(depth), ...png(0, depth)]]), // prettier-ignore
        ...[1, 2, 4, 8].map((depth) => [`palette${depth}.${name}`, ['-colors', String(2 ** depth), ...png(3, depth)]]),
        ...[8, 16].map((depth) => [`rgb${depth}.${name}`, ['-depth', String(depth), ...png(2, depth)]]),
        ...[8, 16].map((depth) => [`rgba${depth}.${name}`, ['-fuzz', '20%', '-transparent', '#c01020', ...png(6, depth)]]), // prettier-ignore
        ...[8, 16].map((depth) => [`greyalpha${depth}.${name}`, ['-fuzz', '20%', '-transparent', '#c01020', '-colorspace', 'Gray', ...png(4, depth)]]), // prettier-ignore
        [`palette-transparent.${name}`, ['-colors', '8', '-transparent', '#c01020', ...png(3, 8)]],
      ]
    }),
  ),
  'grey.jpg': ['-colorspace', 'Gray'],
  '444.jpg': ['-sampling-factor', '4:4:4'],
  '422.jpg': ['-sampling-factor', '4:2:2'],
  '420.jpg': ['-sampling-factor', '4:2:0'],
  'progressive.jpg': ['-interlace', 'JPEG'],
  'quality30.jpg': ['-quality', '30', '-sampling-factor', '4:4:4'],
  'restart.jpg': ['-define', 'jpeg:restart-interval=2', '-sampling-factor', '4:4:4'],
  'cmyk.jpg': ['-colorspace', 'CMYK'],
  'mono.bmp': ['-monochrome'],
  'palette16.bmp': ['-colors', '16', '-type', 'Palette', '-compress', 'None'],
  'palette256.bmp': ['-colors', '200', '-type', 'Palette', '-compress', 'None'],
  'rle8.bmp': ['-colors', '200', '-type', 'Palette', '-compress', 'RLE'],
  'rgb24.bmp': ['-type', 'TrueColor'],
  'bmp3.bmp': ['-type', 'TrueColor', '-define', 'bmp:format=bmp3'],
  'os2.bmp': ['-type', 'TrueColor', '-define', 'bmp:format=bmp2'],
} // prettier-ignore

/** Prints size and bytes of every file as Pillow reads it, in base64. */
const PILLOW = `
import base64, sys
from PIL import Image, ImageOps
for name in sys.argv[1:]:
    image = ImageOps.exif_transpose(Image.open(name))
    if image.mode in ("I", "I;16"):
        image = image.point(lambda v: v / 257 + 0.5).convert("L") if image.mode == "I" else image
    if image.mode == "I;16":
        image = Image.frombytes("L", image.size, bytes(min(255, round(v / 257)) for v in image.getdata()))
    print(name, *image.size, base64.b64encode(image.convert("RGBA").tobytes()).decode())
`

describe.skipIf(skipped)(`decoders${skipped ? ' (skipped: Pillow or ImageMagick is not installed)' : ''}`, () => {
  const expected = new Map<string, { width: number; height: number; rgba: Buffer }>()
  const oriented = [1, 2, 3, 4, 5, 6, 7, 8].map((value) => `orientation${value}.jpg`)
  beforeAll(() => {
    const names = Object.keys(KINDS)
    const made = names.flatMap((name) => ['(', '+clone', ...KINDS[name], '-write', name, '+delete', ')'])
    execFileSync('convert', [...SOURCE, '-respect-parentheses', ...made, 'null:'], { cwd, env })
    const orient = `from PIL import Image
image = Image.open("444.jpg")
for value in range(1, 9):
    exif = Image.Exif()
    exif[0x0112] = value
    image.save(f"orientation{value}.jpg", exif=exif, quality=95, subsampling=0)
`
    execFileSync(python, ['-c', orient], { cwd, env })
    const text = execFileSync(python, ['-c', PILLOW, ...names, ...oriented], { cwd, env, encoding: 'utf8' })
    for (const line of text.trimEnd().split('\n')) {
      const [name, width, height, bytes] = line.split(' ')
      expected.set(name, { width: Number(width), height: Number(height), rgba: Buffer.from(bytes, 'base64') })
    }
  }, 60_000)

  test('are given PNG files of every colour type and depth', () => {
    const types = { grey: 0, rgb: 2, palette: 3, greyalpha: 4, rgba: 6 }
    for (const name of Object.keys(KINDS)) {
      const [, kind, depth, adam7] = /^([a-z]+)(\d+)\.(adam7\.)?png$/.exec(name) ?? []
      if (kind === undefined) continue
      const header = readFileSync(join(cwd, name)).subarray(24, 29) // depth, type, compression, filter, interlacing
      expect([name, header[0], header[1], header[4]]) //
        .toEqual([name, Number(depth), types[kind as keyof typeof types], adam7 ? 1 : 0])
    }
  })

  test.each([...Object.keys(KINDS), ...oriented])('read %s as Pillow does', async (name) => {
    const { width, height, rgba } = await decodePicture(readFileSync(join(cwd, name)), name)
    const theirs = expected.get(name)!
    expect([width, height]).toEqual([theirs.width, theirs.height])
    let [colour, luminance] = [0, 0] // the greatest differences
    for (let i = 0; i < rgba.length; i += 4) {
      expect(rgba[i + 3]).toBe(theirs.rgba[i + 3])
      if (rgba[i + 3] === 0) continue // its colour is not seen
      const [red, green, blue] = [0, 1, 2].map((c) => rgba[i + c] - theirs.rgba[i + c])
      colour = Math.max(colour, Math.abs(red), Math.abs(green), Math.abs(blue))
      luminance = Math.max(luminance, Math.abs(0.299 * red + 0.587 * green + 0.114 * blue))
    }
    const isJpeg = name.endsWith('.jpg')
    expect(luminance).toBeLessThanOrEqual(isJpeg ? 2 : 1)
    const isSubsampled = /42[02]/.test(name) // Pillow interpolates the colour between its samples, jpeg-js repeats it
    if (!isSubsampled) expect(colour).toBeLessThanOrEqual(isJpeg ? 3 : /16\./.test(name) ? 1 : 0)
  })
})
