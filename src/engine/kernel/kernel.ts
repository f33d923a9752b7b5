/**
 * The kernel: forward and backward propagation as in network.ts, for one thread, in f64x2 vectors.
 *
 *   m examples, in tiles of t ≤ 256, in at most 16 shards; h hidden units, padded with zeros to `units`, a multiple of 10
 *
 * Most pixels are blank (81 % of MNIST's), and X is stored without them: a 0 is neither stored nor multiplied. An entry is
 * a pair of horizontal neighbours, at least one of them inked; mostly both are, and they share the entry's loads (16 % less
 * time than one entry per pixel). Of the 392 pairs, a digit has about 90.
 *
 * The memory, shared by all threads:
 *
 *      0  v ∕ 255 for the bytes v              256 × f64
 *   2048  the threads' barrier                 3 × i32, simd/threads.ts and simd/worker.js
 *   2112  the pass to do                       `Pass`
 *   3072  constants of exp
 *   4096  the error message of a failed worker
 *   8192  and up, wherever simd.ts puts it:
 *
 *   params     W1 784 × units, b1 units, W2 units × 10, b2 10      f64; W1 by pixel and W2 by hidden unit, i.e. transposed
 *   gradients  dW1 db1 dW2 db2 likewise, loss, number correct      f64; one set per shard
 *   records    one per example: u16 number of entries, u8 label, u8 unused; an entry is u16 pair, u8 value, u8 value
 *   columns    one per tile: its labels, t × u8, padded to an even number; for each pair, u16 number of entries; an entry
 *              is u16 byte offset of its example in a panel of Z1, u8 value, u8 value
 *   desks      one per thread: shard, tile and end (u32), 392 × u32 cursors; of the current tile Z2 t × 10 and, in panels of
 *              ten units, Z1 t × units (f64); and its columns, for batches, whose columns are not kept
 *
 * A2 and dZ2 overwrite Z2; A1 and dZ1 overwrite Z1.
 */
import { exp, log } from './exp-log'

const PIXELS: usize = 784
const PAIRS: usize = PIXELS / 2
const VECTOR: usize = 16 // bytes of an f64x2
const TEN: usize = 80 // bytes of ten f64
const ENTRY: usize = 4 // bytes of an entry in columns

/** What the threads are to do; simd/kernel.ts writes it before they start. */
@unmanaged
class Pass {
  next: usize // the next shard to take: an atomic counter
  shards: usize
  examples: usize
  tile: usize // examples that go forward and backward together, in cache; at most 256
  row: usize // bytes of `units` f64
  records: usize // u32 address of each example's record
  columns: usize // u32 address of each tile's columns; 0 if they are made when needed
  predictions: usize // u8 predicted digit of each example
  probabilities: usize // ten f64 of each example, A2; 0 if they are not wanted
  forwardOnly: usize
  params: usize
  gradients: usize
  desks: usize
  deskBytes: usize
  smoothing: f64 // label smoothing ε
}

// Where the engine finds all this: nothing of the layout is written down twice.
export const VALUES: usize = 0
export const BARRIER: usize = 2048
const PASS: usize = 2112
export const MESSAGE: usize = 4096
export const HEAP: usize = 8192
export const PASS_NEXT: usize = PASS + offsetof<Pass>('next')
export const PASS_SHARDS: usize = PASS + offsetof<Pass>('shards')
export const PASS_EXAMPLES: usize = PASS + offsetof<Pass>('examples')
export const PASS_TILE: usize = PASS + offsetof<Pass>('tile')
export const PASS_ROW: usize = PASS + offsetof<Pass>('row')
export const PASS_RECORDS: usize = PASS + offsetof<Pass>('records')
export const PASS_COLUMNS: usize = PASS + offsetof<Pass>('columns')
export const PASS_PREDICTIONS: usize = PASS + offsetof<Pass>('predictions')
export const PASS_PROBABILITIES: usize = PASS + offsetof<Pass>('probabilities')
export const PASS_FORWARD_ONLY: usize = PASS + offsetof<Pass>('forwardOnly')
export const PASS_PARAMS: usize = PASS + offsetof<Pass>('params')
export const PASS_GRADIENTS: usize = PASS + offsetof<Pass>('gradients')
export const PASS_DESKS: usize = PASS + offsetof<Pass>('desks')
export const PASS_DESK_BYTES: usize = PASS + offsetof<Pass>('deskBytes')
export const PASS_SMOOTHING: usize = PASS + offsetof<Pass>('smoothing')

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

