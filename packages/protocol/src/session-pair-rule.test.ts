import { describe, expect, test } from 'vitest'
import {
  generationOf,
  judgePair,
  maxDrainingSessions,
  type PairSession,
} from './session-pair-rule.ts'

let order = 0
function aSession(id: string, changes: Partial<PairSession> = {}): PairSession {
  return {
    id,
    dialler: 'aa',
    dialSeq: 1,
    generation: 0,
    peerBootId: 'boot-1',
    upOrder: ++order,
    proven: true,
    draining: false,
    ...changes,
  }
}

describe('two sessions of one pair', () => {
  test('of the same dialler, the one dialled later stays', () => {
    const verdict = judgePair([aSession('old', { dialSeq: 1 }), aSession('new', { dialSeq: 2 })])
    expect(verdict).toEqual({ use: 'new', drain: ['old'], end: [] })
  })

  test('of different diallers, the lower fingerprint’s stays, whichever came up first', () => {
    const ours = aSession('ours', { dialler: 'bb', dialSeq: 7 })
    const theirs = aSession('theirs', { dialler: 'aa' })
    expect(judgePair([ours, theirs])).toEqual({ use: 'theirs', drain: ['ours'], end: [] })
    expect(judgePair([theirs, ours])).toEqual({ use: 'theirs', drain: ['ours'], end: [] })
  })

  test('nothing is given up for a session that has not carried a Ping there and back', () => {
    const verdict = judgePair([
      aSession('old', { dialSeq: 1 }),
      aSession('new', { dialSeq: 2, proven: false }),
    ])
    expect(verdict).toEqual({ use: 'old', drain: [], end: [] })
  })

  test('a session dialled to replace one stays, though its dialler’s fingerprint is the higher', () => {
    const verdict = judgePair([
      aSession('half-open', { dialler: 'aa' }),
      aSession('redial', { dialler: 'bb', generation: generationOf({ replaces: 0 }) }),
    ])
    expect(verdict).toEqual({ use: 'redial', drain: ['half-open'], end: [] })
  })

  test('a restarted peer’s first proven session ends all of its former life, at once', () => {
    const sessions = [
      aSession('before', { dialSeq: 9, generation: 4 }),
      aSession('draining-before', { draining: true }),
      aSession('after', { peerBootId: 'boot-2' }),
    ]
    expect(judgePair(sessions)).toEqual({
      use: 'after',
      drain: [],
      end: [
        { id: 'before', code: 'PeerRestarted' },
        { id: 'draining-before', code: 'PeerRestarted' },
      ],
    })
  })

  test('a Hello of a dead process, delivered late, ends nothing', () => {
    const verdict = judgePair([
      aSession('living', { peerBootId: 'boot-2' }),
      aSession('ghost', { peerBootId: 'boot-1', proven: false, generation: 9 }),
    ])
    expect(verdict).toEqual({ use: 'living', drain: [], end: [] })
  })

  test('a restarted peer’s session, not proven yet, is not measured by the counts of its former life', () => {
    const verdict = judgePair([
      aSession('before', { dialSeq: 9, generation: 4 }),
      aSession('after', { peerBootId: 'boot-2', proven: false }),
    ])
    expect(verdict).toEqual({ use: 'before', drain: [], end: [] })
  })

  test('a draining session is not used, and does not make others drain', () => {
    const verdict = judgePair([
      aSession('best', { dialSeq: 5, draining: true }),
      aSession('next', { dialSeq: 4 }),
    ])
    expect(verdict).toEqual({ use: 'next', drain: [], end: [] })
  })

  test('beyond four draining sessions, those that came up first end', () => {
    const draining = Array.from({ length: maxDrainingSessions + 2 }, (_, i) =>
      aSession(`d${i}`, { dialSeq: i, draining: true }),
    )
    const verdict = judgePair([...draining, aSession('now', { dialSeq: 99 })])
    expect(verdict.end).toEqual([
      { id: 'd0', code: 'Drained' },
      { id: 'd1', code: 'Drained' },
    ])
    expect(verdict.use).toBe('now')
  })
})
