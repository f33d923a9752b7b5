/** Pictures of digits as people make them, drawn from 28×28 digits: the same for the same digit and seed. */
import jpeg from 'jpeg-js'
import { PNG } from 'pngjs'
import type { Picture, Plane } from '../../src/picture.ts'
import { blurred, distances } from '../../src/picture/planes.ts'
import { randomStream } from '../../src/random.ts'

type Rand = () => number
type Colour = [red: number, green: number, blue: number]

/** How a picture is made; what is left out is as plain as can be. */
interface Scene {
  width: number
  height: number
  /** Pixels that the digit's 28 become. */
  size: number
  /** Where the centre of the 28×28 lies, in pixels. */
  x: number
  y: number
  /** Degrees, clockwise. */
  turn?: number
  /** Width of the pen in pixels of 28; the digit's own by default. */
  pen?: number
  paper?: Colour
  ink?: Colour
  /** Light at a place, 0 to 1; each coordinate from 0 to 1. */
  light?: (x: number, y: number) => number
  /** Marks on the paper beside the digit: ink from 0 to 1 at a pixel, and its colour. */
  marks?: { colour: Colour; at: (x: number, y: number) => number }
  /** How much the pen skips, 0 to 1. */
  skips?: number
  blur?: number
  /** Standard deviation of the noise, in grey levels. */
  noise?: number
  isTransparent?: boolean
}

const WHITE: Colour = [255, 255, 255]
const BLACK: Colour = [0, 0, 0]
const FINE = 6 // pixels of a stroke's outline per pixel of a digit

/** Every kind of hard picture: 28×28 bytes and random numbers in, a picture out. */
export const KINDS: Record<string, (digit: Uint8Array, rand: Rand) => Picture> = {
  'enlarged 10×': (digit) => enlarged(digit, 10),
  turned: (digit, rand) => drawn(digit, rand, { ...square(300), turn: 15 * (2 * rand() - 1) }),
  'off centre': (digit, rand) => drawn(digit, rand, offCentre(320, 0.35 + 0.3 * rand(), rand)),
  'thin pen': (digit, rand) => drawn(digit, rand, { ...square(400), pen: 0.5 + 0.5 * rand() }),
  'thick pen': (digit, rand) => drawn(digit, rand, { ...square(300), pen: 4 + rand() }),
  'coloured paper': (digit, rand) => {
    const [paper, ink] = pick(COLOURS, rand)
    return drawn(digit, rand, { ...offCentre(300, 0.5 + 0.4 * rand(), rand), paper, ink, light: gradient(rand, 0.5), noise: 8 })
  },
  shadow: (digit, rand) => drawn(digit, rand, { ...offCentre(300, 0.5 + 0.4 * rand(), rand), ink: [40, 40, 50], paper: [225, 222, 215], light: shadow(rand), noise: 4, blur: 1 }),
  'ruled lines': (digit, rand) => drawn(digit, rand, { ...offCentre(320, 0.4 + 0.4 * rand(), rand), ink: [30, 30, 60], marks: ruled(320, rand, false), noise: 3 }),
  transparent: (digit, rand) => drawn(digit, rand, { ...square(280), ink: rand() < 0.5 ? WHITE : BLACK, isTransparent: true }),
  inverted: (digit, rand) => drawn(digit, rand, { ...offCentre(280, 0.5 + 0.4 * rand(), rand), paper: [20, 30, 25], ink: [235, 235, 235] }),
} // prettier-ignore

