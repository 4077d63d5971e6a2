import { connect } from 'node:net'

/** An answer as it came over the wire, without what concerns the connection only. */
export interface RawAnswer {
  /** 1xx answers before it, each with its headers. */
  readonly informational: readonly { readonly status: string; readonly headers: Headers }[]
  /** Code and reason. */
  readonly status: string
  readonly headers: Headers
  readonly body: Buffer
  readonly trailers: Headers
  /** The body ended as its framing says. */
  readonly isWhole: boolean
}
type Headers = readonly (readonly [name: string, value: string])[]

/** Sends bytes as they are and reads until the other side is done. */
export function exchange(port: number, ...parts: readonly (string | Buffer)[]): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1')
    const chunks: Buffer[] = []
    socket.on('data', (chunk) => chunks.push(chunk))
    socket.on('error', reject)
    socket.on('close', () => {
      try {
        resolve(parseAnswer(Buffer.concat(chunks)))
      } catch (error) {
        reject(error instanceof Error ? error : new Error(String(error)))
      }
    })
    for (const part of parts) socket.write(part, 'latin1')
  })
}

const aboutTheConnection = new Set(['connection', 'keep-alive', 'transfer-encoding', 'date'])

export function parseAnswer(bytes: Buffer): RawAnswer {
  const informational: { status: string; headers: Headers }[] = []
  let rest = bytes
  for (;;) {
    const { status, headers, body } = splitHead(rest)
    if (/^1(?!01)/.test(status)) {
      informational.push({ status, headers: messageHeaders(headers) })
      rest = body
      continue
    }
    const valueOf = (wanted: string): string | undefined =>
      headers.find(([name]) => name.toLowerCase() === wanted)?.[1]
    // The answer to HEAD is framed without a body.
    const isChunked = valueOf('transfer-encoding') === 'chunked' && body.length > 0
    const length = valueOf('content-length')
    const read = isChunked
      ? dechunk(body)
      : { body, trailers: [], isWhole: length === undefined || Number(length) === body.length }
    return { informational, status, headers: messageHeaders(headers), ...read }
  }
}

const messageHeaders = (headers: Headers): Headers =>
  headers.filter(([name]) => !aboutTheConnection.has(name.toLowerCase()))

function splitHead(bytes: Buffer): { status: string; headers: Headers; body: Buffer } {
  const end = bytes.indexOf('\r\n\r\n')
  if (end === -1) throw new Error(`No whole head in ${JSON.stringify(bytes.toString('latin1'))}`)
  const [first = '', ...lines] = bytes.subarray(0, end).toString('latin1').split('\r\n')
  return {
    status: first.replace(/^HTTP\/1\.[01] /, ''),
    headers: lines.map(splitHeader),
    body: bytes.subarray(end + 4),
  }
}

function splitHeader(line: string): readonly [string, string] {
  const colon = line.indexOf(':')
  return [line.slice(0, colon), line.slice(colon + 1).trim()]
}

function dechunk(bytes: Buffer): { body: Buffer; trailers: Headers; isWhole: boolean } {
  const chunks: Buffer[] = []
  let at = 0
  for (;;) {
    const line = bytes.indexOf('\r\n', at)
    if (line === -1) return { body: Buffer.concat(chunks), trailers: [], isWhole: false }
    const size = parseInt(bytes.subarray(at, line).toString('latin1'), 16)
    at = line + 2
    if (size === 0) break
    chunks.push(bytes.subarray(at, at + size))
    at += size + 2
  }
  const lines = bytes.subarray(at).toString('latin1').split('\r\n')
  const trailers = lines.slice(0, lines.indexOf('')).map(splitHeader)
  return { body: Buffer.concat(chunks), trailers, isWhole: lines.includes('') }
}
