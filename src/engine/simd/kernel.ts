/** The compiled kernel, kernel/kernel.ts, as JavaScript sees it. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { Failure } from '../../failure.ts'

/**
 * What kernel.ts exports: functions, and the addresses that it shares with the engine, so that the memory's layout has
 * one home. Addresses are bytes from the start of the memory; what the functions do is documented there.
 */
export interface Kernel {
  pack(pixels: number, labels: number, count: number, list: number, to: number): number
  transpose(list: number, count: number, cursors: number, to: number): number
  step(thread: number): number
  sum(start: number, end: number): void
  descend(W: number, dW: number, bytes: number, alpha: number): void
  accumulate(V: number, dW: number, bytes: number, momentum: number): void
  /** The table of v ∕ 255. */
  VALUES: WebAssembly.Global
  /** The threads' barrier: `Int32Array` words `PASSES`, `WORKING`, `FAILED`. */
  BARRIER: WebAssembly.Global
  /** The error message of a failed worker. */
  MESSAGE: WebAssembly.Global
  /** The first address that is free for the engine. */
  HEAP: WebAssembly.Global
  /** The addresses of the fields of `Pass`. */
  PASS_NEXT: WebAssembly.Global
  PASS_SHARDS: WebAssembly.Global
  PASS_EXAMPLES: WebAssembly.Global
  PASS_TILE: WebAssembly.Global
  PASS_ROW: WebAssembly.Global
  PASS_RECORDS: WebAssembly.Global
  PASS_COLUMNS: WebAssembly.Global
  PASS_PREDICTIONS: WebAssembly.Global
  PASS_PROBABILITIES: WebAssembly.Global
  PASS_FORWARD_ONLY: WebAssembly.Global
  PASS_PARAMS: WebAssembly.Global
  PASS_GRADIENTS: WebAssembly.Global
  PASS_DESKS: WebAssembly.Global
  PASS_DESK_BYTES: WebAssembly.Global
  PASS_SMOOTHING: WebAssembly.Global
}

/** A pass over the examples, as the kernel's `Pass` describes it, without the counter that the threads share. */
export interface Pass {
  shards: number
  examples: number
  tile: number
  row: number
  records: number
  columns: number
  predictions: number
  probabilities: number
  forwardOnly: boolean
  params: number
  gradients: number
  desks: number
  deskBytes: number
  smoothing: number
}

let compiled: WebAssembly.Module | undefined

/**
 * The kernel, compiled once per process.
 * @throws Failure `usage` if this Node has no WebAssembly SIMD with shared memory
 */
export function compileKernel(): WebAssembly.Module {
  if (compiled) return compiled
  const binary = readFileSync(createRequire(import.meta.url).resolve('#kernel'))
  try {
    return (compiled = new WebAssembly.Module(binary))
  } catch (error) {
    const message = 'this Node has no WebAssembly SIMD with shared memory: use --engine reference'
    throw new Failure('usage', message, { cause: error })
  }
}

/** Tells the kernel what the next pass is; no shard of it has been taken. */
export function writePass(kernel: Kernel, memory: WebAssembly.Memory, pass: Pass): void {
  const words = new Uint32Array(memory.buffer)
  const write = ({ value: address }: WebAssembly.Global, value: number) => (words[address / 4] = value)
  write(kernel.PASS_NEXT, 0)
  write(kernel.PASS_SHARDS, pass.shards)
  write(kernel.PASS_EXAMPLES, pass.examples)
  write(kernel.PASS_TILE, pass.tile)
  write(kernel.PASS_ROW, pass.row)
  write(kernel.PASS_RECORDS, pass.records)
  write(kernel.PASS_COLUMNS, pass.columns)
  write(kernel.PASS_PREDICTIONS, pass.predictions)
  write(kernel.PASS_PROBABILITIES, pass.probabilities)
  write(kernel.PASS_FORWARD_ONLY, Number(pass.forwardOnly))
  write(kernel.PASS_PARAMS, pass.params)
  write(kernel.PASS_GRADIENTS, pass.gradients)
  write(kernel.PASS_DESKS, pass.desks)
  write(kernel.PASS_DESK_BYTES, pass.deskBytes)
  new Float64Array(memory.buffer)[kernel.PASS_SMOOTHING.value / 8] = pass.smoothing
}

/** Lets no thread take another shard of the pass. */
export function cancelPass(kernel: Kernel, memory: WebAssembly.Memory): void {
  new Uint32Array(memory.buffer)[kernel.PASS_NEXT.value / 4] = 2 ** 30 // more than there are shards
}
