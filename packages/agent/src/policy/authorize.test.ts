import { effectiveSettings } from '@porpulsion/contract'
import { expect, test } from 'vitest'
import { authorize, type AppRecord } from './authorize.ts'
import { policyRevision, rulesFor } from './peer-rules.ts'

const owner = { fingerprint: 'a'.repeat(64) }
const other = { fingerprint: 'b'.repeat(64) }
const app: AppRecord = {
  name: 'web',
  namespace: 'porpulsion',
  peerFingerprint: owner.fingerprint,
  ports: [
    { port: 8080, protocol: 'TCP' },
    { port: 53, protocol: 'UDP' },
  ],
}
const rules = rulesFor(effectiveSettings({}), 'a')
const off = rulesFor(effectiveSettings({ tunnels: { mode: 'off' } }), 'a')

test.each(['delete', 'read-logs', 'read-metrics', 'open-tunnel', 'exec'] as const)(
  'to %s an app of another peer is answered as if there were none',
  (verb) => {
    const foreign = authorize(other, verb, app, { port: 8080 }, rules)
    expect(foreign).toEqual(authorize(other, verb, undefined, { port: 8080 }, rules))
    expect(foreign).toMatchObject({ allowed: false, code: 'AppNotFound' })
    expect(authorize(owner, verb, app, { port: 8080 }, rules)).toEqual({ allowed: true })
  },
)

test('only listed TCP ports can be tunnelled, and the refusal names them', () => {
  expect(authorize(owner, 'open-tunnel', app, { port: 22 }, rules)).toMatchObject({
    code: 'PortNotFound',
    message: 'The app has no TCP port 22: it has 8080',
  })
  expect(authorize(owner, 'open-tunnel', app, { port: 53 }, rules)).toMatchObject({
    allowed: false,
  })
  expect(authorize(owner, 'open-tunnel', app, {}, rules)).toMatchObject({ allowed: false })
})

test('with tunnels off nothing is opened, and logs stay readable', () => {
  expect(authorize(owner, 'open-tunnel', app, { port: 8080 }, off)).toMatchObject({
    code: 'TunnelsOff',
  })
  expect(authorize(owner, 'read-logs', app, {}, off)).toEqual({ allowed: true })
})

test('with commands off none is run, for all or for one peer', () => {
  const execOff = { exec: { enabled: false } }
  const general = rulesFor(effectiveSettings(execOff), 'a')
  const own = rulesFor(effectiveSettings({ peers: { a: execOff } }), 'a')
  const others = rulesFor(effectiveSettings({ peers: { a: execOff } }), 'b')
  for (const rules of [general, own])
    expect(authorize(owner, 'exec', app, {}, rules)).toMatchObject({ code: 'ExecOff' })
  expect(authorize(owner, 'exec', app, {}, others)).toEqual({ allowed: true })
})

test('switching commands off makes no peer offer its refused apps again', () => {
  const revision = (enabled: boolean): string =>
    policyRevision(rulesFor(effectiveSettings({ exec: { enabled } }), 'a'))
  expect(revision(false)).toBe(revision(true))
})

test('where an owner approves tunnels one by one, only an approval opens one', () => {
  const asking = rulesFor(effectiveSettings({ tunnels: { mode: 'approval' } }), 'a')
  const open = (approval?: 'Pending' | 'Approved' | 'Rejected') =>
    authorize(owner, 'open-tunnel', app, { port: 8080, ...(approval && { approval }) }, asking)
  expect(open()).toMatchObject({ code: 'ApprovalPending' })
  expect(open('Pending')).toMatchObject({ code: 'ApprovalPending' })
  expect(open('Rejected')).toMatchObject({ code: 'ApprovalRejected' })
  expect(open('Approved')).toEqual({ allowed: true })
})

test('tunnels may be for listed peers only', () => {
  const rules = (allowPeers: string[]) =>
    rulesFor(effectiveSettings({ tunnels: { allowPeers } }), 'a')
  expect(authorize(owner, 'open-tunnel', app, { port: 8080 }, rules(['z']))).toMatchObject({
    code: 'TunnelsOff',
  })
  expect(authorize(owner, 'open-tunnel', app, { port: 8080 }, rules(['a', 'z']))).toEqual({
    allowed: true,
  })
})
