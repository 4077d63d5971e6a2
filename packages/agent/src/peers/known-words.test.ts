import { expect, test } from 'vitest'
import { anIdentity } from '../../test/support/identities.ts'
import { knownAs } from '../../test/support/memory-directory.ts'
import { fingerprintWords } from './fingerprint-words.ts'
import { KnownWords } from './known-words.ts'

const shown = 'one two three four five six'

async function aPeer(options: { confirmed?: boolean } = {}) {
  const [own, theirs] = [await anIdentity('own'), await anIdentity('theirs')]
  const made = await fingerprintWords(own.fingerprint, theirs.fingerprint)
  return { own, peer: knownAs('b', theirs, options), made }
}

test('words of a confirmed peer that its resource shows are not made anew', async () => {
  const { own, peer } = await aPeer()
  const words = new KnownWords(own)
  await words.learn(peer, shown)
  expect(words.of(peer)).toBe(shown)
})

test('words that somebody is to compare are made, whatever the resource says', async () => {
  const { own, peer, made } = await aPeer({ confirmed: false })
  const words = new KnownWords(own)
  await words.learn(peer, shown)
  expect(words.of(peer)).toBe(made)
})

test('words change when either side has renewed its CA', async () => {
  const { own, peer, made } = await aPeer()
  const renewed = await anIdentity('renewed')
  const { fingerprint: caFingerprint } = renewed
  const changes = [
    [{ ...own, forPeer: () => renewed }, peer, [caFingerprint, peer.fingerprint]],
    [own, { ...peer, caFingerprint }, [own.fingerprint, caFingerprint]],
  ] as const
  for (const [identity, known, [a, b]] of changes) {
    const words = new KnownWords(identity)
    await words.learn(known, shown)
    expect(words.of(known)).toBe(await fingerprintWords(a, b))
    expect(words.of(known)).not.toBe(made)
  }
})

test('words of many peers are made one after another', async () => {
  const { own, peer } = await aPeer()
  const others = Array.from({ length: 3 }, (_, i) => ({
    ...peer,
    fingerprint: String(i).repeat(64),
  }))
  const words = new KnownWords(own)
  const done: string[] = []
  await Promise.all(
    others.map(async (other) => {
      await words.learn(other, undefined)
      done.push(other.fingerprint)
      // The next one has not been begun long enough to be there.
      expect(others.filter((one) => words.of(one) !== undefined)).toHaveLength(done.length)
    }),
  )
  expect(done).toEqual(others.map(({ fingerprint }) => fingerprint))
})
