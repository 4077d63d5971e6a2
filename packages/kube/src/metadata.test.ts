import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { KubeObject, Stored } from './kube-object.ts'
import {
  controllerOf,
  dnsName,
  dnsServiceName,
  hashedName,
  isControlledBy,
  isDnsLabel,
  ownerReference,
  shortHash,
} from './metadata.ts'

const owner: Stored<KubeObject> = {
  apiVersion: 'porpulsion.io/v1alpha1',
  kind: 'ExecutingApp',
  metadata: {
    name: 'web',
    namespace: 'apps',
    uid: 'u1',
    resourceVersion: '1',
    creationTimestamp: '',
  },
}

describe('owners', () => {
  test('a child names its owner as its controller', () => {
    const child: KubeObject = { metadata: { ownerReferences: [ownerReference(owner)] } }
    expect(controllerOf(child)).toEqual({
      apiVersion: 'porpulsion.io/v1alpha1',
      kind: 'ExecutingApp',
      name: 'web',
      uid: 'u1',
      controller: true,
      blockOwnerDeletion: true,
    })
    expect(isControlledBy(child, owner)).toBe(true)
  })

  test('a namesake of the owner is somebody else', () => {
    const child: KubeObject = { metadata: { ownerReferences: [ownerReference(owner)] } }
    const namesake = { ...owner, metadata: { ...owner.metadata, uid: 'u2' } }
    expect(isControlledBy(child, namesake)).toBe(false)
  })

  test('an owner that is not the controller does not control', () => {
    const reference = { ...ownerReference(owner), controller: false }
    expect(isControlledBy({ metadata: { ownerReferences: [reference] } }, owner)).toBe(false)
  })
})

describe('names', () => {
  test('a text that can be a name is its own name', () => {
    expect(dnsName('web-1')).toBe('web-1')
    expect(dnsName('a'.repeat(63))).toBe('a'.repeat(63))
  })

  test('whatever the text, the name is a DNS label within its length', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 16, max: 63 }), (text, max) => {
        for (const name of [dnsName(text, max), hashedName(text, [text], max)]) {
          expect(name.length).toBeLessThanOrEqual(max)
          expect(isDnsLabel(name)).toBe(true)
        }
      }),
    )
  })

  test('a Service is named alike, but never begins with a digit', () => {
    expect(dnsServiceName('web')).toBe('web')
    expect(dnsServiceName('3scale')).toMatch(/^x-3scale-[a-z2-7]{10}$/)
    expect(dnsServiceName('3 Scale')).toMatch(/^x-3-scale-[a-z2-7]{10}$/)
  })

  test('texts that are cut or cleaned to the same stay different', () => {
    const long = 'a'.repeat(80)
    const names = [`${long}-1`, `${long}-2`, 'My App', 'my app', 'my_app', 'my-app'].map((text) =>
      dnsName(text),
    )
    expect(new Set(names).size).toBe(names.length)
  })

  test('where a name begins and another ends is part of the identity', () => {
    expect(shortHash(['ab', 'c'])).not.toBe(shortHash(['a', 'bc']))
  })

  test('names are the same in every version of this program', () => {
    // Children are found again by name: another name would leave the old child behind.
    expect(hashedName('My App', ['peer', 'uid'])).toBe('my-app-jaykd7izma')
  })
})
