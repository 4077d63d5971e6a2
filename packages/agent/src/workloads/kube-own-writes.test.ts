import type { KubeObject, Stored } from '@porpulsion/kube'
import { expect, test } from 'vitest'
import { KubeOwnWrites } from './kube-own-writes.ts'

const at = (resourceVersion: string): Stored<KubeObject> => ({
  apiVersion: 'v1',
  kind: 'Thing',
  metadata: { name: 'x', uid: 'uid', resourceVersion, creationTimestamp: '' },
})

test('while the cache shows what was replaced, the last write counts', () => {
  const own = new KubeOwnWrites()
  own.note(at('1'), at('2'))
  own.note(at('2'), at('3'))
  expect(own.latest(at('1'))).toEqual(at('3'))
  expect(own.latest(at('2'))).toEqual(at('3'))
  expect(own.latest(at('3'))).toEqual(at('3'))
})

test('what others wrote since counts over what we wrote', () => {
  const own = new KubeOwnWrites()
  own.note(at('1'), at('2'))
  expect(own.latest(at('4'))).toEqual(at('4'))
  expect(own.latest(at('1'))).toEqual(at('1'))
})
