import { encodeGoAway, encodeReset } from '../../src/farewell.ts'
import { headerBytes, FrameFlag, FrameType, maxPayloadBytes } from '../../src/frame.ts'
import { encodeHello } from '../../src/hello.ts'
import { defaultLimits } from '../../src/limits.ts'
import { frameBytes, uint32 } from '../support/raw-peer.ts'
import { aHello } from '../support/session-pair.ts'
import { concat } from '../support/virtual-time.ts'
import type { Chance } from './chance.ts'

/**
 * What a peer may send: first a story that keeps to the rules as far as one can without listening, then that story with
 * something wrong in it. Pure noise ends at the first frame; what is nearly right gets far.
 */
export function hostileFrames(chance: Chance): Uint8Array[] {
  const frames = politeStory(chance)
  const mutations = chance.oneIn(8) ? 0 : chance.between(1, 4)
  for (let i = 0; i < mutations; i += 1) mutate(chance, frames)
  return frames
}

/** As the dialler's side: Hello, then streams with odd ids that rise, with Data, credit and an end. */
function politeStory(chance: Chance): Uint8Array[] {
  const frames = [hello(chance)]
  const open: number[] = []
  let nextId = 1
  for (let left = chance.between(0, 25); left > 0; left -= 1) {
    const id = open.length === 0 ? 0 : chance.pick(open)
    switch (id === 0 ? 'open' : chance.pick(happenings)) {
      case 'open':
        frames.push(frameBytes(FrameType.Open, nextId, chance.bytes(chance.size(300))))
        open.push(nextId)
        nextId += chance.oneIn(10) ? 2 * chance.between(1, 1_000) : 2
        break
      case 'data':
        frames.push(frameBytes(FrameType.Data, id, new Uint8Array(chance.size(5_000))))
        break
      case 'credit':
        frames.push(frameBytes(FrameType.Window, id, uint32(chance.size(200_000))))
        break
      case 'acknowledge':
        frames.push(frameBytes(FrameType.Window, 0, uint32(chance.size(20_000))))
        break
      case 'close':
        frames.push(frameBytes(FrameType.Close, id))
        break
      case 'reset':
        frames.push(
          frameBytes(FrameType.Reset, id, encodeReset({ code: 'Cancelled', message: '' })),
        )
        open.splice(open.indexOf(id), 1)
        break
      case 'ping': {
        const flags = chance.oneIn(2) ? FrameFlag.Quiet : 0
        frames.push(frameBytes(FrameType.Ping, 0, chance.bytes(8), flags))
        break
      }
      case 'pong':
        frames.push(frameBytes(FrameType.Pong, 0, chance.bytes(8)))
        break
      case 'goAway':
        frames.push(goAway(chance))
        break
      case 'ignorable':
        frames.push(
          frameBytes(
            chance.between(10, 255),
            id,
            new Uint8Array(chance.size(2_000)),
            FrameFlag.Ignorable,
          ),
        )
        break
    }
  }
  return frames
}

const happenings = [
  'open',
  'open',
  'data',
  'data',
  'data',
  'data',
  'credit',
  'acknowledge',
  'close',
  'reset',
  'ping',
  'pong',
  'goAway',
  'ignorable',
] as const

function hello(chance: Chance): Uint8Array {
  const limits = {
    ...defaultLimits,
    maxStreams: chance.size(2_000),
    opensPerSecond: chance.size(5_000),
    maxOpenHeaderBytes: chance.size(0x7fff_ffff),
    initialWindowBytes: chance.size(0x7fff_ffff),
  }
  const payload = encodeHello({ ...aHello('a'), dialSeq: chance.size(0x7fff_ffff) }, limits)
  if (chance.oneIn(20)) payload[chance.below(payload.length)] = chance.below(256)
  return frameBytes(FrameType.Hello, 0, payload)
}

function goAway(chance: Chance): Uint8Array {
  const code = chance.pick(['Drain', 'Superseded', 'Replace', 'Replace', 'Closed', 'X', 'Odd1'])
  const message = chance.pick(['', 'why', 'ü'.repeat(chance.below(500))])
  const retryAfterMs = chance.oneIn(2) ? chance.size(0xffff_ffff) : undefined
  return frameBytes(FrameType.GoAway, 0, encodeGoAway({ code, message, retryAfterMs }))
}

function mutate(chance: Chance, frames: Uint8Array[]): void {
  const at = chance.below(frames.length)
  const frame = frames[at]
  if (frame === undefined) return
  switch (chance.below(11)) {
    case 0:
      frame[0] = chance.oneIn(2) ? chance.below(12) : chance.below(256)
      break
    case 1:
      frame[1] = chance.pick([0, FrameFlag.Quiet, FrameFlag.Ignorable, 0xff])
      break
    case 2:
      overwrite(frame, 2, chance.pick([0, 1, 2, 3, 4, 5, 0x7fff_ffff, 0xffff_ffff]))
      break
    case 3: // A length that lies: what follows is read as payload, or as a header.
      overwrite(frame, 6, chance.pick([0, 1, frame.length, maxPayloadBytes, 65_537, 0xffff_ffff]))
      break
    case 4: // A length that is true, of a payload its type may not have.
      frames[at] = resized(
        frame,
        chance.pick([0, 1, 3, 5, 7, 9, 100, 1_100, 20_000, 65_536, 65_537]),
      )
      break
    case 5:
      frame[chance.below(frame.length)] = chance.below(256)
      break
    case 6:
      frames.splice(at, 1)
      break
    case 7: // Again, at once or later: a second Hello, Open, Close.
      frames.splice(chance.below(frames.length + 1), 0, frame.slice())
      break
    case 8: {
      const [other] = frames.splice(chance.below(frames.length), 1)
      if (other !== undefined) frames.splice(chance.below(frames.length + 1), 0, other)
      break
    }
    case 9:
      frames[at] = frame.slice(0, chance.below(frame.length + 1))
      break
    default:
      frames.splice(at, 0, chance.bytes(chance.size(100)))
  }
  if (frames.length === 0) frames.push(chance.bytes(5))
}

function resized(frame: Uint8Array, length: number): Uint8Array {
  const changed = concat([frame.slice(0, headerBytes), new Uint8Array(length)])
  overwrite(changed, 6, length)
  return changed
}

/** If there is that much of the header: it may have been cut off before. */
function overwrite(frame: Uint8Array, at: number, value: number): void {
  if (frame.length >= at + 4) frame.set(uint32(value), at)
}
