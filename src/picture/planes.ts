/** What the steps of the preparation do to planes: smooth, close, measure distances, count. */
import type { Plane } from '../picture.ts'

/** A plane of the same size with other values. */
export function like({ width, height }: Plane, values: Float32Array): Plane {
  return { width, height, values }
}

/** A plane shrunk by a whole factor to at most `longest` pixels of its longer side; each value is the mean of a square. */
export function shrunk(plane: Plane, longest: number): Plane {
  const factor = Math.ceil(Math.max(plane.width, plane.height) / longest)
  if (factor <= 1) return plane
  const { values, width, height } = plane
  const [w, h] = [Math.ceil(width / factor), Math.ceil(height / factor)]
  const means = new Float32Array(w * h)
  for (let y = 0; y < height; y++) {
    const row = Math.floor(y / factor) * w
    for (let x = 0; x < width; x++) means[row + Math.floor(x / factor)] += values[y * width + x]
  }
  for (let y = 0; y < h; y++) {
    const rows = Math.min(factor, height - y * factor)
    for (let x = 0; x < w; x++) means[y * w + x] /= rows * Math.min(factor, width - x * factor)
  }
  return { width: w, height: h, values: means }
}

/** The reverse of `shrunk`: as large as `like`, interpolated linearly. */
export function enlarged(plane: Plane, { width, height }: Plane): Plane {
  if (plane.width === width && plane.height === height) return plane
  const { values, width: w, height: h } = plane
  const factor = Math.ceil(width / w)
  const places = (length: number, n: number) =>
    Array.from({ length }, (_, i) => {
      const at = Math.min(n - 1, Math.max(0, (i + 0.5) / factor - 0.5))
      const before = Math.floor(at)
      return { before, after: Math.min(n - 1, before + 1), fraction: at - before }
    })
  const columns = places(width, w)
  const large = new Float32Array(width * height)
  const row = new Float32Array(w)
  places(height, h).forEach(({ before, after, fraction }, y) => {
    for (let x = 0; x < w; x++)
      row[x] = values[before * w + x] + fraction * (values[after * w + x] - values[before * w + x])
    for (let x = 0; x < width; x++) {
      const { before, after, fraction } = columns[x]
      large[y * width + x] = row[before] + fraction * (row[after] - row[before])
    }
  })
  return { width, height, values: large }
}

/** The mean of the (2r + 1)² pixels around each one; fewer at the border. */
export function blurred(plane: Plane, r: number): Plane {
  if (r < 1) return plane
  const along = (from: Float32Array, to: Float32Array, start: number, stride: number, n: number) => {
    let [sum, count] = [0, 0]
    for (let i = 0; i < Math.min(r, n); i++) {
      sum += from[start + i * stride]
      count++
    }
    for (let i = 0; i < n; i++) {
      if (i + r < n) {
        sum += from[start + (i + r) * stride]
        count++
      }
      if (i - r > 0) {
        sum -= from[start + (i - r - 1) * stride]
        count--
      }
      to[start + i * stride] = sum / count
    }
  }
  return separable(plane, along)
}

/**
 * The morphological closing with a square: dark marks that no square of this side fits into take the value of what is
 * around them; larger dark regions stay. Beyond the border, its pixels repeat, so that a shadow in a corner
 * is large.
 * @param side in pixels
 */
export function closed(plane: Plane, side: number): Plane {
  const r = Math.max(1, Math.floor(side / 2))
  const { width, height } = plane
  const padded = { width: width + 2 * r, height: height + 2 * r }
  const within = (i: number, n: number) => Math.min(n - 1, Math.max(0, i))
  const values = new Float32Array(padded.width * padded.height)
  for (let y = 0; y < padded.height; y++) {
    const row = within(y - r, height) * width
    for (let x = 0; x < padded.width; x++) values[y * padded.width + x] = plane.values[row + within(x - r, width)]
  }
  const result = negated(dilated(negated(dilated({ ...padded, values }, r)), r))
  const cropped = new Float32Array(width * height)
  for (let y = 0; y < height; y++) {
    const from = (y + r) * padded.width + r
    cropped.set(result.values.subarray(from, from + width), y * width)
  }
  return like(plane, cropped)
}