/** Bytes of the labels at the head of a tile's columns. */
function labelsBytes(count: usize): usize {
  return (count + 1) & ~1
}

/** Bytes of a shard's gradients. */
function gradientsBytes(): usize {
  return (PIXELS + 1 + 10) * pass.row + TEN + VECTOR
}

/** Packs digits, given as bytes, into records; `list[i]` becomes the address of record i. Returns the end of the last. */
export function pack(pixels: usize, labels: usize, count: usize, list: usize, to: usize): usize {
  for (let i: usize = 0; i < count; i++) {
    const record = to
    to += 4
    for (let first: usize = 0; first < PAIRS; first += 4, pixels += 8) {
      if (load<u64>(pixels) == 0) continue // the common case
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
 * Writes the columns of a tile: its records, transposed so that they go by pixel. `cursors` is room for 392 words.
 * Returns their end. Pixels that are blank in the whole tile get one entry of 0 and 0, so that a NaN in their W1 shows.
 */
export function transpose(list: usize, count: usize, cursors: usize, to: usize): usize {
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
      store<u16>(place, short(entry + 2), 2)
      store<u32>(cursor, place + ENTRY)
    }
  }
  return (end + 3) & ~3
}

/**
 * Does one tile: the next of the current shard, or the first of the next shard.
 * @returns false if no tile is left
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

/** Forward and backward propagation of a tile; adds its gradients to its shard's, or starts them. */
function propagate(tile: usize, first: bool, cursors: usize, dW1: usize): void {
  const start = tile * pass.tile
  const count = min(pass.tile, pass.examples - start)
  const list = pass.records + 4 * start
  const dZ2 = cursors + 4 * PAIRS
  const Z1 = dZ2 + pass.tile * TEN
  let labels = Z1 + pass.tile * pass.row
  if (pass.columns) labels = word(pass.columns + 4 * tile)
  else transpose(list, count, cursors, labels)
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
  const A2 = pass.probabilities ? pass.probabilities + start * TEN : 0
  softmax(labels, first, 1 / <f64>pass.examples, dZ2, dZ2 + filled, A2, pass.predictions + start, db2 + TEN)
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
 * Z1 = W1·X + b1 for ten hidden units, one pair of pixels after the other. Going example by example, with Z1 in registers,
 * takes 5 to 13 % longer with 10 hidden units and as long with 128, and it would need the records besides the columns.
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
      const x = v128.load_splat<u64>((<usize>load<u8>(entry, 2)) << 3)
      const y = v128.load_splat<u64>((<usize>load<u8>(entry, 3)) << 3)
      v128.store(z, f64x2.add(v128.load(z, 0), f64x2.add(f64x2.mul(w0, x), f64x2.mul(v0, y))), 0)
      v128.store(z, f64x2.add(v128.load(z, 16), f64x2.add(f64x2.mul(w1, x), f64x2.mul(v1, y))), 16)
      v128.store(z, f64x2.add(v128.load(z, 32), f64x2.add(f64x2.mul(w2, x), f64x2.mul(v2, y))), 32)
      v128.store(z, f64x2.add(v128.load(z, 48), f64x2.add(f64x2.mul(w3, x), f64x2.mul(v3, y))), 48)
      v128.store(z, f64x2.add(v128.load(z, 64), f64x2.add(f64x2.mul(w4, x), f64x2.mul(v4, y))), 64)
    }
  }
}

