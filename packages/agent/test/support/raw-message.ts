/** One HTTP message as it stood on the wire. */
export interface RawMessage {
  /** Request or status line. */
  readonly start: string
  /** Header lines as they came: order, spelling and spaces. In latin1, a character for each byte. */
  readonly headers: readonly string[]
  readonly framing: 'none' | 'length' | 'chunks' | 'until-close'
  /** Without what frames it. */
  readonly body: Buffer
  /** Trailer lines. */
  readonly trailers: readonly string[]
  /** It came to the end its framing promised. */
  readonly isWhole: boolean
}

/** What a message answers: that decides whether it may have a body. `undefined`: it is a request. */
export type AnswerTo = string | undefined

/**
 * Reads the message that bytes begin with, and what comes behind it; `undefined` while its head is not there. Of our
 * own, because what we compare must not have been tidied up by Node on the way.
 */
function readMessage(
  bytes: Buffer,
  answerTo: AnswerTo,
  hasEnded: boolean,
): { readonly message: RawMessage; readonly rest: Buffer } | undefined {
  const headEnd = bytes.indexOf('\r\n\r\n')
  if (headEnd === -1) return undefined
  const [start = '', ...headers] = bytes.subarray(0, headEnd).toString('latin1').split('\r\n')
  const after = bytes.subarray(headEnd + 4)
  const framing = framingOf(start, headers, answerTo)
  const make = (body: Buffer, isWhole: boolean, trailers: readonly string[] = []): RawMessage => ({
    start,
    headers,
    framing,
    body,
    trailers,
    isWhole,
  })
  switch (framing) {
    case 'none':
      return { message: make(Buffer.alloc(0), true), rest: after }
    case 'length': {
      const length = Number(headerOf(headers, 'content-length'))
      const body = after.subarray(0, length)
      return { message: make(body, body.length === length), rest: after.subarray(length) }
    }
    case 'chunks': {
      const { body, trailers, isWhole, rest } = readChunks(after)
      return { message: make(body, isWhole, trailers), rest }
    }
    case 'until-close':
      return { message: make(after, hasEnded), rest: Buffer.alloc(0) }
  }
}

/** Every message in these bytes, 1xx answers before the ones they announce. */
export function readMessages(
  bytes: Buffer,
  answersTo: readonly string[] | 'requests',
  hasEnded: boolean,
): RawMessage[] {
  const messages: RawMessage[] = []
  const methods = answersTo === 'requests' ? [] : [...answersTo]
  let rest = bytes
  for (;;) {
    const read = readMessage(
      rest,
      answersTo === 'requests' ? undefined : (methods[0] ?? 'GET'),
      hasEnded,
    )
    if (read === undefined) return messages
    messages.push(read.message)
    if (!/^HTTP\/1\.[01] 1/.test(read.message.start)) methods.shift()
    rest = read.rest
    if (!read.message.isWhole || read.message.start.includes(' 101 ')) return messages
  }
}

export const nameOf = (line: string): string => line.slice(0, line.indexOf(':')).toLowerCase()

export const valueOf = (line: string): string => line.slice(line.indexOf(':') + 1).trim()

export function headerOf(lines: readonly string[], name: string): string | undefined {
  const line = lines.find((each) => nameOf(each) === name)
  return line === undefined ? undefined : valueOf(line)
}

function framingOf(
  start: string,
  headers: readonly string[],
  answerTo: AnswerTo,
): RawMessage['framing'] {
  if (answerTo !== undefined) {
    const status = Number(start.split(' ')[1])
    if (answerTo === 'HEAD' || status < 200 || status === 204 || status === 304) return 'none'
  }
  if (headerOf(headers, 'transfer-encoding') !== undefined) return 'chunks'
  if (headerOf(headers, 'content-length') !== undefined) return 'length'
  return answerTo === undefined ? 'none' : 'until-close'
}

function readChunks(bytes: Buffer): {
  readonly body: Buffer
  readonly trailers: readonly string[]
  readonly isWhole: boolean
  readonly rest: Buffer
} {
  const chunks: Buffer[] = []
  const broken = { trailers: [], isWhole: false, rest: Buffer.alloc(0) }
  let at = 0
  for (;;) {
    const line = bytes.indexOf('\r\n', at)
    if (line === -1) return { body: Buffer.concat(chunks), ...broken }
    const size = parseInt(bytes.subarray(at, line).toString('latin1'), 16)
    at = line + 2
    if (size === 0) break
    chunks.push(bytes.subarray(at, at + size))
    at += size + 2
  }
  const body = Buffer.concat(chunks)
  const trailers: string[] = []
  for (;;) {
    const end = bytes.indexOf('\r\n', at)
    if (end === -1) return { body, ...broken }
    if (end === at) return { body, trailers, isWhole: true, rest: bytes.subarray(end + 2) }
    trailers.push(bytes.subarray(at, end).toString('latin1'))
    at = end + 2
  }
}
