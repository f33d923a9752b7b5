/**
 * npm run fuzz: checks the claims of test/support/campaigns for as many random inputs as there is time for.
 *
 * Each claim runs in a process of its own, so that one that hangs, or runs out of memory, is a failure like any other.
 * The inputs follow from the seed; how many there are follows from the time. The first failure is made as small as
 * possible, written as files, and ends the script with exit code 1.
 */
import { fork, type ChildProcess } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import fc from 'fast-check'
import { commands } from '../test/support/campaigns/commands.ts'
import { config } from '../test/support/campaigns/config.ts'
import { disk, hasDisks } from '../test/support/campaigns/disk.ts'
import { reader } from '../test/support/campaigns/reader.ts'
import { signals } from '../test/support/campaigns/signals.ts'
import { weights } from '../test/support/campaigns/weights.ts'
import { propertyOf, type Claim } from '../test/support/claim.ts'
import { counted, grouped } from '../src/wording.ts'

const USAGE = `npm run fuzz -- [options]
  --minutes <n>   time for all campaigns together (default: 10)
  --seed <n>      random seed (default: another one each time)
  --only <names>  campaigns, of reader,weights,config,signals,disk,commands (default: all)
  --claim <name>  one claim of the campaign that --only names
  --path <path>   replay one input, with the --seed and --claim that were printed
  --help          print this help`

const CAMPAIGNS: Record<string, Record<string, Claim>> = { reader, weights, config, signals, disk, commands }
const LONGEST = 300 // seconds for one input

const { values: options } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string' },
    only: { type: 'string', default: Object.keys(CAMPAIGNS).join(',') },
    claim: { type: 'string' },
    path: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})
const print = (line: string) => process.stdout.write(`${line}\n`)

/** A claim and its place. */
interface Place {
  campaign: string
  name: string
  claim: Claim
}

/** What the process that checks a claim says. */
type Message =
  | { kind: 'input'; number: number }
  | { kind: 'end'; inputs: number; happened: Record<string, number>; failure?: { path: string; error: string } }

/** Checks a claim until the time is over, and tells the parent. */
async function checkOne({ claim }: Place, seed: number, seconds: number): Promise<void> {
  const tell = (message: Message) => process.send?.(message)
  const folder = mkdtempSync(join(tmpdir(), 'mnist-fuzz-'))
  const happened: Record<string, number> = {}
  let inputs = 0
  const property = propertyOf(claim, join(folder, 'files'), (what) => {
    happened[what] = (happened[what] ?? 0) + 1
    tell({ kind: 'input', number: ++inputs })
  })
  tell({ kind: 'input', number: 0 })
  const { failed, counterexamplePath, errorInstance } = await fc.check(property, {
    seed,
    ...(options.path === undefined
      ? { numRuns: 1e9, interruptAfterTimeLimit: seconds * 1000 }
      : { numRuns: 1, path: options.path, endOnFailure: true }),
  })
  const error = errorInstance instanceof Error ? String(errorInstance.stack) : String(errorInstance)
  const failure = failed && counterexamplePath !== null ? { path: counterexamplePath, error } : undefined
  const end: Message = { kind: 'end', inputs, happened, ...(failure && { failure }) }
  process.send?.(end, () => {
    rmSync(folder, { recursive: true, force: true })
    process.exit() // an input may be under way
  })
}

