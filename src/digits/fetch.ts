/**
 * Downloads the files of MNIST, each from the first mirror that serves it complete and valid. A partial download is
 * kept in `NAME.gz.part`, and its URL and ETag in `NAME.gz.part.json`, so that the next attempt, or the next run, can
 * resume it.
 */
import { STATUS_CODES } from 'node:http'
import { open, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { unescape } from 'node:querystring'
import { setTimeout as sleep } from 'node:timers/promises'
import { EnvHttpProxyAgent, interceptors, request, type Dispatcher } from 'undici'
import { Failure, systemFailure } from '../failure.ts'
import { MIRRORS, type IdxFile } from './mnist.ts'
import { uncompress, WrongBytes } from './mnist-files.ts'

/** How to download. */
export interface FetchOptions {
  /** URLs of folders that hold each file as `NAME.gz`; the public mirrors by default. */
  mirrors?: string[]
  /** Seconds without data after which an attempt fails; 30 by default. */
  timeout?: number
  /** Seconds in which a mirror must send 1,000 bytes a second on average; 60 by default, or the timeout if longer. */
  window?: number
  /** How often to retry a mirror after a temporary error; 3 by default. */
  retries?: number
  /** Seconds before the first retry, doubled before each further one; 1 by default. */
  backoff?: number
  /** Aborts the download; the partial files are kept. */
  signal?: AbortSignal
  /** Called with the file's name, the bytes received, and the bytes in total: 0 if the mirror does not say. */
  onProgress?: (name: string, received: number, total: number) => void
  /** Called with a message when an attempt fails: "https://…/NAME.gz: 404 Not Found". */
  onFault?: (message: string) => void
}

const MAX_REDIRECTIONS = 5
const MIN_RATE = 1000 // bytes per second, below which a mirror counts as stalled

/**
 * Downloads files, through the proxy that HTTPS_PROXY or HTTP_PROXY names, except for the hosts in NO_PROXY.
 * @param folder where partial files are kept, until `removePartialFiles`
 * @returns the uncompressed bytes of each file by name
 * @throws Failure `unavailable` if no mirror serves a file, `io` if a partial file cannot be written, `usage` if a
 *   proxy's URL is invalid; the signal's reason if aborted
 */
export async function fetchFiles(
  folder: string,
  files: IdxFile[],
  options: FetchOptions = {},
): Promise<Map<string, Buffer>> {
  const agent = proxyAgent()
  const dispatcher = agent.compose(interceptors.redirect({ maxRedirections: MAX_REDIRECTIONS }))
  let mirrors = options.mirrors ?? MIRRORS
  const contents = new Map<string, Buffer>()
  try {
    for (const file of files) {
      const { content, mirror } = await fetchFile(file, folder, mirrors, dispatcher, options)
      contents.set(file.name, content)
      if (mirror !== undefined) mirrors = [mirror, ...mirrors.filter((other) => other !== mirror)] // try it first now
    }
  } finally {
    await agent.destroy()
  }
  return contents
}

/** Removes the partial downloads of these files from the folder, if any. */
export async function removePartialFiles(folder: string, files: IdxFile[]): Promise<void> {
  for (const file of files) await removePartial(partialFileOf(folder, file))
}

function proxyAgent(): EnvHttpProxyAgent {
  try {
    return new EnvHttpProxyAgent()
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new Failure('usage', `HTTPS_PROXY or HTTP_PROXY: not a proxy URL: ${reason}`, { cause: error })
  }
}

/** An attempt to download that failed. */
class Fault extends Error {
  constructor(
    message: string,
    /** Whether a retry may succeed. */
    readonly isTemporary: boolean,
  ) {
    super(message)
  }
}

/** The file's uncompressed bytes, and the mirror they came from; none if an earlier run had downloaded them. */
async function fetchFile(
  file: IdxFile,
  folder: string,
  mirrors: string[],
  dispatcher: Dispatcher,
  options: FetchOptions,
): Promise<{ content: Buffer; mirror?: string }> {
  const { retries = 3, backoff = 1, signal, onFault } = options
  const partial = partialFileOf(folder, file)
  const earlier = await readIfComplete(file, partial)
  if (earlier) return { content: earlier }

  const name = `${file.name}.gz`
  const faults: string[] = []
  for (const mirror of mirrors) {
    const { url, authorization } = withoutCredentials(`${mirror.replace(/\/*$/, '/')}${name}`)
    for (let attempt = 0; ; attempt++) {
      try {
        const isResumed = await download(url, authorization, file, partial, dispatcher, options)
        return { content: await verify(file, partial, isResumed), mirror }
      } catch (error) {
        if (!(error instanceof Fault)) throw error
        const fault = `${url}: ${error.message}`
        if (!error.isTemporary || attempt >= retries) {
          onFault?.(fault)
          faults.push(fault)
          break
        }
        const seconds = backoff * 2 ** attempt
        onFault?.(`${fault}; retrying in ${seconds} s`)
        await sleep(seconds * 1000, undefined, signal && { signal })
      }
    }
  }
  throw new Failure('unavailable', `cannot download ${name}:\n  ${faults.join('\n  ')}`)
}

/** A URL without its user and password, which messages must not show, and these as the header that sends them. */
function withoutCredentials(text: string): { url: string; authorization?: string } {
  const url = new URL(text)
  const { username, password } = url
  if (username === '' && password === '') return { url: text }
  url.username = ''
  url.password = ''
  const credentials = Buffer.from(`${unescape(username)}:${unescape(password)}`).toString('base64')
  return { url: url.href, authorization: `Basic ${credentials}` }
}

/** A partial download: the file of its bytes, and the JSON file of its `Version`. */
interface PartialFile {
  path: string
  versionPath: string
}

/** Which version of a file the partial download is of. */
interface Version {
  url: string
  /** A strong ETag, which identifies the bytes. */
  etag: string
}

function partialFileOf(folder: string, { name }: IdxFile): PartialFile {
  const path = join(folder, `${name}.gz.part`)
  return { path, versionPath: `${path}.json` }
}

async function removePartial({ path, versionPath }: PartialFile): Promise<void> {
  await rm(versionPath, { force: true })
  await rm(path, { force: true })
}

/** The uncompressed bytes of a download that is complete after all. */
async function readIfComplete(file: IdxFile, { path }: PartialFile): Promise<Buffer | undefined> {
  try {
    return await uncompress(file, await readFile(path))
  } catch {
    return undefined
  }
}

/** The size of a partial download and the ETag of the file it is of; undefined if it cannot be resumed at this URL. */
async function readResumption({ path, versionPath }: PartialFile, url: string) {
  try {
    const version = JSON.parse(await readFile(versionPath, 'utf8')) as Version
    const { size } = await stat(path)
    return version.url === url && size > 0 ? { etag: version.etag, size } : undefined
  } catch {
    return undefined
  }
}

/**
 * Downloads a file, or the rest of it, into the partial file.
 * @returns whether it resumed an earlier download
 * @throws Fault; Failure `io`; the signal's reason
 */
async function download(
  url: string,
  authorization: string | undefined,
  file: IdxFile,
  partial: PartialFile,
  dispatcher: Dispatcher,
  { timeout = 30, window = Math.max(60, timeout), signal, onProgress }: FetchOptions,
): Promise<boolean> {
  const kept = await readResumption(partial, url)
  const timedOut = new AbortController()
  const timer = setTimeout(() => timedOut.abort(), timeout * 1000)
  const maxBytes = file.bytes + 65_536 // gzip adds less than that, even to random bytes
  let [received, total] = [0, 0]
  let inWindow = 0 // bytes
  const stalled = new AbortController()
  const rateTimer = setInterval(() => {
    if (inWindow < MIN_RATE * window) stalled.abort()
    inWindow = 0
  }, window * 1000)
  try {
    const { statusCode, headers, body } = await request(url, {
      dispatcher,
      headers: {
        'accept-encoding': 'identity', // the file itself is gzipped, and Range counts its bytes
        'user-agent': 'mnist-from-scratch',
        ...(authorization !== undefined && { authorization }), // not sent to other hosts that a mirror redirects to
        ...(kept && { range: `bytes=${kept.size}-`, 'if-range': kept.etag }),
      },
      headersTimeout: 0, // `timer` replaces both timeouts
      bodyTimeout: 0,
      signal: AbortSignal.any([timedOut.signal, stalled.signal, ...(signal ? [signal] : [])]),
    })
    try {
      const isResumed = kept !== undefined && isRest(statusCode, headers, kept)
      if (statusCode !== 200 && !isResumed) {
        if (kept && (statusCode === 206 || statusCode === 416)) await removePartial(partial)
        throw new Fault(`${statusCode} ${STATUS_CODES[statusCode] ?? ''}`.trimEnd(), isTemporaryStatus(statusCode))
      }
      if (isResumed) received = kept.size
      total = received + Number(headers['content-length'] ?? NaN) || 0
      const out = await openPartial(partial, isResumed, { url, etag: strongEtag(headers) })
      try {
        for await (const chunk of body as AsyncIterable<Buffer>) {
          timer.refresh()
          await writing(partial, out.appendFile(chunk))
          received += chunk.length
          inWindow += chunk.length
          if (received > maxBytes) {
            await removePartial(partial)
            throw new Fault(`more than ${maxBytes} bytes, too long for this file`, false)
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
    if (timedOut.signal.aborted) throw new Fault(`no data for ${timeout} s${after}`, true)
    if (stalled.signal.aborted) throw new Fault(`less than ${MIN_RATE} bytes a second for ${window} s${after}`, true)
    throw networkFault(error, after)
  } finally {
    clearTimeout(timer)
    clearInterval(rateTimer)
  }
}

type Headers = Dispatcher.ResponseData['headers']

/** Whether a response is the rest of the partial download. */
function isRest(status: number, headers: Headers, kept: { etag: string; size: number }): boolean {
  const range = /^bytes (\d+)-/.exec(String(headers['content-range']))
  return status === 206 && Number(range?.[1]) === kept.size && (strongEtag(headers) ?? kept.etag) === kept.etag
}

function strongEtag({ etag }: Headers): string | undefined {
  return typeof etag === 'string' && etag.startsWith('"') ? etag : undefined
}

/** Whether a retry may succeed after a response with this status. */
function isTemporaryStatus(status: number): boolean {
  return status >= 500 || [206, 408, 416, 425, 429].includes(status)
}

/** Messages for network errors, and whether a retry may succeed. */
const NETWORK_ERRORS: Record<string, [message: string, isTemporary: boolean]> = {
  ECONNREFUSED: ['connection refused', false],
  ENOTFOUND: ['unknown host', false],
  EAI_AGAIN: ['host name lookup failed', true],
  ENETUNREACH: ['network unreachable', false],
  EHOSTUNREACH: ['host unreachable', false],
  ETIMEDOUT: ['connection timed out', true],
  UND_ERR_CONNECT_TIMEOUT: ['connection timed out', true],
  ECONNRESET: ['connection closed', true],
  EPIPE: ['connection closed', true],
  UND_ERR_SOCKET: ['connection closed', true],
}

function networkFault(error: unknown, after: string): Fault {
  const { code = '', message } = error as NodeJS.ErrnoException
  if (message.startsWith('Redirect loop')) return new Fault('redirect loop', false) // undici gives it no code
  const [reason, isTemporary] = NETWORK_ERRORS[code] ?? [message || code, false]
  return new Fault(reason + after, isTemporary)
}

/** Opens the partial file: to append to it, or empty and with the version it will be of. */
async function openPartial(
  partial: PartialFile,
  isResumed: boolean,
  { url, etag }: { url: string; etag: string | undefined },
) {
  if (isResumed) return await writing(partial, open(partial.path, 'a'))
  await writing(partial, removePartial(partial)) // first, so that old bytes never lie beside a new version
  const out = await writing(partial, open(partial.path, 'w'))
  if (etag !== undefined) await writing(partial, writeFile(partial.versionPath, JSON.stringify({ url, etag })))
  return out
}

/** Turns errors of writing into Failures. */
async function writing<T>({ path }: PartialFile, done: Promise<T>): Promise<T> {
  try {
    return await done
  } catch (error) {
    throw systemFailure('io', `cannot write ${path}`, error)
  }
}

/**
 * The uncompressed bytes of a finished download.
 * @throws Fault if they are not the file's; Failure `io`
 */
async function verify(file: IdxFile, partial: PartialFile, isResumed: boolean): Promise<Buffer> {
  try {
    return await uncompress(file, await readFile(partial.path))
  } catch (error) {
    if (!(error instanceof WrongBytes)) throw systemFailure('io', partial.path, error)
    if (!error.isTruncated) await removePartial(partial)
    throw new Fault(error.message, error.isTruncated || isResumed)
  }
}
