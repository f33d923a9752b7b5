/**
 * The kernel: forward and backward propagation as network.ts writes them, for one thread, in f64x2 vectors.
 *
 *   m examples, in tiles of t <= 256, in at most 16 shards; h hidden units, made up to `units`, a multiple of 10, with zeros
 *
 * Most pixels are paper, and X is kept without them: what is 0 is neither stored nor multiplied (of MNIST, 81 %).
 * An entry is two neighbours in a row of pixels, one or both of them ink: they mostly are both, and share the work of
 * an entry (16 % less time than with an entry a pixel). Of 392 pairs of pixels, a digit has about 90.
 *
 * The memory, shared by all threads:
 *
 *      0  v ∕ 255 for the bytes v              256 × f64
 *   2048  the threads' barrier                 3 × i32, simd.ts and worker.js
 *   2112  the pass: what is to be done         `Pass`
 *   3072  constants of exp
 *   4096  what made a worker fail              its message
 *   8192  and beyond, wherever simd.ts puts it:
 *
 *   params     W1 784 × units, b1 units, W2 units × 10, b2 10      f64; W1 by pixel, W2 by hidden unit: their columns are rows here
 *   gradients  dW1 db1 dW2 db2 likewise, loss, number right        f64; one after the other, for every shard
 *   records    an example each: u16 entries, u8 label, u8 unused; an entry is u16 pair, u8 value, u8 value
 *   columns    a tile each: its labels, t × u8, made up to an even number; 392 × u16 entries of a pair;
 *              an entry is 3 × u16, the places of its example in a panel of Z1 and of its values among the v ∕ 255, in bytes
 *   desks      a thread each: its shard, tile and end (u32), 392 × u32 cursors,
 *              Z2 t × 10 and, in panels of ten units, Z1 t × units of the tile it is at (f64), and columns, where they are not kept
 *
 * A2 is made in the place of dZ2, and A1 and dZ1 in that of Z1.
 */
import { exp, log } from './exp-log'

const PIXELS: usize = 784
const PAIRS: usize = PIXELS / 2
const VECTOR: usize = 16 // bytes of an f64x2
const TEN: usize = 80 // bytes of ten f64
const ENTRY: usize = 6 // bytes of an entry in columns

/** What all threads are to do: simd.ts writes it before they start. */
@unmanaged
class Pass {
  next: usize // the next shard to be taken: an atomic counter
  shards: usize
  examples: usize
  tile: usize // examples that go forward and backward together, in cache: at most 256, a place in a tile is a byte
  row: usize // bytes of `units` f64
  records: usize // u32, the place of each example's record
  columns: usize // u32, the place of each tile's columns; 0 where they are made as they are needed
  predictions: usize // u8, what each example is taken for
  forwardOnly: usize
  params: usize
  gradients: usize
  desks: usize
  deskBytes: usize
}

const PASS: usize = 2112
const pass = changetype<Pass>(PASS)

function byte(at: usize): usize {
  return load<u8>(at)
}
function short(at: usize): usize {
  return load<u16>(at)
}
function word(at: usize): usize {
  return load<u32>(at)
}

/** Bytes of the labels in the columns of so many examples. */
function labelsBytes(count: usize): usize {
  return (count + 1) & ~1
}

/** Bytes of a shard's gradients. */
function gradientsBytes(): usize {
  return (PIXELS + 1 + 10) * pass.row + TEN + VECTOR
}

/** Writes the records of digits given as bytes; `list[i]` becomes the place of record i. Returns the end of the last one. */
export function pack(pixels: usize, labels: usize, count: usize, list: usize, to: usize): usize {
  for (let i: usize = 0; i < count; i++) {
    const record = to
    to += 4
    for (let first: usize = 0; first < PAIRS; first += 4, pixels += 8) {
      if (load<u64>(pixels) == 0) continue // as most are
      for (let p: usize = 0; p < 4; p++) {
        const values = short(pixels + 2 * p)
        store<u16>(to, first + p)
        store<u16>(to, values, 2)
        to += values != 0 ? 4 : 0
      }
    }
    store<u16>(record, (to - record - 4) >> 2)
    store<u8>(record, byte(labels + i), 2)
    store<u32>(list + 4 * i, record)
  }
  return to
}

