/** One Event, two APIs: kept as core/v1, shown as events.k8s.io/v1 with its newer field names. */
import type { FieldCause } from './api-error.ts'
import { stringAt } from './fields.ts'
import { invalid } from './field-errors.ts'
import { clone, type JsonObject } from './json.ts'
import type { Stored } from './registry.ts'
import type { Alias, Draft, Strategy } from './resource.ts'

/** core/v1 name → events.k8s.io/v1 name */
const renamed: readonly (readonly [string, string])[] = [
  ['involvedObject', 'regarding'],
  ['message', 'note'],
  ['reportingComponent', 'reportingController'],
  ['source', 'deprecatedSource'],
  ['count', 'deprecatedCount'],
  ['firstTimestamp', 'deprecatedFirstTimestamp'],
  ['lastTimestamp', 'deprecatedLastTimestamp'],
]

export const eventAlias: Alias = {
  of: 'events',
  toStored(draft) {
    const names = new Map(renamed.map(([core, newer]) => [newer, core]))
    return { ...rename(draft, names), apiVersion: 'v1', kind: 'Event', metadata: draft.metadata }
  },
  fromStored(stored) {
    const event = rename(clone({ ...stored }), new Map(renamed))
    event['apiVersion'] = 'events.k8s.io/v1'
    return event as unknown as Stored // The same event under other names; metadata is untouched.
  },
}

function rename(object: object, names: ReadonlyMap<string, string>): JsonObject {
  return Object.fromEntries(
    Object.entries(object).map(([key, value]: [string, unknown]) => [names.get(key) ?? key, value]),
  )
}

export const coreEvents: Strategy = {
  validate(event: Draft): readonly FieldCause[] {
    const about = stringAt(event, 'involvedObject', 'namespace') ?? ''
    const { namespace } = event.metadata
    // Events about cluster-scoped objects live in `default`.
    const fits = about === namespace || (about === '' && namespace === 'default')
    return fits
      ? []
      : [invalid('involvedObject.namespace', about, 'does not match event.namespace')]
  },
}