/** Kinds of everyday pictures, on which thresholds are tried. */
export const EVERYDAY: typeof KINDS = {
  photo: (digit, rand) => {
    const scene = offCentre(500, 0.25 + 0.4 * rand(), rand)
    const paper: Colour = [200 + 40 * rand(), 195 + 40 * rand(), 180 + 50 * rand()]
    const both = [vignette(0.25 + 0.3 * rand()), rand() < 0.5 ? gradient(rand, 0.4) : shadow(rand)]
    return drawn(digit, rand, { ...scene, turn: 10 * (2 * rand() - 1), pen: 0.6 + 2.2 * rand(), paper, ink: [60 * rand(), 60 * rand(), 40 + 120 * rand()], light: (x, y) => both[0](x, y) * both[1](x, y), blur: 1 + Math.floor(3 * rand()), noise: 3 + 5 * rand() })
  },
  'small in a large photo': (digit, rand) => {
    const paper: Colour = [210, 205, 200]
    return drawn(digit, rand, { ...offCentre(900, 0.08 + 0.12 * rand(), rand), pen: 1.2 + 1.5 * rand(), paper, ink: [40, 40, 60], light: gradient(rand, 0.4), blur: 1, noise: 5 })
  },
  pencil: (digit, rand) => drawn(digit, rand, { ...offCentre(500, 0.3 + 0.5 * rand(), rand), pen: 0.7 + 0.8 * rand(), paper: [225, 225, 222], ink: [150, 150, 155], skips: 0.5, light: vignette(0.3), noise: 5, blur: 1 }),
  'squared paper': (digit, rand) => drawn(digit, rand, { ...offCentre(500, 0.3 + 0.4 * rand(), rand), pen: 0.9 + 1.2 * rand(), ink: [40, 40, 110], marks: ruled(500, rand, true), light: gradient(rand, 0.3), noise: 4, blur: 1 }),
  tight: (digit, rand) => tight(digit, rand, 0),
  'tight thin': (digit, rand) => tight(digit, rand, 0.5 + 0.8 * rand()),
  'touches the border': (digit, rand) => {
    const size = 260
    const scene = { ...square(size), size: size * 1.2 }
    const to = 0.1 * size
    return drawn(digit, rand, { ...scene, x: size / 2 + (rand() < 0.5 ? to : -to), y: size / 2, light: vignette(0.3), noise: 4, paper: [230, 228, 220], ink: [50, 50, 60] })
  },
  'coloured ink': (digit, rand) => drawn(digit, rand, { ...offCentre(400, 0.4 + 0.5 * rand(), rand), pen: 0.8 + 2 * rand(), paper: [245, 243, 240], ink: pick([[220, 40, 40], [30, 140, 60], [240, 120, 30], [90, 90, 220], [0, 160, 200]] as Colour[], rand), light: vignette(0.2), noise: 3, blur: 1 }),
  highlighter: (digit, rand) => drawn(digit, rand, { ...offCentre(400, 0.4 + 0.5 * rand(), rand), paper: [250, 250, 246], ink: [252, 240, 70], light: vignette(0.2), noise: 4, blur: 1 }),
  'equally bright': (digit, rand) => drawn(digit, rand, { ...offCentre(400, 0.4 + 0.5 * rand(), rand), paper: [120, 160, 220], ink: [230, 120, 90], light: gradient(rand, 0.15), noise: 3, blur: 1 }),
  blackboard: (digit, rand) => drawn(digit, rand, { ...offCentre(500, 0.3 + 0.5 * rand(), rand), pen: 0.8 + 1.5 * rand(), paper: [45, 60, 55], ink: [200, 205, 200], skips: 0.5, light: gradient(rand, 0.5), noise: 7, blur: 1 }),
  'drawn with a mouse': (digit, rand) => drawn(digit, rand, { ...offCentre(280, 0.4 + 0.55 * rand(), rand), pen: 0.4 + 2.2 * rand() }),
  framed: (digit, rand) => drawn(digit, rand, { ...offCentre(400, 0.35 + 0.15 * rand(), rand, 0.1), pen: 1 + rand(), marks: frame(400, rand), noise: 3 }),
  'round frame': (digit, rand) => drawn(digit, rand, { ...square(400), size: 400 * (0.5 + 0.2 * rand()), pen: 1 + rand(), marks: ring(400, rand), noise: 3 }),
  'touches its frame': (digit, rand) => {
    const scene = { ...square(400), size: 400 * (0.6 + 0.2 * rand()) }
    const foot = Math.floor(digit.findLastIndex((value) => value >= 128) / 28) + 0.5
    return drawn(digit, rand, { ...scene, marks: frame(400, rand, 200 + ((foot - 14) * scene.size) / 28), noise: 3 })
  },
  'edge of a desk': (digit, rand) => drawn(digit, rand, { ...offCentre(500, 0.3 + 0.25 * rand(), rand, 0.12), pen: 1 + rand(), paper: [225, 220, 210], ink: [50, 50, 80], marks: desk(500, rand), light: vignette(0.2), noise: 4, blur: 1 }),
  'desk on two sides': (digit, rand) => onDesk(digit, rand, [1, 1, 0, 0], 0),
  'desk on three sides': (digit, rand) => onDesk(digit, rand, [1, 1, 1, 0], 0),
  'sheet on a desk': (digit, rand) => onDesk(digit, rand, [1, 1, 1, 1], 0),
  'turned sheet on a desk': (digit, rand) => onDesk(digit, rand, [1.5, 1.5, 1.5, 1.5], 12),
  'note on a desk': (digit, rand) => onDesk(digit, rand, [2, 2, 2, 2], 12, 0.5),
  'tight thick': (digit, rand) => tight(digit, rand, 3.5 + 1.5 * rand()),
  'wide photo': (digit, rand) => {
    const size = 400 * (0.4 + 0.4 * rand())
    return drawn(digit, rand, { width: 640, height: 400, size, x: 160 + 320 * rand(), y: 200, pen: 0.9 + 1.5 * rand(), paper: [190, 195, 200], ink: [50, 45, 60], light: shadow(rand), blur: 2, noise: 6 })
  },
} // prettier-ignore