/**
 * Writes the columns of a tile: its records, turned to go by pixel. `cursors` is room for 392 words. Returns their end.
 * Pixels that are paper in all of the tile get an entry too, of 0 and 0: were they left out, NaN in their W1 would be.
 */
export function turn(list: usize, count: usize, cursors: usize, to: usize): usize {
  memory.fill(cursors, 0, 4 * PAIRS)
  for (let i: usize = 0; i < count; i++) {
    const record = word(list + 4 * i)
    for (let entry = record + 4, end = entry + 4 * short(record); entry < end; entry += 4) {
      const cursor = cursors + 4 * short(entry)
      store<u32>(cursor, word(cursor) + 1)
    }
  }
  for (let i: usize = 0; i < count; i++) store<u8>(to + i, byte(word(list + 4 * i) + 2))
  to += labelsBytes(count)
  let end = to + 2 * PAIRS
  for (let p: usize = 0; p < PAIRS; p++) {
    const n = word(cursors + 4 * p)
    store<u32>(cursors + 4 * p, end)
    store<u16>(to + 2 * p, max(n, 1))
    if (n == 0) memory.fill(end, 0, ENTRY)
    end += ENTRY * max(n, 1)
  }
  for (let i: usize = 0; i < count; i++) {
    const record = word(list + 4 * i)
    for (let entry = record + 4, end = entry + 4 * short(record); entry < end; entry += 4) {
      const cursor = cursors + 4 * short(entry)
      const place = word(cursor)
      store<u16>(place, i * TEN)
      store<u16>(place, 8 * byte(entry + 2), 2)
      store<u16>(place, 8 * byte(entry + 3), 4)
      store<u32>(cursor, place + ENTRY)
    }
  }
  return (end + 3) & ~3
}

/**
 * Does one tile: the next of the shard in hand, or the first of the next shard.
 * @returns whether there was one to do
 */
export function step(thread: usize): bool {
  const desk = pass.desks + thread * pass.deskBytes
  const tiles = (pass.examples + pass.tile - 1) / pass.tile
  let shard = word(desk)
  let tile = word(desk + 4)
  const first = tile == word(desk + 8)
  if (first) {
    shard = atomic.add<usize>(PASS, 1)
    if (shard >= pass.shards) return false
    tile = (tiles * shard) / pass.shards
    store<u32>(desk, shard)
    store<u32>(desk, (tiles * (shard + 1)) / pass.shards, 8)
  }
  propagate(tile, first, desk + 16, pass.gradients + shard * gradientsBytes())
  store<u32>(desk, tile + 1, 4)
  return true
}

/** Forward and backward propagation of a tile: its gradients are added to those of its shard, or start them. */
function propagate(tile: usize, first: bool, cursors: usize, dW1: usize): void {
  const start = tile * pass.tile
  const count = min(pass.tile, pass.examples - start)
  const list = pass.records + 4 * start
  const dZ2 = cursors + 4 * PAIRS
  const Z1 = dZ2 + pass.tile * TEN
  let labels = Z1 + pass.tile * pass.row
  if (pass.columns) labels = word(pass.columns + 4 * tile)
  else turn(list, count, cursors, labels)
  const columns = labels + labelsBytes(count)

  const row = pass.row
  const W1 = pass.params
  const b1 = W1 + PIXELS * row
  const W2 = b1 + row
  const b2 = W2 + 10 * row
  const db1 = dW1 + PIXELS * row
  const dW2 = db1 + row
  const db2 = dW2 + 10 * row

  const panel = pass.tile * TEN
  const filled = count * TEN // bytes of a panel
  for (let j: usize = 0, A1 = Z1; j < row; j += TEN, A1 += panel) {
    firstLayer(columns, A1 + filled, W1 + j, b1 + j, A1)
    relu(A1, A1 + filled)
    secondLayer(j == 0, W2 + 10 * j, b2, A1, dZ2, dZ2 + filled)
  }
  softmax(labels, first, dZ2, dZ2 + filled, pass.predictions + start, db2 + TEN)
  if (pass.forwardOnly) return
  sumRows(first, dZ2, dZ2 + filled, db2)
  for (let j: usize = 0, A1 = Z1; j < row; j += TEN, A1 += panel) {
    gradientsOfSecondLayer(first, A1, dZ2, dZ2 + filled, dW2 + 10 * j)
    backToFirstLayer(W2 + 10 * j, dZ2, dZ2 + filled, A1)
    sumRows(first, A1, A1 + filled, db1 + j)
    gradientsOfFirstLayer(columns, first, A1, dW1 + j)
  }
}

