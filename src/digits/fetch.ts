/**
 * Downloads the files of MNIST, each from the first mirror that gives it whole and right. What has arrived of a file
 * is kept in `NAME.gz.part`, and which version of which mirror's file that is in `NAME.gz.part.json`, so that the next
 * attempt, or the next run, asks for the rest only.
 */
import { STATUS_CODES } from 'node:http'
import { open, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { EnvHttpProxyAgent, interceptors, request, type Dispatcher } from 'undici'
import { Failure, systemFailure } from '../failure.ts'
import { MIRRORS, uncompress, WrongBytes, type IdxFile } from './mnist.ts'

export interface FetchOptions {
  /** URLs of folders that hold each file as `NAME.gz`; the public mirrors where this is left out. */
  mirrors?: string[]
  /** Seconds without a byte after which an attempt is given up; 30 where this is left out. */
  timeout?: number
  /** How often a mirror is asked again after a fault that may pass; 3 where this is left out. */
  retries?: number
  /** Seconds before it is asked again, doubled each time; 1 where this is left out. */
  backoff?: number
  /** Ends the download; what has arrived is kept. */
  signal?: AbortSignal
  /** Told how many bytes of a file have arrived, of how many (0 where the mirror does not say). */
  onProgress?: (name: string, received: number, total: number) => void
  /** Told, in a sentence, what a mirror answered where it gave no file. */
  onFault?: (sentence: string) => void
}

const MOST_REDIRECTIONS = 5

/**
 * Downloads files: their uncompressed bytes, in the order asked. A proxy that HTTPS_PROXY or HTTP_PROXY name is used,
 * but not for the hosts of NO_PROXY. The part-files stay in the folder until `removeParts`.
 * @throws Failure `unavailable` where no mirror gives a file, `io` where a part-file cannot be written; the signal's
 * reason
 */
export async function fetchFiles(folder: string, files: IdxFile[], options: FetchOptions = {}): Promise<Buffer[]> {
  const agent = proxyAgent()
  const dispatcher = agent.compose(interceptors.redirect({ maxRedirections: MOST_REDIRECTIONS }))
  let mirrors = options.mirrors ?? MIRRORS
  const contents: Buffer[] = []
  try {
    for (const file of files) {
      const { content, mirror } = await fetchFile(file, folder, mirrors, dispatcher, options)
      contents.push(content)
      if (mirror !== undefined) mirrors = [mirror, ...mirrors.filter((other) => other !== mirror)] // it works: first now
    }
  } finally {
    await agent.destroy()
  }
  return contents
}

/** Removes what downloads of these files have left in the folder. */
export async function removeParts(folder: string, files: IdxFile[]): Promise<void> {
  for (const file of files) await removePart(partOf(folder, file))
}

function proxyAgent(): EnvHttpProxyAgent {
  try {
    return new EnvHttpProxyAgent()
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new Failure('usage', `HTTPS_PROXY or HTTP_PROXY is not a proxy's URL: ${reason}`, { cause: error })
  }
}

/** A mirror that did not give the file. */
class Fault extends Error {
  constructor(
    message: string,
    /** Whether it may be over when the mirror is asked again. */
    readonly passing: boolean,
  ) {
    super(message)
  }
}

/** The file's uncompressed bytes, and the mirror that gave them where it was not an earlier run's part-file. */
async function fetchFile(
  file: IdxFile,
  folder: string,
  mirrors: string[],
  dispatcher: Dispatcher,
  options: FetchOptions,
): Promise<{ content: Buffer; mirror?: string }> {
  const { retries = 3, backoff = 1, signal, onFault } = options
  const part = partOf(folder, file)
  const earlier = await readWhole(file, part)
  if (earlier) return { content: earlier }

  const name = `${file.name}.gz`
  const answers: string[] = []
  for (const mirror of mirrors) {
    const url = `${mirror.replace(/\/*$/, '/')}${name}`
    for (let attempt = 0; ; attempt++) {
      try {
        const isResumed = await download(url, file, part, dispatcher, options)
        return { content: await verify(file, part, isResumed), mirror }
      } catch (error) {
        if (!(error instanceof Fault)) throw error
        const answer = `${url}: ${error.message}`
        if (!error.passing || attempt >= retries) {
          onFault?.(answer)
          answers.push(answer)
          break
        }
        const seconds = backoff * 2 ** attempt
        onFault?.(`${answer}; asking again in ${seconds} s`)
        await sleep(seconds * 1000, undefined, signal && { signal })
      }
    }
  }
  throw new Failure('unavailable', `${name} could not be downloaded; the mirrors answered:\n  ${answers.join('\n  ')}`)
}

/** Where the bytes of a file are kept that have arrived, and the JSON of their Version. */
interface Part {
  path: string
  versionPath: string
}

/** Which file it is that the part is of. */
interface Version {
  url: string
  /** A strong ETag: it stands for these bytes and no others. */
  etag: string
}

function partOf(folder: string, { name }: IdxFile): Part {
  const path = join(folder, `${name}.gz.part`)
  return { path, versionPath: `${path}.json` }
}

async function removePart({ path, versionPath }: Part): Promise<void> {
  await rm(versionPath, { force: true })
  await rm(path, { force: true })
}

/** The content of a part-file that is whole; nothing where it is not. */
async function readWhole(file: IdxFile, { path }: Part): Promise<Buffer | undefined> {
  try {
    return await uncompress(file, await readFile(path))
  } catch {
    return undefined
  }
}

/** How many bytes of the part are a beginning of which version; nothing where the download has to start anew. */
async function readResumption({ path, versionPath }: Part, url: string) {
  try {
    const version = JSON.parse(await readFile(versionPath, 'utf8')) as Version
    const { size } = await stat(path)
    return version.url === url && size > 0 ? { etag: version.etag, size } : undefined
  } catch {
    return undefined
  }
}

/**
 * Asks a mirror for a file, or for the rest of it, and puts what comes into the part-file.
 * @returns whether it went on from what was there
 * @throws Fault; Failure `io`; the signal's reason
 */
async function download(
  url: string,
  file: IdxFile,
  part: Part,
  dispatcher: Dispatcher,
  { timeout = 30, signal, onProgress }: FetchOptions,
): Promise<boolean> {
  const kept = await readResumption(part, url)
  const silence = new AbortController()
  const timer = setTimeout(() => silence.abort(), timeout * 1000)
  const most = file.bytes + 65_536 // what gzip could make of it at worst
  let [received, total] = [0, 0]
  try {
    const { statusCode, headers, body } = await request(url, {
      dispatcher,
      headers: {
        'accept-encoding': 'identity', // the file as it is: gzipped already, and bytes that Range counts
        'user-agent': 'mnist-from-scratch',
        ...(kept && { range: `bytes=${kept.size}-`, 'if-range': kept.etag }),
      },
      headersTimeout: 0, // ours is below
      bodyTimeout: 0,
      signal: signal ? AbortSignal.any([signal, silence.signal]) : silence.signal,
    })
    try {
      const isResumed = kept !== undefined && isRest(statusCode, headers, kept)
      if (statusCode !== 200 && !isResumed) {
        if (kept && (statusCode === 206 || statusCode === 416)) await removePart(part)
        throw new Fault(`${statusCode} ${STATUS_CODES[statusCode] ?? ''}`.trimEnd(), mayPass(statusCode))
      }
      if (isResumed) received = kept.size
      total = received + Number(headers['content-length'] ?? NaN) || 0
      const out = await openPart(part, isResumed, { url, etag: strongEtag(headers) })
      try {
        for await (const chunk of body as AsyncIterable<Buffer>) {
          timer.refresh()
          await writing(part, out.appendFile(chunk))
          received += chunk.length
          if (received > most) {
            await removePart(part)
            throw new Fault(`it sends more than the ${most} bytes that the file can have`, false)
          }
          onProgress?.(`${file.name}.gz`, received, total)
        }
      } finally {
        await out.close()
      }
      return isResumed
    } finally {
      body.on('error', () => {}).destroy()
    }
  } catch (error) {
    if (error instanceof Failure || error instanceof Fault) throw error
    signal?.throwIfAborted()
    const after = received > 0 ? ` after ${received} ${total > 0 ? `of ${total} ` : ''}bytes` : ''
    if (silence.signal.aborted) throw new Fault(`no answer for ${timeout} s${after}`, true)
    throw networkFault(error, after)
  } finally {
    clearTimeout(timer)
  }
}

type Headers = Dispatcher.ResponseData['headers']

/** Whether an answer is the rest of what is kept. */
function isRest(status: number, headers: Headers, kept: { etag: string; size: number }): boolean {
  const range = /^bytes (\d+)-/.exec(String(headers['content-range']))
  return status === 206 && Number(range?.[1]) === kept.size && (strongEtag(headers) ?? kept.etag) === kept.etag
}

function strongEtag({ etag }: Headers): string | undefined {
  return typeof etag === 'string' && etag.startsWith('"') ? etag : undefined
}

/** Whether a mirror that answers so may answer otherwise when it is asked again. */
function mayPass(status: number): boolean {
  return status >= 500 || [206, 408, 416, 425, 429].includes(status)
}

/** What the network says, and whether it may say otherwise when a mirror is asked again. */
const NETWORK_REASONS: Record<string, [reason: string, passing: boolean]> = {
  ECONNREFUSED: ['the connection is refused', false],
  ENOTFOUND: ["the host's name is not known", false],
  EAI_AGAIN: ["the host's name cannot be looked up", true],
  ENETUNREACH: ['there is no way to its network', false],
  EHOSTUNREACH: ['there is no way to the host', false],
  ETIMEDOUT: ['no connection', true],
  UND_ERR_CONNECT_TIMEOUT: ['no connection', true],
  ECONNRESET: ['the connection was cut', true],
  EPIPE: ['the connection was cut', true],
  UND_ERR_SOCKET: ['the connection was cut', true],
}

function networkFault(error: unknown, after: string): Fault {
  const { code = '', message } = error as NodeJS.ErrnoException
  if (message.startsWith('Redirect loop')) return new Fault('it redirects in a circle', false) // undici has no code for it
  const [reason, passing] = NETWORK_REASONS[code] ?? [message || code, false]
  return new Fault(reason + after, passing)
}

/** Opens the part-file to go on with it, or empty for a version of which nothing is kept yet. */
async function openPart(part: Part, isResumed: boolean, { url, etag }: { url: string; etag: string | undefined }) {
  if (isResumed) return await writing(part, open(part.path, 'a'))
  await writing(part, removePart(part)) // never an old part beside a new version
  const out = await writing(part, open(part.path, 'w'))
  if (etag !== undefined) await writing(part, writeFile(part.versionPath, JSON.stringify({ url, etag })))
  return out
}

async function writing<T>({ path }: Part, done: Promise<T>): Promise<T> {
  try {
    return await done
  } catch (error) {
    throw systemFailure('io', `cannot write ${path}`, error)
  }
}

/**
 * The content of a part-file to which all has come.
 * @throws Fault where it is not the file
 */
async function verify(file: IdxFile, part: Part, isResumed: boolean): Promise<Buffer> {
  try {
    return await uncompress(file, await readFile(part.path))
  } catch (error) {
    if (!(error instanceof WrongBytes)) throw systemFailure('io', `cannot read ${part.path}`, error)
    if (!error.short) await removePart(part)
    throw new Fault(`what came ${error.message}`, error.short || isResumed)
  }
}
