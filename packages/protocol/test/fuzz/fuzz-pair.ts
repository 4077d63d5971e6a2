import {
  type ChannelStream,
  createSession,
  type Session,
  type SessionEvent,
  type StreamOutcome,
  type Transport,
} from '../../src/index.ts'
import { headerBytes } from '../../src/frame.ts'
import { aHello } from '../support/session-pair.ts'
import { concat, VirtualTime } from '../support/virtual-time.ts'
import type { Chance } from './chance.ts'
import { WireRules } from './wire-rules.ts'

/** What a pipe may do wrong for the fuzz to prove that it would be noticed. */
export type PipeFault = 'none' | 'loses a byte' | 'swaps two bytes'

/**
 * Two sessions that use and misuse each other's streams over a pipe that delays, cuts into pieces, stands still and
 * breaks. Checked against a model: each byte arrives once and in order; no credit is exceeded; what is held is bounded;
 * when all streams have ended, nothing is left of them.
 */
export function fuzzPair(chance: Chance, fault: PipeFault = 'none'): void {
  const world = new World(chance, fault)
  for (let left = chance.between(20, 120); left > 0; left -= 1) world.step()
  if (chance.oneIn(5)) world.breakDown()
  else world.comeToRest()
  world.judge()
}

class World {
  readonly time = new VirtualTime()
  readonly chance: Chance
  readonly #a: Side
  readonly #b: Side
  #isBroken = false
  /** Everybody reads, so that everything ends. */
  isResting = false

  constructor(chance: Chance, fault: PipeFault) {
    this.chance = chance
    const options = [0, 1].map(() => someLimits(chance)) as [Limits, Limits]
    this.#a = new Side(this, 'a', options[0], options[1].initialWindowBytes, fault)
    this.#b = new Side(this, 'b', options[1], options[0].initialWindowBytes, fault)
    this.#a.other = this.#b
    this.#b.other = this.#a
  }