/**
 * Z1 = W1·X + b1, ten hidden units of it, pair of pixels by pair: an example at a time, its Z1 in registers, takes 5 to 13 %
 * longer with 10 hidden units, as long with 128, and needs the records where now columns serve both ways.
 */
function firstLayer(columns: usize, end: usize, W1: usize, b1: usize, Z1: usize): void {
  const row = pass.row
  const b_0 = v128.load(b1, 0)
  const b_1 = v128.load(b1, 16)
  const b_2 = v128.load(b1, 32)
  const b_3 = v128.load(b1, 48)
  const b_4 = v128.load(b1, 64)
  for (let z = Z1; z < end; z += TEN) {
    v128.store(z, b_0, 0)
    v128.store(z, b_1, 16)
    v128.store(z, b_2, 32)
    v128.store(z, b_3, 48)
    v128.store(z, b_4, 64)
  }

  let entry = columns + 2 * PAIRS
  for (let p: usize = 0; p < PAIRS; p++) {
    const w0 = v128.load(W1, 0)
    const w1 = v128.load(W1, 16)
    const w2 = v128.load(W1, 32)
    const w3 = v128.load(W1, 48)
    const w4 = v128.load(W1, 64)
    W1 += row
    const v0 = v128.load(W1, 0)
    const v1 = v128.load(W1, 16)
    const v2 = v128.load(W1, 32)
    const v3 = v128.load(W1, 48)
    const v4 = v128.load(W1, 64)
    W1 += row
    for (const end = entry + ENTRY * short(columns + 2 * p); entry < end; entry += ENTRY) {
      const z = Z1 + short(entry)
      const x = v128.load_splat<u64>(<usize>load<u16>(entry, 2))
      const y = v128.load_splat<u64>(<usize>load<u16>(entry, 4))
      v128.store(z, f64x2.add(v128.load(z, 0), f64x2.add(f64x2.mul(w0, x), f64x2.mul(v0, y))), 0)
      v128.store(z, f64x2.add(v128.load(z, 16), f64x2.add(f64x2.mul(w1, x), f64x2.mul(v1, y))), 16)
      v128.store(z, f64x2.add(v128.load(z, 32), f64x2.add(f64x2.mul(w2, x), f64x2.mul(v2, y))), 32)
      v128.store(z, f64x2.add(v128.load(z, 48), f64x2.add(f64x2.mul(w3, x), f64x2.mul(v3, y))), 48)
      v128.store(z, f64x2.add(v128.load(z, 64), f64x2.add(f64x2.mul(w4, x), f64x2.mul(v4, y))), 64)
    }
  }
}

/**
 * dW1 = dZ1·Xᵀ, ten hidden units of it: those of a pair of pixels stay in registers while the tile goes by.
 *
 * The breaks never happen: no entry lies at 0 or 1. V8 loads ahead as far as the next branch, more than its registers hold,
 * and then keeps sums in memory; with the breaks here it does not (4 to 8 % of all time), nor in the second layer's loops.
 */
