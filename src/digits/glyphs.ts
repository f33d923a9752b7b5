/** A point that the pen passes, in hundredths of the digit's height: x to the right, y down. */
export interface Waypoint {
  x: number
  y: number
  /** Whether the pen turns sharply here. */
  corner: boolean
  /** Mean distance to the waypoints before and after it. */
  room: number
}

/** One way to write a digit. */
export interface Glyph {
  /** How common it is, relative to the other glyphs of the same digit. */
  weight: number
  /** Its strokes, each from pen down to pen up. */
  strokes: Waypoint[][]
}

/** Parses a stroke: points `x,y`, joined by a smooth curve, with ` / ` after each sharp corner. */
function stroke(path: string): Waypoint[] {
  const waypoints: Waypoint[] = []
  for (const word of path.split(' ')) {
    if (word === '/') waypoints[waypoints.length - 1].corner = true
    else {
      const [x, y] = word.split(',').map(Number)
      waypoints.push({ x, y, corner: false, room: 0 })
    }
  }
  waypoints.forEach((waypoint, i) => {
    const before = waypoints[i - 1] ?? waypoints[i + 1]
    const after = waypoints[i + 1] ?? waypoints[i - 1]
    waypoint.room = (distance(before, waypoint) + distance(waypoint, after)) / 2
  })
  return waypoints
}

function distance(a: Waypoint, b: Waypoint): number {
  return Math.sqrt((b.x - a.x) * (b.x - a.x) + (b.y - a.y) * (b.y - a.y)) // Math.hypot is not the same everywhere
}

/** A glyph from its weight and its strokes, written as for `stroke`. */
function glyph(weight: number, ...paths: string[]): Glyph {
  return { weight, strokes: paths.map(stroke) }
}