const COLOURS: [paper: Colour, ink: Colour][] = [
  [
    [250, 225, 120],
    [40, 40, 110],
  ],
  [
    [170, 205, 240],
    [20, 20, 40],
  ],
  [
    [245, 180, 190],
    [40, 60, 40],
  ],
  [
    [180, 220, 170],
    [60, 20, 60],
  ],
  [
    [190, 160, 120],
    [40, 30, 25],
  ],
]

function pick<T>(choices: T[], rand: Rand): T {
  return choices[Math.floor(rand() * choices.length)]
}

function square(size: number): Scene {
  return { width: size, height: size, size, x: size / 2, y: size / 2 }
}

/** A square picture; the digit takes a fraction of its side and lies anywhere, `margin` of the side from the border. */
function offCentre(side: number, fraction: number, rand: Rand, margin = 0.02): Scene {
  const size = (side * fraction * 28) / 20
  const reach = fraction * 0.5 + margin
  const place = () => side * Math.min(1 - reach, Math.max(reach, reach + (1 - 2 * reach) * rand()))
  return { width: side, height: side, size, x: place(), y: place() }
}

function tight(digit: Uint8Array, rand: Rand, pen: number): Picture {
  let [left, top, right, bottom] = [28, 28, 0, 0]
  digit.forEach((value, i) => {
    if (value < 64) return
    left = Math.min(left, i % 28)
    right = Math.max(right, (i % 28) + 1)
    top = Math.min(top, Math.floor(i / 28))
    bottom = Math.max(bottom, Math.floor(i / 28) + 1)
  })
  const scale = 12
  const [width, height] = [scale * (right - left + 1), scale * (bottom - top + 1)]
  const [x, y] = [width / 2 + scale * (14 - (left + right) / 2), height / 2 + scale * (14 - (top + bottom) / 2)]
  const scene = { width, height, size: 28 * scale, x, y, noise: 4, paper: [230, 225, 220] as Colour, ink: [40, 40, 50] as Colour, light: gradient(rand, 0.2) } // prettier-ignore
  return drawn(digit, rand, pen > 0 ? { ...scene, pen } : scene)
}

function gradient(rand: Rand, depth: number) {
  const angle = 2 * Math.PI * rand()
  const [dx, dy] = [Math.cos(angle), Math.sin(angle)]
  return (x: number, y: number) => 1 - depth * (0.5 + ((x - 0.5) * dx + (y - 0.5) * dy) / Math.SQRT2)
}

