import type { ExposedPort, RemoteApp } from '@porpulsion/contract'
import { age } from '../../output/age.ts'
import type { ListView, OutputFlags } from '../../output/format.ts'
import { printObject } from '../../output/format.ts'
import type { Io } from '../../io.ts'
import { facts, table } from '../../output/table.ts'
import { readyCount } from '../../wait/app-progress.ts'

export const appListView = (nowMs: number): ListView<RemoteApp> => ({
  columns: [
    { title: 'NAMESPACE', value: ({ metadata }) => metadata.namespace ?? '', isWide: true },
    { title: 'NAME', value: ({ metadata }) => metadata.name },
    { title: 'PEER', value: ({ spec }) => spec.targetPeer },
    { title: 'PHASE', value: phaseOf },
    { title: 'READY', value: readyCount },
    { title: 'AGE', value: ({ metadata }) => age(metadata.creationTimestamp, nowMs) },
    { title: 'IMAGE', value: ({ spec }) => spec.image, isWide: true },
    { title: 'AS OF', value: ({ status }) => asOf(status?.observedAt, nowMs), isWide: true },
    { title: 'MESSAGE', value: ({ status }) => status?.message ?? '', isWide: true },
  ],
  nameOf: nameOfApp,
  whenEmpty: 'No apps; "porpulsion app deploy NAME --peer PEER --image IMAGE" runs one.',
})

export function printApp(io: Io, flags: OutputFlags, app: RemoteApp): Promise<void> {
  return printObject(io, flags, app, {
    nameOf: nameOfApp,
    describe: (one) => describeApp(one, io.now()),
  })
}

const nameOfApp = ({ metadata }: RemoteApp): string => `remoteapp/${metadata.name}`

function describeApp(app: RemoteApp, nowMs: number): string[] {
  const { metadata, spec, status } = app
  return [
    ...facts([
      ['Name', metadata.name],
      ['Namespace', metadata.namespace],
      ['Peer', spec.targetPeer],
      ['Image', spec.image],
      ['Phase', phaseOf(app)],
      ['Why', status?.message],
      ['Ready', readyCount(app)],
      [
        'Ports',
        (spec.ports ?? [])
          .map(({ name, port }) => `${name ?? ''}${name === undefined ? '' : ':'}${port}`)
          .join(', '),
      ],
      ['Local Service', status?.localService?.name],
      ['As of', asOf(status?.observedAt, nowMs)],
      ['Age', age(metadata.creationTimestamp, nowMs)],
    ]),
    ...section('Exposed ports', exposedRows(app)),
    ...section('Conditions', conditionRows(app, nowMs)),
    ...section('Pods', podRows(app, nowMs)),
    ...section('Events', eventRows(app, nowMs)),
  ]
}

/** Where programs beside this agent reach them. */
function exposedRows({ status }: RemoteApp): string[] {
  const columns = [
    { title: 'PORT', value: ({ port }: ExposedPort) => String(port) },
    { title: 'ADDRESS', value: ({ address }: ExposedPort) => address ?? '' },
    { title: 'MESSAGE', value: ({ message }: ExposedPort) => message ?? '' },
  ]
  return rows(columns, status?.localService?.ports ?? [])
}

function conditionRows({ status }: RemoteApp, nowMs: number): string[] {
  const columns = [
    { title: 'TYPE', value: ({ type }: Condition) => type },
    { title: 'STATUS', value: (one: Condition) => one.status },
    { title: 'SINCE', value: (one: Condition) => age(one.lastTransitionTime, nowMs) },
    { title: 'REASON', value: ({ reason }: Condition) => reason },
    { title: 'MESSAGE', value: ({ message }: Condition) => message },
  ]
  return rows(columns, status?.conditions ?? [])
}
type Status = NonNullable<RemoteApp['status']>
type Condition = Status['conditions'][number]
type Pod = NonNullable<Status['pods']>[number]
type Event = NonNullable<Status['events']>[number]

function podRows({ status }: RemoteApp, nowMs: number): string[] {
  const columns = [
    { title: 'NAME', value: ({ name }: Pod) => name },
    { title: 'READY', value: ({ ready }: Pod) => (ready ? 'yes' : 'no') },
    { title: 'STATUS', value: ({ phase, reason }: Pod) => reason ?? phase },
    { title: 'RESTARTS', value: ({ restarts }: Pod) => String(restarts) },
    { title: 'AGE', value: ({ startedAt }: Pod) => age(startedAt, nowMs) },
  ]
  return rows(columns, status?.pods ?? [])
}

function eventRows({ status }: RemoteApp, nowMs: number): string[] {
  const columns = [
    { title: 'LAST SEEN', value: ({ lastSeen }: Event) => age(lastSeen, nowMs) },
    { title: 'TYPE', value: ({ type }: Event) => type },
    { title: 'REASON', value: ({ reason }: Event) => reason },
    { title: 'OBJECT', value: ({ object }: Event) => object },
    { title: 'MESSAGE', value: ({ message }: Event) => message },
  ]
  return rows(columns, status?.events ?? [])
}

function rows<T>(columns: Parameters<typeof table<T>>[0], items: readonly T[]): string[] {
  return items.length === 0 ? [] : table(columns, items, { isWide: true })
}

const section = (title: string, lines: readonly string[]): string[] =>
  lines.length === 0 ? [] : ['', `${title}:`, ...lines.map((line) => `  ${line}`)]

const phaseOf = ({ status }: RemoteApp): string => status?.phase ?? 'Pending'

const asOf = (time: string | undefined, nowMs: number): string =>
  time === undefined ? '' : `${age(time, nowMs)} ago`
