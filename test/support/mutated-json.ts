/** JSON that something has changed: other values, other types, missing and unknown parts, cut texts. */
import fc from 'fast-check'
import type { MadeBy } from './claim.ts'

const deep = (levels: number) => '['.repeat(levels) + ']'.repeat(levels)

/** JSON, or almost, in place of a value. */
const replacement = fc.oneof(
  fc.constantFrom(
    ...'null true false 0 -0 -1 0.5 1 1.5 2 10 784 4096 4097 4294967295 4294967296 1e9 1000000001'.split(' '),
    ...'9007199254740993 1e308 1e999 -1e999 1e-400 5e-324 NaN Infinity 01 0x10 .5 1_000'.split(' '),
    ...'"" "a" "0.1" "simd" "linear" "\\u0000" "\\ud800" "\\u001b]0;x\\u0007" "__proto__"'.split(' '),
    ...'[] {} [null] [[]] ["a"] [1,2] [1,] {"a":1,} {"__proto__":{"x":1}} {"toString":1}'.split(' '),
    '{"constructor":{"prototype":{"x":1}}}',
    '{"valueOf":1,"length":3}',
    deep(20),
    deep(31),
    deep(33),
    deep(20_000),
    `"${'A'.repeat(100_000)}"`,
    '1'.repeat(400),
  ),
  fc.json({ maxDepth: 3 }),
  fc.oneof(fc.double(), fc.integer()).map(String),
  fc.string({ maxLength: 10 }).map((text) => JSON.stringify(text)),
)

/** A change to a value's parts; `at` is the position of one among all. */
const change = fc.record({
  at: fc.nat(),
  what: fc.constantFrom('replace', 'replace', 'replace', 'remove', 'repeat', 'rename', 'add'),
  by: replacement,
  name: fc.constantFrom('__proto__', 'constructor', 'toString', 'x', '', 'W1', 'format', 'version', '0'),
})

/** A change to the text. */
const cut = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  length: fc.constantFrom(0, 1, 1, 2, 50, Infinity),
  by: fc.oneof(fc.constantFrom('', '"', '{', '[', ']', '}', ',', ':', '\\', '\n', '\0', '-', 'e', '9'), fc.string({ maxLength: 3 })), // prettier-ignore
})

/** Changes to JSON, for `mutated`. */
export const mutations = fc.record({
  changes: fc.array(change, { maxLength: 3 }),
  cuts: fc.oneof({ weight: 4, arbitrary: fc.constant([]) }, fc.array(cut, { maxLength: 2 })),
  /** Every top-level part on lines of its own, as the weights file has them. */
  isLaidOut: fc.boolean(),
  encoding: fc.constantFrom('utf8', 'utf8', 'utf8', 'utf8', 'utf8 with a mark', 'utf16le'),
})

/** A value as changed JSON. */
export function mutated(value: object, { changes, cuts, isLaidOut, encoding }: MadeBy<typeof mutations>): Buffer {
  const copy = structuredClone(value) as Parts
  const texts = changes.map((change, i) => apply(copy, change, `@${i}@`))
  let text = isLaidOut ? laidOut(copy) : JSON.stringify(copy)
  texts.forEach((by, i) => (text = text.replaceAll(`"@${i}@"`, () => by)))
  for (const { at, length, by } of cuts) {
    const from = Math.floor(at * text.length)
    text = text.slice(0, from) + by + text.slice(from + length)
  }
  return encoding === 'utf8'
    ? Buffer.from(text)
    : Buffer.from(`\uFEFF${text}`, encoding === 'utf16le' ? encoding : 'utf8')
}

type Parts = Record<string, unknown>

/** Changes a part; where a text is to go, puts a mark. Returns the text. */
function apply(value: Parts, { at, what, by, name }: MadeBy<typeof change>, mark: string): string {
  const places = placesIn(value)
  if (places.length === 0) return by
  const [parent, key] = places[at % places.length]
  const define = (key: string, value: unknown) =>
    Object.defineProperty(parent, key, { value, enumerable: true, configurable: true, writable: true })
  if (what === 'remove' && !Array.isArray(parent)) delete parent[key]
  else if (what === 'remove' || what === 'repeat') {
    if (Array.isArray(parent)) parent.splice(Number(key), 1, ...(what === 'repeat' ? [parent[key], parent[key]] : []))
    else define(name, parent[key])
  } else if (what === 'rename' && !Array.isArray(parent)) {
    define(name, parent[key])
    if (name !== key) delete parent[key]
  } else if (what === 'add' && !Array.isArray(parent)) define(name, mark)
  else parent[key] = mark
  return by
}

/** Where a value has parts: of a long list, the first and the last. */
function placesIn(value: Parts): [parent: Parts, key: string][] {
  const keys = Object.keys(value)
  const some = Array.isArray(value) && keys.length > 3 ? [keys[0], keys.at(-1) ?? ''] : keys
  return some.flatMap((key) => {
    const part = value[key]
    const inside = typeof part === 'object' && part !== null ? placesIn(part as Parts) : []
    return [[value, key] as [Parts, string], ...inside]
  })
}

function laidOut(value: Parts): string {
  const lines = Object.entries(value).map(([key, part]) => `  ${JSON.stringify(key)}: ${JSON.stringify(part)}`)
  return `{\n${lines.join(',\n')}\n}\n`
}
