/** Rules of CustomResourceDefinitions themselves. */
import type {
  CustomResourceDefinition,
  CustomResourceDefinitionCondition,
  CustomResourceDefinitionSpec,
  CustomResourceDefinitionVersion,
} from 'kubernetes-types/apiextensions/v1.js'
import type { FieldCause } from '../registry/api-error.ts'
import { invalid, required } from '../registry/field-errors.ts'
import { deepEqual, isObject } from '../registry/json.ts'
import { timestamp } from '../registry/metadata.ts'
import { dns1035Problem, dnsSubdomainProblem } from '../registry/names.ts'
import type { Stored } from '../registry/registry.ts'
import type { Draft, Resource, Strategy, StrategyContext } from '../registry/resource.ts'
import { CelRules } from './cel-rules.ts'
import { fieldsOfPath, parseJsonPath } from './json-path.ts'
import { schemaOf } from './custom-resource.ts'
import { compile } from './schema-validator.ts'

/** Holds a definition until its objects are gone. */
export const cleanupFinalizer = 'customresourcecleanup.apiextensions.k8s.io'

export const definitionStrategy: Strategy = {
  applyDefaults(draft) {
    const spec = specOf(draft)
    if (spec === undefined) return
    spec.conversion ??= { strategy: 'None' }
    const { names } = spec
    if (!isObject(names) || typeof names.kind !== 'string') return
    names.singular ??= names.kind.toLowerCase()
    names.listKind ??= `${names.kind}List`
  },

  prepareCreate(draft, context) {
    setStatus(draft, undefined, context)
  },

  prepareUpdate(draft, old, context) {
    setStatus(draft, old, context)
  },

  validate(object, old) {
    const spec = specOf(object)
    if (spec === undefined || !Array.isArray(spec.versions)) return [required('spec')]
    return [...validateNames(object, spec), ...validateVersions(spec), ...validateFixed(spec, old)]
  },

  onDeletion(draft) {
    const finalizers = draft.metadata.finalizers ?? []
    if (finalizers.includes(cleanupFinalizer)) return
    draft.metadata.finalizers = [...finalizers, cleanupFinalizer]
  },
}

function specOf(draft: object): CustomResourceDefinitionSpec | undefined {
  const spec: unknown = Object.entries(draft).find(([field]) => field === 'spec')?.[1]
  // Decoded by shape when it came from outside; what is required is checked by validate.
  return isObject(spec) ? (spec as unknown as CustomResourceDefinitionSpec) : undefined
}

function validateNames(object: Draft, spec: CustomResourceDefinitionSpec): FieldCause[] {
  const causes: FieldCause[] = []
  const { group, names, scope } = spec
  const plural = isObject(names) ? names.plural : undefined
  if (
    typeof group !== 'string' ||
    dnsSubdomainProblem(group) !== undefined ||
    !group.includes('.')
  ) {
    causes.push(invalid('spec.group', group, 'should be a domain with at least one dot'))
  }
  if (typeof plural !== 'string') return [...causes, required('spec.names.plural')]
  if (typeof names.kind !== 'string') return [...causes, required('spec.names.kind')]
  const problem = dns1035Problem(plural)
  if (problem !== undefined) causes.push(invalid('spec.names.plural', plural, problem))
  if (object.metadata.name !== `${plural}.${group}`) {
    const wanted = `must be spec.names.plural+"."+spec.group`
    causes.push(invalid('metadata.name', object.metadata.name, wanted))
  }
  if (scope !== 'Namespaced' && scope !== 'Cluster') {
    causes.push({
      field: 'spec.scope',
      reason: 'FieldValueNotSupported',
      message: `Unsupported value: ${JSON.stringify(scope)}: supported values: "Cluster", "Namespaced"`,
    })
  }
  return causes
}

function validateVersions({ versions, conversion }: CustomResourceDefinitionSpec): FieldCause[] {
  const stored = versions.filter((version) => version.storage)
  const causes: FieldCause[] = []
  if (versions.length === 0) causes.push(required('spec.versions'))
  if (stored.length !== 1) {
    const why = 'must have exactly one version marked as storage version'
    causes.push(
      invalid(
        'spec.versions',
        versions.map(({ name }) => name),
        why,
      ),
    )
  }
  if (conversion !== undefined && conversion.strategy !== 'None') {
    causes.push(
      invalid(
        'spec.conversion.strategy',
        conversion.strategy,
        'this cluster calls no webhooks; only "None" works',
      ),
    )
  }
  versions.forEach((version, index) => {
    causes.push(...validateVersion(version, `spec.versions[${index}]`))
  })
  return causes
}

