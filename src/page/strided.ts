/**
 * What stands in for the package ndarray in the page: that compiles its accessors from text, which the page's
 * Content-Security-Policy forbids. As much of it as src/matrix.ts and src/network.ts use: two dimensions.
 */
export default function ndarray(data: Float64Array, shape: number[], stride = [shape[1], 1], offset = 0): Strided {
  return new Strided(data, shape, stride, offset)
}

class Strided {
  constructor(
    readonly data: Float64Array,
    readonly shape: number[],
    readonly stride: number[],
    readonly offset: number,
  ) {}

  get(i: number, j: number): number {
    return this.data[this.offset + i * this.stride[0] + j * this.stride[1]]
  }

  set(i: number, j: number, value: number): number {
    return (this.data[this.offset + i * this.stride[0] + j * this.stride[1]] = value)
  }

  transpose(first: 0 | 1, second: 0 | 1): Strided {
    const { data, shape, stride, offset } = this
    return new Strided(data, [shape[first], shape[second]], [stride[first], stride[second]], offset)
  }
}
