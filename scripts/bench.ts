/**
 * npm run bench: times the engines beside NumPy and PyTorch on the same digits.
 *
 * It first verifies that the engines agree. Then all programs take turns, round after round, so that a machine whose speed
 * drifts slows them all alike. It prints medians, and the median and range of the ratios within a round.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus, tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { PIXELS, pixelsOf, type Digits } from '../src/digits.ts'
import { defaultSource, GENERATED } from '../src/digits/default-source.ts'
import { namesOf, readSources } from '../src/digits/sources.ts'
import { counted, measured } from '../src/wording.ts'
import { disagreement } from '../src/engine/agreement.ts'
import { createEngine } from '../src/engine/create-engine.ts'
import { epochLength } from '../src/gradient-descent.ts'
import type { EngineName } from '../src/hyperparameters.ts'
import { initParams } from '../src/network.ts'
import { randomStream } from '../src/random.ts'
import { openTraining } from '../src/training.ts'
import type { Training } from '../src/weights.ts'

const USAGE = `npm run bench -- [options]
  --data <file>   CSV of digits; repeatable (default: as in mnist-train)
  --test <file>   test digits for the accuracy race; repeatable (default: skip that race)
  --rounds <n>    rounds (default: 9); at most 3 for whole processes, which take minutes
  --python <cmd>  Python with NumPy, pandas and PyTorch (default: python3)
  --only <names>  races to run, of full,batches,whole,accuracy (default: all)
  --json          JSON output, one value per line (schema mnist-bench/1)
  --help          print this help`

const { values: options } = parseArgs({
  options: {
    data: { type: 'string', multiple: true },
    rounds: { type: 'string', default: '9' },
    python: { type: 'string', default: 'python3' },
    test: { type: 'string', multiple: true },
    only: { type: 'string' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})
const ROUNDS = Number(options.rounds)
const WHOLE_ROUNDS = Math.min(ROUNDS, 3)
const CORES = availableParallelism()
const THREADS = [CORES, ...[1, 2, 4, 8, 16, 32].filter((n) => n < CORES).toReversed()]
const print = (line: string) => process.stdout.write(`${line}\n`)

/** A program to time. */
interface Contender {
  name: string
  /** Does a fixed piece of work; resolves to the seconds, and the peak memory if it was a process of its own. */
  run(): Promise<{ seconds: number; peakMB?: number }>
  close(): void
}

/** Times contenders in turn, after a warm-up round, and prints them beside the first. */
async function race(
  title: string,
  unit: string,
  scale: number,
  contenders: Contender[],
  rounds = ROUNDS,
): Promise<void> {
  const runs = contenders.map((): { seconds: number; peakMB?: number }[] => [])
  for (let round = -1; round < rounds; round++) {
    for (const [i, contender] of contenders.entries()) {
      const run = await contender.run()
      if (round >= 0) runs[i].push(run)
    }
  }
  contenders.forEach(({ close }) => close())

  const rows = contenders.map(({ name }, i) => {
    const ratios = runs[i].map(({ seconds }, round) => runs[0][round].seconds / seconds)
    const [least, most] = [Math.min(...ratios), Math.max(...ratios)]
    const peaks = runs[i].flatMap(({ peakMB }) => peakMB ?? [])
    const time = scale * median(runs[i].map(({ seconds }) => seconds))
    return { name, time, ratio: median(ratios), least, most, ...(peaks.length > 0 && { peakMB: median(peaks) }) }
  })
  if (options.json) {
    for (const row of rows) print(JSON.stringify({ schema: 'mnist-bench/1', title, unit, ...row }))
    return
  }
  const memory = rows.some(({ peakMB }) => peakMB !== undefined)
  print(`\n${title}, medians of ${counted(rounds, 'round')}\n`)
  print(`| program | ${unit} | speed, ${rows[0].name} = 1 |${memory ? ' peak MB |' : ''}`)
  print(`| --- | ---: | ---: |${memory ? ' ---: |' : ''}`)
  for (const { name, time, ratio, least, most, peakMB } of rows) {
    const range = `${ratio.toFixed(2)} (${least.toFixed(2)}–${most.toFixed(2)})`
    print(`| ${name} | ${measured(time)} | ${range} |${memory ? ` ${peakMB?.toFixed(0) ?? ''} |` : ''}`)
  }
}

