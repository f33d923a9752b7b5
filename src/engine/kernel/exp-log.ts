// The kernel's exp and log, made of + − × ÷ alone, which WebAssembly rounds exactly as IEEE 754 says: every machine computes
// the same bits. `Math.exp` and `Math.log` may differ from one Node to the next.
//
// The argument reductions are the classic ones of fdlibm's e_exp.c and e_log.c (Sun Microsystems 1993): exp reduces by a
// log 2 split in two (Cody & Waite 1980, "Software Manual for the Elementary Functions"), log uses s = f ∕ (2 + f). The
// polynomials are plain Taylor series.

const LN2_HIGH: f64 = 0.6931471803691238 // the first 33 bits of log 2: its product with an integer below 2²⁰ is exact
const LN2_LOW: f64 = 1.9082149292705877e-10 // log 2 − LN2_HIGH

// Constants of exp, in memory: as literals, V8 would rebuild each at every use, in three instructions.
const LEAST = memory.data<f64>([-750.0])
const PER_LN2 = memory.data<f64>([1.4426950408889634]) // 1 ∕ log 2
const ROUND = memory.data<f64>([6755399441055744.0 + 1087.0]) // 1.5 × 2⁵² + 1087
const HIGH = memory.data<f64>([LN2_HIGH])
const LOW = memory.data<f64>([LN2_LOW])
const ONE = memory.data<f64>([1.0])
const TWO_TO_MINUS_64 = memory.data<f64>([5.421010862427522e-20])
const SERIES = memory.data<f64>([
  1.0 / 2.0,
  1.0 / 6.0,
  1.0 / 24.0,
  1.0 / 120.0,
  1.0 / 720.0,
  1.0 / 5040.0,
  1.0 / 40320.0,
  1.0 / 362880.0,
  1.0 / 3628800.0,
  1.0 / 39916800.0,
  1.0 / 479001600.0,
  1.0 / 6227020800.0,
])

function constant(at: usize): v128 {
  return v128.load_splat<u64>(at)
}

/** 1 ∕ k!, k from 2 to 13. */
function term(k: usize): v128 {
  return v128.load_splat<u64>(SERIES + 8 * (k - 2))
}

/**
 * exp of the numbers from address `at` to `end`, in place, two at a time. None may be above 709; below −745.2 the result is
 * 0; NaN stays NaN. Greatest error: 0.87 units in the last place, at 120,000 points compared with 160-bit arithmetic.
 *
 * x = n log 2 + r with |r| ≤ ½ log 2, so exp(x) = 2ⁿ exp(r), and exp(r) is its Taylor series up to r¹³ ∕ 13!. Even and odd
 * terms are summed apart, because two sums of half the length do not wait for each other.
 */
export function exp(at: usize, end: usize): void {
  for (; at < end; at += 16) {
    const x = f64x2.pmax(v128.load(at), constant(LEAST)) // pmax, not max: one instruction, and a NaN in x survives
    const nearest = f64x2.add(f64x2.mul(x, constant(PER_LN2)), constant(ROUND)) // its low bits are those of n + 1087
    const n = f64x2.sub(nearest, constant(ROUND)) // the integer nearest to x ∕ log 2
    const high = f64x2.sub(x, f64x2.mul(n, constant(HIGH))) // exact
    const low = f64x2.mul(n, constant(LOW))
    const r = f64x2.sub(high, low)

    const square = f64x2.mul(r, r)
    let even = f64x2.add(f64x2.mul(term(12), square), term(10))
    let odd = f64x2.add(f64x2.mul(term(13), square), term(11))
    even = f64x2.add(f64x2.mul(even, square), term(8))
    odd = f64x2.add(f64x2.mul(odd, square), term(9))
    even = f64x2.add(f64x2.mul(even, square), term(6))
    odd = f64x2.add(f64x2.mul(odd, square), term(7))
    even = f64x2.add(f64x2.mul(even, square), term(4))
    odd = f64x2.add(f64x2.mul(odd, square), term(5))
    even = f64x2.add(f64x2.mul(even, square), term(2))
    odd = f64x2.add(f64x2.mul(odd, square), term(3))
    const q = f64x2.add(even, f64x2.mul(odd, r))
    const tail = f64x2.sub(f64x2.mul(square, q), low) // exp(r) = 1 + (high + tail), without the rounding error of r
    const y = f64x2.add(constant(ONE), f64x2.add(high, tail))

    // 2ⁿ⁺⁶⁴ is built from its exponent bits, then multiplied by 2⁻⁶⁴, so that subnormal results round correctly.
    const power = i64x2.shl(nearest, 52)
    v128.store(at, f64x2.mul(f64x2.mul(y, power), constant(TWO_TO_MINUS_64)))
  }
}

/**
 * log of a finite number. log(0) is −Infinity; NaN stays NaN. Greatest error: 0.78 units in the last place, at 120,000
 * points compared with 160-bit arithmetic.
 *
 * x = 2ᵏ (1 + f) with √½ ≤ 1 + f < √2, and with s = f ∕ (2 + f):
 * log(1 + f) = 2 atanh(s) = 2s + s R = f − (½f² − s (½f² + R)), R = ⅔s² + ⅖s⁴ + …, the Taylor series up to s²⁰.
 */
export function log(x: f64): f64 {
  if (!(x > 0)) return x == 0 ? -Infinity : NaN
  let k: f64 = 0
  if (x < 2.2250738585072014e-308) {
    x *= 18014398509481984 // 2⁵⁴: no longer subnormal
    k = -54
  }
  // Subtracting the bits of √½ leaves k above the fraction, for numbers from √½ 2ᵏ to √2 2ᵏ.
  const bits = reinterpret<i64>(x) - reinterpret<i64>(0.7071067811865476)
  k += <f64>(bits >> 52)
  const f = reinterpret<f64>((bits & 0xfffffffffffff) + reinterpret<i64>(0.7071067811865476)) - 1
  const half = 0.5 * f * f
  const s = f / (2 + f)
  const z = s * s
  let R: f64 = 2.0 / 21.0
  R = R * z + 2.0 / 19.0
  R = R * z + 2.0 / 17.0
  R = R * z + 2.0 / 15.0
  R = R * z + 2.0 / 13.0
  R = R * z + 2.0 / 11.0
  R = R * z + 2.0 / 9.0
  R = R * z + 2.0 / 7.0
  R = R * z + 2.0 / 5.0
  R = R * z + 2.0 / 3.0
  return k * LN2_HIGH - (half - (s * (half + R * z) + k * LN2_LOW) - f)
}