function vignette(depth: number) {
  return (x: number, y: number) => 1 - depth * 2 * ((x - 0.5) ** 2 + (y - 0.5) ** 2)
}

/** A shadow with a soft straight edge. */
function shadow(rand: Rand) {
  const angle = 2 * Math.PI * rand()
  const [dx, dy] = [Math.cos(angle), Math.sin(angle)]
  const [at, softness, depth] = [0.5 * rand() - 0.25, 0.02 + 0.1 * rand(), 0.35 + 0.25 * rand()]
  return (x: number, y: number) => {
    const t = ((x - 0.5) * dx + (y - 0.5) * dy - at) / softness
    return 1 - depth / (1 + Math.exp(-4 * t))
  }
}

function ruled(side: number, rand: Rand, isSquared: boolean): NonNullable<Scene['marks']> {
  const slope = 0.05 * (2 * rand() - 1)
  const period = side * (isSquared ? 0.05 + 0.05 * rand() : 0.1 + 0.1 * rand())
  const [width, offset] = [side * (0.003 + 0.003 * rand()), period * rand()]
  const colour = pick([[150, 180, 220], [170, 170, 170], [120, 150, 200], [200, 160, 160]] as Colour[], rand) // prettier-ignore
  const line = (at: number) => {
    const from = (((at + offset) % period) + period) % period
    return Math.max(0, Math.min(1, width / 2 + 0.5 - Math.abs(from - period / 2)))
  }
  const at = (x: number, y: number) => Math.max(line(y + slope * x), isSquared ? line(x - slope * y) : 0)
  return { colour, at }
}

/** @param foot where the lower side lies, in pixels; as far from the border as the others by default */
function frame(side: number, rand: Rand, foot?: number): NonNullable<Scene['marks']> {
  const [inset, width] = [side * (0.02 + 0.08 * rand()), side * 0.008]
  const edge = (at: number, last: number) => Math.min(Math.abs(at - inset), Math.abs(at - last))
  const isWithin = (at: number, last: number) => at > inset - width && at < last + width
  const [right, bottom] = [side - inset, foot ?? side - inset]
  return { colour: [30, 30, 30], at: (x, y) => (isWithin(x, right) && isWithin(y, bottom) && Math.min(edge(x, right), edge(y, bottom)) < width / 2 ? 1 : 0) }
} // prettier-ignore

function ring(side: number, rand: Rand): NonNullable<Scene['marks']> {
  const [radius, width] = [side * (0.42 + 0.05 * rand()), side * 0.008]
  return { colour: [30, 30, 30], at: (x, y) => (Math.abs(Math.hypot(x - side / 2, y - side / 2) - radius) < width / 2 ? 1 : 0) } // prettier-ignore
}

function desk(side: number, rand: Rand): NonNullable<Scene['marks']> {
  const [at, slope, turns] = [side * (0.04 + 0.06 * rand()), 0.06 * (2 * rand() - 1), Math.floor(4 * rand())]
  const rotated = (x: number, y: number) => [[x, y], [y, side - x], [side - x, side - y], [side - y, x]][turns] // prettier-ignore
  return { colour: [70, 50, 40], at: (x, y) => { const [u, v] = rotated(x, y); return v < at + slope * u ? 1 : 0 } } // prettier-ignore
}

/**
 * A sheet that a desk, darker or lighter than its ink, shows beside.
 * @param sides how much of the desk shows on the left, above, on the right and below; turned by quarters
 * @param most degrees that the sheet is turned by at most
 */