function gradientsOfFirstLayer(columns: usize, first: bool, dZ1: usize, dW1: usize): void {
  const row = pass.row
  const zero = f64x2.splat(0)
  let entry = columns + 2 * PAIRS
  for (let p: usize = 0; p < PAIRS; p++) {
    const dV1 = dW1 + row
    let w0 = first ? zero : v128.load(dW1, 0)
    let w1 = first ? zero : v128.load(dW1, 16)
    let w2 = first ? zero : v128.load(dW1, 32)
    let w3 = first ? zero : v128.load(dW1, 48)
    let w4 = first ? zero : v128.load(dW1, 64)
    let v0 = first ? zero : v128.load(dV1, 0)
    let v1 = first ? zero : v128.load(dV1, 16)
    let v2 = first ? zero : v128.load(dV1, 32)
    let v3 = first ? zero : v128.load(dV1, 48)
    let v4 = first ? zero : v128.load(dV1, 64)
    for (const end = entry + ENTRY * short(columns + 2 * p); entry < end; entry += ENTRY) {
      const d = dZ1 + short(entry)
      const x = v128.load_splat<u64>(<usize>load<u16>(entry, 2))
      const y = v128.load_splat<u64>(<usize>load<u16>(entry, 4))
      const d0 = v128.load(d, 0)
      w0 = f64x2.add(w0, f64x2.mul(d0, x))
      v0 = f64x2.add(v0, f64x2.mul(d0, y))
      const d1 = v128.load(d, 16)
      w1 = f64x2.add(w1, f64x2.mul(d1, x))
      v1 = f64x2.add(v1, f64x2.mul(d1, y))
      if (entry == 0) break
      const d2 = v128.load(d, 32)
      w2 = f64x2.add(w2, f64x2.mul(d2, x))
      v2 = f64x2.add(v2, f64x2.mul(d2, y))
      const d3 = v128.load(d, 48)
      w3 = f64x2.add(w3, f64x2.mul(d3, x))
      v3 = f64x2.add(v3, f64x2.mul(d3, y))
      if (entry == 1) break
      const d4 = v128.load(d, 64)
      w4 = f64x2.add(w4, f64x2.mul(d4, x))
      v4 = f64x2.add(v4, f64x2.mul(d4, y))
    }
    v128.store(dW1, w0, 0)
    v128.store(dW1, w1, 16)
    v128.store(dW1, w2, 32)
    v128.store(dW1, w3, 48)
    v128.store(dW1, w4, 64)
    v128.store(dV1, v0, 0)
    v128.store(dV1, v1, 16)
    v128.store(dV1, v2, 32)
    v128.store(dV1, v3, 48)
    v128.store(dV1, v4, 64)
    dW1 = dV1 + row
  }
}

/** A1 = ReLU(Z1), in its place. */
function relu(Z1: usize, end: usize): void {
  const zero = f64x2.splat(0)
  for (; Z1 < end; Z1 += VECTOR) v128.store(Z1, f64x2.pmax(v128.load(Z1), zero))
}

/**
 * Z2 = W2·A1 + b2, what ten hidden units give to it, two examples at a time: they share the loads of W2. Where there is no
 * second one, what lies behind the first is taken for it, and what comes of that lies behind the last Z2.
 */
