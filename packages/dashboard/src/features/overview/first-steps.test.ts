import type { Peer } from '@porpulsion/contract'
import { expect, test } from 'vitest'
import { nextStep } from './first-steps.ts'

const aPeer = (confirmed: boolean, confirmedByPeer: boolean): Peer => ({
  apiVersion: 'porpulsion.io/v1alpha1',
  kind: 'Peer',
  metadata: { name: 'b' },
  spec: { caCertificate: '', confirmed },
  status: { link: 'Connected', confirmedByPeer, conditions: [] },
})
const none = { there: 0, here: 0 }

test('the way goes from a peer over its words to the first app', () => {
  expect(nextStep([], none)).toBe('peer')
  expect(nextStep([aPeer(false, true)], none)).toBe('confirm')
  expect(nextStep([aPeer(true, false)], none)).toBe('confirm')
  expect(nextStep([aPeer(true, true)], none)).toBe('deploy')
})

test('whoever has an app, there or here, needs no guide', () => {
  expect(nextStep([aPeer(true, true)], { there: 1, here: 0 })).toBeUndefined()
  expect(nextStep([], { there: 0, here: 1 })).toBeUndefined()
})
