import type { AuditEntry } from '@porpulsion/contract'
import { expect, test } from 'vitest'
import { aboutLink } from './about-link.ts'
import { auditQuery, MAX_LIMIT, nextLimit, suggestions } from './audit-filters.ts'
import { auditCsv, auditNdjson } from './audit-text.ts'

const entry: AuditEntry = {
  id: '1',
  time: '2030-01-01T00:00:00Z',
  actor: 'admin',
  action: 'patchSettings',
  outcome: 'done',
}

test.each([
  ['remoteapp/default,web', { kind: 'app', namespace: 'default', name: 'web' }],
  ['remoteapp/default,web:8080', { kind: 'app', namespace: 'default', name: 'web' }],
  ['executingapp/peer-b,web', { kind: 'hosted', namespace: 'peer-b', name: 'web' }],
  ['peer/b', { kind: 'peer', name: 'b' }],
  ['peer/porpulsion,b', { kind: 'peer', name: 'b' }],
  ['app/web,508b71cc-f369', { kind: 'executing', name: 'web' }],
  ['approval/x1', { kind: 'approval', id: 'x1' }],
  ['token/ci', { kind: 'access', tab: 'tokens' }],
  ['remoteapp/web', undefined],
  ['(several)', undefined],
])('%s is shown at %o', (about, link) => {
  expect(aboutLink(about)).toEqual(link)
})

test('an outcome that nobody knows is not asked for', () => {
  expect(auditQuery({ actor: 'admin', outcome: 'sideways' }, 200)).toEqual({
    actor: 'admin',
    limit: 200,
  })
  expect(auditQuery({ outcome: 'refused' }, 200)).toEqual({ outcome: 'refused', limit: 200 })
})

test('more is asked for up to what the agent gives', () => {
  expect([200, 1_500, MAX_LIMIT].map(nextLimit)).toEqual([400, MAX_LIMIT, MAX_LIMIT])
})

test('each word is suggested once', () => {
  const items = [entry, { ...entry, actor: 'peer/b', peer: 'b' }, entry]
  expect(suggestions(items, 'actor')).toEqual(['admin', 'peer/b'])
  expect(suggestions(items, 'peer')).toEqual(['b'])
})

test('as lines of JSON, entries are as the API gives them', () => {
  expect(
    auditNdjson([entry, entry])
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown),
  ).toEqual([entry, entry])
})

test('a spreadsheet runs nothing of what peers wrote', () => {
  const [, row] = auditCsv([{ ...entry, about: '=HYPERLINK("x")', changes: ['a', 'b'] }]).split(
    '\r\n',
  )
  expect(row).toBe(
    `"2030-01-01T00:00:00Z","admin","patchSettings","'=HYPERLINK(""x"")","","done","","","","a b"`,
  )
})