function secondLayer(first: bool, W2: usize, b2: usize, A1: usize, Z2: usize, end: usize): void {
  for (; Z2 < end; Z2 += 2 * TEN, A1 += TEN) {
    const s = first ? b2 : Z2
    let s0 = v128.load(s, 0)
    let s1 = v128.load(s, 16)
    let s2 = v128.load(s, 32)
    let s3 = v128.load(s, 48)
    let s4 = v128.load(s, 64)
    const t = first ? b2 : Z2 + TEN
    let t0 = v128.load(t, 0)
    let t1 = v128.load(t, 16)
    let t2 = v128.load(t, 32)
    let t3 = v128.load(t, 48)
    let t4 = v128.load(t, 64)
    let w = W2
    for (const last = A1 + TEN; A1 < last; A1 += 8, w += TEN) {
      const a = v128.load_splat<u64>(A1)
      const b = v128.load_splat<u64>(A1, TEN)
      const w0 = v128.load(w, 0)
      s0 = f64x2.add(s0, f64x2.mul(w0, a))
      t0 = f64x2.add(t0, f64x2.mul(w0, b))
      const w1 = v128.load(w, 16)
      s1 = f64x2.add(s1, f64x2.mul(w1, a))
      t1 = f64x2.add(t1, f64x2.mul(w1, b))
      if (w == 0) break
      const w2 = v128.load(w, 32)
      s2 = f64x2.add(s2, f64x2.mul(w2, a))
      t2 = f64x2.add(t2, f64x2.mul(w2, b))
      const w3 = v128.load(w, 48)
      s3 = f64x2.add(s3, f64x2.mul(w3, a))
      t3 = f64x2.add(t3, f64x2.mul(w3, b))
      if (w == 1) break
      const w4 = v128.load(w, 64)
      s4 = f64x2.add(s4, f64x2.mul(w4, a))
      t4 = f64x2.add(t4, f64x2.mul(w4, b))
    }
    v128.store(Z2, s0, 0)
    v128.store(Z2, s1, 16)
    v128.store(Z2, s2, 32)
    v128.store(Z2, s3, 48)
    v128.store(Z2, s4, 64)
    v128.store(Z2, t0, 80)
    v128.store(Z2, t1, 96)
    v128.store(Z2, t2, 112)
    v128.store(Z2, t3, 128)
    v128.store(Z2, t4, 144)
  }
}

/**
 * A2 = softmax(Z2), its loss and the number right, and dZ2 = (A2 − onehot(Y)) ∕ m, all in the place of Z2: divided here,
 * where there are ten of them, and not the gradients that are made of them; by Σ exp(Z2) and by m at once.
 *
 * −log A2 of a label is log Σ exp(Z2) − Z2, both less the greatest, and the sum of these logs the log of one product,
 * of at most 256 numbers from 1 to 10: one log a tile.
 */
function softmax(labels: usize, first: bool, Z2: usize, end: usize, predicted: usize, found: usize): void {
  let loss: f64 = first ? 0 : load<f64>(found)
  let right: f64 = first ? 0 : load<f64>(found, 8)
  for (let z = Z2, at = labels; z < end; z += TEN, at++) {
    const z0 = v128.load(z, 0)
    const z1 = v128.load(z, 16)
    const z2 = v128.load(z, 32)
    const z3 = v128.load(z, 48)
    const z4 = v128.load(z, 64)
    const top = greatest(z0, z1, z2, z3, z4)
    v128.store(z, f64x2.sub(z0, top), 0)
    v128.store(z, f64x2.sub(z1, top), 16)
    v128.store(z, f64x2.sub(z2, top), 32)
    v128.store(z, f64x2.sub(z3, top), 48)
    v128.store(z, f64x2.sub(z4, top), 64)
    loss -= load<f64>(z + 8 * byte(at))
  }
  exp(Z2, end)

  const perExample = 1 / <f64>pass.examples
  const each = f64x2.splat(perExample)
  const one = f64x2.splat(1)
  let product = one
  for (let z = Z2, at = labels; z < end; z += TEN, at++, predicted++) {
    const e0 = v128.load(z, 0)
    const e1 = v128.load(z, 16)
    const e2 = v128.load(z, 32)
    const e3 = v128.load(z, 48)
    const e4 = v128.load(z, 64)
    const sums = f64x2.add(f64x2.add(f64x2.add(e0, e1), f64x2.add(e2, e3)), e4)
    const sum = f64x2.add(sums, v128.shuffle<f64>(sums, sums, 1, 0))
    product = f64x2.mul(product, sum)
    const places =
      i64x2.bitmask(f64x2.eq(e0, one)) |
      (i64x2.bitmask(f64x2.eq(e1, one)) << 2) |
      (i64x2.bitmask(f64x2.eq(e2, one)) << 4) |
      (i64x2.bitmask(f64x2.eq(e3, one)) << 6) |
      (i64x2.bitmask(f64x2.eq(e4, one)) << 8)
    const digit = ctz(places | 1024) // the first of the greatest, which are exp(0); 10 where they are NaN
    const label = byte(at)
    store<u8>(predicted, digit)
    right += digit == <i32>label ? 1 : 0

    const factor = f64x2.div(each, sum)
    v128.store(z, f64x2.mul(e0, factor), 0)
    v128.store(z, f64x2.mul(e1, factor), 16)
    v128.store(z, f64x2.mul(e2, factor), 32)
    v128.store(z, f64x2.mul(e3, factor), 48)
    v128.store(z, f64x2.mul(e4, factor), 64)
    const y = z + 8 * label
    if (load<f64>(y) == 0) loss = Infinity // as −log 0
    store<f64>(y, load<f64>(y) - perExample)
  }
  store<f64>(found, loss + log(f64x2.extract_lane(product, 0)))
  store<f64>(found, right, 8)
}

