/**
 * The CustomResourceDefinitions, made from the schemas. `npm run gen` writes them as YAML for the chart; an agent
 * applies them itself to the embedded cluster.
 */
import type { TSchema } from 'typebox'
import { ExecutingAppSpec, ExecutingAppStatus } from './executing-app.ts'
import type { CelRule } from './kubernetes-object.ts'
import { API_GROUP, API_VERSION } from './names.ts'
import { PeerSpec, PeerStatus } from './peer.ts'
import { RemoteAppSpec, RemoteAppStatus } from './remote-app.ts'

interface PrinterColumn {
  readonly name: string
  readonly type: 'string' | 'integer' | 'date'
  readonly jsonPath: string
  readonly description?: string
  readonly priority?: number
}

export interface CustomResource {
  readonly kind: string
  readonly plural: string
  readonly shortName: string
  readonly description: string
  readonly spec: TSchema
  readonly status: TSchema
  readonly columns: readonly PrinterColumn[]
  readonly scalable: boolean
  readonly specRules: readonly CelRule[]
}

const age: PrinterColumn = { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' }
const appColumns: readonly PrinterColumn[] = [
  { name: 'Phase', type: 'string', jsonPath: '.status.phase' },
  { name: 'Ready', type: 'integer', jsonPath: '.status.readyReplicas' },
]

export const customResources: readonly CustomResource[] = [
  {
    kind: 'RemoteApp',
    plural: 'remoteapps',
    shortName: 'ra',
    description: 'An app that a peer shall run for this cluster.',
    spec: RemoteAppSpec,
    status: RemoteAppStatus,
    scalable: true,
    specRules: [
      {
        rule: 'self.targetPeer == oldSelf.targetPeer',
        message: 'targetPeer is immutable: delete the app and create it for the other peer',
      },
    ],
    columns: [
      ...appColumns.slice(0, 1),
      { name: 'Peer', type: 'string', jsonPath: '.spec.targetPeer' },
      ...appColumns.slice(1),
      { name: 'Image', type: 'string', jsonPath: '.spec.image' },
      age,
      { name: 'Message', type: 'string', jsonPath: '.status.message', priority: 1 },
    ],
  },
  {
    kind: 'ExecutingApp',
    plural: 'executingapps',
    shortName: 'ea',
    description:
      'An app that this cluster runs for a peer. Written by the agent; edits are undone.',
    spec: ExecutingAppSpec,
    status: ExecutingAppStatus,
    scalable: false,
    specRules: [],
    columns: [
      ...appColumns.slice(0, 1),
      { name: 'Peer', type: 'string', jsonPath: '.spec.peer.name' },
      ...appColumns.slice(1),
      { name: 'Image', type: 'string', jsonPath: '.spec.app.image' },
      age,
    ],
  },
  {
    kind: 'Peer',
    plural: 'peers',
    shortName: 'peer',
    description: "Another cluster's agent.",
    spec: PeerSpec,
    status: PeerStatus,
    scalable: false,
    specRules: [
      {
        rule: 'self.caCertificate == oldSelf.caCertificate',
        message: 'caCertificate is immutable: it is the identity of the peer',
      },
      {
        rule: '!has(oldSelf.renewals) || has(self.renewals)',
        message: 'renewals cannot be left out: they say which CA the peer has now',
      },
    ],
    columns: [
      { name: 'Link', type: 'string', jsonPath: '.status.link' },
      { name: 'Ready', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
      { name: 'Confirmed', type: 'string', jsonPath: '.spec.confirmed' },
      { name: 'URL', type: 'string', jsonPath: '.spec.url' },
      age,
    ],
  },
]

/** Labels marking what belongs to the product rather than to one app. */
const labels = { 'app.kubernetes.io/name': 'porpulsion', 'app.kubernetes.io/part-of': 'porpulsion' }

export interface CustomResourceDefinition {
  readonly apiVersion: 'apiextensions.k8s.io/v1'
  readonly kind: 'CustomResourceDefinition'
  readonly metadata: { readonly name: string; readonly labels: Readonly<Record<string, string>> }
  readonly spec: Readonly<Record<string, unknown>>
}

export const customResourceDefinitions = (): CustomResourceDefinition[] =>
  customResources.map(toCrd)

function toCrd(resource: CustomResource): CustomResourceDefinition {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${resource.plural}.${API_GROUP}`, labels },
    spec: {
      group: API_GROUP,
      scope: 'Namespaced',
      names: {
        kind: resource.kind,
        listKind: `${resource.kind}List`,
        plural: resource.plural,
        singular: resource.kind.toLowerCase(),
        // A short name equal to the singular is refused by the API server.
        ...(resource.shortName !== resource.kind.toLowerCase() && {
          shortNames: [resource.shortName],
        }),
        categories: ['porpulsion'],
      },
      versions: [
        {
          name: API_VERSION,
          served: true,
          storage: true,
          subresources: {
            status: {},
            ...(resource.scalable && {
              scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' },
            }),
          },
          additionalPrinterColumns: resource.columns,
          schema: { openAPIV3Schema: rootSchema(resource) },
        },
      ],
    },
  }
}

function rootSchema(resource: CustomResource): unknown {
  const spec = structural(resource.spec)
  return {
    type: 'object',
    description: resource.description,
    required: ['spec'],
    properties: {
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      metadata: { type: 'object' },
      spec: {
        ...spec,
        ...(resource.specRules.length > 0 && { 'x-kubernetes-validations': resource.specRules }),
      },
      status: structural(resource.status),
    },
  }
}

type JsonSchema = Readonly<Record<string, unknown>>

const copied = [
  'type',
  'description',
  'pattern',
  'minLength',
  'maxLength',
  'minimum',
  'maximum',
  'minItems',
  'maxItems',
  'maxProperties',
  'required',
  'enum',
  'format',
  'default',
  'x-kubernetes-validations',
] as const

/** JSON Schema → Kubernetes structural schema: what the API server knows, and nothing it refuses. */
function structural(schema: TSchema): Record<string, unknown> {
  return convert(schema as JsonSchema) // a TypeBox schema is a JSON Schema
}

function convert(schema: JsonSchema): Record<string, unknown> {
  const out: Record<string, unknown> = {}
  for (const key of copied) if (schema[key] !== undefined) out[key] = schema[key]
  if (Array.isArray(schema['enum'])) out['type'] = 'string'
  if (isSchema(schema['items'])) out['items'] = convert(schema['items'])
  if (isSchema(schema['properties'])) {
    out['properties'] = Object.fromEntries(
      Object.entries(schema['properties']).flatMap(([name, value]) =>
        isSchema(value) ? [[name, convert(value)]] : [],
      ),
    )
  }
  // A record arrives as patternProperties; Kubernetes says the same with additionalProperties.
  if (isSchema(schema['patternProperties'])) {
    const [value] = Object.values(schema['patternProperties'])
    if (isSchema(value)) out['additionalProperties'] = convert(value)
  }
  return out
}

const isSchema = (value: unknown): value is JsonSchema =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