function validateVersion(version: CustomResourceDefinitionVersion, path: string): FieldCause[] {
  const schema = schemaOf(version)
  const field = `${path}.schema.openAPIV3Schema`
  if (schema === undefined) return [required(field, 'schemas are required')]
  if (schema['type'] !== 'object') {
    return [invalid(`${field}.type`, schema['type'], 'must be object at the root')]
  }
  const causes = new CelRules(schema)
    .problems()
    .map((problem) => invalid(`${field}.x-kubernetes-validations`, '', problem))
  try {
    compile(schema)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    causes.push(invalid(field, 'object', why))
  }
  version.additionalPrinterColumns?.forEach(({ jsonPath }, index) => {
    if (typeof jsonPath === 'string' && parseJsonPath(jsonPath) !== undefined) return
    const column = `${path}.additionalPrinterColumns[${index}].jsonPath`
    causes.push(invalid(column, jsonPath, 'is not a JSONPath that can be shown'))
  })
  const scale = version.subresources?.scale
  for (const name of ['specReplicasPath', 'statusReplicasPath'] as const) {
    if (scale === undefined || fieldsOfPath(scale[name]) !== undefined) continue
    causes.push(
      invalid(`${path}.subresources.scale.${name}`, scale[name], 'must be a JSONPath of fields'),
    )
  }
  return causes
}

function validateFixed(spec: CustomResourceDefinitionSpec, old: Stored | undefined): FieldCause[] {
  const before = old && specOf(old)
  if (before === undefined) return []
  const fixed = [
    ['spec.group', spec.group, before.group],
    ['spec.names.plural', spec.names.plural, before.names.plural],
    ['spec.names.kind', spec.names.kind, before.names.kind],
    ['spec.scope', spec.scope, before.scope],
  ] as const
  return fixed
    .filter(([, now, then]) => !deepEqual(now, then))
    .map(([field, now]) => invalid(field, now, 'field is immutable'))
}

/** Names are accepted, and the resource served, in the same step: there is no moment in between. */
function setStatus(draft: Draft, old: Stored | undefined, context: StrategyContext): void {
  const spec = specOf(draft)
  if (spec === undefined || !isObject(spec.names)) return
  const before: CustomResourceDefinition['status'] = statusOf(old)
  const taken = takenName(draft, spec, context.resources())
  const storage = Array.isArray(spec.versions)
    ? spec.versions.find((one) => one.storage)?.name
    : undefined
  const storedVersions = new Set([
    ...(before?.storedVersions ?? []),
    ...(storage === undefined ? [] : [storage]),
  ])
  const condition = (
    type: string,
    isTrue: boolean,
    reason: string,
    message: string,
  ): CustomResourceDefinitionCondition => {
    const earlier = before?.conditions?.find((one) => one.type === type)
    const status = isTrue ? 'True' : 'False'
    const same = earlier?.status === status ? earlier.lastTransitionTime : undefined
    return { type, status, reason, message, lastTransitionTime: same ?? timestamp(context.nowMs) }
  }
  const isFree = taken === undefined
  draft['status'] = {
    acceptedNames: isFree ? spec.names : (before?.acceptedNames ?? { plural: '', kind: '' }),
    storedVersions: [...storedVersions],
    conditions: [
      condition(
        'NamesAccepted',
        isFree,
        isFree ? 'NoConflicts' : 'NameConflict',
        taken ?? 'no conflicts found',
      ),
      condition(
        'Established',
        isFree,
        isFree ? 'InitialNamesAccepted' : 'NotAccepted',
        isFree ? 'the initial names have been accepted' : 'not all names are accepted',
      ),
    ],
  }
}

function statusOf(old: Stored | undefined): CustomResourceDefinition['status'] {
  const status: unknown = Object.entries(old ?? {}).find(([field]) => field === 'status')?.[1]
  return isObject(status) ? status : undefined // Written by setStatus.
}

/** Within a group, a kind and a plural may mean one thing only. */
function takenName(
  draft: Draft,
  { group, names }: CustomResourceDefinitionSpec,
  resources: readonly Resource[],
): string | undefined {
  const others = resources.filter(
    (resource) => resource.group === group && resource.id !== draft.metadata.name,
  )
  if (others.some(({ kind }) => kind === names.kind)) return `"${names.kind}" is already in use`
  if (others.some(({ plural }) => plural === names.plural))
    return `"${names.plural}" is already in use`
  return undefined
}