/** The greatest of ten numbers, in both lanes. */
function greatest(z0: v128, z1: v128, z2: v128, z3: v128, z4: v128): v128 {
  const z = f64x2.pmax(f64x2.pmax(f64x2.pmax(z0, z1), f64x2.pmax(z2, z3)), z4)
  return f64x2.pmax(z, v128.shuffle<f64>(z, z, 1, 0))
}

/** dW2 = dZ2·A1ᵀ for ten hidden units, two at a time: they share the loads of dZ2. */
function gradientsOfSecondLayer(first: bool, A1: usize, dZ2: usize, end: usize, dW2: usize): void {
  if (first) memory.fill(dW2, 0, 10 * TEN)
  for (const last = dW2 + 10 * TEN; dW2 < last; dW2 += 2 * TEN, A1 += VECTOR) {
    let s0 = v128.load(dW2, 0)
    let s1 = v128.load(dW2, 16)
    let s2 = v128.load(dW2, 32)
    let s3 = v128.load(dW2, 48)
    let s4 = v128.load(dW2, 64)
    let t0 = v128.load(dW2, 80)
    let t1 = v128.load(dW2, 96)
    let t2 = v128.load(dW2, 112)
    let t3 = v128.load(dW2, 128)
    let t4 = v128.load(dW2, 144)
    for (let d = dZ2, A = A1; d < end; d += TEN, A += TEN) {
      const a = v128.load_splat<u64>(A, 0)
      const b = v128.load_splat<u64>(A, 8)
      const d0 = v128.load(d, 0)
      s0 = f64x2.add(s0, f64x2.mul(d0, a))
      t0 = f64x2.add(t0, f64x2.mul(d0, b))
      const d1 = v128.load(d, 16)
      s1 = f64x2.add(s1, f64x2.mul(d1, a))
      t1 = f64x2.add(t1, f64x2.mul(d1, b))
      if (d == 0) break
      const d2 = v128.load(d, 32)
      s2 = f64x2.add(s2, f64x2.mul(d2, a))
      t2 = f64x2.add(t2, f64x2.mul(d2, b))
      const d3 = v128.load(d, 48)
      s3 = f64x2.add(s3, f64x2.mul(d3, a))
      t3 = f64x2.add(t3, f64x2.mul(d3, b))
      if (d == 1) break
      const d4 = v128.load(d, 64)
      s4 = f64x2.add(s4, f64x2.mul(d4, a))
      t4 = f64x2.add(t4, f64x2.mul(d4, b))
    }
    v128.store(dW2, s0, 0)
    v128.store(dW2, s1, 16)
    v128.store(dW2, s2, 32)
    v128.store(dW2, s3, 48)
    v128.store(dW2, s4, 64)
    v128.store(dW2, t0, 80)
    v128.store(dW2, t1, 96)
    v128.store(dW2, t2, 112)
    v128.store(dW2, t3, 128)
    v128.store(dW2, t4, 144)
  }
}

