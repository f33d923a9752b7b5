/** A mirror on this machine, with faults. */
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { promisify } from 'node:util'

/** How a request for a file is answered. */
export type Answer = (response: ServerResponse, content: Buffer, request: IncomingMessage) => void

export interface Mirror {
  url: string
  /** The requests so far. */
  requests: { name: string; headers: IncomingHttpHeaders }[]
  /** How many connections to it are open. */
  connections(): Promise<number>
  close(): Promise<void>
}

/** Starts a mirror of files that gives the first requests these answers, and serves as it should from then on. */
export async function startMirror(files: Map<string, Buffer>, ...answers: Answer[]): Promise<Mirror> {
  const requests: Mirror['requests'] = []
  const left = [...answers]
  const server = createServer((request, response) => {
    response.on('error', () => {})
    const name = request.url!.slice(request.url!.lastIndexOf('/') + 1)
    requests.push({ name, headers: { ...request.headers } })
    const content = files.get(name)
    if (content) (left.shift() ?? serve)(response, content, request)
    else response.writeHead(404).end()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mnist`,
    requests,
    connections: promisify(server.getConnections.bind(server)),
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

export const etagOf = (content: Buffer) => `"${createHash('md5').update(content).digest('hex')}"`

/** The file, or the part that is asked for, as RFC 9110 has it. */
export const serve: Answer = (response, content, { headers }) => {
  const etag = etagOf(content)
  const start = Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? NaN)
  if (Number.isNaN(start) || (headers['if-range'] ?? etag) !== etag) {
    response.writeHead(200, { etag, 'content-length': content.length }).end(content)
  } else if (start >= content.length) {
    response.writeHead(416, { 'content-range': `bytes */${content.length}` }).end()
  } else {
    const range = `bytes ${start}-${content.length - 1}/${content.length}`
    const length = content.length - start
    response.writeHead(206, { etag, 'content-range': range, 'content-length': length }).end(content.subarray(start))
  }
}

export const status =
  (code: number): Answer =>
  (response) =>
    response.writeHead(code, { 'content-type': 'text/html' }).end('<html>An error</html>')

/** Another file of the right type, length and so on. */
export const changed =
  (change: (content: Buffer) => Buffer): Answer =>
  (response, content) => {
    response.writeHead(200, { 'content-type': 'application/gzip' }).end(change(Buffer.from(content)))
  }

/** The file as far as the byte number `end`, then what `and` does. */
const partly =
  (end: number, and: (response: ServerResponse) => void, etag: (content: Buffer) => string | undefined): Answer =>
  (response, content, { headers }) => {
    const start = Number(/\d+/.exec(headers.range ?? '0')![0])
    const tag = etag(content)
    response.writeHead(start > 0 ? 206 : 200, {
      ...(tag !== undefined && { etag: tag }),
      ...(start > 0 && { 'content-range': `bytes ${start}-${content.length - 1}/${content.length}` }),
      'content-length': content.length - start,
    })
    response.write(content.subarray(start, end), () => and(response))
  }

/** A connection that is cut when the file has come as far as this byte and its reader has had time to take it. */
export const cut = (end: number, etag: (content: Buffer) => string | undefined = etagOf): Answer =>
  partly(end, (response) => setTimeout(() => response.socket?.destroy(), 300), etag)

/** A mirror that falls silent when the file has come as far as this byte. */
export const stall = (end: number): Answer => partly(end, () => {}, etagOf)

/** No answer at all. */
export const silence: Answer = () => {}

/** The file, slowly: a piece every 30 ms. */
export const drip =
  (pieces: number): Answer =>
  (response, content) => {
    response.writeHead(200, { etag: etagOf(content), 'content-length': content.length })
    const size = Math.ceil(content.length / pieces)
    let sent = 0
    const timer = setInterval(() => {
      response.write(content.subarray(sent, (sent += size)))
      if (sent >= content.length) response.end()
      if (sent >= content.length || response.destroyed) clearInterval(timer)
    }, 30)
  }

/** Bytes without end. */
export const endless: Answer = (response, content) => {
  const more = () => {
    while (!response.destroyed && response.write(content));
  }
  response.writeHead(200).on('drain', more)
  more()
}

/** Another place where the file is to be looked for. */
export const redirect =
  (to: (name: string) => string): Answer =>
  (response, _content, request) =>
    response.writeHead(302, { location: to(request.url!.slice(request.url!.lastIndexOf('/') + 1)) }).end()
