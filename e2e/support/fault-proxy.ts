/**
 * A path between a client and whatever is behind it, with the faults of real ones: delay, a rate, resets, connections of
 * which one end alone is gone, silence, changed bytes. In the test's own process, for tests of every kind.
 */
import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'

export type PathDirection = 'toTarget' | 'toClient'

export interface PathShape {
  /** One way. */
  readonly delayMs: number
  /** Each direction has its own. */
  readonly bytesPerSecond: number
  /**
   * What waits in the path before it takes no more. The sockets on both sides of it hold megabytes on top, as those of
   * an ingress do: a slow path looks fast to whoever writes into it, until all of that is full.
   */
  readonly bufferBytes: number
}

const idealPath: PathShape = {
  delayMs: 0,
  bytesPerSecond: Number.POSITIVE_INFINITY,
  bufferBytes: 1024 * 1024,
}

export interface FaultProxyOptions {
  /** Finds whoever is behind it at that moment. */
  readonly dial: () => Promise<Duplex>
  readonly host?: string
  readonly shape?: Partial<PathShape>
  /** Keeps all that passes, for tests that look at it. */
  readonly isRecording?: boolean
}

export interface FaultProxy {
  readonly port: number
  /** Connections that are open at the client's side. */
  readonly connections: number
  /** For connections made from now on. */
  shape: PathShape
  /** What is passed on in place of what came. Undefined: nothing. */
  alter: (bytes: Buffer, direction: PathDirection) => Buffer | undefined
  /** What came from each client, in order of connection, before it was altered; and everything both ways. */
  readonly recorded: readonly Buffer[][]
  seen(): Buffer
  /** Ends every connection, and every further one at once. */
  cut(): void
  mend(): void
  /** Both ends of every connection get a reset. */
  reset(): void
  /** From here on nothing passes on connections there are, not even their ends: a frozen peer, a cable pulled. */
  freeze(): void
  thaw(): void
  /** One end is told that the connection is over, the other hears nothing. */
  halfOpen(told: 'client' | 'target'): void
  close(): Promise<void>
}

export async function openFaultProxy({
  dial,
  host = '127.0.0.1',
  shape = {},
  isRecording = false,
}: FaultProxyOptions): Promise<FaultProxy> {
  const paths = new Set<Path>()
  const recorded: Buffer[][] = []
  const all: Buffer[] = []
  let isCut = false

  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    // What it means for a connection is seen by those who use it.
    client.on('error', () => client.destroy())
    if (isCut) {
      client.destroy()
      return
    }
    const own: Buffer[] = []
    recorded.push(own)
    const path = new Path(client, proxy.shape, (bytes, direction) => {
      if (isRecording) all.push(bytes)
      if (isRecording && direction === 'toTarget') own.push(bytes)
      return proxy.alter(bytes, direction)
    })
    paths.add(path)
    client.once('close', () => paths.delete(path))
    void path.join(dial)
  })
  server.listen(0, host)
  await once(server, 'listening')

  const each = (what: (path: Path) => void): void => [...paths].forEach(what)
  const proxy: FaultProxy = {
    port: (server.address() as AddressInfo).port, // listening on TCP
    get connections() {
      return paths.size
    },
    shape: { ...idealPath, ...shape },
    alter: (bytes) => bytes,
    recorded,
    seen: () => Buffer.concat(all),
    cut() {
      isCut = true
      each((path) => path.end())
    },
    mend() {
      isCut = false
    },
    reset: () => each((path) => path.reset()),
    freeze: () => each((path) => path.freeze()),
    thaw: () => each((path) => path.thaw()),
    halfOpen: (told) => each((path) => path.halfOpen(told)),
    async close() {
      server.close()
      each((path) => path.end())
      await once(server, 'close')
    },
  }
  return proxy
}

type Tap = (bytes: Buffer, direction: PathDirection) => Buffer | undefined

/** One connection through the proxy. */
class Path {
  readonly #client: Socket
  readonly #shape: PathShape
  readonly #tap: Tap
  #target: Duplex | undefined
  #lanes: Lane[] = []
  /** Ends are kept from the other side. */
  #isSilent = false

  constructor(client: Socket, shape: PathShape, tap: Tap) {
    this.#client = client
    this.#shape = shape
    this.#tap = tap
  }

