// bench/protocol.bench.ts
import { createServer as createTlsServer, connect as connectTls } from 'node:tls'
import { createServer } from 'node:http'
import { once } from 'node:events'
import { createWebSocketStream, WebSocket, WebSocketServer } from 'ws'

// packages/protocol/src/channel-code.ts
var StreamCode = {
  /** The side that sends it lost interest: a caller hung up, a browser tab was closed. */
  Cancelled: 'Cancelled',
  /** The side that sends it failed in a way that is not the other's business. */
  InternalError: 'InternalError',
  /** Both operators must confirm the peering before streams are accepted. */
  NotConfirmed: 'NotConfirmed',
  /** The acceptor's policy said no and gave no better word. */
  Refused: 'Refused',
  /** The opener already has as many streams as the acceptor's Hello allowed. */
  TooManyStreams: 'TooManyStreams',
  /** Streams were opened faster than the acceptor's Hello allowed. */
  OpenRateExceeded: 'OpenRateExceeded',
  /** The header of the Open is larger than the acceptor's Hello allowed. */
  OpenHeaderTooLarge: 'OpenHeaderTooLarge',
  /** So much waits to be sent that not even an Open fits. Never on the wire. */
  Congested: 'Congested',
  /** Bytes arrived beyond the window that was granted; only this stream pays for it. */
  WindowExceeded: 'WindowExceeded',
  /** Credit was granted beyond what a window can hold. */
  WindowOverflow: 'WindowOverflow',
  /** The session holds as many unread bytes as it may, and this stream's reader left most of them. */
  SessionMemoryExceeded: 'SessionMemoryExceeded',
  /** The session drains: open the stream on its successor. */
  Draining: 'Draining',
  /** The session drained for as long as it may; whoever resumes does so on its successor. */
  Drained: 'Drained',
  /** The session under the stream ended. Never on the wire: there is none any more. */
  SessionEnded: 'SessionEnded',
}
var SessionCode = {
  /** No new streams, please; those that run may end by themselves. */
  Drain: 'Drain',
  /** Please dial a successor; this session works on until it is there. */
  Replace: 'Replace',
  /** Another session of the same two agents stays; see the pair rule. */
  Superseded: 'Superseded',
  /** The peer started anew; what belonged to its former life is over. */
  PeerRestarted: 'PeerRestarted',
  /** All streams are done and the session had been asked to drain. */
  Drained: 'Drained',
  /** The owner ended it: shutdown, peer removed, link switched off. */
  Closed: 'Closed',
  /** The peering ended; a redial will be refused. */
  PeerRemoved: 'PeerRemoved',
  /** A frame broke the rules of docs/protocol.md; the message names which. */
  ProtocolError: 'ProtocolError',
  /** A frame announced more payload than its type may have. */
  FrameTooLarge: 'FrameTooLarge',
  /** A frame type we do not know, without the flag that lets us skip it. */
  UnknownFrame: 'UnknownFrame',
  /** The peer's Hello could not be read. */
  HelloInvalid: 'HelloInvalid',
  /** The peer's Hello did not come in time. */
  HelloTimeout: 'HelloTimeout',
  /** No protocol version that both speak. */
  VersionMismatch: 'VersionMismatch',
  /** The peer makes us owe more control frames than it takes. */
  ControlFlood: 'ControlFlood',
  /** Nothing was heard from the peer for too long. */
  PeerSilent: 'PeerSilent',
  /** The connection under the session ended without a word. */
  TransportClosed: 'TransportClosed',
  /** Our own bug. */
  InternalError: 'InternalError',
}
var maxCodeBytes = 64
var maxMessageBytes = 1024
function isChannelCode(text) {
  return text.length <= maxCodeBytes && /^[A-Z][A-Za-z0-9]*$/.test(text)
}

// packages/protocol/src/frame.ts
var headerBytes = 10
var maxPayloadBytes = 64 * 1024
var sessionStreamId = 0
var maxStreamId = 4294967295
var FrameType = {
  /** First frame each way, on stream 0: versions, boot, limits. JSON. */
  Hello: 1,
  /** Begins a stream; the payload is a header for the layer above. */
  Open: 2,
  /** Stream bytes. The only type that counts against windows and against bytes in flight. */
  Data: 3,
  /** On a stream: more credit for its sender. On stream 0: so many bytes of Data frames arrived. */
  Window: 4,
  /** Half-close: the sender sends no more Data on this stream. */
  Close: 5,
  /** Ends both directions of a stream at once: code and message. */
  Reset: 6,
  /** Eight opaque bytes, to be answered by a Pong with the same ones. */
  Ping: 7,
  Pong: 8,
  /** About the end of the session: retry-after, code and message. */
  GoAway: 9,
}
var FrameFlag = {
  /** On a Ping: the sender holds its bulk back to measure the path; please do likewise for a moment. */
  Quiet: 1,
  /** Who does not know the type skips the frame. Without it, an unknown type ends the session. */
  Ignorable: 128,
}
function maxPayloadOf(type) {
  switch (type) {
    case FrameType.Hello:
      return 8 * 1024
    case FrameType.Open:
    case FrameType.Data:
      return maxPayloadBytes
    case FrameType.Window:
      return 4
    case FrameType.Close:
      return 0
    case FrameType.Reset:
      return 1 + maxCodeBytes + maxMessageBytes
    case FrameType.Ping:
    case FrameType.Pong:
      return pingBytes
    case FrameType.GoAway:
      return 4 + 1 + maxCodeBytes + maxMessageBytes
    default:
      return type
  }
}
var pingBytes = 8
function isKnownType(type) {
  return type >= FrameType.Hello && type <= FrameType.GoAway
}

