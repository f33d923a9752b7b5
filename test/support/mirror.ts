/** A local mirror that can fail in many ways. */
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

/** Answers a request for a file with this content. */
export type Answer = (response: ServerResponse, content: Buffer, request: IncomingMessage) => void

export interface Mirror {
  url: string
  /** The requests so far. */
  requests: { name: string; headers: IncomingHttpHeaders }[]
  /** Waits for the next request. */
  nextRequest(): Promise<void>
  /** Waits until no connection is open. */
  disconnected(): Promise<void>
  close(): Promise<void>
}

/** Starts a mirror of files by name. The first requests get these answers, in order; later ones get the file. */
export async function startMirror(files: Map<string, Buffer>, ...answers: Answer[]): Promise<Mirror> {
  const requests: Mirror['requests'] = []
  const left = [...answers]
  const sockets = new Set<Socket>()
  const server = createServer((request, response) => {
    response.on('error', () => {})
    const name = nameIn(request)
    requests.push({ name, headers: { ...request.headers } })
    const content = files.get(name)
    if (content) (left.shift() ?? serve)(response, content, request)
    else response.writeHead(404).end()
  }).listen(0, '127.0.0.1')
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mnist`,
    requests,
    async nextRequest() {
      await once(server, 'request')
    },
    async disconnected() {
      for (const socket of sockets) await once(socket, 'close')
    },
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** The last segment of a request's URL. */
function nameIn({ url = '' }: IncomingMessage): string {
  return url.slice(url.lastIndexOf('/') + 1)
}

/** A strong ETag. */
export const etagOf = (content: Buffer) => `"${createHash('md5').update(content).digest('hex')}"`

/** The file, or the requested range of it, as RFC 9110 specifies. */
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

/** An error page with this status. */
export const status =
  (code: number): Answer =>
  (response) =>
    response.writeHead(code, { 'content-type': 'text/html' }).end('<html>An error</html>')

/** Other content than the file's. */
export const changed =
  (change: (content: Buffer) => Buffer): Answer =>
  (response, content) => {
    response.writeHead(200, { 'content-type': 'application/gzip' }).end(change(Buffer.from(content)))
  }

/** The file up to byte `end`, then whatever `then` does. */
const truncated =
  (end: number, then: (response: ServerResponse) => void, etag: (content: Buffer) => string | undefined): Answer =>
  (response, content, { headers }) => {
    const start = Number(/\d+/.exec(headers.range ?? '')?.[0] ?? 0)
    const tag = etag(content)
    response.writeHead(start > 0 ? 206 : 200, {
      ...(tag !== undefined && { etag: tag }),
      ...(start > 0 && { 'content-range': `bytes ${start}-${content.length - 1}/${content.length}` }),
      'content-length': content.length - start,
    })
    response.write(content.subarray(start, end), () => then(response))
  }

/** Closes the connection after this byte, once the client has had time to write what it got: undici discards the rest. */
export const cut = (end: number, etag: (content: Buffer) => string | undefined = etagOf): Answer =>
  truncated(end, (response) => setTimeout(() => response.socket?.destroy(), 300), etag)

/** Sends nothing after this byte. */
export const stall = (end: number): Answer => truncated(end, () => {}, etagOf)

/** Never answers. */
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

/** Never stops sending. */
export const endless: Answer = (response, content) => {
  const more = () => {
    while (!response.destroyed && response.write(content));
  }
  response.writeHead(200).on('drain', more)
  more()
}

/** Redirects to another URL. */
export const redirect =
  (to: (name: string) => string): Answer =>
  (response, _content, request) =>
    response.writeHead(302, { location: to(nameIn(request)) }).end()

/** Flips one bit in the middle, in place. */
export function flipBit(bytes: Buffer): Buffer {
  bytes[bytes.length >> 1] ^= 4
  return bytes
}
