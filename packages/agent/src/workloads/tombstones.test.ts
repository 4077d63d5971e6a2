import { expect, test } from 'vitest'
import {
  MAX_TOMBSTONES,
  withoutPeer,
  withoutTombstone,
  withTombstone,
  type Tombstone,
} from './tombstones.ts'

const aTombstone = (uid: string, peerFingerprint = 'b'): Tombstone => ({
  uid,
  peerFingerprint,
  namespace: 'n',
  name: uid,
  peerName: 'b',
  deletedAt: '',
  remaining: [],
})

test('an app is buried once, and the oldest make room', () => {
  let all: Tombstone[] = []
  for (let index = 0; index < MAX_TOMBSTONES + 2; index++)
    all = withTombstone(all, aTombstone(`app-${index}`))
  all = withTombstone(all, aTombstone('app-5'))
  expect(all).toHaveLength(MAX_TOMBSTONES)
  expect(all[0]?.uid).toBe('app-2')
  expect(all.filter(({ uid }) => uid === 'app-5')).toHaveLength(1)
})

test('taking away what is not there changes nothing, so nothing is written', () => {
  const all = [aTombstone('x', 'b'), aTombstone('y', 'c')]
  expect(withoutTombstone(all, 'z')).toBe(all)
  expect(withoutPeer(all, 'd')).toBe(all)
  expect(withoutTombstone(all, 'x')).toEqual([all[1]])
  expect(withoutPeer(all, 'c')).toEqual([all[0]])
})
