/** Picture files → pictures. */
import { open, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { inputName, STANDARD_INPUT } from './digits/default-source.ts'
import { Failure, systemFailure } from './failure.ts'
import type { Picture } from './picture.ts'
import { formatOf } from './picture-file/format.ts'
import { grouped } from './wording.ts'

const LARGEST = 128 * 2 ** 20 // bytes of a file
const CHUNK = 2 ** 16 // bytes read at once

/** Endings of pictures, also of those that are refused with what converts them. */
const ENDING = /\.(png|jpe?g|jfif|bmp|dib|gif|webp|hei[cf]|avif|tiff?|svg)$/i

/**
 * Whether a file is a picture and none of digits: it begins as PNG, JPEG or BMP do, or is named as a picture. A pipe is
 * not looked into.
 */
export async function isPicture(path: string): Promise<boolean> {
  if (ENDING.test(path)) return true
  const found = await stat(path).catch(() => undefined)
  if (!found?.isFile()) return false
  const file = await open(path).catch(() => undefined)
  if (!file) return false
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(64), 0, 64)
    return typeof formatOf(buffer.subarray(0, bytesRead)) === 'string'
  } finally {
    await file.close()
  }
}

/** Whether a path is a folder. */
export async function isFolder(path: string): Promise<boolean> {
  return stat(path).then((found) => found.isDirectory(), () => false) // prettier-ignore
}

/**
 * The pictures in a folder and the folders in it, by name, numbers in their order. Hidden files, and those whose names
 * do not end as a picture's, are left out.
 * @throws Failure `noInput` if it cannot be read or has no pictures
 */
export async function picturesIn(folder: string): Promise<string[]> {
  const found = await readdir(folder, { recursive: true }).catch((error: unknown) => {
    throw systemFailure('noInput', folder, error)
  })
  const names = found.filter((name) => ENDING.test(name) && !/(^|\/)\./.test(name))
  if (names.length === 0) throw new Failure('noInput', `${folder}: the folder has no pictures`)
  return names.toSorted(new Intl.Collator('en', { numeric: true }).compare).map((name) => join(folder, name))
}

/**
 * Reads a PNG, JPEG or BMP, recognised by its first bytes whatever its name. A JPEG is turned upright as its camera
 * recorded. The decoder of its format is loaded when it is needed.
 * @param path `-` is standard input
 * @throws Failure `noInput` if it cannot be read; `badData` if it is no such picture, damaged, or larger than 50
 *   megapixels
 */
export async function readPicture(path: string): Promise<Picture> {
  const name = inputName(path)
  return decodePicture(await bytesOf(path, name), name)
}

/**
 * As `readPicture`, for bytes.
 * @param name what messages call them
 */
export async function decodePicture(bytes: Buffer, name: string): Promise<Picture> {
  const format = formatOf(bytes)
  if (typeof format === 'object') throw new Failure('badData', `${name}: ${format.reason(name)}`)
  switch (format) {
    case 'PNG':
      return (await import('./picture-file/png.ts')).decodePng(bytes, name)
    case 'JPEG':
      return (await import('./picture-file/jpeg.ts')).decodeJpeg(bytes, name)
    case 'BMP':
      return (await import('./picture-file/bmp.ts')).decodeBmp(bytes, name)
  }
}

async function bytesOf(path: string, name: string): Promise<Buffer> {
  const chunks: Buffer[] = []
  let length = 0
  const add = (chunk: Buffer) => {
    length += chunk.length
    if (length > LARGEST) throw new Failure('badData', `${name}: more than ${grouped(LARGEST)} bytes, too large for a picture; shrink it`)
    chunks.push(chunk)
  } // prettier-ignore
  try {
    if (path === STANDARD_INPUT) {
      for await (const chunk of process.stdin) add(chunk as Buffer)
      return Buffer.concat(chunks)
    }
    if (await isFolder(path)) throw new Failure('badData', `${name}: is a folder, not a picture`)
    const file = await open(path)
    try {
      for (;;) {
        const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(CHUNK), 0, CHUNK)
        if (bytesRead === 0) return Buffer.concat(chunks)
        add(buffer.subarray(0, bytesRead))
      }
    } finally {
      await file.close()
    }
  } catch (error) {
    throw systemFailure('noInput', name, error)
  }
}