function onDesk(digit: Uint8Array, rand: Rand, sides: number[], most: number, scale = 1): Picture {
  const side = 500
  const turns = Math.floor(4 * rand())
  const insets = sides.map((_, i) => sides[(i + turns) % 4] * side * (0.03 + 0.07 * rand()))
  const angle = (most * (2 * rand() - 1) * Math.PI) / 180
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)]
  const tone = 30 + 110 * rand()
  const at = (x: number, y: number) => {
    const [u, v] = [x - side / 2, y - side / 2]
    const [across, down] = [cos * u + sin * v + side / 2, cos * v - sin * u + side / 2]
    const isSheet = across >= insets[0] && down >= insets[1] && across < side - insets[2] && down < side - insets[3]
    return isSheet ? 0 : 1
  }
  const marks = { colour: [tone, 0.9 * tone, 0.8 * tone] as Colour, at }
  return drawn(digit, rand, { ...offCentre(side, scale * (0.25 + 0.25 * rand()), rand, 0.17 + 0.32 * (1 - scale)), turn: (angle * 180) / Math.PI, pen: 1 + 1.5 * rand(), paper: [225, 220, 210], ink: [50, 50, 80], marks, light: vignette(0.2), noise: 4, blur: 1 }) // prettier-ignore
}

/** A digit enlarged by a whole factor, dark on light. */
function enlarged(digit: Uint8Array, factor: number): Picture {
  const side = 28 * factor
  const rgba = new Uint8Array(4 * side * side)
  for (let i = 0; i < side * side; i++) {
    const pixel = digit[28 * Math.floor(Math.floor(i / side) / factor) + Math.floor((i % side) / factor)]
    rgba.set([255 - pixel, 255 - pixel, 255 - pixel, 255], 4 * i)
  }
  return { width: side, height: side, rgba }
}

function drawn(digit: Uint8Array, rand: Rand, scene: Scene): Picture {
  const { width, height, size, x: cx, y: cy, turn = 0, paper = WHITE, ink = BLACK, light, marks, skips = 0 } = scene
  const strokes = penned(digit, scene.pen)
  const scale = strokes.width / size
  const [cos, sin] = [Math.cos((turn * Math.PI) / 180), Math.sin((turn * Math.PI) / 180)]
  const channels = [0, 1, 2].map(() => new Float32Array(width * height))
  const coverage = new Float32Array(width * height)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const i = y * width + x
      const [dx, dy] = [x + 0.5 - cx, y + 0.5 - cy]
      const u = (cos * dx + sin * dy) * scale + strokes.width / 2
      const v = (-sin * dx + cos * dy) * scale + strokes.width / 2
      const pressure = skips > 0 ? 1 - skips * rand() : 1
      coverage[i] = sampled(strokes, u, v) * pressure
      const mark = marks ? marks.at(x, y) : 0
      const shine = light ? light(x / width, y / height) : 1
      for (let c = 0; c < 3; c++) {
        const ground = marks ? paper[c] + mark * (marks.colour[c] - paper[c]) : paper[c]
        channels[c][i] = shine * (ground + coverage[i] * (ink[c] - ground))
      }
    }
  }
  const smooth = channels.map((values) => blurred({ width, height, values }, scene.blur ?? 0).values)
  const rgba = new Uint8Array(4 * width * height)
  for (let i = 0; i < width * height; i++) {
    const off = scene.noise ? scene.noise * 2 * (rand() + rand() + rand() - 1.5) : 0
    for (let c = 0; c < 3; c++) {
      rgba[4 * i + c] = scene.isTransparent ? (coverage[i] > 0 ? ink[c] : 0) : Math.max(0, Math.min(255, Math.round(smooth[c][i] + off))) // prettier-ignore
    }
    rgba[4 * i + 3] = scene.isTransparent ? Math.round(255 * coverage[i]) : 255
  }
  return { width, height, rgba }
}

/** A digit's strokes with sharp outlines, in its own width or that of a pen in pixels of 28. */
function penned(digit: Uint8Array, pen: number | undefined): Plane {
  const fine = outlined(digit, pen !== undefined)
  const radius = pen === undefined ? 0 : (pen * FINE) / 2
  const far = distances(fine, (i) => fine.values[i] === 1)
  return { ...fine, values: far.map((distance) => Math.min(1, Math.max(0, radius + 0.5 - distance + (pen === undefined ? 0.5 : 0)))) } // prettier-ignore
}

/** The strokes of the latest digits, as outlines or thin: many pictures are drawn of a few digits. */
const latest = new Map<string, Plane>()