/** Each value times −1. */
export function negated(plane: Plane): Plane {
  return like(plane, plane.values.map((value) => -value)) // prettier-ignore
}

/** The greatest value within r pixels across and down, by van Herk's method: three comparisons a pixel for any r. */
function dilated(plane: Plane, r: number): Plane {
  const longest = Math.max(plane.width, plane.height) + 2 * r
  const [before, after] = [new Float32Array(longest), new Float32Array(longest)]
  const side = 2 * r + 1
  const along = (from: Float32Array, to: Float32Array, start: number, stride: number, n: number) => {
    const length = n + 2 * r
    const at = (i: number) => (i < r || i >= n + r ? -Infinity : from[start + (i - r) * stride])
    for (let i = 0; i < length; i++) before[i] = i % side === 0 ? at(i) : Math.max(before[i - 1], at(i))
    for (let i = length - 1; i >= 0; i--) {
      after[i] = i === length - 1 || (i + 1) % side === 0 ? at(i) : Math.max(after[i + 1], at(i))
    }
    for (let i = 0; i < n; i++) to[start + i * stride] = Math.max(after[i], before[i + 2 * r])
  }
  return separable(plane, along)
}

type Along = (from: Float32Array, to: Float32Array, start: number, stride: number, n: number) => void

/** Applies a filter of lines to the rows, then to the columns. */
function separable(plane: Plane, along: Along): Plane {
  const { width, height, values } = plane
  const [rows, both] = [new Float32Array(values.length), new Float32Array(values.length)]
  for (let y = 0; y < height; y++) along(values, rows, y * width, 1, width)
  for (let x = 0; x < width; x++) along(rows, both, x, width, height)
  return like(plane, both)
}

/** The square of the slope at a pixel that is not at the border. */
export function steepness({ width, values }: Plane, i: number): number {
  const dx = values[i + 1] - values[i - 1]
  const dy = values[i + width] - values[i - width]
  return dx * dx + dy * dy
}

/** The value below which a fraction of the values lies; of some 10,000 of them. */
export function quantile(values: Float32Array, fraction: number): number {
  const step = Math.max(1, Math.floor(values.length / 10_000))
  const some = Float32Array.from({ length: Math.ceil(values.length / step) }, (_, i) => values[i * step])
  some.sort()
  return some[Math.min(some.length - 1, Math.floor(fraction * some.length))]
}

/**
 * The distance from each pixel to the nearest one of a set, in pixels, exact (Felzenszwalb and Huttenlocher's method);
 * Infinity if the set is empty.
 */
export function distances({ width, height }: Plane, isIn: (i: number) => boolean): Float32Array {
  const FAR = 1e20
  const squares = Float64Array.from({ length: width * height }, (_, i) => (isIn(i) ? 0 : FAR))
  const n = Math.max(width, height)
  const line = new Float64Array(n)
  const roots = new Int32Array(n)
  const bounds = new Float64Array(n + 1)
  const along = (start: number, stride: number, length: number) => {
    for (let i = 0; i < length; i++) line[i] = squares[start + i * stride]
    let k = 0
    roots[0] = 0
    bounds[0] = -Infinity
    bounds[1] = Infinity
    const meet = (q: number, p: number) => (line[q] + q * q - (line[p] + p * p)) / (2 * q - 2 * p)
    for (let q = 1; q < length; q++) {
      let s = meet(q, roots[k])
      while (s <= bounds[k]) s = meet(q, roots[--k])
      roots[++k] = q
      bounds[k] = s
      bounds[k + 1] = Infinity
    }
    k = 0
    for (let q = 0; q < length; q++) {
      while (bounds[k + 1] < q) k++
      squares[start + q * stride] = (q - roots[k]) ** 2 + line[roots[k]]
    }
  }
  for (let x = 0; x < width; x++) along(x, width, height)
  for (let y = 0; y < height; y++) along(y * width, 1, width)
  return Float32Array.from(squares, (square) => (square >= FAR / 2 ? Infinity : Math.sqrt(square)))
}
