/** Pictures of digits as a file or a drawing pad holds them. */

/** A picture in colour. */
export interface Picture {
  width: number
  height: number
  /** width × height × 4 bytes, row by row: red, green, blue, opacity. */
  rgba: Uint8Array
}

/** One number per pixel, row by row. */
export interface Plane {
  width: number
  height: number
  values: Float32Array
}