/**
 * dW1 = dZ1·Xᵀ for ten hidden units: the sums of a pair of pixels stay in registers while the tile passes by.
 *
 * The break is never taken, because no entry is at address 0. Without it V8 hoists all loads of the loop, runs out of
 * registers and spills the sums (1.3 times the time of an iteration, measured). The second layer's loops do the same. One
 * branch around the ten loads instead of ten conditional loads, and one break instead of two, save another 4 %.
 */
function gradientsOfFirstLayer(columns: usize, first: bool, dZ1: usize, dW1: usize): void {
  const row = pass.row
  const zero = f64x2.splat(0)
  let entry = columns + 2 * PAIRS
  for (let p: usize = 0; p < PAIRS; p++) {
    const dV1 = dW1 + row
    let w0 = zero
    let w1 = zero
    let w2 = zero
    let w3 = zero
    let w4 = zero
    let v0 = zero
    let v1 = zero
    let v2 = zero
    let v3 = zero
    let v4 = zero
    if (!first) {
      w0 = v128.load(dW1, 0)
      w1 = v128.load(dW1, 16)
      w2 = v128.load(dW1, 32)
      w3 = v128.load(dW1, 48)
      w4 = v128.load(dW1, 64)
      v0 = v128.load(dV1, 0)
      v1 = v128.load(dV1, 16)
      v2 = v128.load(dV1, 32)
      v3 = v128.load(dV1, 48)
      v4 = v128.load(dV1, 64)
    }
    for (const end = entry + ENTRY * short(columns + 2 * p); entry < end; entry += ENTRY) {
      const d = dZ1 + short(entry)
      const x = v128.load_splat<u64>((<usize>load<u8>(entry, 2)) << 3)
      const y = v128.load_splat<u64>((<usize>load<u8>(entry, 3)) << 3)
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

/** A1 = ReLU(Z1), in place. */
function relu(Z1: usize, end: usize): void {
  const zero = f64x2.splat(0)
  for (; Z1 < end; Z1 += VECTOR) v128.store(Z1, f64x2.pmax(v128.load(Z1), zero))
}

/**
 * Z2 = W2·A1 + b2, the contribution of ten hidden units, two examples at a time: they share the loads of W2. After an odd
 * last example the second is garbage; its result is stored after the last Z2, where nothing reads it.
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
 * A2 = softmax(Z2), the loss, the number correct, and dZ2 = (A2 − onehot(Y)) ∕ m, in place. Dividing these ten numbers by m
 * is cheaper than dividing the gradients, and one division does for m and Σ exp(Z2).
 *
 * −log A2 of the label is log Σ exp(Z2) − Z2 with the maximum subtracted from both, and a sum of logs is the log of a
 * product, here of at most 256 numbers from 1 to 10: one log per tile. Smoothed labels replace Z2 of the label by
 * (1 − ε) Z2 of the label + ε times the mean of all ten.
 */
function softmax(
  labels: usize,
  first: bool,
  perExample: f64,
  Z2: usize,
  end: usize,
  A2: usize,
  predicted: usize,
  found: usize,
): void {
  const smoothing = pass.smoothing
  let loss: f64 = first ? 0 : load<f64>(found)
  let correct = 0
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
    const ofLabel = load<f64>(z + 8 * byte(at))
    loss -= smoothing == 0 ? ofLabel : (1 - smoothing) * ofLabel + smoothing * mean(z)
  }
  exp(Z2, end)
  if (A2) probabilities(Z2, end, A2)

  const each = f64x2.splat(perExample)
  const one = f64x2.splat(1)
  const share = f64x2.splat(smoothing * 0.1 * perExample) // of smoothed labels, every digit's
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
    const digit = ctz(places | 1024) // the first maximum, exp(0) = 1; 10 if they are NaN
    const label = byte(at)
    store<u8>(predicted, digit)
    correct += <i32>(digit == <i32>label)

    const factor = f64x2.div(each, sum)
    const y = z + 8 * label
    const counted = smoothing == 0 ? load<f64>(y) : smallest(e0, e1, e2, e3, e4) // their −log is in the loss
    if (counted * f64x2.extract_lane(factor, 0) == 0) loss = Infinity // as −log 0
    v128.store(z, f64x2.sub(f64x2.mul(e0, factor), share), 0)
    v128.store(z, f64x2.sub(f64x2.mul(e1, factor), share), 16)
    v128.store(z, f64x2.sub(f64x2.mul(e2, factor), share), 32)
    v128.store(z, f64x2.sub(f64x2.mul(e3, factor), share), 48)
    v128.store(z, f64x2.sub(f64x2.mul(e4, factor), share), 64)
    store<f64>(y, load<f64>(y) - (1 - smoothing) * perExample)
  }
  store<f64>(found, loss + log(f64x2.extract_lane(product, 0)))
  store<f64>(found, (first ? 0 : load<f64>(found, 8)) + <f64>correct, 8)
}

/** A2, each example's exponentials divided by their sum. */
function probabilities(E: usize, end: usize, A2: usize): void {
  for (let e = E; e < end; e += TEN, A2 += TEN) {
    const e0 = v128.load(e, 0)
    const e1 = v128.load(e, 16)
    const e2 = v128.load(e, 32)
    const e3 = v128.load(e, 48)
    const e4 = v128.load(e, 64)
    const sums = f64x2.add(f64x2.add(f64x2.add(e0, e1), f64x2.add(e2, e3)), e4)
    const sum = f64x2.add(sums, v128.shuffle<f64>(sums, sums, 1, 0))
    v128.store(A2, f64x2.div(e0, sum), 0)
    v128.store(A2, f64x2.div(e1, sum), 16)
    v128.store(A2, f64x2.div(e2, sum), 32)
    v128.store(A2, f64x2.div(e3, sum), 48)
    v128.store(A2, f64x2.div(e4, sum), 64)
  }
}

/** The mean of the ten numbers at an address. */
function mean(z: usize): f64 {
  let sums = v128.load(z, 0)
  for (let at = z + VECTOR; at < z + TEN; at += VECTOR) sums = f64x2.add(sums, v128.load(at))
  return 0.1 * (f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1))
}

