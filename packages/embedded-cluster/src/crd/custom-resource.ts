/** From a CustomResourceDefinition to a resource that is served. */
import type {
  CustomResourceColumnDefinition,
  CustomResourceDefinition,
  CustomResourceDefinitionVersion,
} from 'kubernetes-types/apiextensions/v1.js'
import { ageOf } from '../registry/human-duration.ts'
import type { Stored } from '../registry/registry.ts'
import {
  type Resource,
  resourceId,
  type ScalePaths,
  type ServedVersion,
  type TableColumns,
} from '../registry/resource.ts'
import { anyShape, type ObjectShape } from '../registry/shape.ts'
import { noRules } from '../registry/strategies/cluster.ts'
import { byVersionPriority } from '../registry/version-priority.ts'
import { CelRules } from './cel-rules.ts'
import { fieldsOfPath, parseJsonPath, readJsonPath } from './json-path.ts'
import { asSchema, type Schema } from './json-schema.ts'
import { applySchemaDefaults } from './schema-defaults.ts'
import { customShape } from './schema-shape.ts'
import { SchemaValidator } from './schema-validator.ts'

const verbs = ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch']

export function customResource(
  definition: Stored<CustomResourceDefinition>,
  metadata: ObjectShape,
): Resource | undefined {
  const { group, names, scope, versions } = definition.spec
  const storage = versions.find((version) => version.storage)
  if (storage === undefined) return undefined
  const served = versions
    .filter((version) => version.served)
    .sort((a, b) => byVersionPriority(a.name, b.name))
  return {
    id: resourceId({ group, plural: names.plural }),
    group,
    version: storage.name,
    kind: names.kind,
    plural: names.plural,
    singular: names.singular ?? names.kind.toLowerCase(),
    listKind: names.listKind ?? `${names.kind}List`,
    namespaced: scope === 'Namespaced',
    shortNames: names.shortNames ?? [],
    categories: names.categories ?? [],
    verbs,
    versions: served.map((version) => servedVersionOf(version, metadata)),
    subresources: [],
    hasGeneration: true,
    custom: true,
    strategy: noRules,
    selectableFields: [
      ...new Set(
        served.flatMap(({ selectableFields }) =>
          (selectableFields ?? []).map(({ jsonPath }) => jsonPath.replace(/^\./, '')),
        ),
      ),
    ],
    creatable: definition.metadata.deletionTimestamp === undefined,
    virtual: false,
  }
}

function servedVersionOf(
  version: CustomResourceDefinitionVersion,
  metadata: ObjectShape,
): ServedVersion {
  const schema = schemaOf(version)
  const validator = new SchemaValidator(schema ?? {})
  const rules = new CelRules(schema ?? {})
  return {
    name: version.name,
    shape: schema === undefined ? anyShape : customShape(schema, metadata),
    columns: columnsOf(version.additionalPrinterColumns ?? []),
    scale: scaleOf(version),
    status: version.subresources?.status !== undefined,
    deprecated: version.deprecated ?? false,
    ...(schema !== undefined && {
      applyDefaults: (draft) => applySchemaDefaults(draft, schema),
      validate: (object, old) => {
        const causes = validator.validate(object)
        // Rules may count on the types being right.
        return causes.length > 0 ? causes : rules.validate(object, old)
      },
    }),
  }
}

export function schemaOf(version: CustomResourceDefinitionVersion): Schema | undefined {
  return asSchema(version.schema?.openAPIV3Schema)
}

function scaleOf({ subresources }: CustomResourceDefinitionVersion): ScalePaths | undefined {
  const scale = subresources?.scale
  const specReplicas = fieldsOfPath(scale?.specReplicasPath ?? '')
  const statusReplicas = fieldsOfPath(scale?.statusReplicasPath ?? '')
  if (scale === undefined || specReplicas === undefined || statusReplicas === undefined) {
    return undefined
  }
  const selector = scale.labelSelectorPath
  return {
    specReplicas,
    statusReplicas,
    selector: selector === undefined ? undefined : fieldsOfPath(selector),
  }
}

/** Age, where the definition names no columns, as the real server has it. */
const defaultColumn: CustomResourceColumnDefinition = {
  name: 'Age',
  type: 'date',
  jsonPath: '.metadata.creationTimestamp',
}

function columnsOf(given: readonly CustomResourceColumnDefinition[]): TableColumns {
  const columns = (given.length === 0 ? [defaultColumn] : given).map((column) => ({
    ...column,
    steps: parseJsonPath(column.jsonPath) ?? [],
  }))
  return {
    definitions: [
      {
        name: 'Name',
        type: 'string',
        format: 'name',
        description: 'Name of the object',
        priority: 0,
      },
      ...columns.map(({ name, type, format = '', description = '', priority = 0 }) => ({
        name,
        // kubectl gets ages as text.
        type: type === 'date' ? 'string' : type,
        format,
        description,
        priority,
      })),
    ],
    cells: (object, nowMs) => [
      object.metadata.name,
      ...columns.map(({ type, steps }) => cell(readJsonPath(object, steps), type, nowMs)),
    ],
  }
}

function cell(found: readonly unknown[], type: string, nowMs: number): unknown {
  const [value] = found
  if (value === undefined || value === null) return null
  if (type === 'date') return ageOf(value, nowMs)
  if (type === 'string') {
    return found.map((one) => (typeof one === 'string' ? one : JSON.stringify(one))).join(',')
  }
  return value
}
