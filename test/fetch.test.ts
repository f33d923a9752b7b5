import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { connect } from 'node:net'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { fetchFiles, removeParts, type FetchOptions } from '../src/digits/fetch.ts'
import { Failure } from '../src/failure.ts'
import { newFolder } from './command.ts'
import { changed, cut, drip, endless, etagOf, redirect, serve, silence, stall, startMirror, status } from './mirror.ts'
import type { Answer, Mirror } from './mirror.ts'
import { SMALL_FILES, SMALL_SETS } from './small-mnist.ts'

const { images, labels } = SMALL_SETS[0]
const gz = SMALL_FILES.get(`${images.name}.gz`)!
const content = gunzipSync(gz)
vi.setConfig({ testTimeout: 60_000 }) // some wait for mirrors that are silent
const root = newFolder()
const part = `${images.name}.gz.part`
let folder: string
let mirrors: Mirror[]
let faults: string[]

const PROXY_VARIABLES = ['http_proxy', 'https_proxy', 'no_proxy', 'HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY']
beforeEach(() => {
  for (const name of PROXY_VARIABLES) vi.stubEnv(name, undefined)
  folder = join(root, String(readdirSync(root).length))
  mkdirSync(folder)
  mirrors = []
  faults = []
})
afterEach(async () => {
  vi.unstubAllEnvs()
  for (const mirror of mirrors) await mirror.close()
})
afterAll(() => rmSync(root, { recursive: true }))

async function mirror(...answers: Answer[]): Promise<Mirror> {
  const started = await startMirror(SMALL_FILES, ...answers)
  mirrors.push(started)
  return started
}

/** Downloads the images of the first set. */
async function fetchImages(options: FetchOptions = {}): Promise<Buffer> {
  const urls = mirrors.map(({ url }) => url)
  const onFault = (sentence: string) => faults.push(sentence)
  const [fetched] = await fetchFiles(folder, [images], {
    mirrors: urls,
    backoff: 0.01,
    timeout: 5,
    onFault,
    ...options,
  })
  return fetched
}

const refused = async (options?: FetchOptions) => {
  const error = await fetchImages(options).catch((error: unknown) => error)
  if (!(error instanceof Failure)) throw new Error('it is not refused', { cause: error })
  return error
}
const ranges = ({ requests }: Mirror) => requests.map(({ headers }) => headers.range)