/** The minimum of ten numbers. */
function smallest(z0: v128, z1: v128, z2: v128, z3: v128, z4: v128): f64 {
  const z = f64x2.pmin(f64x2.pmin(f64x2.pmin(z0, z1), f64x2.pmin(z2, z3)), z4)
  return min(f64x2.extract_lane(z, 0), f64x2.extract_lane(z, 1))
}

/** The maximum of ten numbers, in both lanes. */
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

/** Sums over the examples of ten rows: db2 of dZ2, db1 of dZ1. */
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

/** dZ1 = W2ᵀ·dZ2 ∘ (Z1 > 0) for ten hidden units, in place of A1, which is above 0 exactly if Z1 is. */
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

/** Adds the gradients of all shards, in order, to the first shard's: their bytes from `start` to `end`. */
export function sum(start: usize, end: usize): void {
  const bytes = gradientsBytes()
  const last = pass.gradients + pass.shards * bytes
  for (let j = pass.gradients + start; j < pass.gradients + end; j += VECTOR) {
    let total = v128.load(j)
    for (let k = j + bytes; k < last; k += bytes) total = f64x2.add(total, v128.load(k))
    v128.store(j, total)
  }
}

/** W := W − α dW, over `bytes` bytes. */
export function descend(W: usize, dW: usize, bytes: usize, alpha: f64): void {
  const a = f64x2.splat(alpha)
  for (let j: usize = 0; j < bytes; j += VECTOR) {
    v128.store(W + j, f64x2.sub(v128.load(W + j), f64x2.mul(a, v128.load(dW + j))))
  }
}

/** V := μ V + dW, over `bytes` bytes. */
export function accumulate(V: usize, dW: usize, bytes: usize, momentum: f64): void {
  const mu = f64x2.splat(momentum)
  for (let j: usize = 0; j < bytes; j += VECTOR) {
    v128.store(V + j, f64x2.add(f64x2.mul(v128.load(V + j), mu), v128.load(dW + j)))
  }
}

export { exp }
export { log as logOf }
