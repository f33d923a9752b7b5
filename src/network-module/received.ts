/** What a learner's function returned, as a matrix. */
import ndarray from 'ndarray'
import { matrix, type Matrix } from '../matrix.ts'
import { counted } from '../wording.ts'

/**
 * A returned value as a matrix of float64: an `ndarray`, an object `{ shape, data }`, a list of rows, or a list of numbers,
 * which is a column.
 * @returns in words what it is, if it is none of these: "nothing", "the number 3"
 */
export function received(value: unknown): Matrix | string {
  if (value === undefined || value === null) return 'nothing'
  if (typeof value === 'number') return `the number ${Number(value.toPrecision(6))}`
  if (typeof value !== 'object') return `a ${typeof value}`
  if (value instanceof Promise) return 'a promise, as async functions do'
  if ('shape' in value && 'data' in value) return ofShape(value as Shaped)
  if (Array.isArray(value) && typeof value[0] === 'object') return ofRows(value as unknown[])
  if (isNumbers(value)) return matrix(value.length, 1, Float64Array.from(value))
  return Array.isArray(value) ? 'a list without rows of numbers' : `an object with ${keysOf(value)}`
}

/** A returned value in words, after "returns" or "it is": "nothing", "the number 3", "a matrix, 10×784". */
export function inWords(value: unknown): string {
  const M = received(value)
  return typeof M === 'string' ? M : `a matrix, ${shapeOf(M)}`
}

/** What to do about a value that is not the matrix that was needed, to end a sentence with: "; is its return missing?". */
export function adviceOn(value: unknown): string {
  if (value === undefined) return '; is its return missing?'
  return Number.isNaN(value) || typeof value === 'string' ? `; ${OPERATORS}` : ''
}

/** Why arithmetic with matrices results in NaN, or in a text. */
export const OPERATORS = '+, -, * and / do not compute with matrices: use add, subtract, multiply, divide, scale'

/** Why a list of rows is not always enough. */
export const PASSED = 'what your functions pass to each other must be matrices: matrix(rows, columns) makes one'

/** Whether a value is a matrix as it is, not a list of rows nor `{ shape, data }`. */
export function isMatrix(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'stride' in value
}

/** "10×784" */
export function shapeOf({ shape: [rows, columns] }: Matrix): string {
  return `${rows}×${columns}`
}

interface Shaped {
  shape: unknown
  data: unknown
  stride?: number[]
  offset?: number
  get?: unknown
}

function ofShape(value: Shaped): Matrix | string {
  const { shape, data, stride, offset, get } = value
  if (!isNumbers(shape) || shape.length === 0 || shape.length > 2) return 'an object whose shape is not [rows, columns]'
  const [rows, columns = 1] = Array.from(shape)
  if (!isNumbers(data)) return 'an object whose data are not numbers'
  if (stride === undefined && data.length !== rows * columns) {
    return `an object of shape ${rows}×${columns} with ${counted(data.length, 'number')}`
  }
  const doubles = data instanceof Float64Array ? data : Float64Array.from(data)
  const isMatrix = doubles === data && shape.length === 2 && stride?.length === 2 && typeof get === 'function'
  if (isMatrix) return value as unknown as Matrix
  return ndarray(doubles, [rows, columns], stride && [stride[0], stride[1] ?? 1], offset)
}

function ofRows(rows: unknown[]): Matrix | string {
  const lists = rows.filter(isNumbers)
  const length = lists.at(0)?.length ?? 0
  if (lists.length < rows.length || length === 0 || lists.some((row) => row.length !== length)) {
    return 'a list whose rows are not equally long lists of numbers'
  }
  return matrix(rows.length, length, Float64Array.from(lists.flatMap((row) => Array.from(row))))
}

function isNumbers(value: unknown): value is ArrayLike<number> {
  if (ArrayBuffer.isView(value)) return 'length' in value
  return Array.isArray(value) && value.every((entry) => typeof entry === 'number')
}

function keysOf(value: object): string {
  const keys = Object.keys(value)
  return keys.length === 0 ? 'no entries' : keys.slice(0, 6).join(', ')
}
