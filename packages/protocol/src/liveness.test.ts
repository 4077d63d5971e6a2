import { describe, expect, test } from 'vitest'
import { frameBytes, RawPeer } from '../test/support/raw-peer.ts'
import { eventsOf, openStream, upPair } from '../test/support/session-pair.ts'
import { FrameFlag, FrameType } from './frame.ts'

const wan = { delayMs: 40, bytesPerMs: 1e9, bufferBytes: 1e9 }

describe('liveness', () => {
  test('a session is proven by its first answered Ping, which measures the round trip', () => {
    const { a, b } = upPair({ link: wan })
    for (const side of [a, b]) {
      expect(eventsOf(side, 'answered')).toHaveLength(1)
      expect(eventsOf(side, 'answered')[0]?.first).toBe(true)
      expect(eventsOf(side, 'answered')[0]?.rttMs).toBeCloseTo(80, 3)
      expect(side.session.stats().minRttMs).toBeCloseTo(80, 3)
    }
  })

  test('an idle session pings every ten seconds both ways and lives for ever', () => {
    const { time, a, b } = upPair({ link: wan })
    time.advance(600_000)
    expect(a.session.state.kind).toBe('up')
    for (const side of [a, b]) {
      expect(eventsOf(side, 'answered').length).toBeGreaterThanOrEqual(60)
      expect(eventsOf(side, 'suspect')).toEqual([])
    }
  })

  test('two missed Pings make it suspect, 25 s of silence end it with all its streams', () => {
    const { time, a, b } = upPair({ link: wan })
    const follows = openStream(a)
    time.advance(1_000)
    a.out.cut()
    b.out.cut()
    const cutAt = time.now()
    while (eventsOf(a, 'suspect').length === 0) time.advance(100)
    expect(eventsOf(a, 'suspect')).toEqual([{ kind: 'suspect', missedPings: 2 }])
    // Ten seconds to the next Ping, and twice four for the answers: long enough before the end for people to see it.
    expect(time.now() - cutAt).toBeLessThanOrEqual(18_100)
    expect(a.session.state.kind).toBe('up')
    while (a.session.state.kind === 'up') time.advance(100)
    expect(time.now() - cutAt).toBeLessThanOrEqual(25_100)
    expect(a.session.state).toMatchObject({ end: { by: 'transport', code: 'PeerSilent' } })
    expect(follows.outcome).toMatchObject({ kind: 'reset', by: 'session', code: 'SessionEnded' })
  })

  test('a suspect session recovers when a Ping is answered after all', () => {
    const { time, a, b } = upPair({ link: wan })
    b.out.stop()
    while (eventsOf(a, 'suspect').length === 0) time.advance(100)
    b.out.goOn()
    time.advance(100)
    expect(eventsOf(a, 'recovered')).toHaveLength(1)
    expect(a.session.state.kind).toBe('up')
  })

  test('bytes are a sign of life: a peer that only sends data is suspect, but not dead', () => {
    const peer = new RawPeer().greet().sendFrame(FrameType.Open, 1)
    for (let second = 0; second < 60; second += 1) {
      peer.time.advance(1_000)
      peer.sendFrame(FrameType.Data, 1, new Uint8Array(10))
    }
    expect(peer.session.state.kind).toBe('up')
    expect(eventsOf(peer, 'suspect')).toHaveLength(1)
  })

  test('the time in which this process slept is not the peer’s silence', () => {
    const { time, a, b } = upPair({ link: wan })
    time.advance(5_000)
    time.oversleep(120_000)
    time.advance(5_000)
    expect(a.session.state.kind).toBe('up')
    expect(b.session.state.kind).toBe('up')
    expect(eventsOf(a, 'suspect')).toEqual([])
  })

  test('a peer that stays silent after our sleep is found dead all the same', () => {
    const { time, a, b } = upPair({ link: wan })
    b.out.cut()
    time.oversleep(120_000)
    time.advance(26_000)
    expect(a.session.state).toMatchObject({ kind: 'ended', end: { code: 'PeerSilent' } })
  })

  test('a Ping is answered with its own bytes', () => {
    const peer = new RawPeer().greet()
    const payload = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8)
    peer.sendFrame(FrameType.Ping, 0, payload, FrameFlag.Quiet)
    expect(peer.framesOf(FrameType.Pong).map((frame) => frame.payload)).toEqual([payload])
  })

  test('a Pong nobody asked for proves nothing', () => {
    const peer = new RawPeer().greet()
    peer.send(frameBytes(FrameType.Pong, 0, new Uint8Array(8)))
    expect(eventsOf(peer, 'answered')).toEqual([])
    expect(peer.session.stats().rttMs).toBeUndefined()
  })
})