/** The glyphs of each digit, 0 to 9. */
export const glyphs: Glyph[][] = [
  [
    glyph(4, '34,0 12,16 2,52 12,87 34,100 54,84 62,48 52,14 31,1'), // closed at the top
    glyph(3, '50,6 27,2 6,30 4,72 24,99 50,86 62,48 55,16 37,4 24,10'), // closed inside the top right
    glyph(2, '28,2 10,26 2,60 14,94 34,98 54,70 58,34 46,6 24,0 14,10'), // leaning
    glyph(3, '42,0 13,12 0,50 13,90 42,100 72,86 80,50 70,14 40,1'), // wide
  ],
  [
    glyph(10, '0,0 0,50 0,100'), // a mere stroke
    glyph(1.5, '0,20 20,0 / 19,50 18,100'), // with a flag
    glyph(0.7, '0,22 24,0 / 24,50 24,98', '4,99 26,98 48,97'), // with a flag and a foot
    glyph(0.7, '4,4 0,50 2,100'), // slightly bent
  ],
  [
    glyph(3, '6,24 20,4 44,1 58,18 50,46 28,74 4,97 / 34,95 68,93'), // sharp bottom left
    glyph(3, '6,22 26,2 50,6 58,26 46,56 22,86 6,96 2,84 18,76 40,88 72,94'), // loop at the bottom left
    glyph(2, '2,18 30,0 60,10 62,34 40,62 16,84 2,88 / 26,84 48,92 76,88'), // wide and wavy
    glyph(2, '10,14 34,0 56,10 56,36 40,68 14,97 / 40,100 66,98'), // upright
    glyph(2, '4,10 30,0 56,8 60,32 46,64 20,94 2,92 8,70 34,72 60,90 84,96'), // large loop
    glyph(1.5, '0,12 24,2 50,4 / 36,40 2,90 / 40,92 80,86'), // like a Z
    glyph(1.5, '14,34 18,8 42,0 60,16 54,50 30,88 8,100 4,86 30,84 62,100 90,90'), // swan
  ],
  [
    glyph(4, '6,14 28,0 52,8 52,30 24,45 / 52,54 62,74 46,96 20,100 0,88'), // round
    glyph(2, '4,6 30,0 56,10 44,34 26,46 34,48 58,60 58,84 36,100 2,94'), // one sweep
    glyph(1.5, '4,4 30,3 58,2 / 26,40 / 54,52 60,76 40,98 4,94'), // flat top
    glyph(2, '2,18 20,0 48,4 52,28 30,44 20,46 34,46 58,58 60,84 34,100 4,90'), // small loop in the middle
    glyph(2, '10,10 36,0 58,14 50,32 26,40 / 48,46 56,66 40,92 0,100'), // large below, tail to the left
    glyph(1.5, '2,16 30,0 60,12 56,40 30,56 / 50,62 54,82 34,98 4,96'), // large above
  ],
  [
    glyph(3, '8,2 4,30 6,52 / 36,54 62,48', '60,0 56,50 52,100'), // open
    glyph(2, '10,0 4,36 16,54 40,52 60,38', '60,2 56,50 50,100'), // open, round
    glyph(2, '12,4 4,50 / 32,50 60,44 / 64,2 / 58,50 54,100'), // open, in one stroke
    glyph(1.5, '52,0 28,32 2,62 / 36,62 76,60', '54,2 52,50 50,100'), // closed
    glyph(1, '54,100 55,50 56,0 / 30,32 4,62 / 40,60 78,60'), // closed, in one stroke
  ],
  [
    glyph(3, '62,2 40,3 20,4 / 14,44 / 34,38 58,52 58,82 32,100 2,90'), // in one stroke
    glyph(2, '18,6 14,44 / 38,40 58,56 56,84 30,100 2,92', '18,6 42,3 68,0'), // top stroke written last
    glyph(2, '66,0 34,6 16,20 22,40 46,58 52,80 32,99 2,92'), // like an S
    glyph(2, '74,0 46,4 26,8 / 20,40 46,54 54,74 38,98 8,98 0,86'), // wide, with a hooked end
    glyph(2, '84,0 54,6 32,12 / 22,40 / 44,48 52,70 36,94 0,98'), // long top, small belly
    glyph(1.5, '30,14 22,44 44,52 52,74 34,98 0,94', '36,10 62,6 90,0'), // top stroke to the right
  ],
  [
    glyph(4, '46,0 22,24 4,60 12,94 38,98 54,78 42,58 22,62 8,80'), // curved
    glyph(2, '34,0 14,32 2,70 16,98 44,96 56,76 44,58 18,64 8,80'), // large loop
    glyph(2, '56,0 32,24 8,58 6,88 24,100 44,88 42,70 24,68 8,82'), // long stem
    glyph(1.5, '20,0 6,40 4,80 22,100 46,92 50,70 32,58 6,74'), // upright
    glyph(1.5, '40,0 8,30 0,70 14,98 44,98 60,70 48,44 24,48 4,70'), // very large loop
  ],
  [
    glyph(3, '0,8 30,5 60,3 / 44,44 28,100'), // plain
    glyph(3, '2,24 2,8 / 32,6 60,3 / 46,36 34,64 28,100'), // hook at the left
    glyph(3, '0,10 26,2 52,2 58,16 40,52 26,100'), // round shoulder
    glyph(1.5, '0,8 30,5 60,3 / 44,44 28,100', '18,50 40,48 60,47'), // with a bar
    glyph(1.5, '2,6 30,8 58,2 / 52,30 46,64 44,100'), // steep
    glyph(2, '2,30 10,6 32,10 58,4 / 34,56 14,100'), // wavy top, leaning
  ],
  [
    glyph(3, '42,12 24,0 8,14 14,38 34,58 42,82 24,100 6,86 12,62 32,38 43,14'), // begun like an S
    glyph(2, '24,46 6,28 12,4 34,2 42,22 24,46 4,72 10,98 32,98 42,74 24,46'), // two loops
    glyph(2, '44,4 24,2 10,20 20,42 32,60 30,88 14,100 3,84 15,58 36,32 46,8'), // narrow below
    glyph(2, '34,6 16,2 6,22 20,44 38,66 38,92 18,100 3,80 16,52 34,28 38,8'), // small above
    glyph(3, '56,10 32,0 8,14 18,38 40,60 42,88 22,100 8,86 30,52 62,4'), // closed by a straight stroke
    glyph(2, '50,18 40,0 12,4 4,24 24,44 44,56 40,76 22,98 8,90 14,66 44,44 52,16'), // large above
    glyph(2, '62,14 44,2 20,6 18,30 36,52 38,80 16,100 0,86 12,64 40,44 64,30 60,12'), // leaning, loops side by side
    glyph(2, '48,8 24,0 6,16 16,38 40,56 48,80 28,100 6,88 14,62 36,44 58,22'), // open at the top
  ],
  [
    glyph(3, '52,12 30,0 6,18 8,42 30,48 50,26 54,10 / 52,50 46,100'), // straight stem
    glyph(3, '54,16 32,0 6,20 12,46 36,44 54,18 54,52 44,84 26,100'), // curved stem
    glyph(2, '56,8 28,4 4,28 14,48 40,36 56,10 / 46,52 30,100'), // leaning
    glyph(1.5, '50,16 28,0 4,22 20,46 48,30 54,14 56,60 42,96 14,98 2,86'), // hooked tail
    glyph(2, '44,8 24,0 6,14 10,34 28,36 44,12 / 40,52 32,100'), // small loop, long stem
    glyph(2, '60,14 30,0 2,26 8,56 36,56 60,18 / 58,60 50,100'), // large loop
  ],
]
