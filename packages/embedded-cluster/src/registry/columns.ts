/** What `kubectl get` shows of the built-in kinds. */
import { listAt, numberAt, objectAt, objectsAt, scalarText, stringAt } from './fields.ts'
import { ageOf } from './human-duration.ts'
import type { JsonObject } from './json.ts'
import type { Stored } from './registry.ts'
import type { TableColumns } from './resource.ts'
import {
  age,
  type Cell,
  type Column,
  count,
  field,
  integer,
  tableOf,
  text,
  wide,
} from './table-columns.ts'

export const nameAndAge = tableOf(age)

const size =
  (name: string): Cell =>
  (object) =>
    Object.keys(objectAt(object, name)).length
const orNone = (list: readonly string[]): string => (list.length === 0 ? '<none>' : list.join(','))

export const namespaceColumns = tableOf(text('Status', field('status', 'phase')), age)
export const secretColumns = tableOf(
  text('Type', field('type')),
  integer('Data', size('data')),
  age,
)
export const configMapColumns = tableOf(
  integer('Data', (object) => {
    const binary = Object.keys(objectAt(object, 'binaryData')).length
    return Object.keys(objectAt(object, 'data')).length + binary
  }),
  age,
)
export const serviceAccountColumns = tableOf(
  integer('Secrets', (object) => listAt(object, 'secrets').length),
  age,
)
export const leaseColumns = tableOf(text('Holder', field('spec', 'holderIdentity')), age)

export const deploymentColumns = tableOf(
  text('Ready', (object) => {
    const ready = numberAt(object, 'status', 'readyReplicas') ?? 0
    return `${ready}/${numberAt(object, 'spec', 'replicas') ?? 0}`
  }),
  integer('Up-to-date', count('status', 'updatedReplicas')),
  integer('Available', count('status', 'availableReplicas')),
  age,
  ...templateColumns(),
)

export const replicaSetColumns = tableOf(
  integer('Desired', count('spec', 'replicas')),
  integer('Current', count('status', 'replicas')),
  integer('Ready', count('status', 'readyReplicas')),
  age,
  ...templateColumns(),
)

function templateColumns(): Column[] {
  const containers = (object: Stored): readonly JsonObject[] =>
    objectsAt(object, 'spec', 'template', 'spec', 'containers')
  const all =
    (name: string): Cell =>
    (object) =>
      containers(object)
        .map((container) => stringAt(container, name) ?? '')
        .join(',')
  return [
    wide(text('Containers', all('name'))),
    wide(text('Images', all('image'))),
    wide(text('Selector', (object) => selectorText(objectAt(object, 'spec', 'selector')))),
  ]
}

/** A label selector as a person would type it. */
export function selectorText(selector: JsonObject): string {
  const equal = Object.entries(objectAt(selector, 'matchLabels')).map(
    ([key, value]) => `${key}=${String(value)}`,
  )
  const expressions = objectsAt(selector, 'matchExpressions').map((expression) => {
    const key = stringAt(expression, 'key') ?? ''
    const values = listAt(expression, 'values').join(',')
    switch (expression['operator']) {
      case 'In':
        return `${key} in (${values})`
      case 'NotIn':
        return `${key} notin (${values})`
      case 'Exists':
        return key
      default:
        return `!${key}`
    }
  })
  return orNone([...equal, ...expressions])
}

export const serviceColumns = tableOf(
  text('Type', field('spec', 'type')),
  text('Cluster-IP', (object) => stringAt(object, 'spec', 'clusterIP') ?? '<none>'),
  text('External-IP', (object) => stringAt(object, 'spec', 'externalName') ?? '<none>'),
  text('Port(s)', (object) =>
    orNone(
      objectsAt(object, 'spec', 'ports').map(
        (port) => `${String(port['port'])}/${String(port['protocol'])}`,
      ),
    ),
  ),
  age,
  wide(
    text('Selector', (object) =>
      selectorText({ matchLabels: objectAt(object, 'spec', 'selector') }),
    ),
  ),
)

export const endpointSliceColumns = tableOf(
  text('AddressType', field('addressType')),
  text('Ports', (object) =>
    orNone(objectsAt(object, 'ports').map((port) => scalarText(port['port'] ?? '*'))),
  ),
  text('Endpoints', (object) =>
    orNone(
      objectsAt(object, 'endpoints').flatMap((endpoint) =>
        listAt(endpoint, 'addresses').map(String),
      ),
    ),
  ),
  age,
)

