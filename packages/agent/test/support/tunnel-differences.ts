import { headerOf, nameOf, valueOf, type RawMessage } from './raw-message.ts'

/** How a message travelled. */
export interface Way {
  /** As the client called the host. */
  readonly host: string
  /** Below which path of the agent's own origin, if not on the app's. */
  readonly prefix?: string
  /** Version the client speaks. */
  readonly clientVersion: string
}

export interface Difference {
  /** As docs/limits.md says it. */
  readonly says: string
  readonly apply: (message: RawMessage, way: Way) => RawMessage
}

const keepHeaders = (
  message: RawMessage,
  isKept: (name: string, line: string) => boolean,
): RawMessage => ({
  ...message,
  headers: message.headers.filter((line) => isKept(nameOf(line), line)),
})

const addHeaders = (message: RawMessage, ...lines: readonly string[]): RawMessage => ({
  ...message,
  headers: [...message.headers, ...lines],
})

const isUpgrade = ({ headers, start }: RawMessage): boolean =>
  start.startsWith('HTTP/1.1 101 ') ||
  (headerOf(headers, 'upgrade') !== undefined &&
    headerOf(headers, 'upgrade') !== 'h2c' &&
    /upgrade/i.test(headerOf(headers, 'connection') ?? '') &&
    headerOf(headers, 'content-length') === undefined)

/** What the app is not told as the client said it. Nothing else may differ. */
export const requestDifferences: readonly Difference[] = [
  {
    says: 'HTTP/1.1 is spoken on both sides, whatever version the other side uses.',
    apply: (message) => ({ ...message, start: message.start.replace(/HTTP\/1\.0$/, 'HTTP/1.1') }),
  },
  {
    says: 'A target in absolute form arrives as path and query.',
    apply: (message) => ({
      ...message,
      start: message.start.replace(/^(\S+) https?:\/\/[^/?]+/, '$1 '),
    }),
  },
  {
    says: 'Spaces around header values are not kept.',
    apply: (message) => ({
      ...message,
      headers: message.headers.map(
        (line) => `${line.slice(0, line.indexOf(':'))}: ${valueOf(line)}`,
      ),
    }),
  },
  {
    says: 'Headers about one connection end there: `Connection` and what it names, `Keep-Alive`, `Proxy-Connection`, `Proxy-Authorization`, `Proxy-Authenticate`, `Upgrade` without an upgrade, and `TE` but for `trailers`.',
    apply: (message: RawMessage): RawMessage => {
      if (isUpgrade(message)) return message
      const named = (headerOf(message.headers, 'connection') ?? '').toLowerCase().split(/[\s,]+/)
      const ends = new Set([
        ...named.filter((name) => name !== 'te'),
        'connection',
        'keep-alive',
        'proxy-connection',
        'proxy-authorization',
        'upgrade',
      ])
      const kept = keepHeaders(message, (name) => !ends.has(name))
      const headers = kept.headers.flatMap((line) =>
        nameOf(line) !== 'te' ? [line] : line.includes('trailers') ? ['TE: trailers'] : [],
      )
      return { ...kept, headers }
    },
  },
  {
    says: '`X-Forwarded-For`, `X-Forwarded-Host` and `X-Forwarded-Proto` (below a path also `X-Forwarded-Prefix`) are set anew, and what a client says of them, in `Forwarded` or in `X-Real-IP` is dropped.',
    apply: (message: RawMessage, { host, prefix }: Way): RawMessage => {
      const own = keepHeaders(message, (name) => !/^(x-)?forwarded|^x-real-ip$/.test(name))
      return addHeaders(
        own,
        'X-Forwarded-For: 127.0.0.1',
        `X-Forwarded-Host: ${host}`,
        'X-Forwarded-Proto: http',
        ...(prefix === undefined ? [] : [`X-Forwarded-Prefix: ${prefix}`]),
      )
    },
  },
  {
    says: '`Transfer-Encoding: chunked` stands last; where chunks begin and end, and their extensions, are not kept.',
    apply: (message: RawMessage): RawMessage => {
      if (headerOf(message.headers, 'transfer-encoding') === undefined) return message
      const without = keepHeaders(message, (name) => name !== 'transfer-encoding')
      return addHeaders(without, 'Transfer-Encoding: chunked')
    },
  },
  {
    says: 'A request without a body arrives with `Content-Length: 0` unless its method is GET, HEAD, DELETE, OPTIONS or TRACE.',
    apply: (message: RawMessage): RawMessage => {
      const isSaid = message.framing !== 'none' || isUpgrade(message)
      const isUsual = /^(GET|HEAD|DELETE|OPTIONS|TRACE) /.test(message.start)
      if (isSaid || isUsual) return message
      return { ...addHeaders(message, 'Content-Length: 0'), framing: 'length' }
    },
  },
  {
    says: 'Trailers that would be about routing, framing or who asks are dropped.',
    apply: (message) => ({
      ...message,
      trailers: message.trailers.filter(
        (line) =>
          !/^(host|content-length|transfer-encoding|x-forwarded-|cookie|authorization)/i.test(line),
      ),
    }),
  },
  {
    says: 'The connection to the app is kept, and says so.',
    apply: (message) =>
      isUpgrade(message) ? message : addHeaders(message, 'Connection: keep-alive'),
  },
]