/** A digit's strokes: 1 for ink, in its own width or one pixel thin. */
function outlined(digit: Uint8Array, isThin: boolean): Plane {
  const key = `${isThin} ${Buffer.from(digit).toString('base64')}`
  const known = latest.get(key)
  if (known) return known
  const n = 28 * FINE
  const coarse = { width: 28, height: 28, values: Float32Array.from(digit, (pixel) => pixel / 255) }
  const fine = { width: n, height: n, values: new Float32Array(n * n) }
  for (let y = 0; y < n; y++) for (let x = 0; x < n; x++) fine.values[y * n + x] = sampled(coarse, (x + 0.5) / FINE, (y + 0.5) / FINE) // prettier-ignore
  const soft = blurred(blurred(fine, 2), 2)
  const isInk = Uint8Array.from(soft.values, (value) => (value > 0.5 ? 1 : 0))
  if (isThin) thin(isInk, n)
  if (latest.size >= 20) latest.clear()
  const strokes = { ...fine, values: Float32Array.from(isInk) }
  latest.set(key, strokes)
  return strokes
}

/** Bilinear interpolation; pixel centres at +0.5; 0 outside. */
function sampled({ width, height, values }: Plane, x: number, y: number): number {
  if (x <= -0.5 || y <= -0.5 || x >= width + 0.5 || y >= height + 0.5) return 0
  const [left, top] = [Math.floor(x - 0.5), Math.floor(y - 0.5)]
  const [fx, fy] = [x - 0.5 - left, y - 0.5 - top]
  const at = (x: number, y: number) => (x < 0 || y < 0 || x >= width || y >= height ? 0 : values[y * width + x])
  const upper = (1 - fx) * at(left, top) + fx * at(left + 1, top)
  const lower = (1 - fx) * at(left, top + 1) + fx * at(left + 1, top + 1)
  return (1 - fy) * upper + fy * lower
}

/** Thins ink to lines of one pixel (Zhang and Suen's method). */
function thin(isInk: Uint8Array, n: number): void {
  for (let changed = true; changed;) {
    changed = false
    for (const pass of [0, 1]) {
      const gone: number[] = []
      for (let i = n + 1; i < n * (n - 1) - 1; i++) {
        if (!isInk[i]) continue
        const around = [i - n, i - n + 1, i + 1, i + n + 1, i + n, i + n - 1, i - 1, i - n - 1].map((j) => isInk[j])
        const sum = around.reduce((a, b) => a + b)
        const rises = around.filter((value, k) => !value && around[(k + 1) % 8]).length
        const [north, , east, , south, , west] = around
        const isFree = pass === 0 ? !(north && east && south) && !(east && south && west) : !(north && east && west) && !(north && south && west) // prettier-ignore
        if (sum >= 2 && sum <= 6 && rises === 1 && isFree) gone.push(i)
      }
      for (const i of gone) isInk[i] = 0
      changed ||= gone.length > 0
    }
  }
}

/** Kinds of files that hold such pictures. */
export const FILES: Record<string, (digit: Uint8Array, rand: Rand) => Buffer> = {
  '16-bit PNG': (digit, rand) => {
    const { width, height, rgba } = KINDS.turned(digit, rand)
    const picture = new PNG({ width, height })
    picture.data = Buffer.from(Uint16Array.from(rgba, (value) => 257 * value).buffer)
    return PNG.sync.write(picture, { bitDepth: 16, colorType: 6, inputColorType: 6 })
  },
  'JPEG of quality 30': (digit, rand) => {
    const { width, height, rgba } = KINDS.turned(digit, rand)
    return Buffer.from(jpeg.encode({ width, height, data: rgba }, 30).data)
  },
}

/** A picture of a kind; the same for the same digit and seed. */
export function hardPicture(kind: string, digit: Uint8Array, seed: number): Picture {
  return (KINDS[kind] ?? EVERYDAY[kind])(digit, randomStream(seed).rand)
}

/** A file of a kind; the same for the same digit and seed. */
export function hardFile(kind: string, digit: Uint8Array, seed: number): Buffer {
  return FILES[kind](digit, randomStream(seed).rand)
}