function median(numbers: number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

interface Work {
  hidden: number
  /** 0 for the whole set. */
  batch: number
  /** Iterations per round. */
  iterations: number
}

/** Gradient descent on an engine, updates included. */
async function engineContender(
  engineName: EngineName,
  digits: Digits,
  threads: number,
  work: Work,
): Promise<Contender> {
  const engine = await createEngine(engineName, digits, { hidden: work.hidden, threads })
  const random = randomStream(0)
  const params = engine.place(initParams(random, work.hidden))
  const order = Uint32Array.from({ length: engine.m }, (_, row) => row)
  let at = order.length
  const nextBatch = () => {
    if (at + work.batch > order.length) {
      random.shuffle(order)
      at = 0
    }
    at += work.batch
    return order.subarray(at - work.batch, at)
  }
  return {
    name:
      engineName === 'reference'
        ? engineName
        : `${engineName}, ${engine.threads === 1 ? '1 thread' : `${engine.threads} threads`}`,
    async run() {
      const began = performance.now()
      for (let i = 0; i < work.iterations; i++) {
        engine.updateParams(params, engine.gradients(params, work.batch > 0 ? nextBatch() : undefined), 0.1)
      }
      return { seconds: (performance.now() - began) / 1000 }
    },
    close: engine.close,
  }
}

/** A Python program: each line it is sent says how many iterations to time. */
async function pythonContender(
  name: string,
  script: string,
  args: (string | number)[],
  work: Work,
): Promise<Contender> {
  const python = await startPython(script, args)
  return {
    name,
    async run() {
      python.write(String(work.iterations))
      return { seconds: Number(await python.nextLine()) }
    },
    close: python.close,
  }
}

/** Starts a Python program that answers each line with a line; resolves when it is ready. */
async function startPython(script: string, args: (string | number)[]) {
  const child = spawn(options.python, [scriptPath(script), ...args.map(String)], { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const failure = once(child, 'exit').then(() => Promise.reject(new Error(`${script} ended early`)))
  const nextLine = async () => (await Promise.race([lines.next(), failure])).value as string
  failure.catch(() => {})
  await nextLine()
  return { nextLine, write: (line: string) => child.stdin.write(`${line}\n`), close: () => child.kill() }
}

const scriptPath = (name: string) => fileURLToPath(new URL(name, import.meta.url))

/** A whole process, from start to exit. */
function wholeContender(name: string, command: string, args: string[], env: Record<string, string>): Contender {
  return {
    name,
    async run() {
      const began = performance.now()
      const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe', 'pipe'] })
      let [peak, errors] = ['', '']
      child.stdout?.resume()
      child.stderr?.setEncoding('utf8').on('data', (text: string) => (errors += text))
      child.stdio[3]?.on('data', (text: Buffer) => (peak += text.toString()))
      const [code] = (await once(child, 'close')) as [number | null]
      if (code !== 0) throw new Error(`${name} failed: ${errors}`)
      return { seconds: (performance.now() - began) / 1000, peakMB: Number(peak) / 1024 }
    },
    close() {},
  }
}

/** Makes a Node process write its peak memory, in KiB, to file descriptor 3 when it exits. */
const TELL_PEAK =
  "data:text/javascript,import{writeSync}from'node:fs';process.on('exit',()=>writeSync(3,String(process.resourceUsage().maxRSS)))"

/** Throws if the two engines' gradients differ by more than rounding. */
async function verify(digits: Digits): Promise<void> {
  for (const hidden of [10, 128]) {
    const part = await disagreement(digits, { hidden }, 1000)
    if (part !== undefined) throw new Error(`the engines disagree in ${part} at ${hidden} hidden units`)
  }
}

/** Whether Python has a module; if not, says how to install it. */
async function hasModule(module: string): Promise<boolean> {
  const child = spawn(options.python, ['-c', `import ${module}`], { stdio: 'ignore' })
  const code = await new Promise((resolve) => child.once('exit', resolve).once('error', resolve))
  const hint = `apt-get install python3-${module}, and --python /usr/bin/python3`
  if (code !== 0) process.stderr.write(`${options.python} has no ${module}: skipped; on Debian: ${hint}\n`)
  return code === 0
}

/** What the races need. */
interface Track {
  digits: Digits
  test: Digits | undefined
  sources: string[]
  folder: string
  /** The file that the Python programs read the digits from. */
  file: string
  /** Python modules that are installed. */
  modules: Set<string>
}

async function raceFull({ digits, file, modules }: Track): Promise<void> {
  const work: Work = { hidden: 10, batch: 0, iterations: 5 }
  const contenders: Contender[] = []
  if (modules.has('numpy')) contenders.push(await pythonContender('NumPy', 'numpy_network.py', [file], work))
  for (const threads of THREADS) contenders.push(await engineContender('simd', digits, threads, work))
  contenders.push(await engineContender('reference', digits, 1, work))
  for (const type of modules.has('torch') ? ['float32', 'float64'] : []) {
    const args = [file, work.hidden, work.batch, CORES, type]
    contenders.push(await pythonContender(`PyTorch ${type}`, 'torch_network.py', args, work))
  }
  const title = `Full batch, ${digits.labels.length} examples, 10 hidden units`
  await race(title, 'ms per iteration', 1000 / work.iterations, contenders)
}

async function raceBatches({ digits, file, modules }: Track): Promise<void> {
  for (const hidden of [10, 128]) {
    const work: Work = { hidden, batch: 32, iterations: Math.floor(digits.labels.length / 32) }
    const contenders: Contender[] = []
    if (modules.has('torch')) {
      const args = [file, hidden, work.batch, 1, 'float32']
      contenders.push(await pythonContender('PyTorch float32, 1 thread', 'torch_network.py', args, work))
    }
    contenders.push(await engineContender('simd', digits, 1, work))
    await race(`Batches of 32, ${hidden} hidden units`, 's per epoch', 1, contenders)
  }
}

async function raceWhole({ sources, folder, modules }: Track): Promise<void> {
  if (sources.length > 1 || sources[0] === GENERATED) {
    process.stderr.write('whole: skipped; it needs --data with one CSV that has a header\n')
    return
  }
  const contenders: Contender[] = []
  if (modules.has('numpy') && modules.has('pandas')) {
    const args = [scriptPath('numpy_network.py'), '--whole', sources[0], '500']
    contenders.push(wholeContender('pandas and NumPy', options.python, args, { MNIST_PEAK: '1' }))
  }
  const train = ['--import', TELL_PEAK, scriptPath('../dist/bin/mnist-train.js')]
  const args = [...train, '--data', sources[0], '--out', join(folder, 'weights.json'), '--quiet']
  contenders.push(wholeContender('mnist-train', process.execPath, args, {}))
  const title = 'Whole process, from CSV to weights, 500 iterations'
  await race(title, 's', 1, contenders, WHOLE_ROUNDS)
}

/** The README's recipe for 98 %. */
const RECIPE = {
  hidden: 200,
  batch: 96,
  alpha: 0.25,
  momentum: 0.9,
  decay: 'linear',
  initScale: 'he',
  labelSmoothing: 0.1,
  epochs: 4,
} as const

/** The first seed of the accuracy race: the recipe was not chosen on it or the next ones. */
const FIRST_SEED = 1000

/** After each epoch: seconds of training so far, and accuracy on the test digits. */
type Course = { seconds: number; accuracy: number }[]

async function raceAccuracy({ digits, test, file, folder, modules }: Track): Promise<void> {
  if (!test) {
    process.stderr.write('accuracy: skipped; it needs --test\n')
    return
  }
  const contenders = [{ name: 'simd, 1 thread', run: (seed: number) => followRecipe(digits, test, seed), close() {} }]
  const testFile = join(folder, 'test')
  writeDigits(testFile, test)
  for (const threads of modules.has('torch') ? [...new Set([1, CORES])] : []) {
    const { hidden, batch, alpha, momentum, labelSmoothing, epochs } = RECIPE
    const args = [file, hidden, batch, threads, 'float32', testFile, alpha, momentum, labelSmoothing, epochs]
    const { write, nextLine, close } = await startPython('torch_network.py', args)
    const run = async (seed: number) => {
      write(String(seed))
      const course: Course = []
      while (course.length < epochs) {
        const [seconds, accuracy] = (await nextLine()).split(' ').map(Number)
        course.push({ seconds, accuracy })
      }
      return course
    }
    contenders.push({ name: `PyTorch float32, ${threads} thread${threads > 1 ? 's' : ''}`, run, close })
  }

  const courses = contenders.map((): Course[] => [])
  for (let seed = FIRST_SEED; seed < FIRST_SEED + ROUNDS; seed++) {
    for (const [i, { run }] of contenders.entries()) courses[i].push(await run(seed))
  }
  contenders.forEach(({ close }) => close())

  const title = `Accuracy on ${counted(test.labels.length, 'test digit')} by seconds of training`
  const cells = (i: number, epoch: number) => {
    const [seconds, accuracies] = (['seconds', 'accuracy'] as const).map((key) =>
      courses[i].map((course) => course[epoch][key]),
    )
    return {
      seconds: median(seconds),
      accuracy: median(accuracies),
      least: Math.min(...accuracies),
      most: Math.max(...accuracies),
    }
  }
  if (options.json) {
    for (const [i, { name }] of contenders.entries()) {
      for (let epoch = 0; epoch < RECIPE.epochs; epoch++) {
        print(JSON.stringify({ schema: 'mnist-bench/1', title, name, epoch: epoch + 1, ...cells(i, epoch) }))
      }
    }
    return
  }
  print(
    `\n${title}, seeds ${FIRST_SEED} to ${FIRST_SEED + ROUNDS - 1}\n\n| epoch |${contenders.map(({ name }) => ` ${name}: s | % |`).join('')}`,
  )
  print(`| ---: |${contenders.map(() => ' ---: | ---: |').join('')}`)
  const percent = (fraction: number) => (100 * fraction).toFixed(2)
  for (let epoch = 0; epoch < RECIPE.epochs; epoch++) {
    const row = contenders.map((_, i) => {
      const { seconds, accuracy, least, most } = cells(i, epoch)
      return ` ${measured(seconds)} | ${percent(accuracy)} (${percent(least)}–${percent(most)}) |`
    })
    print(`| ${epoch + 1} |${row.join('')}`)
  }
  print('')
  for (const [i, { name }] of contenders.entries()) {
    const last = courses[i].map((course) => course[RECIPE.epochs - 1].accuracy)
    const reached = last.filter((accuracy) => accuracy >= 0.98).length
    const summary = `median ${percent(median(last))}, minimum ${percent(Math.min(...last))}`
    print(`${name}: ${summary}, ${reached} of ${last.length} seeds reach 98.00 %: ${last.map(percent).join(' ')}`)
  }
}

/** Trains by the recipe. */
async function followRecipe(digits: Digits, test: Digits, seed: number): Promise<Course> {
  const { hidden, epochs, ...recipe } = RECIPE
  const epoch = epochLength(digits.labels.length, recipe.batch)
  const sources = { names: [], rows: digits.labels.length, sha256: '' }
  const record: Training = {
    ...recipe,
    seed,
    dev: 0,
    notebook: false,
    engine: 'simd',
    iterations: epochs * epoch,
    logEvery: epoch,
    data: sources,
  }
  const run = await openTraining(record, digits, { hidden, threads: 1 })
  const judge = await createEngine('simd', test, { hidden, threads: 1 })
  const course: Course = []
  let seconds = 0
  let began = performance.now()
  for (const progress of run.iterations()) {
    if (progress.kind !== 'iteration' || !progress.report) continue
    seconds += (performance.now() - began) / 1000
    course.push({ seconds, accuracy: judge.evaluate(run.weights().params).correct / judge.m })
    began = performance.now()
  }
  run.close()
  judge.close()
  return course
}

const RACES = { full: raceFull, batches: raceBatches, whole: raceWhole, accuracy: raceAccuracy }

/** Digits as the Python programs read them: for each one its label, then its pixels. */
function writeDigits(path: string, digits: Digits): void {
  const { labels } = digits
  const bytes = new Uint8Array(labels.length * (1 + PIXELS))
  for (const [i, label] of labels.entries()) {
    bytes[i * (1 + PIXELS)] = label
    bytes.set(pixelsOf(digits, i), i * (1 + PIXELS) + 1)
  }
  writeFileSync(path, bytes)
}

async function main(): Promise<void> {
  const races = (options.only?.split(',') ?? Object.keys(RACES)).map((name) => {
    if (name in RACES) return RACES[name as keyof typeof RACES]
    throw new Error(`--only ${name}: not one of ${Object.keys(RACES).join(', ')}`)
  })
  const sources = options.data ?? process.env.MNIST_DATA?.split(delimiter) ?? defaultSource()
  const digits = await readSources(sources)
  const test = options.test && (await readSources(options.test))
  const m = digits.labels.length
  const modules = new Set<string>()
  for (const module of ['numpy', 'pandas', 'torch']) if (await hasModule(module)) modules.add(module)
  await verify(digits)

  const folder = mkdtempSync(join(tmpdir(), 'mnist-bench-'))
  try {
    const file = join(folder, 'digits')
    writeDigits(file, digits)
    const machine = `${cpus()[0].model.trim()}, ${CORES} cores, Node ${process.version}`
    if (!options.json) print(`${m} digits of ${namesOf(sources).join(', ')}; ${machine}`)
    for (const raceOne of races) await raceOne({ digits, test, sources, folder, file, modules })
  } finally {
    rmSync(folder, { recursive: true })
  }
}

if (options.help) print(USAGE)
else await main()
