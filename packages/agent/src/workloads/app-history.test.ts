import type { RemoteAppSpec } from '@porpulsion/contract'
import { expect, test } from 'vitest'
import { shownRevisions, withSpec, type AppHistory } from './app-history.ts'
import { fieldManagerOf } from './app-history-controller.ts'
import type { StoredRemoteApp } from './kube-app-kinds.ts'

const base: RemoteAppSpec = { targetPeer: 'b', image: 'one', replicas: 1 }
const spec = (change: Partial<RemoteAppSpec> = {}): RemoteAppSpec => ({ ...base, ...change })
const time = '2026-01-01T00:00:00.000Z'
const historyOf = (...specs: RemoteAppSpec[]): AppHistory =>
  specs.reduce<AppHistory>((history, one) => withSpec(history, { time, spec: one }), [])
const numbers = (history: AppHistory): number[] => history.map(({ revision }) => revision)

test('the last ten are kept, and a number is never given twice', () => {
  const images = Array.from({ length: 13 }, (_, at) => spec({ image: `image-${at}` }))
  expect(numbers(historyOf(...images))).toEqual([4, 5, 6, 7, 8, 9, 10, 11, 12, 13])
})

test('the spec it has already is no revision, whatever the order of its fields', () => {
  const history = historyOf(spec())
  expect(withSpec(history, { time, spec: { replicas: 1, image: 'one', targetPeer: 'b' } })).toBe(
    history,
  )
})

test('going back to what it was is a revision like any other', () => {
  expect(numbers(historyOf(spec(), spec({ image: 'two' }), spec()))).toEqual([1, 2, 3])
})

test('scaling is one revision, however often in a row, and pushes nothing out', () => {
  const scaled = Array.from({ length: 20 }, (_, at) => spec({ image: 'two', replicas: at + 2 }))
  const history = historyOf(spec(), spec({ image: 'two' }), ...scaled, spec({ image: 'three' }))
  expect(history.map(({ spec: { image, replicas } }) => [image, replicas])).toEqual([
    ['one', 1],
    ['two', 1],
    ['two', 21],
    ['three', 1],
  ])
  expect(numbers(history)).toEqual([1, 2, 22, 23])
})

test('what people are shown is newest first, with what changed and no value of a secret', () => {
  const secret = (password: string): Partial<RemoteAppSpec> => ({
    secrets: [
      { name: 'keys', mountPath: '/k', data: { password }, binaryData: { cert: 'Y2FuYXJ5' } },
    ],
  })
  const history = historyOf(
    spec(),
    spec(secret('canary-1')),
    spec({ ...secret('canary-2'), env: [{ name: 'A', value: 'x' }] }),
  )
  const shown = shownRevisions(history)
  expect(
    shown.map(({ revision, isCurrent, changed }) => ({ revision, isCurrent, changed })),
  ).toEqual([
    {
      revision: 3,
      isCurrent: true,
      changed: ['secrets[keys].data.password', 'env[A].name', 'env[A].value'],
    },
    {
      revision: 2,
      isCurrent: false,
      changed: [
        'secrets[keys].name',
        'secrets[keys].mountPath',
        'secrets[keys].data.password',
        'secrets[keys].binaryData.cert',
      ],
    },
    { revision: 1, isCurrent: false, changed: [] },
  ])
  expect(shown[0]?.spec.secrets).toEqual([
    { name: 'keys', mountPath: '/k', data: { password: '' }, binaryData: { cert: '' } },
  ])
  expect(JSON.stringify(shown)).not.toMatch(/canary|Y2Fu/)
})

test('a change of everything names so many fields, and that there are more', () => {
  const env = Array.from({ length: 100 }, (_, at) => ({ name: `A${at}`, value: 'x' }))
  const [newest] = shownRevisions(historyOf(spec(), spec({ env })))
  expect(newest?.changed).toHaveLength(51)
  expect(newest?.changed.at(-1)).toBe('… 150 more')
})

type Manager = [manager: string, time: string, fields?: object]

const writtenBy = (managers: readonly Manager[]) =>
  ({
    metadata: {
      managedFields: managers.map(([manager, at, fieldsV1 = { 'f:spec': {} }]) => ({
        manager,
        time: at,
        fieldsV1,
      })),
    },
  }) as unknown as StoredRemoteApp

test.each<[string, Manager[], string | undefined]>([
  [
    'who wrote the spec last',
    [
      ['helm', '2026-01-01T00:00:00Z'],
      ['kubectl-edit', '2026-01-02T00:00:00Z'],
    ],
    'kubectl-edit',
  ],
  [
    'not who wrote labels since',
    [
      ['helm', '2026-01-01T00:00:00Z'],
      ['x', '2026-01-02T00:00:00Z', { 'f:metadata': {} }],
    ],
    'helm',
  ],
  [
    'nobody when two wrote in one second',
    [
      ['helm', '2026-01-01T00:00:00Z'],
      ['x', '2026-01-01T00:00:00Z'],
    ],
    undefined,
  ],
  [
    'nobody when it was an agent, for whom nobody can say',
    [['porpulsion', '2026-01-01T00:00:00Z']],
    undefined,
  ],
  ['nobody where the API server keeps no managers', [], undefined],
])('of field managers it names %s', (_, managers, expected) => {
  expect(fieldManagerOf(writtenBy(managers))).toBe(expected)
})