/** What the client is not told as the app said it. Nothing else may differ. */
export const answerDifferences: readonly Difference[] = [
  {
    says: 'HTTP/1.1 is spoken on both sides, whatever version the other side uses.',
    apply: (message) => ({ ...message, start: message.start.replace(/^HTTP\/1\.0/, 'HTTP/1.1') }),
  },
  {
    says: 'Spaces around header values are not kept.',
    apply: (message) => ({
      ...message,
      headers: message.headers.map(
        (line) => `${line.slice(0, line.indexOf(':'))}: ${valueOf(line)}`,
      ),
    }),
  },
  {
    says: 'How the connection goes on is said by each side for itself: `Connection` and what it names, `Keep-Alive`, `Proxy-Authenticate`, `Upgrade` without an upgrade.',
    apply: (message: RawMessage): RawMessage => {
      if (isUpgrade(message)) return message
      const named = (headerOf(message.headers, 'connection') ?? '').toLowerCase().split(/[\s,]+/)
      const ends = new Set([
        ...named,
        'connection',
        'keep-alive',
        'proxy-authenticate',
        'proxy-connection',
        'upgrade',
      ])
      return keepHeaders(message, (name) => !ends.has(name))
    },
  },
  {
    says: 'A body of unknown length arrives in chunks, for a client of HTTP/1.0 until the connection closes, and `Transfer-Encoding` stands last; the answer to HEAD goes without it.',
    apply: (message: RawMessage, { clientVersion }: Way): RawMessage => {
      const without = keepHeaders(message, (name) => name !== 'transfer-encoding')
      if (message.framing !== 'chunks' && message.framing !== 'until-close') return without
      return clientVersion === '1.0'
        ? { ...without, framing: 'until-close', trailers: [] }
        : { ...addHeaders(without, 'Transfer-Encoding: chunked'), framing: 'chunks' }
    },
  },
]

/** Below a path of the agent's origin, which an app shares with the dashboard, besides. */
export const differencesBelowPath: readonly Difference[] = [
  {
    says: "Below a path of the agent's own origin, cookies an app sets are kept to that path, `Content-Security-Policy: sandbox` is added, and what is said for a whole origin is dropped.",
    apply: (message, { prefix = '' }) => ({
      ...message,
      headers: message.headers.map((line) =>
        nameOf(line) === 'set-cookie' ? `${line}; Path=${prefix}/` : line,
      ),
    }),
  },
]

export const asThroughTunnel = (
  message: RawMessage,
  differences: readonly Difference[],
  way: Way,
): RawMessage => differences.reduce((changed, { apply }) => apply(changed, way), message)
