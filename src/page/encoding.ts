/** Numbers and pixels as text in JSON. Every bit survives. */

const PIECE = 2 ** 13 // bytes whose characters one call takes as arguments

/** Float64, little-endian, in base64. */
export function encodeNumbers(numbers: Float64Array): string {
  const bytes = new DataView(new ArrayBuffer(8 * numbers.length))
  numbers.forEach((number, i) => bytes.setFloat64(8 * i, number, true))
  return encodeBytes(new Uint8Array(bytes.buffer))
}

/** What `encodeNumbers` encoded. */
export function decodeNumbers(text: string): Float64Array<ArrayBuffer> {
  const bytes = new DataView(decodeBytes(text).buffer)
  return Float64Array.from({ length: bytes.byteLength / 8 }, (_, i) => bytes.getFloat64(8 * i, true))
}

/**
 * Pixels in base64, in which a run of up to 255 zeros is 0 and its length: a third of the bytes, because most of a digit
 * is paper. A general compressor's bytes could change with its version.
 */
export function packPixels(pixels: Uint8Array): string {
  const packed: number[] = []
  for (let i = 0; i < pixels.length; i++) {
    packed.push(pixels[i])
    if (pixels[i] !== 0) continue
    let run = 1
    while (run < 255 && pixels[i + 1] === 0) {
      run++
      i++
    }
    packed.push(run)
  }
  return encodeBytes(Uint8Array.from(packed))
}

/** What `packPixels` packed. */
export function unpackPixels(text: string): Uint8Array {
  const packed = decodeBytes(text)
  const pixels: number[] = []
  for (let i = 0; i < packed.length; i++) {
    if (packed[i] !== 0) pixels.push(packed[i])
    else for (let run = packed[++i]; run > 0; run--) pixels.push(0)
  }
  return Uint8Array.from(pixels)
}

function encodeBytes(bytes: Uint8Array): string {
  let characters = ''
  for (let i = 0; i < bytes.length; i += PIECE) characters += String.fromCharCode(...bytes.subarray(i, i + PIECE))
  return btoa(characters)
}

function decodeBytes(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
}
