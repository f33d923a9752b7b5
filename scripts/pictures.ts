/**
 * npm run pictures: how well networks read pictures of MNIST's test digits as people make them, prepared as mnist-predict
 * does and merely shrunk to 28×28 pixels. test/support/hard-pictures.ts draws them.
 */
import { parseArgs } from 'node:util'
import { digitsFrom, join, pixelsOf, type Digits } from '../src/digits.ts'
import { borderInk } from '../src/digits/border.ts'
import { readLabelled } from '../src/digits/sources.ts'
import { createEngine } from '../src/engine/create-engine.ts'
import type { Picture } from '../src/picture.ts'
import { decodePicture } from '../src/picture-file.ts'
import { ground, luminance } from '../src/picture/luminance.ts'
import { areaResampled, SIDE } from '../src/picture/mnist-rule.ts'
import { prepare } from '../src/picture/prepare.ts'
import { load, type Weights } from '../src/weights.ts'
import { EVERYDAY, FILES, hardFile, hardPicture, KINDS } from '../test/support/hard-pictures.ts'

const USAGE = `npm run pictures -- --weights <file> --data <file> [options]
  --weights <file>  weights of a network; repeatable
  --data <file>     labelled digits that it was not trained on
  --first <row>     the first digit to draw (default: 0)
  --count <n>       digits of each kind (default: 1000)
  --only <kinds>    kinds of pictures, separated by commas (default: all)
  --help            print this help`

const { values: options } = parseArgs({
  options: {
    weights: { type: 'string', multiple: true, default: [] },
    data: { type: 'string' },
    first: { type: 'string', default: '0' },
    count: { type: 'string', default: '1000' },
    only: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})
const print = (line: string) => process.stdout.write(`${line}\n`)

/** A picture of a kind, as mnist-predict gets it. */
async function pictureOf(kind: string, digit: Uint8Array, seed: number): Promise<Picture> {
  return kind in FILES ? decodePicture(hardFile(kind, digit, seed), kind) : hardPicture(kind, digit, seed)
}

/** A picture's 28×28 pixels without preparation; inverted if most of its border is light. */
function shrunk(picture: Picture): Uint8Array {
  const plane = luminance(picture, ground(picture))
  const means = areaResampled(plane, { left: 0, top: 0, right: plane.width, bottom: plane.height }, SIDE)
  const pixels = Uint8Array.from(means, (mean) => Math.round(255 * Math.min(1, mean)))
  return borderInk(pixels) > 0.5 ? pixels.map((value) => 255 - value) : pixels
}

/** The accuracy of each network, in percent: "98.7/98.5". */
async function accuracies(parts: Digits[], networks: Weights[]): Promise<string> {
  const digits = join(parts)
  const found: string[] = []
  for (const { params, training } of networks) {
    const engine = await createEngine(training.engine, digits, { hidden: params.W1.shape[0], threads: 1 })
    found.push(((100 * engine.evaluate(params).correct) / engine.m).toFixed(1))
    engine.close()
  }
  return found.join('/')
}

async function main({ weights, data, only, ...rest }: typeof options): Promise<void> {
  if (weights.length === 0 || data === undefined) throw new Error(`name weights and data\n${USAGE}`)
  const [first, count] = [Number(rest.first), Number(rest.count)]
  const digits = await readLabelled([data], { limit: first + count })
  const networks = await Promise.all(weights.map(load))
  const all = Object.keys({ ...KINDS, ...FILES, ...EVERYDAY })
  const kinds = only?.split(',') ?? all
  const unknown = kinds.find((kind) => !all.includes(kind))
  if (unknown !== undefined) throw new Error(`no kind ${unknown}; the kinds are ${all.join(', ')}`)
  print('| pictures | prepared | merely shrunk | ms a picture |')
  print('| --- | ---: | ---: | ---: |')
  for (const kind of kinds) {
    const both: [prepared: Digits[], shrunk: Digits[]] = [[], []]
    let seconds = 0
    for (let row = first; row < digits.labels.length; row++) {
      const label = digits.labels.subarray(row, row + 1)
      const picture = await pictureOf(kind, pixelsOf(digits, row), row)
      const began = performance.now()
      both[0].push(digitsFrom(prepare(picture).pixels, label))
      seconds += (performance.now() - began) / 1000
      both[1].push(digitsFrom(shrunk(picture), label))
    }
    const [prepared, plain] = [await accuracies(both[0], networks), await accuracies(both[1], networks)]
    print(`| ${kind} | ${prepared} | ${plain} | ${((1000 * seconds) / both[0].length).toFixed(0)} |`)
  }
}

if (options.help) print(USAGE)
else await main(options)
