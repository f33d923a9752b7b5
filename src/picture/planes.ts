/** What the steps of the preparation do to planes: smooth, close, measure distances, count. */
import type { Plane } from '../picture.ts'
import type { Box } from './mnist-rule.ts'

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
  return cropped(result, { left: r, top: r, right: r + width, bottom: r + height }, 0)
}

/** The part of a plane in a box and `margin` pixels around it, as far as there are some. */
export function cropped({ width, height, values }: Plane, box: Box, margin: number): Plane {
  const [left, top] = [Math.max(0, box.left - margin), Math.max(0, box.top - margin)]
  const [right, bottom] = [Math.min(width, box.right + margin), Math.min(height, box.bottom + margin)]
  const part = { width: right - left, height: bottom - top }
  const copy = new Float32Array(part.width * part.height)
  for (let y = top; y < bottom; y++) {
    copy.set(values.subarray(y * width + left, y * width + right), (y - top) * part.width)
  }
  return { ...part, values: copy }
}

/** Each value times −1. */
export function negated(plane: Plane): Plane {
  return like(plane, plane.values.map((value) => -value)) // prettier-ignore
}

/** The greatest value within r pixels across and down, by van Herk's method: three comparisons a pixel for any r. */
function dilated(plane: Plane, r: number): Plane {
  const longest = Math.max(plane.width, plane.height) + 2 * r
  const [line, before, after] = [0, 1, 2].map(() => new Float32Array(longest))
  const side = 2 * r + 1
  const along = (from: Float32Array, to: Float32Array, start: number, stride: number, n: number) => {
    const length = n + 2 * r
    line.fill(-Infinity, 0, r)
    for (let i = 0, at = start; i < n; i++, at += stride) line[r + i] = from[at]
    line.fill(-Infinity, r + n, length)
    for (let first = 0; first < length; first += side) {
      const last = Math.min(length, first + side) - 1
      before[first] = line[first]
      for (let i = first + 1; i <= last; i++) before[i] = Math.max(before[i - 1], line[i])
      after[last] = line[last]
      for (let i = last - 1; i >= first; i--) after[i] = Math.max(after[i + 1], line[i])
    }
    for (let i = 0, at = start; i < n; i++, at += stride) to[at] = Math.max(after[i], before[i + 2 * r])
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
 * The distance from each pixel to the nearest one of a set, in pixels, exact; Infinity if the set is empty. First along
 * columns, then along rows, where each pixel of a row is the root of a parabola and the lowest parabola counts
 * (Felzenszwalb and Huttenlocher, Distance Transforms of Sampled Functions, 2012).
 */
export function distances({ width, height }: Plane, isIn: (i: number) => boolean): Float32Array {
  const FAR = 1e6 // no picture is so high
  const steps = new Float64Array(width * height) // to the nearest one of the column
  for (let x = 0; x < width; x++) {
    let from = FAR
    for (let i = x; i < steps.length; i += width) steps[i] = from = isIn(i) ? 0 : from + 1
    for (let i = steps.length - width + x; i >= 0; i -= width) steps[i] = from = Math.min(steps[i], from + 1)
  }
  const far = new Float32Array(steps.length)
  const squares = new Float64Array(width) // the parabolas' lowest values
  const roots = new Int32Array(width) // of the lowest parabolas, from left to right
  const bounds = new Float64Array(width + 1) // where each begins to be the lowest
  for (let start = 0; start < steps.length; start += width) {
    for (let x = 0; x < width; x++) squares[x] = steps[start + x] * steps[start + x]
    let k = 0
    roots[0] = 0
    bounds[0] = -Infinity
    for (let x = 1; x < width; x++) {
      const square = squares[x] + x * x
      let meet = 0 // where this parabola meets the last one
      for (;;) {
        const root = roots[k]
        meet = (square - squares[root] - root * root) / (2 * (x - root))
        if (meet > bounds[k]) break
        k--
      }
      roots[++k] = x
      bounds[k] = meet
    }
    bounds[k + 1] = Infinity
    k = 0
    for (let x = 0; x < width; x++) {
      while (bounds[k + 1] < x) k++
      const across = x - roots[k]
      const square = across * across + squares[roots[k]]
      far[start + x] = square >= FAR ** 2 ? Infinity : Math.sqrt(square)
    }
  }
  return far
}
