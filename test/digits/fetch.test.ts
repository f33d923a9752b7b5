import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { fetchFiles, removePartialFiles, type FetchOptions } from '../../src/digits/fetch.ts'
import { Failure } from '../../src/failure.ts'
import { newFolder } from '../support/folder.ts'
import {
  changed,
  cut,
  drip,
  endless,
  etagOf,
  flipBit,
  redirect,
  serve,
  silence,
  stall,
  startMirror,
  status,
  type Answer,
  type Mirror,
} from '../support/mirror.ts'
import { SMALL_FILES, SMALL_SETS } from '../support/small-mnist.ts'

const { images, labels } = SMALL_SETS[0]
const gz = SMALL_FILES.get(`${images.name}.gz`) ?? Buffer.of()
const content = gunzipSync(gz)
vi.setConfig({ testTimeout: 60_000 }) // some wait for silent mirrors
const root = newFolder()
const partial = `${images.name}.gz.part`
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

async function mirror(...answers: Answer[]): Promise<Mirror> {
  const started = await startMirror(SMALL_FILES, ...answers)
  mirrors.push(started)
  return started
}

/** Downloads the images of the training set. */
async function fetchImages(options: FetchOptions = {}): Promise<Buffer> {
  const urls = mirrors.map(({ url }) => url)
  const onFault = (message: string) => faults.push(message)
  const fetched = await fetchFiles(folder, [images], {
    mirrors: urls,
    backoff: 0.01,
    timeout: 5,
    onFault,
    ...options,
  })
  return fetched.get(images.name) ?? Buffer.of()
}

const failureOf = async (options?: FetchOptions) => {
  const error = await fetchImages(options).catch((error: unknown) => error)
  if (!(error instanceof Failure)) throw new Error('the download does not fail', { cause: error })
  return error
}
const ranges = ({ requests }: Mirror) => requests.map(({ headers }) => headers.range)