export const endpointsColumns = tableOf(
  text('Endpoints', (object) =>
    orNone(
      objectsAt(object, 'subsets').flatMap((subset) =>
        objectsAt(subset, 'addresses').flatMap((address) =>
          objectsAt(subset, 'ports').map(
            (port) => `${String(address['ip'])}:${String(port['port'])}`,
          ),
        ),
      ),
    ),
  ),
  age,
)

/** Not led by the name: events are read for what they say. */
export const eventColumns: TableColumns = {
  definitions: [
    { name: 'Last Seen', type: 'string', priority: 0 },
    { name: 'Type', type: 'string', priority: 0 },
    { name: 'Reason', type: 'string', priority: 0 },
    { name: 'Object', type: 'string', priority: 0 },
    { name: 'Subobject', type: 'string', priority: 1 },
    { name: 'Source', type: 'string', priority: 1 },
    { name: 'Message', type: 'string', priority: 0 },
    { name: 'First Seen', type: 'string', priority: 1 },
    { name: 'Count', type: 'integer', priority: 1 },
    { name: 'Name', type: 'string', format: 'name', priority: 1 },
  ].map((column) => ({ format: '', description: column.name, ...column })),
  cells: (event, nowMs) => {
    const involved = objectAt(event, 'involvedObject')
    const first = stringAt(event, 'firstTimestamp') ?? stringAt(event, 'eventTime')
    const last =
      stringAt(event, 'series', 'lastObservedTime') ?? stringAt(event, 'lastTimestamp') ?? first
    const kind = (stringAt(involved, 'kind') ?? '').toLowerCase()
    const component = stringAt(event, 'source', 'component')
    return [
      ageOf(last ?? event.metadata.creationTimestamp, nowMs),
      stringAt(event, 'type') ?? '',
      stringAt(event, 'reason') ?? '',
      `${kind}/${stringAt(involved, 'name') ?? ''}`,
      stringAt(involved, 'fieldPath') ?? '',
      component ?? stringAt(event, 'reportingComponent') ?? '',
      (stringAt(event, 'message') ?? '').trim(),
      ageOf(first ?? event.metadata.creationTimestamp, nowMs),
      numberAt(event, 'series', 'count') ?? numberAt(event, 'count') ?? 1,
      event.metadata.name,
    ]
  },
}

export const nodeColumns = tableOf(
  text('Status', (node) => {
    const ready = objectsAt(node, 'status', 'conditions').find(({ type }) => type === 'Ready')
    return ready?.['status'] === 'True' ? 'Ready' : 'NotReady'
  }),
  text('Roles', (node) => {
    const prefix = 'node-role.kubernetes.io/'
    const roles = Object.keys(node.metadata.labels ?? {}).filter((label) =>
      label.startsWith(prefix),
    )
    return orNone(roles.map((label) => label.slice(prefix.length)))
  }),
  age,
  text('Version', field('status', 'nodeInfo', 'kubeletVersion')),
)

export const roleColumns = tableOf(
  text('Created At', (object) => object.metadata.creationTimestamp),
)

export const bindingColumns = tableOf(
  text('Role', (object) => {
    const role = objectAt(object, 'roleRef')
    return `${stringAt(role, 'kind') ?? ''}/${stringAt(role, 'name') ?? ''}`
  }),
  age,
  wide(text('Users', subjects('User'))),
  wide(text('Groups', subjects('Group'))),
  wide(text('ServiceAccounts', subjects('ServiceAccount'))),
)

function subjects(kind: string): Cell {
  return (object) =>
    objectsAt(object, 'subjects')
      .filter((subject) => subject['kind'] === kind)
      .map((subject) => {
        const name = stringAt(subject, 'name') ?? ''
        const namespace = stringAt(subject, 'namespace')
        return namespace === undefined ? name : `${namespace}/${name}`
      })
      .join(', ')
}

export const networkPolicyColumns = tableOf(
  text('Pod-Selector', (object) => selectorText(objectAt(object, 'spec', 'podSelector'))),
  age,
)

export const definitionColumns = tableOf(
  text('Created At', (object) => object.metadata.creationTimestamp),
)