/** Row sums of ten rows, which lie here as columns: db2 of dZ2, db1 of dZ1. */
function sumRows(first: bool, dZ: usize, end: usize, db: usize): void {
  const zero = f64x2.splat(0)
  let s0 = first ? zero : v128.load(db, 0)
  let s1 = first ? zero : v128.load(db, 16)
  let s2 = first ? zero : v128.load(db, 32)
  let s3 = first ? zero : v128.load(db, 48)
  let s4 = first ? zero : v128.load(db, 64)
  for (; dZ < end; dZ += TEN) {
    s0 = f64x2.add(s0, v128.load(dZ, 0))
    s1 = f64x2.add(s1, v128.load(dZ, 16))
    s2 = f64x2.add(s2, v128.load(dZ, 32))
    s3 = f64x2.add(s3, v128.load(dZ, 48))
    s4 = f64x2.add(s4, v128.load(dZ, 64))
  }
  v128.store(db, s0, 0)
  v128.store(db, s1, 16)
  v128.store(db, s2, 32)
  v128.store(db, s3, 48)
  v128.store(db, s4, 64)
}

/** dZ1 = W2ᵀ·dZ2 ∘ (Z1 > 0), ten hidden units of it, in the place of A1, which is above 0 where Z1 is. */
function backToFirstLayer(W2: usize, dZ2: usize, end: usize, A1: usize): void {
  const zero = f64x2.splat(0)
  for (const last = A1 + TEN; A1 < last; A1 += VECTOR, W2 += 2 * TEN) {
    const v0 = v128.load(W2, 0)
    const v1 = v128.load(W2, 16)
    const v2 = v128.load(W2, 32)
    const v3 = v128.load(W2, 48)
    const v4 = v128.load(W2, 64)
    const w0 = v128.load(W2, 80)
    const w1 = v128.load(W2, 96)
    const w2 = v128.load(W2, 112)
    const w3 = v128.load(W2, 128)
    const w4 = v128.load(W2, 144)
    for (let d = dZ2, a = A1; d < end; d += TEN, a += TEN) {
      const d0 = v128.load(d, 0)
      let s = f64x2.mul(v0, d0)
      let t = f64x2.mul(w0, d0)
      const d1 = v128.load(d, 16)
      s = f64x2.add(s, f64x2.mul(v1, d1))
      t = f64x2.add(t, f64x2.mul(w1, d1))
      const d2 = v128.load(d, 32)
      s = f64x2.add(s, f64x2.mul(v2, d2))
      t = f64x2.add(t, f64x2.mul(w2, d2))
      const d3 = v128.load(d, 48)
      s = f64x2.add(s, f64x2.mul(v3, d3))
      t = f64x2.add(t, f64x2.mul(w3, d3))
      const d4 = v128.load(d, 64)
      s = f64x2.add(s, f64x2.mul(v4, d4))
      t = f64x2.add(t, f64x2.mul(w4, d4))
      const dA1 = f64x2.add(v128.shuffle<f64>(s, t, 0, 2), v128.shuffle<f64>(s, t, 1, 3))
      v128.store(a, v128.and(dA1, f64x2.gt(v128.load(a), zero)))
    }
  }
}

/** Adds the gradients of all shards, in their order, to those of the first: their bytes from `start` to `end`. */
export function sum(start: usize, end: usize): void {
  const bytes = gradientsBytes()
  const last = pass.gradients + pass.shards * bytes
  for (let j = pass.gradients + start; j < pass.gradients + end; j += VECTOR) {
    let total = v128.load(j)
    for (let k = j + bytes; k < last; k += bytes) total = f64x2.add(total, v128.load(k))
    v128.store(j, total)
  }
}

/** W := W − α dW, for so many bytes of them. */
export function descend(W: usize, dW: usize, bytes: usize, alpha: f64): void {
  const a = f64x2.splat(alpha)
  for (let j: usize = 0; j < bytes; j += VECTOR) {
    v128.store(W + j, f64x2.sub(v128.load(W + j), f64x2.mul(a, v128.load(dW + j))))
  }
}

/** V := μ V + dW, for so many bytes of them. */
export function accumulate(V: usize, dW: usize, bytes: usize, momentum: f64): void {
  const mu = f64x2.splat(momentum)
  for (let j: usize = 0; j < bytes; j += VECTOR) {
    v128.store(V + j, f64x2.add(f64x2.mul(v128.load(V + j), mu), v128.load(dW + j)))
  }
}

export { exp }
export { log as logOf }