describe('fetchFiles', () => {
  test('returns the uncompressed bytes and closes its connections; removePartialFiles removes the partial files', async () => {
    const good = await mirror()
    const progress: [string, number, number][] = []
    expect((await fetchImages({ onProgress: (...event) => progress.push(event) })).equals(content)).toBe(true)
    expect(progress.at(-1)).toEqual([`${images.name}.gz`, gz.length, gz.length])
    expect(readdirSync(folder).toSorted()).toEqual([partial, `${partial}.json`])
    await removePartialFiles(folder, [images])
    expect(readdirSync(folder)).toEqual([])
    await good.disconnected()
  })

  test.each([403, 404, 410])('abandons a mirror that answers %s, for all files', async (code) => {
    const [bad, good] = [await mirror(status(code), status(code)), await mirror()]
    await fetchFiles(folder, [images, labels], { mirrors: [bad.url, good.url], onFault: (text) => faults.push(text) })
    expect(bad.requests).toHaveLength(1)
    expect(good.requests).toHaveLength(2)
    expect(faults).toEqual([expect.stringMatching(new RegExp(`^${bad.url}/${images.name}\\.gz: ${code} [A-Z]`))])
  })

  test.each([408, 429, 500, 502, 503])('retries a mirror that answers %s', async (code) => {
    const recovering = await mirror(status(code), status(code))
    expect((await fetchImages()).equals(content)).toBe(true)
    expect(recovering.requests).toHaveLength(3)
    expect(faults[1]).toMatch(/; retrying in 0\.02 s$/)
  })

  test('gives up after the last retry and reports the error of each mirror', async () => {
    const [first, second] = [await mirror(...Array.from({ length: 9 }, () => status(500))), await mirror(status(403))]
    const { kind, message } = await failureOf({ retries: 2 })
    expect([kind, message]).toEqual([
      'unavailable',
      `cannot download ${images.name}.gz:\n` +
        `  ${first.url}/${images.name}.gz: 500 Internal Server Error\n` +
        `  ${second.url}/${images.name}.gz: 403 Forbidden`,
    ])
    expect(first.requests).toHaveLength(3)
    expect(readdirSync(folder)).toEqual([])
  })

  test('times out if a mirror sends nothing, from the start or in the middle', async () => {
    const silent = await mirror(silence, stall(9000), stall(20_000))
    const { message } = await failureOf({ timeout: 0.6, retries: 2 })
    expect(faults.map((text) => text.replace(/;.*/, ''))).toEqual([
      `${silent.url}/${images.name}.gz: no data for 0.6 s`,
      `${silent.url}/${images.name}.gz: no data for 0.6 s after 9000 of ${gz.length} bytes`,
      `${silent.url}/${images.name}.gz: no data for 0.6 s after 20000 of ${gz.length} bytes`,
    ])
    expect(message).toContain('after 20000 of')
    expect(ranges(silent)).toEqual([undefined, undefined, 'bytes=9000-'])
  })

  test('does not time out if a mirror is slow but keeps sending', async () => {
    const slow = await mirror(drip(50)) // 1.5 s in all
    expect((await fetchImages({ timeout: 1 })).equals(content)).toBe(true)
    expect([slow.requests.length, faults]).toEqual([1, []])
  })

  test('gives up a mirror that sends only a little, again and again', async () => {
    const [trickling, good] = [await mirror(drip(8000)), await mirror()] // 10 bytes every 30 ms
    const window = 1.5 // seconds
    expect((await fetchImages({ window, timeout: 1, retries: 0 })).equals(content)).toBe(true)
    expect([trickling.requests.length, good.requests.length]).toEqual([1, 1])
    const reason = new RegExp(`less than 1000 bytes a second for 1\\.5 s after \\d+ of ${gz.length} bytes$`)
    expect(faults).toEqual([expect.stringMatching(reason)])
  })

  test('does not retry if the connection is refused', async () => {
    const gone = await mirror()
    await gone.close()
    mirrors = []
    const { kind, message } = await failureOf({ mirrors: [gone.url] })
    expect([kind, message]).toEqual(['unavailable', expect.stringMatching(/: connection refused$/)])
    expect(faults).toHaveLength(1)
  })

  test.each([
    ['other bytes', (bytes: Buffer) => bytes.fill(7), /: neither gzip nor IDX \(begins with "\\u0007/],
    ['a web page', () => Buffer.from('<!doctype html>Sign in to this network'), /\(begins with "<!doctype html>/],
    ['nothing', () => Buffer.alloc(0), /gz: empty file$/],
    ['a bit flipped in the gzip', flipBit, /: (corrupt gzip file \(|SHA-256 is |truncated$)/],
    ['a bit flipped in the content', () => flipBit(Buffer.from(content)), /: SHA-256 is \w+, expected \w+$/],
    [
      'another file',
      () => SMALL_FILES.get(`${labels.name}.gz`) ?? Buffer.of(),
      /: 108 uncompressed bytes, expected 78,416/,
    ],
    [
      'a longer file',
      () => Buffer.concat([content, content]),
      /: (more than \d+ bytes|156,832 uncompressed bytes, expected)/,
    ],
  ])('refuses %s and tries the next mirror', async (_, change, reason) => {
    const bad = await mirror(...Array.from({ length: 9 }, () => changed(change)))
    expect((await failureOf()).message).toMatch(reason)
    const isTruncated = faults.length > 1 // it may be the beginning of the file, so the mirror is tried again
    expect(readdirSync(folder)).toEqual(isTruncated ? [partial] : [])
    const asked = bad.requests.length
    await mirror()
    expect((await fetchImages()).equals(content)).toBe(true)
    expect(bad.requests.length).toBe(2 * asked)
  })

  test('aborts a download that would never end', async () => {
    await mirror(endless)
    expect((await failureOf()).message).toMatch(/: more than \d+ bytes, too long for this file$/)
    expect(readdirSync(folder)).toEqual([])
  })

  test('accepts a file that the mirror sends uncompressed', async () => {
    await mirror(changed(() => content))
    expect((await fetchImages()).equals(content)).toBe(true)
  })

  test('follows redirections, but not a loop', async () => {
    const target = await mirror()
    const [moved, round] = [await mirror(redirect((name) => `${target.url}/${name}`)), await mirror(...Array.from({ length: 99 }, () => redirect((name) => `/mnist/${name}`)))] // prettier-ignore
    expect((await fetchImages({ mirrors: [moved.url] })).equals(content)).toBe(true)
    await removePartialFiles(folder, [images])
    expect((await failureOf({ mirrors: [round.url] })).message).toMatch(/gz: redirect loop$/)
    expect(round.requests.length).toBeLessThan(10)
  })
})

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
  const rest = flipBit(Buffer.from(bytes)).subarray(10_000)
  response.writeHead(206, { etag: etagOf(bytes), 'content-range': range }).end(rest)
}
const freshCut: Answer = (response, bytes, request) => {
  delete request.headers.range
  cut(10_000, () => undefined)(response, bytes, request)
}

describe('an interrupted download', () => {
  test('resumes the same version of the file', async () => {
    const cutting = await mirror(cut(10_000), cut(30_000))
    expect((await fetchImages()).equals(content)).toBe(true)
    expect(faults[0]).toContain(`: connection closed after 10000 of ${gz.length} bytes; retrying in`)
    expect(ranges(cutting)).toEqual([undefined, 'bytes=10000-', 'bytes=30000-'])
    expect(cutting.requests.map(({ headers }) => headers['accept-encoding'])).toEqual(Array(3).fill('identity'))
    expect(cutting.requests.map(({ headers }) => headers['if-range'])).toEqual([undefined, etagOf(gz), etagOf(gz)])
  })

  test('is resumed by the next run', async () => {
    const cutting = await mirror(cut(10_000))
    await failureOf({ retries: 0 })
    expect(readFileSync(join(folder, partial)).equals(gz.subarray(0, 10_000))).toBe(true)
    expect((await fetchImages()).equals(content)).toBe(true)
    expect(ranges(cutting)).toEqual([undefined, 'bytes=10000-'])
  })

  test('is not requested again if the partial file is complete', async () => {
    const idle = await mirror()
    writeFileSync(join(folder, partial), gz)
    expect((await fetchImages()).equals(content)).toBe(true)
    expect(idle.requests).toEqual([])
  })

  const CUT = 'connection closed after 10000 of SIZE bytes'
  const starts: [string, Answer[], (string | undefined)[], string[]][] = [
    ['has no ETag', [cut(10_000, () => undefined)], [undefined, undefined], [CUT]],
    ['has a weak ETag', [cut(10_000, (bytes) => `W/${etagOf(bytes)}`)], [undefined, undefined], [CUT]],
    ['has changed', [cut(10_000, () => '"old"')], [undefined, 'bytes=10000-'], [CUT]],
    ['has lost its ETag', [cut(10_000), freshCut], [undefined, 'bytes=10000-', undefined], [CUT, CUT]],
    ['is shorter now', [cut(10_000), status(416)], [undefined, 'bytes=10000-', undefined], [CUT, '416 Range Not Satisfiable']],
    ['comes with the wrong range', [cut(10_000), wrongRange], [undefined, 'bytes=10000-', undefined], [CUT, '206 Partial Content']],
    ['has changed but comes as a range', [cut(10_000, () => '"old"'), anyRange], [undefined, 'bytes=10000-', undefined], [CUT, '206 Partial Content']],
    ['has changed under the same ETag', [cut(10_000), flippedRest], [undefined, 'bytes=10000-', undefined], [CUT, expect.stringMatching(/^(SHA-256 is|corrupt gzip file|truncated)/)]],
  ] // prettier-ignore
  test.each(starts)('starts over if the file %s', async (_, answers, asked, expected) => {
    const changing = await mirror(...answers)
    expect((await fetchImages()).equals(content)).toBe(true)
    expect(ranges(changing)).toEqual(asked)
    const reasons = faults.map((text) => text.replace(`${changing.url}/${images.name}.gz: `, '').replace(/;.*/, ''))
    expect(reasons.map((reason) => reason.replace(String(gz.length), 'SIZE'))).toEqual(expected)
  })

  test('starts over at another mirror, once that one sends something', async () => {
    const [cutting, bad, good] = [await mirror(cut(10_000)), await mirror(status(404)), await mirror()]
    await failureOf({ retries: 0, mirrors: [cutting.url, bad.url] })
    expect(readFileSync(join(folder, partial))).toHaveLength(10_000)
    expect((await fetchImages({ mirrors: [good.url] })).equals(content)).toBe(true)
    expect([...ranges(bad), ...ranges(good)]).toEqual([undefined, undefined])
  })

  test('starts over if the partial files are unreadable', async () => {
    const good = await mirror()
    writeFileSync(join(folder, partial), 'part')
    writeFileSync(join(folder, `${partial}.json`), '{"url":')
    expect((await fetchImages()).equals(content)).toBe(true)
    expect(ranges(good)).toEqual([undefined])
  })

  test('that is aborted ends at once and keeps the partial file', async () => {
    await mirror(stall(10_000))
    const stop = new AbortController()
    const onProgress = (_: string, received: number) => received === 10_000 && stop.abort()
    await expect(fetchImages({ signal: stop.signal, onProgress })).rejects.toThrow(/aborted/)
    expect(readFileSync(join(folder, partial))).toHaveLength(10_000)
    expect(faults).toEqual([])
  })

  test('that is aborted while it waits to retry ends at once', async () => {
    await mirror(status(500))
    const stop = new AbortController()
    const began = performance.now()
    await expect(
      fetchImages({ signal: stop.signal, backoff: 60, onFault: () => setImmediate(() => stop.abort()) }),
    ).rejects.toThrow(/aborted/)
    expect(performance.now() - began).toBeLessThan(5000)
  })
})

describe('proxies', () => {
  /** A proxy that tunnels everything to one port and records the hosts it is asked for. */
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

  test.each(['HTTP_PROXY', 'http_proxy'])('%s and NO_PROXY are obeyed', async (variable) => {
    const good = await mirror()
    const proxy = await startProxy(Number(new URL(good.url).port))
    try {
      vi.stubEnv(variable, proxy.url)
      expect((await fetchImages({ mirrors: ['http://mirror.example/mnist'] })).equals(content)).toBe(true)
      expect(proxy.asked).toEqual(['mirror.example:80'])
      expect(good.requests[0].headers.host).toBe('mirror.example')
      await removePartialFiles(folder, [images])
      vi.stubEnv('NO_PROXY', '127.0.0.1')
      await fetchImages()
      expect([proxy.asked.length, good.requests.length]).toEqual([1, 2])
    } finally {
      proxy.close()
    }
  })

  test('HTTPS_PROXY is obeyed', async () => {
    const good = await mirror()
    const proxy = await startProxy(Number(new URL(good.url).port)) // the mirror speaks no TLS, so the download fails
    try {
      vi.stubEnv('HTTPS_PROXY', proxy.url)
      await failureOf({ mirrors: ['https://mirror.example/mnist'], retries: 0 })
      expect(proxy.asked).toEqual(['mirror.example:443'])
    } finally {
      proxy.close()
    }
  })

  test('an invalid proxy URL is refused', async () => {
    vi.stubEnv('HTTPS_PROXY', 'not a URL')
    const { kind, message } = await failureOf()
    expect([kind, message]).toEqual(['usage', expect.stringMatching(/^HTTPS_PROXY or HTTP_PROXY: not a proxy URL: /)])
  })
})

test('failing to write the partial file is an I/O error', async () => {
  await mirror()
  mkdirSync(join(folder, partial)) // a folder is in its way
  const { kind, message } = await failureOf()
  expect([kind, message]).toEqual(['io', expect.stringMatching(/^cannot write .*\.part: /)])
})

test('a user and password in a URL are sent, but neither shown, kept nor passed on to another host', async () => {
  const other = await startMirror(SMALL_FILES, cut(50))
  const there = redirect((name) => `${other.url}/${name}`)
  const { url, requests } = await mirror(there, there)
  mirrors.push(other)
  const secret = url.replace('//', '//me:s%20cret%@')
  await expect(fetchImages({ mirrors: [secret], retries: 0 })).rejects.toThrow(`${url}/`)
  expect(requests[0].headers.authorization).toBe(`Basic ${Buffer.from('me:s cret%').toString('base64')}`)
  expect(other.requests[0].headers.authorization).toBeUndefined()
  const kept = readFileSync(join(folder, `${partial}.json`), 'utf8')
  for (const text of [...faults, kept]) expect(text).not.toMatch(/cret|me:/)
  expect(await fetchImages({ mirrors: [secret] })).toEqual(content)
  expect(requests[1].headers.range).toBeDefined() // it was resumed
})