  async join(dial: () => Promise<Duplex>): Promise<void> {
    try {
      const target = await dial()
      this.#target = target
      target.on('error', () => target.destroy())
      if (this.#client.destroyed) target.destroy()
      this.#lanes = [
        new Lane(this.#client, target, this.#shape, (bytes) => this.#tap(bytes, 'toTarget')),
        new Lane(target, this.#client, this.#shape, (bytes) => this.#tap(bytes, 'toClient')),
      ]
      this.#client.once('close', () => this.#ended(target))
      target.once('close', () => this.#ended(this.#client))
    } catch {
      this.#client.destroy() // nobody there: as with a port nobody listens on
    }
  }

  #ended(other: Duplex): void {
    if (!this.#isSilent) other.destroy()
  }

  end(): void {
    this.#isSilent = false
    this.thaw()
    this.#client.destroy()
    this.#target?.destroy()
  }

  reset(): void {
    this.#client.resetAndDestroy()
    destroyHard(this.#target)
  }

  freeze(): void {
    this.#isSilent = true
    for (const lane of this.#lanes) lane.hold()
  }

  thaw(): void {
    if (this.#client.destroyed || this.#target?.destroyed === true) return
    this.#isSilent = false
    for (const lane of this.#lanes) lane.goOn()
  }

  halfOpen(told: 'client' | 'target'): void {
    this.freeze()
    destroyHard(told === 'client' ? this.#client : this.#target)
  }
}

function destroyHard(end: Duplex | undefined): void {
  if (end !== undefined && 'resetAndDestroy' in end) (end as Socket).resetAndDestroy()
  else end?.destroy()
}

/** One direction: bytes leave one after the other at the path's rate, and arrive after its delay. */
class Lane {
  readonly #from: Duplex
  readonly #to: Duplex
  readonly #shape: PathShape
  readonly #queue: { readonly bytes: Buffer; readonly arrivesAt: number }[] = []
  #queuedBytes = 0
  #busyUntil = 0
  #timer: NodeJS.Timeout | undefined
  #isHeld = false
  #isBlocked = false
  #hasEnded = false

  constructor(
    from: Duplex,
    to: Duplex,
    shape: PathShape,
    alter: (bytes: Buffer) => Buffer | undefined,
  ) {
    this.#from = from
    this.#to = to
    this.#shape = shape
    from.on('data', (bytes: Buffer) => {
      const passed = alter(bytes)
      if (passed !== undefined) this.#take(passed)
    })
    from.once('end', () => {
      this.#hasEnded = true
      this.#deliver()
    })
    to.on('drain', () => {
      this.#isBlocked = false
      this.#deliver()
    })
    to.once('close', () => clearTimeout(this.#timer))
  }

  hold(): void {
    this.#isHeld = true
    this.#from.pause()
  }

  goOn(): void {
    this.#isHeld = false
    this.#deliver()
  }

  #take(bytes: Buffer): void {
    for (let at = 0; at < bytes.length; at += segmentBytes) {
      const segment = bytes.subarray(at, at + segmentBytes)
      const leavesAt =
        Math.max(performance.now(), this.#busyUntil) +
        (segment.length / this.#shape.bytesPerSecond) * 1_000
      this.#busyUntil = leavesAt
      this.#queue.push({ bytes: segment, arrivesAt: leavesAt + this.#shape.delayMs })
    }
    this.#queuedBytes += bytes.length
    if (this.#queuedBytes > this.#capacityBytes) this.#from.pause()
    this.#deliver()
  }

  /** What is under way is no buffer: a long path holds it without anybody waiting. */
  get #capacityBytes(): number {
    const { bytesPerSecond, delayMs, bufferBytes } = this.#shape
    const underWay = Number.isFinite(bytesPerSecond) ? (bytesPerSecond / 1_000) * delayMs : 0
    return bufferBytes + underWay
  }

  #deliver(): void {
    clearTimeout(this.#timer)
    if (this.#isHeld || this.#to.destroyed) return
    while (!this.#isBlocked) {
      const [head] = this.#queue
      if (head === undefined) break
      const waitMs = head.arrivesAt - performance.now()
      if (waitMs > 0) {
        this.#timer = setTimeout(() => this.#deliver(), waitMs)
        break
      }
      this.#queue.shift()
      this.#queuedBytes -= head.bytes.length
      this.#isBlocked = !this.#to.write(head.bytes)
    }
    if (this.#hasEnded && this.#queue.length === 0) this.#to.end()
    else if (this.#queuedBytes <= this.#capacityBytes) this.#from.resume()
  }
}

/** What a path takes at once; larger ones would arrive in lumps. */
const segmentBytes = 8 * 1024
