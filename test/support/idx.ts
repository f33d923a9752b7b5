/** IDX files of any kind, also wrong ones. */

/** Big-endian words of 32 bits, or little-endian ones. */
export function words(values: number[], swapped = false): Buffer {
  const buffer = Buffer.alloc(4 * values.length)
  values.forEach((value, i) => (swapped ? buffer.writeUInt32LE(value, 4 * i) : buffer.writeUInt32BE(value, 4 * i)))
  return buffer
}

/** An IDX file of an element type, with sizes and content that need not fit. */
export function idx(type: number, sizes: number[], content: Uint8Array | number[]): Buffer {
  return Buffer.concat([words([type * 256 + sizes.length, ...sizes]), Uint8Array.from(content)])
}

/** Ways to write m images, by their name: the sizes. */
export const IMAGE_SIZES: Record<string, (m: number) => number[]> = {
  'n×28×28': (m) => [m, 28, 28],
  'n×784': (m) => [m, 784],
  'n×28×28×1': (m) => [m, 28, 28, 1],
  'n×1×28×28': (m) => [m, 1, 28, 28],
}

/** Ways to write labels, by their name. */
export const LABEL_FILES: Record<string, (labels: Uint8Array) => Buffer> = {
  'n bytes': (labels) => idx(8, [labels.length], labels),
  'n×1 bytes': (labels) => idx(8, [labels.length, 1], labels),
  'n integers of 16 bits': (labels) =>
    idx(
      0x0b,
      [labels.length],
      Array.from(labels).flatMap((label) => [0, label]),
    ),
  'n integers of 32 bits': (labels) => idx(0x0c, [labels.length], words(Array.from(labels))),
  "QMNIST's n×8 integers": (labels) =>
    idx(0x0c, [labels.length, 8], words(Array.from(labels).flatMap((label) => [label, 4, 4000, 7, 12, 3, 300, 0]))),
}