/** Has a claim checked by another process. Returns whether it held. */
async function check(place: Place, seed: number, seconds: number): Promise<boolean> {
  const { campaign, name, claim } = place
  const began = performance.now()
  const replay = ['--only', campaign, '--claim', name, '--seed', String(seed)]
  const path = options.path === undefined ? [] : ['--path', options.path]
  const child = fork(fileURLToPath(import.meta.url), [...replay, ...path, '--minutes', String(seconds / 60)])
  const { end, inputs, reason } = await outcomeOf(child)
  const elapsed = ((performance.now() - began) / 1000).toFixed(0)
  const happened = Object.entries(end?.happened ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1))
  const counts = happened.map(([what, count]) => `${what} ${grouped(count)}`).join(', ')
  print(`${campaign}: ${claim.title}: ${counted(inputs, 'input')} in ${elapsed} s${counts && ` (${counts})`}`)
  if (end && !end.failure) return true

  const failing = end?.failure?.path ?? options.path ?? String(inputs)
  const folder = saveInput(claim, seed, failing)
  print(`\nFAILED: ${end?.failure?.error ?? reason}\n`)
  print(`The input is in ${folder}; to replay it:`)
  print(`  npm run fuzz -- ${[...replay, '--path', failing].join(' ')}`)
  return false
}

/** What became of a process that checks a claim. */
interface Outcome {
  end?: Extract<Message, { kind: 'end' }>
  inputs: number
  /** Why there is no end. */
  reason: string
}

/** Waits for a process that checks a claim; kills it if one input takes too long. */
async function outcomeOf(child: ChildProcess): Promise<Outcome> {
  const outcome: Outcome = { inputs: 0, reason: '' }
  const timer = setTimeout(() => {
    outcome.reason = `no answer for ${LONGEST} s`
    child.kill('SIGKILL')
  }, LONGEST * 1000)
  child.on('message', (message: Message) => {
    timer.refresh()
    if (message.kind === 'end') outcome.end = message
    outcome.inputs = message.kind === 'end' ? message.inputs : message.number
  })
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null]
  clearTimeout(timer)
  outcome.reason ||= `the process ended with ${signal ?? `exit code ${code}`}`
  return outcome
}

/** Writes an input as files. Returns their folder. */
function saveInput({ inputs, files }: Claim, seed: number, path: string): string {
  let input: unknown
  fc.check(
    fc.property(inputs, (made) => {
      input = made
    }),
    { seed, path, numRuns: 1 },
  )
  const folder = mkdtempSync(join(tmpdir(), 'mnist-fuzz-input-'))
  mkdirSync(join(folder, 'files'))
  writeFileSync(join(folder, 'input.txt'), `${fc.stringify(input)}\n`)
  for (const [name, content] of Object.entries(files?.(input) ?? {})) {
    writeFileSync(join(folder, 'files', name), content)
  }
  return folder
}

/** The claims that the options name. */
function chosen(): Place[] {
  return options.only.split(',').flatMap((campaign) => {
    const claims = Object.entries(CAMPAIGNS[campaign] ?? {})
    const some = claims.filter(([name]) => options.claim === undefined || name === options.claim)
    if (some.length > 0) return some.map(([name, claim]) => ({ campaign, name, claim }))
    const names = claims.length > 0 ? claims.map(([name]) => name) : Object.keys(CAMPAIGNS)
    const wrong = claims.length > 0 ? `--claim ${options.claim}` : `--only ${campaign}`
    throw new Error(`${wrong}: not one of ${names.join(', ')}`)
  })
}

async function main(): Promise<void> {
  const seed = Number(options.seed ?? randomInt(2 ** 31))
  const minutes = Number(options.minutes)
  if (!Number.isInteger(seed) || !(minutes > 0)) throw new Error('--seed is an integer, --minutes a number above 0')
  const places = chosen()
  if (process.send) return checkOne(places[0], seed, minutes * 60)

  print(`seed ${seed}`)
  if (!hasDisks && places.some(({ campaign }) => campaign === 'disk')) {
    print('disk: full disks skipped, only the sizes of files are limited: cannot mount file systems here')
  }
  const share = (minutes * 60) / new Set(places.map(({ campaign }) => campaign)).size
  for (const place of places) {
    const claims = places.filter(({ campaign }) => campaign === place.campaign).length
    if (await check(place, seed, share / claims)) continue
    process.exitCode = 1
    return
  }
}

if (options.help) print(USAGE)
else await main()