describe('fetchFiles', () => {
  test('gives the uncompressed bytes, and removeParts removes what the download has left', async () => {
    const good = await mirror()
    const progress: [string, number, number][] = []
    expect((await fetchImages({ onProgress: (...event) => progress.push(event) })).equals(content)).toBe(true)
    expect(progress.at(-1)).toEqual([`${images.name}.gz`, gz.length, gz.length])
    expect(readdirSync(folder).toSorted()).toEqual([part, `${part}.json`])
    await removeParts(folder, [images])
    expect(readdirSync(folder)).toEqual([])
    await vi.waitFor(async () => expect(await good.connections()).toBe(0))
  })

  test.each([403, 404, 410])('leaves a mirror that answers %s at once, for all files', async (code) => {
    const [bad, good] = [await mirror(status(code), status(code)), await mirror()]
    await fetchFiles(folder, [images, labels], { mirrors: [bad.url, good.url], onFault: (text) => faults.push(text) })
    expect(bad.requests).toHaveLength(1)
    expect(good.requests).toHaveLength(2)
    expect(faults).toEqual([expect.stringMatching(new RegExp(`^${bad.url}/${images.name}\\.gz: ${code} [A-Z]`))])
  })

  test.each([408, 429, 500, 502, 503])('asks a mirror that answers %s again', async (code) => {
    const recovering = await mirror(status(code), status(code))
    expect((await fetchImages()).equals(content)).toBe(true)
    expect(recovering.requests).toHaveLength(3)
    expect(faults[1]).toMatch(/; asking again in 0\.02 s$/)
  })

  test('asks so often and no oftener, then says what each mirror answered', async () => {
    const [first, second] = [await mirror(...Array.from({ length: 9 }, () => status(500))), await mirror(status(403))]
    const { kind, message } = await refused({ retries: 2 })
    expect([kind, message]).toEqual([
      'unavailable',
      `${images.name}.gz could not be downloaded; the mirrors answered:\n` +
        `  ${first.url}/${images.name}.gz: 500 Internal Server Error\n` +
        `  ${second.url}/${images.name}.gz: 403 Forbidden`,
    ])
    expect(first.requests).toHaveLength(3)
    expect(readdirSync(folder)).toEqual([])
  })

  test('gives up a mirror that is silent, from the start or in the middle', async () => {
    const still = await mirror(silence, stall(9000), stall(20_000))
    const { message } = await refused({ timeout: 0.6, retries: 2 })
    expect(faults.map((text) => text.replace(/;.*/, ''))).toEqual([
      `${still.url}/${images.name}.gz: no answer for 0.6 s`,
      `${still.url}/${images.name}.gz: no answer for 0.6 s after 9000 of ${gz.length} bytes`,
      `${still.url}/${images.name}.gz: no answer for 0.6 s after 20000 of ${gz.length} bytes`,
    ])
    expect(message).toContain('after 20000 of')
    expect(ranges(still)).toEqual([undefined, undefined, 'bytes=9000-'])
  })

  test('waits for a mirror that is slow but not silent', async () => {
    const slow = await mirror(drip(50)) // 1.5 s in all
    expect((await fetchImages({ timeout: 1 })).equals(content)).toBe(true)
    expect([slow.requests.length, faults]).toEqual([1, []])
  })

  test('does not wait for a server that is not there', async () => {
    const gone = await mirror()
    await gone.close()
    mirrors = []
    const { kind, message } = await refused({ mirrors: [gone.url] })
    expect([kind, message]).toEqual(['unavailable', expect.stringMatching(/: the connection is refused$/)])
    expect(faults).toHaveLength(1)
  })

  test.each([
    ['other bytes', (bytes: Buffer) => bytes.fill(7), /is neither gzipped nor IDX, it begins with "\\u0007/],
    ['a page', () => Buffer.from('<!doctype html>Sign in to this network'), /it begins with "<!doctype html>/],
    ['nothing', () => Buffer.alloc(0), /gz: what came is empty$/],
    ['a bit flipped in the gzip', flip, /is damaged: |its SHA-256 is|is cut short/],
    ['a bit flipped in the content', () => flip(Buffer.from(content)), /its SHA-256 is \w+ where \w+ is expected$/],
    ['another file', () => SMALL_FILES.get(`${labels.name}.gz`)!, /holds 108 bytes where 78,416 are expected/],
    ['a longer file', () => Buffer.concat([content, content]), /sends more than|holds 156,832 bytes where/],
  ])('refuses %s and asks the next mirror', async (_, change, reason) => {
    const bad = await mirror(...Array.from({ length: 9 }, () => changed(change)))
    expect((await refused()).message).toMatch(reason)
    const isShort = faults.length > 1 // it may be a beginning of the file, so the mirror is asked again
    expect(readdirSync(folder)).toEqual(isShort ? [part] : [])
    const asked = bad.requests.length
    await mirror()
    expect((await fetchImages()).equals(content)).toBe(true)
    expect(bad.requests.length).toBe(2 * asked)
  })

  test('ends a download that would never end', async () => {
    await mirror(endless)
    expect((await refused()).message).toMatch(/it sends more than the \d+ bytes that the file can have$/)
    expect(readdirSync(folder)).toEqual([])
  })

  test('takes a file that the mirror sends uncompressed', async () => {
    await mirror(changed(() => content))
    expect((await fetchImages()).equals(content)).toBe(true)
  })

  test('follows redirections, but not for ever', async () => {
    const target = await mirror()
    const [moved, round] = [await mirror(redirect((name) => `${target.url}/${name}`)), await mirror(...Array.from({ length: 99 }, () => redirect((name) => `/mnist/${name}`)))] // prettier-ignore
    expect((await fetchImages({ mirrors: [moved.url] })).equals(content)).toBe(true)
    await removeParts(folder, [images])
    expect((await refused({ mirrors: [round.url] })).message).toMatch(/gz: it redirects in a circle$/)
    expect(round.requests.length).toBeLessThan(10)
  })
})

/** Flips one bit in the middle. */
function flip(bytes: Buffer): Buffer {
  bytes[bytes.length >> 1] ^= 4
  return bytes
}

const wrongRange: Answer = (response, bytes) => {
  const range = `bytes 0-${bytes.length - 1}/${bytes.length}`
  response.writeHead(206, { etag: etagOf(bytes), 'content-range': range }).end(bytes)
}
const anyRange: Answer = (response, bytes, request) => {
  delete request.headers['if-range']
  serve(response, bytes, request)
}
const flippedRest: Answer = (response, bytes) => {
  const range = `bytes 10000-${bytes.length - 1}/${bytes.length}`
  const rest = flip(Buffer.from(bytes)).subarray(10_000)
  response.writeHead(206, { etag: etagOf(bytes), 'content-range': range }).end(rest)
}
const freshCut: Answer = (response, bytes, request) => {
  delete request.headers.range
  cut(10_000, () => undefined)(response, bytes, request)
}

describe('a download that was cut', () => {
  test('goes on where it was, for this very version of the file', async () => {
    const cutting = await mirror(cut(10_000), cut(30_000))
    expect((await fetchImages()).equals(content)).toBe(true)
    expect(faults[0]).toContain(`: the connection was cut after 10000 of ${gz.length} bytes; asking again in`)
    expect(ranges(cutting)).toEqual([undefined, 'bytes=10000-', 'bytes=30000-'])
    expect(cutting.requests.map(({ headers }) => headers['accept-encoding'])).toEqual(Array(3).fill('identity'))
    expect(cutting.requests.map(({ headers }) => headers['if-range'])).toEqual([undefined, etagOf(gz), etagOf(gz)])
  })

  test('goes on in the next run', async () => {
    const cutting = await mirror(cut(10_000))
    await refused({ retries: 0 })
    expect(readFileSync(join(folder, part)).equals(gz.subarray(0, 10_000))).toBe(true)
    expect((await fetchImages()).equals(content)).toBe(true)
    expect(ranges(cutting)).toEqual([undefined, 'bytes=10000-'])
  })

  test('is not asked for again where the part is whole', async () => {
    const unasked = await mirror()
    writeFileSync(join(folder, part), gz)
    expect((await fetchImages()).equals(content)).toBe(true)
    expect(unasked.requests).toEqual([])
  })

  const CUT = 'the connection was cut after 10000 of SIZE bytes'
  const starts: [string, Answer[], (string | undefined)[], string[]][] = [
    ['has no ETag', [cut(10_000, () => undefined)], [undefined, undefined], [CUT]],
    ['has a weak ETag', [cut(10_000, (bytes) => `W/${etagOf(bytes)}`)], [undefined, undefined], [CUT]],
    ['has changed meanwhile', [cut(10_000, () => '"old"')], [undefined, 'bytes=10000-'], [CUT]],
    ['has lost its ETag meanwhile', [cut(10_000), freshCut], [undefined, 'bytes=10000-', undefined], [CUT, CUT]],
    ['is shorter now', [cut(10_000), status(416)], [undefined, 'bytes=10000-', undefined], [CUT, '416 Range Not Satisfiable']],
    ['comes in a wrong range', [cut(10_000), wrongRange], [undefined, 'bytes=10000-', undefined], [CUT, '206 Partial Content']],
    ['has changed though the range is given', [cut(10_000, () => '"old"'), anyRange], [undefined, 'bytes=10000-', undefined], [CUT, '206 Partial Content']],
    ['has changed under the same ETag', [cut(10_000), flippedRest], [undefined, 'bytes=10000-', undefined], [CUT, expect.stringMatching(/^what came /)]],
  ] // prettier-ignore
  test.each(starts)('starts anew where the file %s', async (_, answers, asked, expected) => {
    const changing = await mirror(...answers)
    expect((await fetchImages()).equals(content)).toBe(true)
    expect(ranges(changing)).toEqual(asked)
    const reasons = faults.map((text) => text.replace(`${changing.url}/${images.name}.gz: `, '').replace(/;.*/, ''))
    expect(reasons.map((reason) => reason.replace(String(gz.length), 'SIZE'))).toEqual(expected)
  })

  test('starts anew at another mirror, and not before that one gives something', async () => {
    const [cutting, bad, good] = [await mirror(cut(10_000)), await mirror(status(404)), await mirror()]
    await refused({ retries: 0, mirrors: [cutting.url, bad.url] })
    expect(readFileSync(join(folder, part))).toHaveLength(10_000)
    expect((await fetchImages({ mirrors: [good.url] })).equals(content)).toBe(true)
    expect([...ranges(bad), ...ranges(good)]).toEqual([undefined, undefined])
  })

  test('starts anew where what is kept is not readable as such', async () => {
    const good = await mirror()
    writeFileSync(join(folder, part), 'part')
    writeFileSync(join(folder, `${part}.json`), '{"url":')
    expect((await fetchImages()).equals(content)).toBe(true)
    expect(ranges(good)).toEqual([undefined])
  })

  test('by its signal, ends at once and keeps what has arrived', async () => {
    await mirror(stall(10_000))
    const stop = new AbortController()
    const onProgress = (_: string, received: number) => received === 10_000 && stop.abort()
    await expect(fetchImages({ signal: stop.signal, onProgress })).rejects.toThrow(/aborted/)
    expect(readFileSync(join(folder, part))).toHaveLength(10_000)
    expect(faults).toEqual([])
  })

  test('by its signal while it waits to ask again, ends at once', async () => {
    await mirror(status(500))
    const stop = new AbortController()
    const began = performance.now()
    await expect(
      fetchImages({ signal: stop.signal, backoff: 60, onFault: () => setTimeout(() => stop.abort(), 10) }),
    ).rejects.toThrow(/aborted/)
    expect(performance.now() - began).toBeLessThan(5000)
  })
})

describe('proxies', () => {
  /** A proxy that tunnels all to one port, and the hosts that it was asked for. */
  async function startProxy(port: number) {
    const asked: string[] = []
    const sockets: Socket[] = []
    const server = createServer((client) => {
      sockets.push(client.on('error', () => {}))
      client.once('data', (head) => {
        asked.push(/^CONNECT (\S+) /.exec(head.toString())?.[1] ?? head.toString())
        const target = connect(port, '127.0.0.1', () => {
          client.write('HTTP/1.1 200 OK\r\n\r\n')
          client.pipe(target).pipe(client)
        })
        sockets.push(target.on('error', () => {}))
      })
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const close = () => {
      for (const socket of sockets) socket.destroy()
      server.close()
    }
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked, close }
  }

  test.each(['HTTP_PROXY', 'http_proxy'])('%s is obeyed, and NO_PROXY too', async (variable) => {
    const good = await mirror()
    const proxy = await startProxy(Number(new URL(good.url).port))
    try {
      vi.stubEnv(variable, proxy.url)
      expect((await fetchImages({ mirrors: ['http://mirror.example/mnist'] })).equals(content)).toBe(true)
      expect(proxy.asked).toEqual(['mirror.example:80'])
      expect(good.requests[0].headers.host).toBe('mirror.example')
      await removeParts(folder, [images])
      vi.stubEnv('NO_PROXY', '127.0.0.1')
      await fetchImages()
      expect([proxy.asked.length, good.requests.length]).toEqual([1, 2])
    } finally {
      proxy.close()
    }
  })

  test('HTTPS_PROXY is obeyed', async () => {
    const good = await mirror()
    const proxy = await startProxy(Number(new URL(good.url).port)) // it speaks no TLS, so the download cannot end well
    try {
      vi.stubEnv('HTTPS_PROXY', proxy.url)
      await refused({ mirrors: ['https://mirror.example/mnist'], retries: 0 })
      expect(proxy.asked).toEqual(['mirror.example:443'])
    } finally {
      proxy.close()
    }
  })

  test('a proxy that is not a URL is refused in a sentence', async () => {
    vi.stubEnv('HTTPS_PROXY', 'not a URL')
    const { kind, message } = await refused()
    expect([kind, message]).toEqual([
      'usage',
      expect.stringMatching(/^HTTPS_PROXY or HTTP_PROXY is not a proxy's URL: /),
    ])
  })
})

test('a part-file that cannot be written is an I/O error', async () => {
  await mirror()
  mkdirSync(join(folder, part)) // a folder stands in its way
  const { kind, message } = await refused()
  expect([kind, message]).toEqual(['io', expect.stringMatching(/^cannot write .*\.part: /)])
})