  step(): void {
    const { chance } = this
    const side = chance.oneIn(2) ? this.#a : this.#b
    switch (chance.below(12)) {
      case 0:
      case 1:
        side.open()
        break
      case 2:
      case 3:
      case 4:
        side.anEnd()?.write(chance.size(60_000))
        break
      case 5:
        side.anEnd()?.close()
        break
      case 6:
        if (chance.oneIn(3)) side.anEnd()?.stream.reset('Cancelled', 'because')
        break
      case 7:
        side.anEnd()?.readNow(chance.between(1, 5))
        break
      case 8:
        side.anEnd()?.toggleReading()
        break
      case 9:
        this.time.advance(chance.size(2_000) / 10)
        break
      case 10:
        if (chance.oneIn(8)) side.session.drain()
        else if (chance.oneIn(4)) side.session.askToReplace('please')
        else side.session.ping()
        break
      default:
        side.pipe.isStopped = chance.oneIn(3)
    }
    for (const each of [this.#a, this.#b]) if (!chance.oneIn(3)) each.pipe.deliverSome()
    if (!chance.oneIn(4)) this.time.settle()
    if (chance.oneIn(4)) this.#check()
  }

  comeToRest(): void {
    this.isResting = true
    for (const side of [this.#a, this.#b]) {
      side.pipe.isStopped = false
      side.readAll()
    }
    this.#run(2_000)
    for (const side of [this.#a, this.#b]) side.closeAll()
    this.#run(2_000)
  }

  breakDown(): void {
    this.#isBroken = true
    for (const side of this.chance.oneIn(2) ? [this.#a, this.#b] : [this.#b, this.#a]) {
      side.pipe.isCut = true
      if (this.chance.oneIn(2)) side.session.transportClosed()
      else side.session.end('Closed', 'enough')
    }
    this.#run(60_000)
  }

  judge(): void {
    for (const side of [this.#a, this.#b]) side.judge(this.#isBroken)
  }

  /** Until nothing moves any more. */
  #run(ms: number): void {
    for (let passed = 0; passed < ms; passed += 100) {
      for (let rounds = 0; ; rounds += 1) {
        this.time.settle()
        const hasMoved = [this.#a, this.#b].map((side) => side.pipe.deliverAll())
        if (!hasMoved.includes(true)) break
        if (rounds > 10_000) throw new Error('The two never come to rest')
      }
      this.time.advance(100)
    }
    this.#check()
  }

  #check(): void {
    this.#a.check()
    this.#b.check()
  }
}

type Limits = ReturnType<typeof someLimits>

/** Mostly small, so that every bound is met; fast enough to be done 10 000 times. */
function someLimits(chance: Chance) {
  const initialWindowBytes = chance.pick([1_000, 4_000, 16_384, 40_000])
  return {
    initialWindowBytes,
    maxWindowBytes: initialWindowBytes * chance.pick([1, 4]),
    maxUnreadBytes: chance.pick([30_000, 200_000, 32 * 1024 * 1024]),
    sendBufferBytes: chance.pick([1_000, 16_000]),
    bulkAfterBytes: chance.pick([5_000, 50_000]),
    maxStreams: chance.pick([1, 3, 20]),
    openBurst: chance.pick([2, 100]),
    minInFlightBytes: 64 * 1024,
    maxInFlightBytes: 100_000,
    pingIntervalMs: 10_000,
    drainTimeoutMs: 1_000,
  }
}

class Side {
  readonly name: 'a' | 'b'
  readonly session: Session
  readonly pipe: Pipe
  readonly rules: WireRules
  readonly world: World
  readonly limits: Limits
  readonly ends = new Map<number, StreamEnd>()
  readonly #events: SessionEvent[] = []
  other: Side | undefined

  constructor(
    world: World,
    name: 'a' | 'b',
    limits: Limits,
    initialWindowBytes: number,
    fault: PipeFault,
  ) {
    this.world = world
    this.name = name
    this.limits = limits
    this.rules = new WireRules({
      name: `Session ${name}`,
      parity: name === 'a' ? 1 : 0,
      initialWindowBytes,
    })
    this.pipe = new Pipe(this, fault)
    this.session = createSession({
      role: name === 'a' ? 'dialler' : 'acceptor',
      hello: aHello(name),
      transport: this.pipe,
      clock: world.time,
      random: world.chance.random,
      defer: world.time.defer,
      limits,
      canOpen: () =>
        world.chance.oneIn(10)
          ? { kind: 'refuse', code: 'Refused', message: 'by chance' }
          : { kind: 'accept' },
      onStream: (stream) => this.#take(stream),
      onEvent: (event) => this.#events.push(event),
    })
  }

  open(): void {
    const header = this.world.chance.bytes(this.world.chance.below(50))
    const result = this.session.open(header)
    if (result.kind === 'opened') this.#take(result.stream)
  }

  #take(stream: ChannelStream): void {
    this.ends.set(stream.id, new StreamEnd(this, stream))
  }

  anEnd(): StreamEnd | undefined {
    const ends = [...this.ends.values()]
    return ends.length === 0 ? undefined : this.world.chance.pick(ends)
  }

  readAll(): void {
    for (const end of this.ends.values()) end.startReading()
  }

  closeAll(): void {
    for (const end of this.ends.values()) end.close()
  }

  /** At any time. */
  check(): void {
    const { unreadBytes, inFlightBytes, openStreams } = this.session.stats()
    const { maxUnreadBytes, maxInFlightBytes, maxStreams } = this.limits
    const others = this.other?.limits.maxStreams ?? 0
    this.holds(unreadBytes >= 0 && unreadBytes <= maxUnreadBytes, `${unreadBytes} bytes unread`)
    this.holds(inFlightBytes <= maxInFlightBytes + headerBytes, `${inFlightBytes} in flight`)
    this.holds(openStreams <= maxStreams + others, `${openStreams} streams open`)
    if (this.session.state.kind !== 'ended') {
      const wire = this.rules.inFlightBytes
      this.holds(inFlightBytes >= wire, `${wire} in flight on the wire, ${inFlightBytes} counted`)
    }
  }

  /** At the end. */
  judge(isBroken: boolean): void {
    const { unreadBytes, openStreams } = this.session.stats()
    this.holds(openStreams === 0, `${openStreams} streams are left`)
    if (!isBroken) this.holds(unreadBytes === 0, `${unreadBytes} bytes are left`)
    for (const event of this.#events) {
      if (event.kind === 'callbackFailed') throw event.error
      if (event.kind !== 'ended' || isBroken) continue
      const isExpected = ['Drain', 'Drained', 'TransportClosed'].includes(event.end.code)
      this.holds(isExpected, `The session ended: ${JSON.stringify(event.end)}`)
    }
    for (const end of this.ends.values()) end.judge(isBroken)
  }

  holds(isSo: boolean, what: string): void {
    if (!isSo) throw new Error(`${this.name}: ${what}`)
  }
}

/** A stream, its reader and its writer. What is sent says where it belongs, so that nothing has to be kept to compare. */
class StreamEnd {
  readonly stream: ChannelStream
  readonly #side: Side
  readonly outcomes: StreamOutcome[] = []
  writtenBytes = 0
  readBytes = 0
  hasReadEnd = false
  #toWrite = 0
  #wantsClose = false
  #isBlocked = false
  #isReading: boolean

  constructor(side: Side, stream: ChannelStream) {
    this.#side = side
    this.stream = stream
    this.#isReading = side.world.isResting || !side.world.chance.oneIn(3)
    stream.handle({
      onReadable: () => {
        if (this.#isReading) this.readNow(Number.POSITIVE_INFINITY)
      },
      onWritable: () => {
        this.#isBlocked = false
        this.#pump()
      },
      onClosed: (outcome) => {
        this.hasReadEnd ||= stream.readEnded
        this.outcomes.push(outcome)
      },
    })
  }

  write(bytes: number): void {
    if (this.#wantsClose) return
    this.#toWrite += bytes
    this.#pump()
  }

  close(): void {
    this.#wantsClose = true
    this.#pump()
  }

  #pump(): void {
    while (this.#toWrite > 0 && !this.#isBlocked && this.stream.outcome === undefined) {
      const length = Math.min(this.#toWrite, 1 + this.#side.world.chance.size(20_000))
      const bytes = new Uint8Array(length)
      for (let i = 0; i < length; i += 1)
        bytes[i] = expectedByte(this.#side.name, this.stream.id, this.writtenBytes + i)
      this.#toWrite -= length
      this.writtenBytes += length
      this.#isBlocked = !this.stream.write(bytes)
    }
    if (this.#toWrite === 0 && this.#wantsClose) this.stream.close()
  }

  startReading(): void {
    this.#isReading = true
    this.readNow(Number.POSITIVE_INFINITY)
  }

  toggleReading(): void {
    if (this.#isReading) this.#isReading = false
    else this.startReading()
  }

  readNow(chunks: number): void {
    for (let i = 0; i < chunks; i += 1) {
      const bytes = this.stream.read()
      if (bytes === undefined) break
      const from = this.#side.name === 'a' ? 'b' : 'a'
      for (const byte of bytes) {
        const expected = expectedByte(from, this.stream.id, this.readBytes)
        if (byte !== expected)
          this.#fails(`byte ${this.readBytes} is ${byte} where ${expected} was sent`)
        this.readBytes += 1
      }
    }
    this.hasReadEnd ||= this.stream.readEnded
  }

  judge(isBroken: boolean): void {
    const far = this.#side.other?.ends.get(this.stream.id)
    const [outcome] = this.outcomes
    if (isBroken && outcome === undefined && this.stream.unreadBytes > 0) return
    if (this.outcomes.length !== 1) this.#fails(`it ended ${this.outcomes.length} times`)
    if (far === undefined) {
      if (outcome?.kind === 'closed') this.#fails('it closed, and the other side never heard of it')
      return
    }
    if (this.readBytes > far.writtenBytes) this.#fails('more was read than was written')
    if (this.hasReadEnd && this.readBytes !== far.writtenBytes)
      this.#fails(`it has ${this.readBytes} of ${far.writtenBytes} bytes, and believes in its end`)
    if (outcome?.kind === 'closed' && !this.hasReadEnd) this.#fails('it closed before its end')
  }

  #fails(what: string): never {
    throw new Error(`${this.#side.name}, stream ${this.stream.id}: ${what}`)
  }
}

const expectedByte = (from: 'a' | 'b', id: number, at: number): number =>
  (Math.imul(at, 0x9e37) + (at >> 8) + id * 7 + (from === 'a' ? 0 : 101)) & 0xff

/** One direction. Bytes stay in order; how many come at once, and when, is chance. */
class Pipe implements Transport {
  readonly #from: Side
  readonly #fault: PipeFault
  #queue: Uint8Array = new Uint8Array(0)
  #isFull = false
  #isClosing = false
  #passed = 0
  isStopped = false
  isCut = false

  constructor(from: Side, fault: PipeFault) {
    this.#from = from
    this.#fault = fault
  }

  write(chunks: readonly Uint8Array[]): boolean {
    for (const chunk of chunks) this.#from.rules.wrote(chunk)
    this.#queue = concat([this.#queue, ...chunks])
    this.#isFull = this.#queue.length > bufferBytes
    return !this.#isFull
  }

  close(): void {
    this.#isClosing = true
  }

  deliverSome(): void {
    this.#deliver(this.#from.world.chance.size(this.#queue.length + 1))
  }

  /** True if there was something. */
  deliverAll(): boolean {
    return this.#deliver(this.#queue.length)
  }

  #deliver(bytes: number): boolean {
    const to = this.#from.other
    if (to === undefined || this.isStopped || this.isCut) return false
    const part = this.#damaged(this.#queue.slice(0, bytes))
    this.#queue = this.#queue.slice(bytes)
    if (part.length > 0) {
      for (const piece of this.#from.world.chance.cut(part)) {
        to.rules.arrived(piece)
        to.session.receive(piece)
      }
    }
    if (this.#isFull && this.#queue.length * 2 < bufferBytes) {
      this.#isFull = false
      this.#from.session.transportDrained()
    }
    if (this.#isClosing && this.#queue.length === 0) {
      this.#isClosing = false
      to.session.transportClosed()
      this.#from.session.transportClosed()
    }
    return part.length > 0
  }

  /** Far enough into the bytes to be payload, mostly. */
  #damaged(part: Uint8Array): Uint8Array {
    const at = damageAt - this.#passed
    this.#passed += part.length
    if (this.#fault === 'none' || at < 1 || at >= part.length) return part
    if (this.#fault === 'loses a byte') return concat([part.subarray(0, at), part.subarray(at + 1)])
    const [before, after] = [part[at - 1] ?? 0, part[at] ?? 0]
    part[at - 1] = after
    part[at] = before
    return part
  }
}

const bufferBytes = 30_000
const damageAt = 2_500
