/** Whatever a configuration holds, it is refused in a sentence, or every option has a value that it could have otherwise. */
import { doesNotMatch, match, ok, strictEqual } from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { claim, type MadeBy } from '../claim.ts'
import { runInProcess } from '../in-process.ts'
import { mutated, mutations } from '../mutated-json.ts'

const original = {
  format: 'mnist-config',
  data: ['a.csv', 'b.csv'],
  test: ['c.csv'],
  take: 9,
  dev: 1,
  out: 'w.json',
  iters: 3,
  epochs: 2,
  alpha: 0.1,
  batch: 4,
  momentum: 0.5,
  decay: 'linear',
  labelSmoothing: 0.1,
  hidden: 3,
  seed: 1,
  initScale: 'he',
  init: 'i.json',
  notebook: false,
  targetAccuracy: 0.9,
  patience: 2,
  maxSeconds: 9,
  threads: 1,
  checkpointEvery: 5,
  engine: 'simd',
  logEvery: 2,
  json: false,
  quiet: true,
  transpose: false,
  invert: false,
}

/** Each number's range, as the help has it. */
const RANGES: Record<string, [min: number, max: number, kind: 'integer' | 'number']> = {
  take: [1, 1e9, 'integer'],
  dev: [0, 1e9, 'integer'],
  iters: [0, 1e9, 'integer'],
  epochs: [1, 1e9, 'integer'],
  alpha: [Number.MIN_VALUE, Number.MAX_VALUE, 'number'],
  batch: [1, 1e9, 'integer'],
  momentum: [0, 1 - Number.EPSILON / 2, 'number'],
  labelSmoothing: [0, 1, 'number'],
  hidden: [1, 4096, 'integer'],
  seed: [0, 2 ** 32 - 1, 'integer'],
  targetAccuracy: [0, 1, 'number'],
  patience: [1, 1e9, 'integer'],
  maxSeconds: [Number.MIN_VALUE, Number.MAX_VALUE, 'number'],
  threads: [1, 1024, 'integer'],
  checkpointEvery: [1, 1e9, 'integer'],
  logEvery: [1, 1e9, 'integer'],
}

export const config = {
  print: claim<MadeBy<typeof mutations>>({
    title: 'a changed configuration is refused in a sentence, or gives every option a value in its range',
    inputs: mutations,
    files: (mutations) => ({ 'config.json': mutated(original, mutations) }),
    async check(mutations, folder) {
      mkdirSync(folder, { recursive: true })
      writeFileSync(join(folder, 'config.json'), mutated(original, mutations))
      const args = ['--config', 'config.json', '--print-config']
      const { code, stdout, stderr } = await runInProcess('mnist-train', args, { cwd: folder })
      strictEqual(({} as { x?: unknown }).x, undefined)
      if (code !== 0) {
        ok(code === 64 || code === 65, `exit code ${code}: ${stderr}`)
        match(stderr, /^mnist-train: config\.json: [^\n]{1,400}\n$/)
        doesNotMatch(stderr, /[^\P{Cc}\n]/u)
        return 'refused'
      }
      for (const [name, value] of Object.entries(JSON.parse(stdout) as Record<string, unknown>)) {
        ok(name in original || ['color', 'advice'].includes(name), `option ${name}`)
        if (!(name in RANGES)) continue
        const [min, max, kind] = RANGES[name]
        ok(typeof value === 'number' && value >= min && value <= max, `${name} is ${JSON.stringify(value)}`)
        ok(kind === 'number' || Number.isInteger(value), `${name} is ${value}`)
      }
      return 'taken'
    },
  }),
}