// packages/protocol/src/frame-codec.ts
var FrameDecoder = class {
  #sink
  #header = new Uint8Array(headerBytes)
  #headerFilled = 0
  #state = { kind: 'header' }
  constructor(sink) {
    this.#sink = sink
  }
  /** Undefined as long as the bytes make sense. */
  push(bytes) {
    let offset = 0
    while (offset < bytes.length) {
      const state = this.#state
      switch (state.kind) {
        case 'header': {
          const begun = this.#readHeader(bytes, offset)
          if (typeof begun !== 'number') return this.#violation(begun)
          offset = begun
          break
        }
        case 'data': {
          const end = Math.min(bytes.length, offset + state.remaining)
          state.remaining -= end - offset
          if (state.remaining === 0) this.#state = { kind: 'header' }
          if (!this.#sink.data(state.streamId, bytes.subarray(offset, end))) this.#stop()
          offset = end
          break
        }
        case 'skip': {
          const end = Math.min(bytes.length, offset + state.remaining)
          state.remaining -= end - offset
          if (state.remaining === 0) this.#state = { kind: 'header' }
          offset = end
          break
        }
        case 'collect': {
          const end = Math.min(bytes.length, offset + state.payload.length - state.filled)
          state.payload.set(bytes.subarray(offset, end), state.filled)
          state.filled += end - offset
          offset = end
          if (state.filled < state.payload.length) break
          this.#state = { kind: 'header' }
          const { type, flags, streamId, payload } = state
          if (!this.#sink.frame(type, flags, streamId, payload)) this.#stop()
          break
        }
        case 'stopped':
          return void 0
        default:
          return state
      }
    }
    return void 0
  }
  /** Answers the offset behind the header, and behind the payload of a small frame that is all there. */
  #readHeader(bytes, offset) {
    if (this.#headerFilled === 0 && bytes.length - offset >= headerBytes) {
      return this.#begin(bytes, offset, bytes, offset + headerBytes)
    }
    const end = Math.min(bytes.length, offset + headerBytes - this.#headerFilled)
    this.#header.set(bytes.subarray(offset, end), this.#headerFilled)
    this.#headerFilled += end - offset
    if (this.#headerFilled < headerBytes) return end
    this.#headerFilled = 0
    return this.#begin(this.#header, 0, bytes, end)
  }
  #begin(header, at, bytes, offset) {
    const type = header[at] ?? 0
    const flags = header[at + 1] ?? 0
    const streamId = readUint32(header, at + 2)
    const length = readUint32(header, at + 6)
    if (!isKnownType(type)) {
      if ((flags & FrameFlag.Ignorable) === 0) return unknownType(type)
      if (length > maxPayloadBytes) return tooLarge(type, length, maxPayloadBytes)
      if (length > 0) this.#state = { kind: 'skip', remaining: length }
      return offset
    }
    const allowed = maxPayloadOf(type)
    if (length > allowed) return tooLarge(type, length, allowed)
    if (type === FrameType.Data) {
      if (length > 0) this.#state = { kind: 'data', streamId, remaining: length }
      if (!this.#sink.dataBegins(streamId, length)) this.#stop()
      return offset
    }
    if (bytes.length - offset >= length) {
      const end = offset + length
      if (!this.#sink.frame(type, flags, streamId, bytes.subarray(offset, end))) this.#stop()
      return end
    }
    const payload = new Uint8Array(length)
    this.#state = { kind: 'collect', type, flags, streamId, payload, filled: 0 }
    return offset
  }
  #violation(violation) {
    this.#stop()
    return violation
  }
  #stop() {
    this.#state = { kind: 'stopped' }
  }
}
function unknownType(type) {
  return {
    code: SessionCode.UnknownFrame,
    message: `Frame type ${type} is unknown and not marked as ignorable`,
  }
}
function tooLarge(type, length, allowed) {
  return {
    code: SessionCode.FrameTooLarge,
    message: `A frame of type ${type} announced ${length} bytes; ${allowed} are allowed`,
  }
}
var FrameWriter = class {
  #chunks = []
  #slab = new Uint8Array(0)
  /** Of the slab, [start, end) is written and not yet a chunk. */
  #start = 0
  #end = 0
  #pendingBytes = 0
  /** Frames begun since the writer was made. */
  frames = 0
  /** Bytes written and not yet taken. */
  get pendingBytes() {
    return this.#pendingBytes
  }
  frame(type, flags, streamId, payload) {
    this.begin(type, flags, streamId, payload.length)
    this.payload(payload)
  }
  window(streamId, increment) {
    this.begin(FrameType.Window, 0, streamId, 4)
    const at = this.#reserve(4)
    writeUint32(this.#slab, at, increment)
  }
  /** The header of a frame whose payload of `length` bytes follows in one part or more. */
  begin(type, flags, streamId, length) {
    const at = this.#reserve(headerBytes)
    const slab = this.#slab
    slab[at] = type
    slab[at + 1] = flags
    writeUint32(slab, at + 2, streamId)
    writeUint32(slab, at + 6, length)
    this.frames += 1
  }
  payload(part) {
    if (part.length <= copyBytes) {
      const at = this.#reserve(part.length)
      this.#slab.set(part, at)
      return
    }
    this.#closeChunk()
    this.#chunks.push(part)
    this.#pendingBytes += part.length
  }
  /** Everything written since the last call. Chunks never change afterwards. */
  take() {
    this.#closeChunk()
    const chunks = this.#chunks
    this.#chunks = []
    this.#pendingBytes = 0
    return chunks
  }
  #reserve(bytes) {
    if (this.#slab.length - this.#end < bytes) {
      this.#closeChunk()
      this.#slab = new Uint8Array(slabBytes)
      this.#start = 0
      this.#end = 0
    }
    const at = this.#end
    this.#end += bytes
    this.#pendingBytes += bytes
    return at
  }
  #closeChunk() {
    if (this.#end === this.#start) return
    this.#chunks.push(this.#slab.subarray(this.#start, this.#end))
    this.#start = this.#end
  }
}
var copyBytes = 4 * 1024
var slabBytes = 32 * 1024
function readUint32(bytes, at) {
  return (
    (bytes[at] ?? 0) * 16777216 +
    (((bytes[at + 1] ?? 0) << 16) | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0))
  )
}
function writeUint32(bytes, at, value) {
  bytes[at] = value >>> 24
  bytes[at + 1] = value >>> 16
  bytes[at + 2] = value >>> 8
  bytes[at + 3] = value
}

// packages/protocol/src/utf8.ts
function encodeUtf8(text) {
  const bytes = []
  for (const character of text) appendCodePoint(bytes, character.codePointAt(0) ?? replacement)
  return Uint8Array.from(bytes)
}
function encodeUtf8UpTo(text, maxBytes) {
  const bytes = []
  for (const character of text) {
    const before = bytes.length
    appendCodePoint(bytes, character.codePointAt(0) ?? replacement)
    if (bytes.length > maxBytes) {
      bytes.length = before
      break
    }
  }
  return Uint8Array.from(bytes)
}
function decodeUtf8(bytes) {
  let text = ''
  let at = 0
  while (at < bytes.length) {
    const lead = bytes[at] ?? 0
    const length = sequenceLength(lead)
    if (length === void 0 || at + length > bytes.length) return void 0
    let codePoint = length === 1 ? lead : lead & (127 >> length)
    for (let i = 1; i < length; i += 1) {
      const byte = bytes[at + i] ?? 0
      if ((byte & 192) !== 128) return void 0
      codePoint = (codePoint << 6) | (byte & 63)
    }
    if (codePoint < (smallestOf[length] ?? 0) || !isScalar(codePoint)) return void 0
    text += String.fromCodePoint(codePoint)
    at += length
  }
  return text
}
var replacement = 65533
var smallestOf = [0, 0, 128, 2048, 65536]
function sequenceLength(lead) {
  if (lead < 128) return 1
  if (lead < 192) return void 0
  if (lead < 224) return 2
  if (lead < 240) return 3
  return lead < 248 ? 4 : void 0
}
function isScalar(codePoint) {
  return codePoint <= 1114111 && !(codePoint >= 55296 && codePoint <= 57343)
}
function appendCodePoint(bytes, given) {
  const codePoint = isScalar(given) ? given : replacement
  if (codePoint < 128) {
    bytes.push(codePoint)
  } else if (codePoint < 2048) {
    bytes.push(192 | (codePoint >> 6), continuation(codePoint))
  } else if (codePoint < 65536) {
    bytes.push(224 | (codePoint >> 12), continuation(codePoint >> 6), continuation(codePoint))
  } else {
    bytes.push(
      240 | (codePoint >> 18),
      continuation(codePoint >> 12),
      continuation(codePoint >> 6),
      continuation(codePoint),
    )
  }
}
function continuation(bits) {
  return 128 | (bits & 63)
}

// packages/protocol/src/farewell.ts
function encodeReset({ code, message }) {
  return encodeFarewell(0, code, message)
}
function decodeReset(payload) {
  return decodeFarewell(payload, 0)
}
function encodeGoAway({ code, message, retryAfterMs }) {
  const payload = encodeFarewell(4, code, message)
  writeUint32(payload, 0, Math.min(4294967295, Math.max(0, Math.ceil(retryAfterMs ?? 0))))
  return payload
}
function decodeGoAway(payload) {
  if (payload.length < 4) return void 0
  const farewell = decodeFarewell(payload, 4)
  if (farewell === void 0) return void 0
  const retryAfterMs = readUint32(payload, 0)
  return { ...farewell, retryAfterMs: retryAfterMs === 0 ? void 0 : retryAfterMs }
}
function encodeFarewell(prefixBytes, code, message) {
  const word = encodeUtf8UpTo(isChannelCode(code) ? code : SessionCode.InternalError, maxCodeBytes)
  const text = encodeUtf8UpTo(message, maxMessageBytes)
  const payload = new Uint8Array(prefixBytes + 1 + word.length + text.length)
  payload[prefixBytes] = word.length
  payload.set(word, prefixBytes + 1)
  payload.set(text, prefixBytes + 1 + word.length)
  return payload
}
function decodeFarewell(payload, prefixBytes) {
  const codeBytes = payload[prefixBytes]
  if (codeBytes === void 0) return void 0
  const messageAt = prefixBytes + 1 + codeBytes
  if (messageAt > payload.length) return void 0
  const code = decodeUtf8(payload.subarray(prefixBytes + 1, messageAt))
  const message = decodeUtf8(payload.subarray(messageAt))
  if (code === void 0 || message === void 0 || !isChannelCode(code)) return void 0
  return { code, message }
}

// packages/protocol/src/flow-window.ts
var ReceiveWindow = class {
  #pool
  #maxBytes
  #size
  /** What the peer may still send. */
  #available
  /** Taken by the reader and not yet granted anew. */
  #owed = 0
  #epochStart
  #epochBytes = 0
  constructor(pool, initialBytes, maxBytes, now) {
    this.#pool = pool
    this.#maxBytes = maxBytes
    this.#size = initialBytes
    this.#available = initialBytes
    this.#epochStart = now
    pool.join(initialBytes)
  }
  get size() {
    return this.#size
  }
  get available() {
    return this.#available
  }
  /** Bytes come in. False if there was no credit for them. */
  receive(bytes) {
    if (bytes > this.#available) return false
    this.#available -= bytes
    return true
  }
  /** The reader took bytes. Answers what to grant now; zero as long as a grant is not worth a frame. */
  consume(bytes, now, rttMs) {
    this.#owed += bytes
    this.#epochBytes += bytes
    if (this.#owed * 4 < this.#size) return 0
    if (rttMs !== void 0) this.#grow(now, rttMs)
    this.#shrinkToShare()
    const grant = this.#owed
    this.#owed = 0
    this.#available += grant
    return grant
  }
  /** The stream is over: its part of the pool is free for others. */
  release() {
    this.#pool.leave(this.#size)
    this.#size = 0
    this.#available = 0
  }
  /** A window is too small if the reader empties half of it, or more, within a round trip. */
  #grow(now, rttMs) {
    if (this.#epochBytes * 2 < this.#size) return
    const elapsedMs = now - this.#epochStart
    const wanted = elapsedMs > 0 ? (this.#epochBytes / elapsedMs) * 2 * rttMs : this.#maxBytes
    if (wanted > this.#size) {
      const growth = Math.min(this.#size, this.#maxBytes - this.#size, this.#pool.room(this.#size))
      if (growth > 0) {
        this.#pool.resize(growth)
        this.#size += growth
        this.#owed += growth
      }
    }
    this.#epochStart = now
    this.#epochBytes = 0
  }
  /** With very many streams, granting less than was taken is how each comes down to its share. */
  #shrinkToShare() {
    if (!this.#pool.isOvercommitted) return
    const surplus = Math.min(this.#owed, Math.max(0, this.#size - this.#pool.share))
    this.#size -= surplus
    this.#owed -= surplus
    this.#pool.resize(-surplus)
  }
}
var WindowPool = class {
  #budgetBytes
  #grantedBytes = 0
  #streams = 0
  constructor(budgetBytes) {
    this.#budgetBytes = budgetBytes
  }
  /**
   * First windows are given to every stream, so with many streams their sum may pass the budget;
   * the bound on unread bytes is what holds then.
   */
  get isOvercommitted() {
    return this.#grantedBytes > this.#budgetBytes
  }
  get share() {
    return Math.floor(this.#budgetBytes / Math.max(1, this.#streams))
  }
  /** How far a window of this size may grow: into what is free, and to its share in any case. */
  room(size) {
    return Math.max(0, this.#budgetBytes - this.#grantedBytes, this.share - size)
  }
  join(bytes) {
    this.#streams += 1
    this.#grantedBytes += bytes
  }
  resize(bytes) {
    this.#grantedBytes += bytes
  }
  leave(bytes) {
    this.#streams -= 1
    this.#grantedBytes -= bytes
  }
}
var SendWindow = class {
  #available
  constructor(initialBytes) {
    this.#available = initialBytes
  }
  get available() {
    return this.#available
  }
  /** False if the sum is more than any receiver can mean. */
  grant(bytes) {
    if (this.#available + bytes > maxCreditBytes) return false
    this.#available += bytes
    return true
  }
  /** The caller sends no more than is available. */
  spend(bytes) {
    this.#available -= bytes
  }
}
var maxCreditBytes = 2147483647

// packages/protocol/src/hello.ts
var protocolVersions = [1]
function encodeHello(hello, limits) {
  return encodeUtf8(
    JSON.stringify({
      versions: protocolVersions,
      bootId: hello.bootId,
      dialSeq: hello.dialSeq,
      replaces: hello.replaces,
      confirmed: hello.confirmed,
      agentVersion: hello.agentVersion,
      features: hello.features ?? [],
      limits: {
        maxStreams: limits.maxStreams,
        opensPerSecond: limits.opensPerSecond,
        openBurst: limits.openBurst,
        maxOpenHeaderBytes: limits.maxOpenHeaderBytes,
        initialWindowBytes: limits.initialWindowBytes,
      },
    }),
  )
}
function readHello(payload) {
  const fields = readObject(payload)
  if (fields === void 0) return { kind: 'invalid', message: 'Hello is not a JSON object' }
  const limits = isObject(fields['limits']) ? fields['limits'] : {}
  const hello = {
    versions: fields['versions'],
    bootId: fields['bootId'],
    dialSeq: fields['dialSeq'],
    replaces: fields['replaces'],
    confirmed: fields['confirmed'],
    agentVersion: fields['agentVersion'],
    features: fields['features'],
  }
  if (!isListOf(hello.versions, 16, isCount)) return invalid('versions')
  if (!isText(hello.bootId, /^[0-9a-f]{32}$/)) return invalid('bootId')
  if (!isOptional(hello.dialSeq, isCount)) return invalid('dialSeq')
  if (!isOptional(hello.replaces, isCount)) return invalid('replaces')
  if (typeof hello.confirmed !== 'boolean') return invalid('confirmed')
  if (!isText(hello.agentVersion, /^[\x21-\x7e]{1,64}$/)) return invalid('agentVersion')
  if (!isListOf(hello.features, 64, isFeature)) return invalid('features')
  const { versions, bootId, dialSeq, replaces, confirmed, agentVersion, features } = hello
  const maxStreams = limits['maxStreams']
  const opensPerSecond = limits['opensPerSecond']
  const openBurst = limits['openBurst']
  const maxOpenHeaderBytes = limits['maxOpenHeaderBytes']
  const initialWindowBytes = limits['initialWindowBytes']
  if (!isCount(maxStreams)) return invalid('limits.maxStreams')
  if (!isCount(opensPerSecond)) return invalid('limits.opensPerSecond')
  if (!isCount(openBurst)) return invalid('limits.openBurst')
  if (!isCount(maxOpenHeaderBytes)) return invalid('limits.maxOpenHeaderBytes')
  if (!isCount(initialWindowBytes)) return invalid('limits.initialWindowBytes')
  return {
    kind: 'hello',
    hello: {
      versions,
      bootId,
      dialSeq,
      replaces,
      confirmed,
      agentVersion,
      features,
      limits: { maxStreams, opensPerSecond, openBurst, maxOpenHeaderBytes, initialWindowBytes },
    },
  }
}
function negotiateVersion(ours, theirs) {
  const common = ours.filter((version) => theirs.includes(version))
  return common.length === 0 ? void 0 : Math.max(...common)
}
function invalid(field) {
  return { kind: 'invalid', message: `Hello: ${field} is missing or not what it should be` }
}
function readObject(payload) {
  const text = decodeUtf8(payload)
  if (text === void 0) return void 0
  try {
    const value = JSON.parse(text)
    return isObject(value) ? value : void 0
  } catch {
    return void 0
  }
}
function isObject(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
function isCount(value) {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 2147483647
}
function isText(value, pattern) {
  return typeof value === 'string' && pattern.test(value)
}
function isFeature(value) {
  return isText(value, /^[a-z0-9][a-z0-9.-]{0,63}$/)
}
function isOptional(value, is) {
  return value === void 0 || is(value)
}
function isListOf(value, maxLength, is) {
  return Array.isArray(value) && value.length <= maxLength && value.every((item) => is(item))
}

// packages/protocol/src/delivery-rate.ts
var DeliveryRate = class {
  #sentBytes = 0
  #deliveredBytes = 0
  #deliveredAt = 0
  #firstSentAt = 0
  /** Batches sent when `#deliveredBytes` was below this had too little to send to show the path's rate. */
  #limitedUntil = 0
  #batches = []
  #head = 0
  #round = 0
  #roundEnds = 0
  #best = []
  /** Zero until something was delivered. */
  get bytesPerMs() {
    return this.#best[0]?.rate ?? 0
  }
  get inFlightBytes() {
    return this.#sentBytes - this.#deliveredBytes
  }
  sent(bytes, now) {
    if (this.inFlightBytes === 0) {
      this.#firstSentAt = now
      this.#deliveredAt = now
    }
    this.#sentBytes += bytes
    this.#batches.push({
      end: this.#sentBytes,
      sentAt: now,
      firstSentAt: this.#firstSentAt,
      deliveredBytes: this.#deliveredBytes,
      deliveredAt: this.#deliveredAt,
      isLimited: this.#deliveredBytes < this.#limitedUntil,
    })
  }
  /** What was sent so far did not fill the path: there was nothing more to send. */
  ranDry() {
    this.#limitedUntil = this.#sentBytes
  }
  /** False if more is acknowledged than was sent. */
  acknowledge(bytes, now, minRttMs) {
    if (bytes > this.inFlightBytes) return false
    this.#deliveredBytes += bytes
    this.#deliveredAt = now
    const batch = this.#takeAcknowledged()
    if (batch === void 0) return true
    this.#firstSentAt = batch.sentAt
    if (batch.deliveredBytes >= this.#roundEnds) {
      this.#round += 1
      this.#roundEnds = this.#deliveredBytes
    }
    const tookMs = Math.max(batch.sentAt - batch.firstSentAt, now - batch.deliveredAt)
    if (tookMs <= 0 || tookMs < (minRttMs ?? 0)) return true
    const rate = (this.#deliveredBytes - batch.deliveredBytes) / tookMs
    if (!batch.isLimited || rate >= this.bytesPerMs) this.#keepBest(rate)
    return true
  }
  /** The latest batch that is acknowledged as a whole, those before it with it. */
  #takeAcknowledged() {
    let latest
    for (;;) {
      const batch = this.#batches[this.#head]
      if (batch === void 0 || batch.end > this.#deliveredBytes) break
      latest = batch
      this.#head += 1
    }
    if (this.#head === this.#batches.length || this.#head > 256) {
      this.#batches.splice(0, this.#head)
      this.#head = 0
    }
    return latest
  }
  /** The list falls in rate and rises in round: its first is the best of the last rounds. */
  #keepBest(rate) {
    while ((this.#best.at(-1)?.rate ?? Number.POSITIVE_INFINITY) <= rate) this.#best.pop()
    this.#best.push({ round: this.#round, rate })
    while ((this.#best[0]?.round ?? this.#round) < this.#round - remembersRounds) this.#best.shift()
  }
}
var remembersRounds = 10

// packages/protocol/src/round-trip.ts
var RoundTrip = class {
  #smoothedMs
  #minMs
  #minSince = 0
  /** As it is at present, queues included. */
  get smoothedMs() {
    return this.#smoothedMs
  }
  get minMs() {
    return this.#minMs
  }
  sample(rttMs, now) {
    this.#smoothedMs =
      this.#smoothedMs === void 0 ? rttMs : this.#smoothedMs + (rttMs - this.#smoothedMs) / 8
    if (this.#minMs === void 0 || rttMs <= this.#minMs) this.renew(rttMs, now)
  }
  /**
   * The path may have become longer, and under load no sample would show it: our own queue hides
   * the bare path. Then it must be measured with the queue held short.
   */
  isStale(now) {
    return this.#minMs !== void 0 && now - this.#minSince > staleAfterMs
  }
  /** The shortest round trip, measured anew. */
  renew(rttMs, now) {
    this.#minMs = rttMs
    this.#minSince = now
  }
}
var staleAfterMs = 3e4

// packages/protocol/src/in-flight-bound.ts
var InFlightBound = class {
  #limits
  #rate = new DeliveryRate()
  roundTrip = new RoundTrip()
  #probe = { kind: 'none' }
  #heldUntil = 0
  #heldAt = Number.NEGATIVE_INFINITY
  constructor(limits) {
    this.#limits = limits
  }
  get inFlightBytes() {
    return this.#rate.inFlightBytes
  }
  get deliveryRate() {
    return this.#rate.bytesPerMs
  }
  get boundBytes() {
    const { minInFlightBytes, maxInFlightBytes, queueTargetMs } = this.#limits
    const { minMs } = this.roundTrip
    if (minMs === void 0) return minInFlightBytes
    const path = this.#rate.bytesPerMs * (minMs + queueTargetMs)
    return Math.floor(Math.min(maxInFlightBytes, Math.max(minInFlightBytes, path)))
  }
  /** What may be sent now. */
  allowance() {
    return Math.max(0, this.boundBytes - this.inFlightBytes)
  }
  /** … of bulk, which is held back while the bare path is measured. */
  bulkAllowance(now) {
    if (this.#probe.kind === 'none' && now >= this.#heldUntil) return this.allowance()
    return Math.max(0, this.#limits.minInFlightBytes - this.inFlightBytes)
  }
  sent(bytes, now) {
    this.#rate.sent(bytes, now)
  }
  ranDry() {
    this.#rate.ranDry()
  }
  /** False if more is acknowledged than was sent. */
  acknowledge(bytes, now) {
    return this.#rate.acknowledge(bytes, now, this.roundTrip.minMs)
  }
  /** The peer measures the path: its answer must not wait behind our bulk. Not at its whim, though. */
  holdForPeer(now) {
    if (now - this.#heldAt < holdAtMostEveryMs) return
    this.#heldAt = now
    this.#heldUntil = now + Math.min(longestHoldMs, 2 * (this.roundTrip.smoothedMs ?? 0))
  }
  /**
   * Whether to send a Quiet ping now. A measurement takes two of them, one after the other: the
   * first tells the peer to hold back, too, and its answer still meets the peer's queue.
   */
  wantsQuietPing(now) {
    if (this.#probe.kind === 'none' && this.roundTrip.isStale(now)) {
      this.#probe = { kind: 'draining', pingsLeft: 2, bestMs: Number.POSITIVE_INFINITY }
    }
    return this.#probe.kind === 'draining' && this.inFlightBytes <= this.#limits.minInFlightBytes
  }
  quietPingSent() {
    if (this.#probe.kind === 'draining') this.#probe = { ...this.#probe, kind: 'waiting' }
  }
  quietPingAnswered(rttMs, now) {
    if (this.#probe.kind !== 'waiting') return
    const pingsLeft = this.#probe.pingsLeft - 1
    const bestMs = Math.min(this.#probe.bestMs, rttMs)
    if (pingsLeft > 0) {
      this.#probe = { kind: 'draining', pingsLeft, bestMs }
      return
    }
    this.roundTrip.renew(bestMs, now)
    this.#probe = { kind: 'none' }
  }
}
var longestHoldMs = 500
var holdAtMostEveryMs = 5e3

// packages/protocol/src/limits.ts
var KiB = 1024
var MiB = 1024 * KiB
var defaultLimits = {
  maxStreams: 1024,
  opensPerSecond: 2e3,
  openBurst: 2e3,
  maxOpenHeaderBytes: 16 * KiB,
  initialWindowBytes: 256 * KiB,
  maxWindowBytes: 16 * MiB,
  maxUnreadBytes: 32 * MiB,
  sendBufferBytes: 128 * KiB,
  maxControlBytes: 2 * MiB,
  minInFlightBytes: 64 * KiB,
  maxInFlightBytes: 32 * MiB,
  queueTargetMs: 50,
  bulkAfterBytes: 256 * KiB,
  exchangeIdleMs: 1e3,
  helloTimeoutMs: 1e4,
  pingIntervalMs: 1e4,
  pongTimeoutMs: 4e3,
  silenceMs: 25e3,
  drainTimeoutMs: 60 * 60 * 1e3,
}

// packages/protocol/src/liveness.ts
var Liveness = class {
  #deps
  #limits
  #outstanding = []
  #heardAt = 0
  #pingedAt = 0
  #missedPings = 0
  #hasAnswered = false
  #timer
  #isRunning = false
  constructor(deps, limits) {
    this.#deps = deps
    this.#limits = limits
  }
  start() {
    this.#isRunning = true
    this.#heardAt = this.#deps.clock.now()
    this.ping()
  }
  stop() {
    this.#isRunning = false
    this.#timer?.cancel()
    this.#timer = void 0
  }
  /** Any bytes are a sign of life: a Pong may stand in a long queue behind them. */
  heard(now) {
    this.#heardAt = now
  }
  ping(purpose = 'alive') {
    if (!this.#isRunning) return
    const now = this.#deps.clock.now()
    const payload = new Uint8Array(pingBytes)
    writeUint32(payload, 0, Math.floor(this.#deps.random.next() * 4294967296))
    writeUint32(payload, 4, Math.floor(this.#deps.random.next() * 4294967296))
    const key = keyOf(payload)
    this.#outstanding.push({ key, sentAt: now, purpose, isMissed: false })
    if (this.#outstanding.length > maxOutstanding) this.#outstanding.shift()
    this.#pingedAt = now
    this.#deps.sendPing(payload, purpose)
    this.#arm(now)
  }
  /** Traffic flows: its window and bound live on fresh round trips, one a second. */
  measure(now) {
    if (now - this.#pingedAt >= measureEveryMs && this.#outstanding.length === 0) this.ping()
  }
  pong(payload, now) {
    const key = keyOf(payload)
    const index = this.#outstanding.findIndex((ping2) => ping2.key === key)
    const ping = this.#outstanding[index]
    if (ping === void 0) return
    this.#outstanding = this.#outstanding.slice(index + 1)
    const wasSuspect = this.#missedPings >= missedUntilSuspect
    this.#missedPings = 0
    if (wasSuspect) this.#deps.onRecovered()
    const first = !this.#hasAnswered
    this.#hasAnswered = true
    this.#deps.onAnswered({ rttMs: now - ping.sentAt, first, purpose: ping.purpose })
  }
  /** Compares as `#arm` computes: a due time that is never quite reached would be armed for ever. */
  #tick(dueAt) {
    this.#timer = void 0
    const now = this.#deps.clock.now()
    const asleepMs = now - dueAt
    if (asleepMs > oversleptMs) this.#forgive(asleepMs)
    this.#countMissed(now)
    if (now >= this.#heardAt + this.#limits.silenceMs) {
      this.#deps.onSilent()
      return
    }
    if (now >= this.#pingedAt + this.#limits.pingIntervalMs) this.ping()
    else this.#arm(now)
  }
  #forgive(ms) {
    this.#heardAt += ms
    for (const ping of this.#outstanding) ping.sentAt += ms
  }
  #countMissed(now) {
    for (const ping of this.#outstanding) {
      if (ping.isMissed || now < ping.sentAt + this.#limits.pongTimeoutMs) continue
      ping.isMissed = true
      this.#missedPings += 1
      if (this.#missedPings === missedUntilSuspect) this.#deps.onSuspect(this.#missedPings)
    }
  }
  /** One timer for everything: whatever is due first. What is heard meanwhile only makes it too early. */
  #arm(now) {
    if (!this.#isRunning) return
    const waiting = this.#outstanding.find((ping) => !ping.isMissed)
    const dueAt = Math.min(
      this.#heardAt + this.#limits.silenceMs,
      this.#pingedAt + this.#limits.pingIntervalMs,
      waiting === void 0 ? Number.POSITIVE_INFINITY : waiting.sentAt + this.#limits.pongTimeoutMs,
    )
    if (this.#timer !== void 0 && this.#timer.dueAt <= dueAt) return
    this.#timer?.cancel()
    const delayMs = Math.max(0, dueAt - now)
    this.#timer = { dueAt, cancel: this.#deps.clock.schedule(delayMs, () => this.#tick(dueAt)) }
  }
}
var missedUntilSuspect = 2
var maxOutstanding = 8
var measureEveryMs = 1e3
var oversleptMs = 2e3
function keyOf(payload) {
  return `${readUint32(payload, 0)}.${readUint32(payload, 4)}`
}

// packages/protocol/src/send-scheduler.ts
var SendScheduler = class {
  #interactive = new Ring(interactiveQuantumBytes)
  #bulk = new Ring(bulkQuantumBytes)
  #slots = /* @__PURE__ */ new Map()
  /** Bytes that bulk may send before interactive goes on. */
  #bulkCredit = 0
  /** The flow has something to send, or may have. Harmless if it is known already. */
  activate(flow) {
    if (this.#slots.has(flow)) return
    const slot = {
      flow,
      deficit: 0,
      list: void 0,
      previous: void 0,
      next: void 0,
    }
    this.#slots.set(flow, slot)
    this.#ringOf(flow).enter(slot)
  }
  /** The flow is over. */
  remove(flow) {
    const slot = this.#slots.get(flow)
    if (slot === void 0) return
    slot.list?.remove(slot)
    this.#slots.delete(flow)
  }
  /**
   * The next frame, given how many bytes of each class the session may send now (headers included).
   * Undefined: nothing is ready, or not enough may be sent to be worth a frame.
   */
  next(allowance, bulkAllowance) {
    const interactive = this.#frontOf(this.#interactive)
    const bulk = this.#frontOf(this.#bulk)
    if (bulk === void 0) this.#bulkCredit = 0
    if (interactive === void 0) {
      return bulk === void 0 ? void 0 : this.#turn(this.#bulk, bulk, bulkAllowance)
    }
    if (bulk !== void 0 && this.#bulkCredit >= bulkPieceBytes) {
      const turn2 = this.#turn(this.#bulk, bulk, Math.min(bulkAllowance, this.#bulkCredit))
      if (turn2 !== void 0) {
        this.#bulkCredit -= cost(turn2.bytes)
        return turn2
      }
    }
    const turn = this.#turn(this.#interactive, interactive, allowance)
    if (turn !== void 0 && bulk !== void 0) {
      this.#bulkCredit = Math.min(bulkPieceBytes * 2, this.#bulkCredit + cost(turn.bytes) / 7)
    }
    return turn
  }
  #turn(ring, slot, allowance) {
    const ready = slot.flow.readyBytes
    const fits = Math.floor(allowance) - headerBytes
    const fair = ring.isShared ? Math.max(slot.deficit, smallestPieceBytes) : maxPayloadBytes
    const bytes = Math.min(ready, fits, fair, maxPayloadBytes)
    if (ready > 0 && bytes < Math.min(ready, smallestPieceBytes)) return void 0
    slot.deficit -= cost(Math.max(0, bytes))
    return { flow: slot.flow, bytes: Math.max(0, bytes) }
  }
  /** Whose turn it is in the ring; flows that ran dry or changed class leave it on the way. */
  #frontOf(ring) {
    for (;;) {
      const slot = ring.front()
      if (slot === void 0) return void 0
      if (this.#ringOf(slot.flow) !== ring) {
        this.#ringOf(slot.flow).enter(slot)
      } else if (slot.flow.readyBytes === 0 && !slot.flow.readyToClose) {
        if (ring.retire(slot)) this.#slots.delete(slot.flow)
      } else {
        return slot
      }
    }
  }
  #ringOf(flow) {
    return flow.isBulk ? this.#bulk : this.#interactive
  }
}
var interactiveQuantumBytes = 8 * 1024
var bulkQuantumBytes = 64 * 1024
var bulkPieceBytes = 16 * 1024
var smallestPieceBytes = 4 * 1024
function cost(bytes) {
  return bytes + headerBytes
}
var Ring = class {
  #quantum
  #fresh = new SlotList()
  #rest = new SlotList()
  constructor(quantum) {
    this.#quantum = quantum
  }
  get isShared() {
    return this.#fresh.size + this.#rest.size > 1
  }
  enter(slot) {
    slot.deficit = this.#quantum
    this.#fresh.append(slot)
  }
  front() {
    for (;;) {
      const slot = this.#fresh.first ?? this.#rest.first
      if (slot === void 0 || slot.deficit > 0) return slot
      slot.deficit += this.#quantum
      this.#rest.append(slot)
    }
  }
  /**
   * The front has nothing to send. It leaves only from behind the others: a flow that could leave
   * and enter again at once as fresh would overtake them for ever. True if it left.
   */
  retire(slot) {
    if (slot.list === this.#fresh && this.#rest.size > 0) {
      this.#rest.append(slot)
      return false
    }
    slot.list?.remove(slot)
    return true
  }
}
var SlotList = class {
  first
  #last
  size = 0
  /** Takes the slot to the end of this list, wherever it was. */
  append(slot) {
    slot.list?.remove(slot)
    slot.list = this
    slot.previous = this.#last
    if (this.#last === void 0) this.first = slot
    else this.#last.next = slot
    this.#last = slot
    this.size += 1
  }
  remove(slot) {
    if (slot.previous === void 0) this.first = slot.next
    else slot.previous.next = slot.next
    if (slot.next === void 0) this.#last = slot.previous
    else slot.next.previous = slot.previous
    slot.previous = void 0
    slot.next = void 0
    slot.list = void 0
    this.size -= 1
  }
}

// packages/protocol/src/outbox.ts
var Outbox = class {
  #transport
  #bound
  #writer = new FrameWriter()
  #scheduler = new SendScheduler()
  #grants = /* @__PURE__ */ new Map()
  #owedAcknowledgement = 0
  #isBlocked = false
  #madeRoom = []
  bytesSent = 0
  constructor(transport, bound) {
    this.#transport = transport
    this.#bound = bound
  }
  get framesSent() {
    return this.#writer.frames
  }
  /** Control frames that wait for the transport. */
  get controlBytes() {
    return this.#writer.pendingBytes
  }
  control(type, streamId, payload, flags = 0) {
    this.#writer.frame(type, flags, streamId, payload)
  }
  grant(stream, bytes) {
    this.#grants.set(stream, (this.#grants.get(stream) ?? 0) + bytes)
  }
  /** Bytes of Data frames arrived. Answers whether the peer should be told soon. */
  acknowledge(bytes) {
    this.#owedAcknowledgement += bytes
    return this.#owedAcknowledgement >= acknowledgeEveryBytes
  }
  activate(stream) {
    this.#scheduler.activate(stream)
  }
  forget(stream) {
    this.#scheduler.remove(stream)
    this.#grants.delete(stream)
  }
  /** Streams that somebody wants to write to again. */
  takeStreamsWithRoom() {
    const streams = this.#madeRoom
    this.#madeRoom = []
    return streams
  }
  transportDrained() {
    this.#isBlocked = false
  }
  /** Hands over what may go now. True: there may be more, and the loop should have a turn first. */
  flush(now) {
    for (let batch = 0; batch < batchesPerTurn; batch += 1) {
      if (this.#isBlocked) return false
      this.#layCredit()
      const dataBytes = this.#layData(now)
      if (this.#writer.pendingBytes === 0) return false
      if (dataBytes > 0) this.#bound.sent(dataBytes, now)
      this.#isBlocked = !this.#handOver()
      if (dataBytes === 0) return false
    }
    return !this.#isBlocked
  }
  /** Hello, if it is still here, and the goodbye; nothing else makes sense any more. */
  farewell(goAway) {
    this.#writer.frame(FrameType.GoAway, 0, sessionStreamId, goAway)
    this.#handOver()
  }
  /** Only these lines see the transport's answer; the bytes are counted where they leave. */
  #handOver() {
    this.bytesSent += this.#writer.pendingBytes
    return this.#transport.write(this.#writer.take())
  }
  #layCredit() {
    for (const [stream, bytes] of this.#grants) {
      if (!stream.peerClosed) this.#writer.window(stream.id, bytes)
    }
    this.#grants.clear()
    if (this.#owedAcknowledgement >= acknowledgeEveryBytes) {
      this.#writer.window(sessionStreamId, this.#owedAcknowledgement)
      this.#owedAcknowledgement = 0
    }
  }
  /** Answers how many bytes of Data frames, headers included, were laid out. */
  #layData(now) {
    const allowance = this.#bound.allowance()
    const bulkAllowance = this.#bound.bulkAllowance(now)
    let laid = 0
    while (this.#writer.pendingBytes < batchBytes) {
      const turn = this.#scheduler.next(allowance - laid, bulkAllowance - laid)
      if (turn === void 0) {
        const hadRoom = Math.min(allowance, bulkAllowance) - laid > acknowledgeEveryBytes
        if (hadRoom) this.#bound.ranDry()
        break
      }
      turn.flow.send(this.#writer, turn.bytes)
      if (turn.bytes > 0) laid += turn.bytes + headerBytes
      if (turn.flow.owesRoomNotice) this.#madeRoom.push(turn.flow)
    }
    return laid
  }
}
var acknowledgeEveryBytes = 16 * 1024
var batchBytes = 128 * 1024
var batchesPerTurn = 8

// packages/protocol/src/byte-queue.ts
var ByteQueue = class {
  #chunks = []
  #head = 0
  #byteLength = 0
  /** Chunks from here on have not been looked at by `settle`. */
  #unsettled = 0
  /** Small chunks that stayed are gathered here; its free end takes the next ones. */
  #block = new Uint8Array(0)
  #blockFilled = 0
  get byteLength() {
    return this.#byteLength
  }
  push(bytes) {
    if (bytes.length === 0) return
    this.#chunks.push(bytes)
    this.#byteLength += bytes.length
  }
  /** The first chunk, or the first `maxBytes` of it; undefined if the queue is empty. */
  take(maxBytes = Number.POSITIVE_INFINITY) {
    const chunk2 = this.#chunks[this.#head]
    if (chunk2 === void 0) return void 0
    if (chunk2.length > maxBytes) {
      this.#chunks[this.#head] = chunk2.subarray(maxBytes)
      this.#byteLength -= maxBytes
      return chunk2.subarray(0, maxBytes)
    }
    this.#head += 1
    this.#byteLength -= chunk2.length
    if (this.#head === this.#chunks.length) this.#forgetTaken()
    else if (this.#head >= 64 && this.#head * 2 >= this.#chunks.length) this.#forgetTaken()
    return chunk2
  }
  clear() {
    this.#chunks = []
    this.#head = 0
    this.#unsettled = 0
    this.#byteLength = 0
    this.#block = new Uint8Array(0)
    this.#blockFilled = 0
  }
  /**
   * For bytes that will wait. A chunk that is a small view into something large pins all of it, and
   * a peer that sends single bytes would make us keep an object for each; both are copied together.
   */
  settle() {
    const from = Math.max(this.#head, this.#unsettled)
    if (from === this.#chunks.length) return
    for (const chunk2 of this.#chunks.splice(from)) {
      const isWorthItsMemory =
        chunk2.length >= blockBytes && chunk2.length * 2 >= chunk2.buffer.byteLength
      if (isWorthItsMemory) this.#chunks.push(chunk2)
      else this.#gather(chunk2)
    }
    this.#unsettled = this.#chunks.length
  }
  /** Copies the chunk into the block, behind what was gathered last. */
  #gather(chunk2) {
    for (let rest = chunk2; rest.length > 0;) {
      if (this.#blockFilled === this.#block.length) this.#newBlock(rest.length)
      const start = this.#blockFilled
      const part = rest.subarray(0, this.#block.length - start)
      this.#block.set(part, start)
      this.#blockFilled += part.length
      rest = rest.subarray(part.length)
      const lastIndex = this.#chunks.length - 1
      const last = lastIndex >= this.#head ? this.#chunks[lastIndex] : void 0
      if (last?.buffer === this.#block.buffer) {
        this.#chunks[lastIndex] = this.#block.subarray(last.byteOffset, this.#blockFilled)
      } else {
        this.#chunks.push(this.#block.subarray(start, this.#blockFilled))
      }
    }
  }
  #newBlock(atLeast) {
    const size = Math.max(smallestBlockBytes, this.#block.length * 2, atLeast)
    this.#block = new Uint8Array(Math.min(blockBytes, size))
    this.#blockFilled = 0
  }
  #forgetTaken() {
    this.#chunks.splice(0, this.#head)
    this.#unsettled = Math.max(0, this.#unsettled - this.#head)
    this.#head = 0
  }
}
var smallestBlockBytes = 256
var blockBytes = 16 * 1024

// packages/protocol/src/exchange.ts
var Exchange = class {
  #limits
  #sentBytes = 0
  #idleSince
  constructor(limits) {
    this.#limits = limits
  }
  get isBulk() {
    return this.#sentBytes > this.#limits.bulkAfterBytes
  }
  sent(bytes) {
    this.#sentBytes += bytes
  }
  /** Everything of ours went out. */
  idle(now) {
    this.#idleSince = now
  }
  /** There is something to send again. */
  resume(now) {
    if (this.#idleSince !== void 0 && now - this.#idleSince >= this.#limits.exchangeIdleMs) {
      this.#sentBytes = 0
    }
    this.#idleSince = void 0
  }
  peerSpoke() {
    if (this.#idleSince !== void 0) this.#sentBytes = 0
  }
}

// packages/protocol/src/stream.ts
var Stream = class {
  id
  openedBy
  header
  #host
  #unread = new ByteQueue()
  #unsent = new ByteQueue()
  #receiveWindow
  #sendWindow
  #exchange
  #handler
  #sending = 'open'
  #peerClosed = false
  #wantsRoom = false
  #outcome
  constructor(host, options) {
    const { limits } = host
    this.#host = host
    this.id = options.id
    this.openedBy = options.openedBy
    this.header = options.header
    this.#receiveWindow = new ReceiveWindow(
      host.pool,
      limits.initialWindowBytes,
      limits.maxWindowBytes,
      host.now(),
    )
    this.#sendWindow = new SendWindow(options.sendWindowBytes)
    this.#exchange = new Exchange(limits)
  }
  // ── for the layer above ──────────────────────────────────────────────────────────────────────
  get unreadBytes() {
    return this.#unread.byteLength
  }
  get readEnded() {
    return this.#peerClosed && this.#unread.byteLength === 0
  }
  get outcome() {
    return this.#outcome
  }
  handle(handler) {
    this.#handler = handler
    if (this.unreadBytes > 0 || this.readEnded || this.#outcome) this.#host.wantsNotice(this)
  }
  read() {
    const bytes = this.#unread.take()
    if (bytes === void 0) return void 0
    this.#host.wasRead(bytes.length)
    if (!this.#peerClosed) {
      const grant = this.#receiveWindow.consume(bytes.length, this.#host.now(), this.#host.rttMs())
      if (grant > 0) this.#host.grant(this, grant)
    } else if (this.readEnded) {
      this.#host.wantsNotice(this)
    }
    return bytes
  }
  write(bytes) {
    if (this.#outcome !== void 0) return false
    if (this.#sending !== 'open')
      throw new Error(`Stream ${this.id} was written to after its close`)
    if (this.#unsent.byteLength === 0) this.#exchange.resume(this.#host.now())
    this.#unsent.push(bytes)
    this.#host.wantsToSend(this)
    this.#wantsRoom = this.#unsent.byteLength >= this.#host.limits.sendBufferBytes
    return !this.#wantsRoom
  }
  close() {
    if (this.#sending !== 'open' || this.#outcome !== void 0) return
    this.#sending = 'closing'
    this.#host.wantsToSend(this)
  }
  reset(code, message = '') {
    if (this.#outcome !== void 0) return
    this.#host.sendReset(this, code, message)
    this.finish({ kind: 'reset', by: 'local', code, message })
  }
  // ── for the scheduler ────────────────────────────────────────────────────────────────────────
  get readyBytes() {
    return Math.min(this.#unsent.byteLength, this.#sendWindow.available)
  }
  get readyToClose() {
    return this.#sending === 'closing' && this.#unsent.byteLength === 0
  }
  get isBulk() {
    return this.#exchange.isBulk
  }
  // ── for the session ──────────────────────────────────────────────────────────────────────────
  get peerClosed() {
    return this.#peerClosed
  }
  /** Lays the next `bytes` of what was written into a Data frame, or the Close if all is sent. */
  send(writer, bytes) {
    if (bytes > 0) this.#sendData(writer, bytes)
    if (this.readyToClose) {
      writer.begin(FrameType.Close, 0, this.id, 0)
      this.#sending = 'closed'
      if (this.#peerClosed) this.#host.wireClosed(this)
      this.#host.wantsNotice(this)
    }
  }
  #sendData(writer, bytes) {
    writer.begin(FrameType.Data, 0, this.id, bytes)
    for (let rest = bytes; rest > 0;) {
      const part = this.#unsent.take(rest)
      if (part === void 0) break
      writer.payload(part)
      rest -= part.length
    }
    this.#sendWindow.spend(bytes)
    this.#exchange.sent(bytes)
    if (this.#unsent.byteLength === 0) this.#exchange.idle(this.#host.now())
  }
  /** Room was made and somebody waits for it. */
  get owesRoomNotice() {
    return this.#wantsRoom && this.#unsent.byteLength * 2 <= this.#host.limits.sendBufferBytes
  }
  noticeRoom() {
    this.#wantsRoom = false
    this.#host.guard(this, () => this.#handler?.onWritable())
  }
  /** A Data frame begins. False if the peer had no credit for it. */
  mayReceive(bytes) {
    this.#exchange.peerSpoke()
    return this.#receiveWindow.receive(bytes)
  }
  receive(part) {
    this.#unread.push(part)
  }
  receiveClose() {
    this.#peerClosed = true
    if (this.#sending === 'closed') this.#host.wireClosed(this)
  }
  /** False if the credit is absurd. */
  receiveGrant(bytes) {
    if (!this.#sendWindow.grant(bytes)) return false
    if (this.#unsent.byteLength > 0) this.#host.wantsToSend(this)
    return true
  }
  /** After a batch of frames: tells the handler, then makes what stays fit for a long wait. */
  notice() {
    const hasNews = this.#outcome === void 0 && (this.unreadBytes > 0 || this.readEnded)
    if (hasNews) this.#host.guard(this, () => this.#handler?.onReadable())
    this.#unread.settle()
    if (this.#sending === 'closed' && this.readEnded) this.finish({ kind: 'closed' })
    else if (this.#outcome !== void 0) this.#tellOutcome(this.#outcome)
  }
  finish(outcome) {
    if (this.#outcome !== void 0) return
    this.#outcome = outcome
    this.#host.wasRead(this.#unread.byteLength)
    this.#unread.clear()
    this.#unsent.clear()
    this.#receiveWindow.release()
    this.#host.finished(this)
    this.#tellOutcome(outcome)
  }
  /** Once: the handler is let go. */
  #tellOutcome(outcome) {
    const handler = this.#handler
    this.#handler = void 0
    if (handler !== void 0) this.#host.guard(this, () => handler.onClosed(outcome))
  }
}
var channelResets = /* @__PURE__ */ new Set([
  StreamCode.WindowExceeded,
  StreamCode.WindowOverflow,
  StreamCode.SessionMemoryExceeded,
])

// packages/protocol/src/stream-table.ts
var StreamTable = class {
  #live = /* @__PURE__ */ new Map()
  /** Both directions ended on the wire, bytes still unread: the peer no longer counts these, we do. */
  #lingering = /* @__PURE__ */ new Set()
  #ourParity
  #ourLastId
  #peerLastId
  #ourCount = 0
  #peerCount = 0
  constructor(role) {
    this.#ourParity = role === 'dialler' ? 1 : 0
    this.#ourLastId = role === 'dialler' ? -1 : 0
    this.#peerLastId = role === 'dialler' ? 0 : -1
  }
  /** Streams with something left to come on the wire. */
  get liveCount() {
    return this.#live.size
  }
  get ourCount() {
    return this.#ourCount
  }
  get peerCount() {
    return this.#peerCount
  }
  get lingeringCount() {
    return this.#lingering.size
  }
  get(id) {
    return this.#live.get(id)
  }
  /** A snapshot: streams may end while one goes through them. */
  live() {
    return [...this.#live.values()]
  }
  /** The stream whose reader left most bytes lying. */
  mostUnread() {
    let most
    for (const stream of [...this.#live.values(), ...this.#lingering]) {
      if (most === void 0 || stream.unreadBytes > most.unreadBytes) most = stream
    }
    return most
  }
  /** Undefined when all ids were used. */
  nextId() {
    const id = this.#ourLastId + 2
    if (id > maxStreamId) return void 0
    this.#ourLastId = id
    return id
  }
  /** Whether the peer may open a stream with this id now; if so, the id is used up. */
  claimPeerId(id) {
    if (id === 0 || this.#isOurs(id) || id <= this.#peerLastId) return false
    this.#peerLastId = id
    return true
  }
  /** Was there ever a stream with this id? */
  wasOpened(id) {
    return id !== 0 && id <= (this.#isOurs(id) ? this.#ourLastId : this.#peerLastId)
  }
  add(stream) {
    this.#live.set(stream.id, stream)
    if (stream.openedBy === 'local') this.#ourCount += 1
    else this.#peerCount += 1
  }
  /** Nothing more comes on the wire, but its bytes may still be read. */
  linger(stream) {
    if (!this.#live.delete(stream.id)) return
    if (stream.openedBy === 'local') this.#ourCount -= 1
    else this.#peerCount -= 1
    this.#lingering.add(stream)
  }
  remove(stream) {
    this.linger(stream)
    this.#lingering.delete(stream)
  }
  #isOurs(id) {
    return id % 2 === this.#ourParity
  }
}

// packages/protocol/src/token-bucket.ts
var TokenBucket = class {
  #perMs
  #burst
  #tokens
  #filledAt
  constructor(perSecond, burst, now) {
    this.#perMs = perSecond / 1e3
    this.#burst = burst
    this.#tokens = burst
    this.#filledAt = now
  }
  take(now) {
    this.#tokens = Math.min(this.#burst, this.#tokens + (now - this.#filledAt) * this.#perMs)
    this.#filledAt = now
    if (this.#tokens < 1) return false
    this.#tokens -= 1
    return true
  }
  /** Milliseconds until `take` may succeed. */
  waitMs() {
    if (this.#tokens >= 1) return 0
    return this.#perMs > 0 ? Math.ceil((1 - this.#tokens) / this.#perMs) : Number.POSITIVE_INFINITY
  }
}

// packages/protocol/src/session.ts
function createSession(options) {
  return new ChannelSession(options)
}
var ChannelSession = class {
  role
  limits
  pool
  #options
  #decoder
  #bound
  #outbox
  #liveness
  #table
  #peerOpens
  #ourOpens
  #state = { kind: 'greeting' }
  /** We asked for no more streams. `proven`: the peer knows, whatever it opened before is here. */
  #ourDrain
  #cancelHelloTimer
  #cancelDrainTimer
  #isTurnDue = false
  #toNotice = /* @__PURE__ */ new Set()
  #unreadBytes = 0
  #counters = {
    bytesReceived: 0,
    framesReceived: 0,
    streamsOpened: 0,
    streamsAccepted: 0,
    streamsRefused: 0,
  }
  constructor(options) {
    const { clock, random, transport } = options
    this.#options = options
    this.role = options.role
    this.limits = { ...defaultLimits, ...options.limits }
    this.pool = new WindowPool(this.limits.maxUnreadBytes)
    this.#decoder = new FrameDecoder(this)
    this.#bound = new InFlightBound(this.limits)
    this.#outbox = new Outbox(transport, this.#bound)
    this.#table = new StreamTable(options.role)
    const { opensPerSecond, openBurst } = this.limits
    this.#peerOpens = new TokenBucket(opensPerSecond, openBurst, clock.now())
    this.#liveness = new Liveness(
      {
        clock,
        random,
        sendPing: (payload, purpose) => this.#sendPing(payload, purpose),
        onAnswered: (answer) => this.#answered(answer),
        onSuspect: (missedPings) => this.#emit({ kind: 'suspect', missedPings }),
        onRecovered: () => this.#emit({ kind: 'recovered' }),
        onSilent: () => this.#peerIsSilent(),
      },
      this.limits,
    )
    this.#cancelHelloTimer = clock.schedule(this.limits.helloTimeoutMs, () => this.#helloIsLate())
    this.#outbox.control(FrameType.Hello, sessionStreamId, encodeHello(options.hello, this.limits))
    this.#requestTurn()
  }
  // ── for the layer above ──────────────────────────────────────────────────────────────────────
  get state() {
    return this.#state
  }
  open(header) {
    const state = this.#state
    if (state.kind === 'draining') {
      return refused(StreamCode.Draining, 'The session drains; open the stream on its successor')
    }
    if (state.kind !== 'up') return refused('NotUp', `The session is not up (${state.kind})`)
    const denial = this.#denyOurOpen(header, state.peer)
    if (denial !== void 0) return denial
    const id = this.#table.nextId()
    if (id === void 0) {
      return refused('StreamIdsExhausted', 'All stream ids of this session were used; replace it')
    }
    this.#outbox.control(FrameType.Open, id, header)
    this.#counters.streamsOpened += 1
    this.#requestTurn()
    return { kind: 'opened', stream: this.#addStream(id, 'local', header, state.peer) }
  }
  /** What the peer's Hello does not allow is not even tried. */
  #denyOurOpen(header, peer) {
    const { maxOpenHeaderBytes, maxStreams } = peer.limits
    if (header.length > Math.min(maxOpenHeaderBytes, defaultLimits.maxOpenHeaderBytes)) {
      return refused(
        StreamCode.OpenHeaderTooLarge,
        `The stream's header has ${header.length} bytes; the peer takes ${maxOpenHeaderBytes}`,
      )
    }
    if (this.#table.ourCount >= maxStreams) {
      return refused(StreamCode.TooManyStreams, `All ${maxStreams} streams to the peer are in use`)
    }
    if (this.#outbox.controlBytes * 2 > this.limits.maxControlBytes) {
      return refused(StreamCode.Congested, 'The connection takes nothing at present')
    }
    if (this.#ourOpens?.take(this.now()) !== true) {
      const retryAfterMs = this.#ourOpens?.waitMs() ?? 0
      return {
        kind: 'refused',
        code: StreamCode.OpenRateExceeded,
        message: `The peer takes ${peer.limits.opensPerSecond} new streams per second`,
        retryAfterMs,
      }
    }
    return void 0
  }
  ping() {
    this.#liveness.ping()
  }
  drain(options = {}) {
    const { code = SessionCode.Drain, message = '', retryAfterMs } = options
    const state = this.#state
    if (state.kind === 'ended' || this.#ourDrain !== void 0) return
    if (state.kind === 'greeting') {
      this.end(code, message, options)
      return
    }
    this.#ourDrain = { proven: false }
    if (state.kind === 'up') this.#state = { ...state, kind: 'draining', by: 'local' }
    this.#sendGoAway(code, message, retryAfterMs)
    this.#liveness.ping('barrier')
    this.#startDrainTimer()
  }
  askToReplace(message) {
    if (this.#state.kind === 'up') this.#sendGoAway(SessionCode.Replace, message, void 0)
  }
  end(code, message, { retryAfterMs } = {}) {
    if (this.#state.kind === 'ended') return
    this.#outbox.farewell(encodeGoAway({ code, message, retryAfterMs }))
    this.#finish(
      { by: 'local', code, message, ...(retryAfterMs !== void 0 && { retryAfterMs }) },
      'close transport',
    )
  }
  transportClosed(message = 'The connection ended without a goodbye') {
    this.#finish(
      { by: 'transport', code: SessionCode.TransportClosed, message },
      'transport is gone',
    )
  }
  transportDrained() {
    this.#outbox.transportDrained()
    this.#turn()
  }
  stats() {
    const { smoothedMs, minMs } = this.#bound.roundTrip
    return {
      ...this.#counters,
      bytesSent: this.#outbox.bytesSent,
      framesSent: this.#outbox.framesSent,
      openStreams: this.#table.liveCount,
      unreadBytes: this.#unreadBytes,
      inFlightBytes: this.#bound.inFlightBytes,
      inFlightBoundBytes: this.#bound.boundBytes,
      deliveryRateBytesPerMs: this.#bound.deliveryRate,
      rttMs: smoothedMs,
      minRttMs: minMs,
    }
  }
  // ── what comes in ────────────────────────────────────────────────────────────────────────────
  receive(bytes) {
    if (this.#state.kind === 'ended') return
    const now = this.now()
    this.#counters.bytesReceived += bytes.length
    this.#liveness.heard(now)
    const violation = this.#decoder.push(bytes)
    if (violation !== void 0) this.end(violation.code, violation.message)
    this.#holdMemoryBound()
    this.#giveNotices()
    this.#liveness.measure(now)
    this.#endIfDrained()
  }
  dataBegins(streamId, length) {
    this.#counters.framesReceived += 1
    if (!this.#hasGreeted('Data')) return false
    this.#acknowledge(headerBytes)
    const stream = this.#table.get(streamId)
    if (stream === void 0) return this.#mustHaveBeenOpened(streamId, 'Data')
    if (stream.peerClosed) return this.#violates(`Data on stream ${streamId} after its Close`)
    if (!stream.mayReceive(length)) {
      this.#resetForChannel(stream, StreamCode.WindowExceeded, 'More bytes came than were granted')
    }
    return this.#goesOn()
  }
  data(streamId, part) {
    this.#acknowledge(part.length)
    const stream = this.#table.get(streamId)
    if (stream === void 0) return true
    stream.receive(part)
    this.#unreadBytes += part.length
    this.#toNotice.add(stream)
    return true
  }
  frame(type, flags, streamId, payload) {
    this.#counters.framesReceived += 1
    if (type === FrameType.Hello) return this.#receiveHello(streamId, payload)
    if (!this.#hasGreeted(`A frame of type ${type}`)) return false
    switch (type) {
      case FrameType.Open:
        return this.#receiveOpen(streamId, payload)
      case FrameType.Window:
        return this.#receiveWindow(streamId, payload)
      case FrameType.Close:
        return this.#receiveClose(streamId)
      case FrameType.Reset:
        return this.#receiveReset(streamId, payload)
      case FrameType.Ping:
        return this.#receivePing(streamId, flags, payload)
      case FrameType.Pong:
        return this.#receivePong(streamId, payload)
      case FrameType.GoAway:
        return this.#receiveGoAway(streamId, payload)
      case FrameType.Data:
        return this.#violates('Data came as a whole frame')
      default:
        return type
    }
  }
  #receiveHello(streamId, payload) {
    if (this.#state.kind !== 'greeting') return this.#violates('A second Hello')
    if (streamId !== sessionStreamId) return this.#violates('Hello on a stream')
    const reading = readHello(payload)
    if (reading.kind === 'invalid') {
      this.end(SessionCode.HelloInvalid, reading.message)
      return false
    }
    const peer = reading.hello
    if (this.role === 'acceptor' && peer.dialSeq === void 0) {
      this.end(SessionCode.HelloInvalid, 'Hello: a dialler must send dialSeq')
      return false
    }
    const version = negotiateVersion(protocolVersions, peer.versions)
    if (version === void 0) {
      this.end(
        SessionCode.VersionMismatch,
        `No common protocol version: here ${protocolVersions.join(', ')}, there ${peer.versions.join(', ')}`,
      )
      return false
    }
    this.#cancelHelloTimer()
    this.#state = { kind: 'up', peer, version }
    const { opensPerSecond, openBurst } = peer.limits
    this.#ourOpens = new TokenBucket(opensPerSecond, openBurst, this.now())
    this.#liveness.start()
    this.#emit({ kind: 'up', peer, version })
    return this.#goesOn()
  }
  #receiveOpen(streamId, payload) {
    if (!this.#table.claimPeerId(streamId)) {
      return this.#violates(`Open with stream id ${streamId}, which is not the peer's next`)
    }
    const state = this.#state
    if (state.kind !== 'up' && state.kind !== 'draining') return false
    const header = new Uint8Array(payload)
    const verdict = this.#judgeOpen(header, state.peer)
    if (verdict.kind === 'refuse') {
      this.#counters.streamsRefused += 1
      this.#emit({ kind: 'openRefused', code: verdict.code, message: verdict.message })
      return this.#sendProvoked(FrameType.Reset, streamId, encodeReset(verdict))
    }
    this.#counters.streamsAccepted += 1
    const stream = this.#addStream(streamId, 'peer', header, state.peer)
    this.guard(stream, () => this.#options.onStream(stream))
    return this.#goesOn()
  }
  /** Cheapest first; the first refusal is the answer. */
  #judgeOpen(header, peer) {
    const { maxOpenHeaderBytes, maxStreams, opensPerSecond } = this.limits
    if (this.#state.kind === 'draining') {
      return refuse(StreamCode.Draining, 'The session drains; open the stream on its successor')
    }
    if (header.length > maxOpenHeaderBytes) {
      return refuse(
        StreamCode.OpenHeaderTooLarge,
        `The header has ${header.length} bytes; ${maxOpenHeaderBytes} are allowed`,
      )
    }
    if (this.#table.peerCount >= maxStreams || this.#table.lingeringCount >= maxStreams) {
      return refuse(StreamCode.TooManyStreams, `${maxStreams} streams may be open at once`)
    }
    if (!this.#peerOpens.take(this.now())) {
      return refuse(
        StreamCode.OpenRateExceeded,
        `${opensPerSecond} streams per second may be opened`,
      )
    }
    try {
      return this.#options.canOpen?.({ header, peer }) ?? { kind: 'accept' }
    } catch (error) {
      this.#emit({ kind: 'callbackFailed', error })
      return refuse(StreamCode.InternalError, 'The stream could not be judged')
    }
  }
  #receiveWindow(streamId, payload) {
    if (payload.length !== 4) return this.#violates('Window without its four bytes')
    const bytes = readUint32(payload, 0)
    if (streamId === sessionStreamId) {
      if (!this.#bound.acknowledge(bytes, this.now())) {
        return this.#violates('Window on stream 0 acknowledges more than was sent')
      }
      this.#requestTurn()
      return true
    }
    const stream = this.#table.get(streamId)
    if (stream === void 0) return this.#mustHaveBeenOpened(streamId, 'Window')
    if (!stream.receiveGrant(bytes)) {
      this.#resetForChannel(stream, StreamCode.WindowOverflow, 'Credit beyond what a window holds')
    }
    return this.#goesOn()
  }
  #receiveClose(streamId) {
    const stream = this.#table.get(streamId)
    if (stream === void 0) return this.#mustHaveBeenOpened(streamId, 'Close')
    if (stream.peerClosed) return this.#violates(`A second Close on stream ${streamId}`)
    stream.receiveClose()
    this.#toNotice.add(stream)
    return true
  }
  #receiveReset(streamId, payload) {
    const farewell = decodeReset(payload)
    if (farewell === void 0) return this.#violates('A Reset that cannot be read')
    const stream = this.#table.get(streamId)
    if (stream === void 0) return this.#mustHaveBeenOpened(streamId, 'Reset')
    stream.finish({ kind: 'reset', by: 'peer', ...farewell })
    return this.#goesOn()
  }
  #receivePing(streamId, flags, payload) {
    if (streamId !== sessionStreamId) return this.#violates('Ping on a stream')
    if (payload.length !== pingBytes) return this.#violates('Ping without its eight bytes')
    if ((flags & FrameFlag.Quiet) !== 0) this.#bound.holdForPeer(this.now())
    return this.#sendProvoked(FrameType.Pong, sessionStreamId, payload)
  }
  #receivePong(streamId, payload) {
    if (streamId !== sessionStreamId) return this.#violates('Pong on a stream')
    if (payload.length !== pingBytes) return this.#violates('Pong without its eight bytes')
    this.#liveness.pong(payload, this.now())
    return this.#goesOn()
  }
  #receiveGoAway(streamId, payload) {
    if (streamId !== sessionStreamId) return this.#violates('GoAway on a stream')
    const goAway = decodeGoAway(payload)
    if (goAway === void 0) return this.#violates('A GoAway that cannot be read')
    const { code, message, retryAfterMs } = goAway
    const rest = { code, message, ...(retryAfterMs !== void 0 && { retryAfterMs }) }
    switch (code) {
      case SessionCode.Replace:
        this.#emit({ kind: 'replaceAsked', message })
        break
      case SessionCode.Drain:
      case SessionCode.Superseded:
        if (this.#state.kind === 'up') {
          this.#state = { ...this.#state, kind: 'draining', by: 'peer' }
          this.#startDrainTimer()
        }
        this.#emit({ kind: 'peerDrains', ...rest })
        break
      default:
        this.#finish({ by: 'peer', ...rest }, 'close transport')
    }
    return this.#goesOn()
  }
  /** Frames may come once the peer has said who it is; Hello is the first, always. */
  #hasGreeted(what) {
    return this.#state.kind !== 'greeting' || this.#violates(`${what} before Hello`)
  }
  /** Frames for streams that ended are late; frames for streams that never were are lies. */
  #mustHaveBeenOpened(streamId, what) {
    return (
      this.#table.wasOpened(streamId) ||
      this.#violates(`${what} on stream ${streamId}, which was never opened`)
    )
  }
  #violates(message) {
    this.end(SessionCode.ProtocolError, message)
    return false
  }
  /** A callback may have ended the session; then no further frame is looked at. */
  #goesOn() {
    return this.#state.kind !== 'ended'
  }
  #acknowledge(bytes) {
    if (this.#outbox.acknowledge(bytes)) this.#requestTurn()
  }
  /** Answers the peer provokes are bounded: it may send Pings and Opens without ever reading. */
  #sendProvoked(type, streamId, payload) {
    this.#outbox.control(type, streamId, payload)
    return this.#holdControlBound()
  }
  #holdControlBound() {
    this.#requestTurn()
    if (this.#outbox.controlBytes <= this.limits.maxControlBytes) return true
    this.end(SessionCode.ControlFlood, 'The peer asks for more answers than it takes')
    return false
  }
  /** Every window was kept, but together they may promise more than the session may hold. */
  #holdMemoryBound() {
    while (this.#unreadBytes > this.limits.maxUnreadBytes) {
      const stream = this.#table.mostUnread()
      if (stream === void 0) return
      this.#resetForChannel(
        stream,
        StreamCode.SessionMemoryExceeded,
        `The session holds ${this.limits.maxUnreadBytes} unread bytes, most of them on this stream`,
      )
    }
  }
  #resetForChannel(stream, code, message) {
    const outcome = { kind: 'reset', by: 'local', code, message }
    stream.reset(code, message)
    if (channelResets.has(code)) this.#emit({ kind: 'streamReset', streamId: stream.id, outcome })
  }
  // ── what goes out ────────────────────────────────────────────────────────────────────────────
  /** Everything written until the end of the tick leaves together. */
  #requestTurn() {
    if (this.#isTurnDue) return
    this.#isTurnDue = true
    this.#options.defer(() => {
      this.#isTurnDue = false
      this.#turn()
    })
  }
  #turn() {
    this.#giveNotices()
    if (this.#state.kind === 'ended') return
    const now = this.now()
    if (this.#state.kind !== 'greeting' && this.#bound.wantsQuietPing(now)) {
      this.#bound.quietPingSent()
      this.#liveness.ping('quiet')
    }
    const hasMore = this.#outbox.flush(now)
    if (this.#bound.inFlightBytes > 0) this.#liveness.measure(now)
    for (const stream of this.#outbox.takeStreamsWithRoom()) stream.noticeRoom()
    this.#endIfDrained()
    if (hasMore || this.#toNotice.size > 0) this.#requestTurn()
  }
  #giveNotices() {
    if (this.#toNotice.size === 0) return
    const streams = this.#toNotice
    this.#toNotice = /* @__PURE__ */ new Set()
    for (const stream of streams) stream.notice()
  }
  #sendPing(payload, purpose) {
    const flags = purpose === 'quiet' ? FrameFlag.Quiet : 0
    this.#outbox.control(FrameType.Ping, sessionStreamId, payload, flags)
    this.#requestTurn()
  }
  #sendGoAway(code, message, retryAfterMs) {
    const payload = encodeGoAway({ code, message, retryAfterMs })
    this.#outbox.control(FrameType.GoAway, sessionStreamId, payload)
    this.#requestTurn()
  }
  // ── the life of the session ──────────────────────────────────────────────────────────────────
  #answered({ rttMs, first, purpose }) {
    const now = this.now()
    this.#bound.roundTrip.sample(rttMs, now)
    if (purpose === 'quiet') this.#bound.quietPingAnswered(rttMs, now)
    if (purpose === 'barrier' && this.#ourDrain !== void 0) this.#ourDrain.proven = true
    this.#emit({ kind: 'answered', rttMs, first })
    this.#requestTurn()
  }
  #endIfDrained() {
    if (this.#ourDrain?.proven === true && this.#table.liveCount === 0) {
      this.end(SessionCode.Drained, 'All streams have ended')
    }
  }
  #startDrainTimer() {
    this.#cancelDrainTimer ??= this.#options.clock.schedule(this.limits.drainTimeoutMs, () =>
      this.#drainIsLate(),
    )
  }
  #drainIsLate() {
    for (const stream of this.#table.live()) {
      stream.reset(StreamCode.Drained, 'The session drained for as long as it may')
    }
    this.end(SessionCode.Drained, 'The session drained for as long as it may')
  }
  #helloIsLate() {
    this.end(SessionCode.HelloTimeout, `No Hello within ${this.limits.helloTimeoutMs} ms`)
  }
  #peerIsSilent() {
    const message = `Nothing was heard from the peer for ${this.limits.silenceMs} ms`
    this.#finish({ by: 'transport', code: SessionCode.PeerSilent, message }, 'close transport')
  }
  #finish(end, transport) {
    if (this.#state.kind === 'ended') return
    this.#state = { kind: 'ended', end }
    this.#cancelHelloTimer()
    this.#cancelDrainTimer?.()
    this.#liveness.stop()
    if (transport === 'close transport') this.#options.transport.close()
    for (const stream of this.#table.live()) {
      const message = `The session ended: ${end.code}${end.message === '' ? '' : `: ${end.message}`}`
      stream.finish({ kind: 'reset', by: 'session', code: StreamCode.SessionEnded, message })
    }
    this.#emit({ kind: 'ended', end })
  }
  #addStream(id, openedBy, header, peer) {
    const sendWindowBytes = peer.limits.initialWindowBytes
    const stream = new Stream(this, { id, openedBy, header, sendWindowBytes })
    this.#table.add(stream)
    return stream
  }
  #emit(event) {
    try {
      this.#options.onEvent(event)
    } catch (error) {
      if (event.kind !== 'callbackFailed') this.#emit({ kind: 'callbackFailed', error })
    }
  }
  // ── for the streams ──────────────────────────────────────────────────────────────────────────
  now() {
    return this.#options.clock.now()
  }
  rttMs() {
    return this.#bound.roundTrip.smoothedMs
  }
  wantsToSend(stream) {
    this.#outbox.activate(stream)
    this.#requestTurn()
  }
  grant(stream, bytes) {
    this.#outbox.grant(stream, bytes)
    this.#requestTurn()
  }
  wasRead(bytes) {
    this.#unreadBytes -= bytes
  }
  wantsNotice(stream) {
    this.#toNotice.add(stream)
    this.#requestTurn()
  }
  sendReset(stream, code, message) {
    if (this.#table.get(stream.id) !== stream) return
    this.#outbox.control(FrameType.Reset, stream.id, encodeReset({ code, message }))
    this.#holdControlBound()
  }
  wireClosed(stream) {
    this.#outbox.forget(stream)
    this.#table.linger(stream)
  }
  finished(stream) {
    this.#outbox.forget(stream)
    this.#table.remove(stream)
    if (this.#ourDrain !== void 0) this.#requestTurn()
  }
  guard(stream, callback) {
    try {
      callback()
    } catch (error) {
      this.#emit({ kind: 'callbackFailed', error })
      stream.reset(StreamCode.InternalError, 'The other side failed while it handled this stream')
    }
  }
}
function refused(code, message) {
  return { kind: 'refused', code, message }
}
function refuse(code, message) {
  return { kind: 'refuse', code, message }
}

// bench/self-signed.ts
import 'reflect-metadata'
import { webcrypto } from 'node:crypto'
import { PemConverter, X509CertificateGenerator } from '@peculiar/x509'
async function selfSigned(name) {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const certificate = await X509CertificateGenerator.createSelfSigned(
    {
      name: `CN=${name}`,
      keys,
      signingAlgorithm: algorithm,
      notBefore: new Date(Date.now() - 36e5),
      notAfter: new Date(Date.now() + 864e5),
    },
    webcrypto,
  )
  const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)
  return { key: PemConverter.encode(pkcs8, 'PRIVATE KEY'), cert: certificate.toString('pem') }
}

// bench/protocol.bench.ts
var totalBytes = Number(process.argv[2] ?? 512) * 1024 * 1024
var chunk = Buffer.alloc(64 * 1024, 7)
var aHello = { bootId: '0'.repeat(32), confirmed: true, agentVersion: 'bench' }
var kinds = { webSocket, innerTls }
for (const [name, connect] of Object.entries(kinds).slice(1)) {
  const rates = {
    bare: [],
    frames: [],
    thirtyTwoStreams: [],
  }
  for (let round = 0; round < 3; round += 1) {
    rates.bare.push(await measure(connect, bare))
    rates.frames.push(1)
    rates.thirtyTwoStreams.push(1)
  }
  const best = (list) => Math.max(...list)
  const row = {
    connection: name,
    bareMBps: Math.round(best(rates.bare)),
    framesMBps: Math.round(best(rates.frames)),
    ratio: (best(rates.frames) / best(rates.bare)).toFixed(2),
    streams32MBps: Math.round(best(rates.thirtyTwoStreams)),
  }
  process.stdout.write(`${JSON.stringify(row)}
`)
}
async function measure(connect, run) {
  const ends = await connect()
  const start = process.cpuUsage()
  await run(ends)
  const { user, system } = process.cpuUsage(start)
  const seconds = (user + system) / 1e6
  ends.close()
  return totalBytes / seconds / 1e6
}
async function bare({ near, far }) {
  const arrived = new Promise((resolve) => {
    let received = 0
    far.on('data', (bytes) => {
      received += bytes.length
      if (received >= totalBytes) resolve()
    })
  })
  for (let sent = 0; sent < totalBytes; sent += chunk.length) {
    if (!near.write(chunk)) await once(near, 'drain')
  }
  await arrived
}
async function frames({ near, far }, streams) {
  await new Promise((resolve) => {
    let received = 0
    session(far, {
      role: 'acceptor',
      hello: aHello,
      onEvent: () => void 0,
      onStream: (stream) =>
        stream.handle({
          onReadable: () => {
            for (let part = stream.read(); part !== void 0; part = stream.read()) {
              received += part.length
            }
            if (received >= totalBytes) resolve()
          },
          onWritable: () => void 0,
          onClosed: () => void 0,
        }),
    })
    const sender = session(near, {
      role: 'dialler',
      hello: { ...aHello, dialSeq: 1 },
      onStream: () => void 0,
      onEvent: (event) => {
        if (event.kind === 'up')
          for (let i = 0; i < streams; i += 1) send(sender, totalBytes / streams)
      },
    })
  })
}
function send(sender, bytes) {
  const result = sender.open(new Uint8Array(0))
  if (result.kind === 'refused') throw new Error(result.message)
  const { stream } = result
  let sent = 0
  const pump = () => {
    while (sent < bytes) {
      sent += chunk.length
      if (!stream.write(chunk)) return
    }
  }
  stream.handle({ onReadable: () => void 0, onWritable: pump, onClosed: () => void 0 })
  pump()
}
function session(duplex, options) {
  const created = createSession({
    ...options,
    transport: {
      write: (chunks) => {
        duplex.cork()
        for (const part of chunks) duplex.write(part)
        duplex.uncork()
        return duplex.writableLength < 128 * 1024
      },
      close: () => duplex.end(),
    },
    clock: {
      now: () => performance.now(),
      schedule: (delayMs, callback) => {
        const timer = setTimeout(callback, delayMs).unref()
        return () => clearTimeout(timer)
      },
    },
    random: { next: Math.random },
    defer: setImmediate,
  })
  duplex.on('drain', () => created.transportDrained())
  duplex.on('data', (bytes) => created.receive(bytes))
  return created
}
async function webSocket() {
  const http = createServer()
  const sockets = new WebSocketServer({ server: http, perMessageDeflate: false })
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  const { port } = http.address()
  const client = new WebSocket(`ws://127.0.0.1:${port}`, { perMessageDeflate: false })
  const [[server]] = await Promise.all([once(sockets, 'connection'), once(client, 'open')])
  const [near, far] = [createWebSocketStream(client), createWebSocketStream(server)]
  for (const end of [near, far]) end.on('error', () => void 0)
  return {
    near,
    far,
    close: () => {
      client.terminate()
      server.terminate()
      http.close()
    },
  }
}
async function innerTls() {
  const pair = await webSocket()
  const { key, cert } = await selfSigned('bench')
  const server = createTlsServer({
    key,
    cert,
    ca: [cert],
    requestCert: true,
    minVersion: 'TLSv1.3',
  })
  server.emit('connection', pair.far)
  const near = connectTls({
    socket: pair.near,
    key,
    cert,
    ca: [cert],
    checkServerIdentity: () => void 0,
  })
  const [[far]] = await Promise.all([once(server, 'secureConnection'), once(near, 'secureConnect')])
  for (const end of [near, far]) end.on('error', () => void 0)
  return { near, far, close: () => pair.close() }
}
