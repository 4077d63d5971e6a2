/** What is served: the documents clients read before they do anything else. */
import type { Catalog } from '../registry/catalog.ts'
import { byVersionPriority } from '../registry/version-priority.ts'
import { groupVersion, type Resource, type ServedVersion } from '../registry/resource.ts'

const objectVerbs = ['get', 'patch', 'update']

interface Offer {
  readonly resource: Resource
  readonly served: ServedVersion
}

export class Discovery {
  readonly #catalog: Catalog

  constructor(catalog: Catalog) {
    this.#catalog = catalog
  }

  /** `/api` */
  coreVersions(address: string): object {
    return {
      kind: 'APIVersions',
      versions: ['v1'],
      serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: address }],
    }
  }

  /** `/apis` */
  groups(): object {
    const names = [...this.#groupNames()].filter((name) => name !== '')
    return {
      kind: 'APIGroupList',
      apiVersion: 'v1',
      groups: names.map((name) => this.#group(name)),
    }
  }

  /** `/apis/<group>`; undefined if there is no such group. */
  group(name: string): object | undefined {
    if (name === '' || !this.#groupNames().has(name)) return undefined
    return { kind: 'APIGroup', apiVersion: 'v1', ...this.#group(name) }
  }

  /** `/api/v1`, `/apis/<group>/<version>`; undefined if nothing of that version is served. */
  resources(group: string, version: string): object | undefined {
    const offers = this.offers(group, version)
    if (offers.length === 0) return undefined
    return {
      kind: 'APIResourceList',
      apiVersion: 'v1',
      groupVersion: groupVersion({ group }, version),
      resources: offers.flatMap(resourceEntries),
    }
  }

  /** The same in one document: `core` for `/api`, the rest for `/apis`. */
  aggregated(which: 'core' | 'groups'): object {
    const names = [...this.#groupNames()].filter((name) => (name === '') === (which === 'core'))
    return {
      kind: 'APIGroupDiscoveryList',
      apiVersion: 'apidiscovery.k8s.io/v2',
      metadata: {},
      items: names.map((name) => ({
        metadata: { ...(name !== '' && { name }), creationTimestamp: null },
        versions: this.versions(name).map((version) => ({
          version,
          resources: this.offers(name, version).map(aggregatedEntry),
          freshness: 'Current',
        })),
      })),
    }
  }

  offers(group: string, version: string): readonly Offer[] {
    return this.#catalog.all().flatMap((resource) => {
      const served =
        resource.group === group && resource.versions.find(({ name }) => name === version)
      return served === undefined || served === false ? [] : [{ resource, served }]
    })
  }

  versions(group: string): readonly string[] {
    const names = this.#catalog
      .all()
      .filter((resource) => resource.group === group)
      .flatMap((resource) => resource.versions.map(({ name }) => name))
    return [...new Set(names)].sort(byVersionPriority)
  }

  groupVersions(): readonly { readonly group: string; readonly version: string }[] {
    return [...this.#groupNames()].flatMap((group) =>
      this.versions(group).map((version) => ({ group, version })),
    )
  }

  #groupNames(): Set<string> {
    return new Set(this.#catalog.all().map(({ group }) => group))
  }

  #group(name: string): object {
    const versions = this.versions(name).map((version) => ({
      groupVersion: `${name}/${version}`,
      version,
    }))
    return { name, versions, preferredVersion: versions[0] }
  }
}

function resourceEntries({ resource, served }: Offer): object[] {
  const { plural, singular, namespaced, kind, verbs, shortNames, categories } = resource
  return [
    {
      name: plural,
      singularName: singular,
      namespaced,
      kind,
      verbs,
      ...(shortNames.length > 0 && { shortNames }),
      ...(categories.length > 0 && { categories }),
    },
    ...subresourcesOf(resource, served).map(({ name, verbs, ...type }) => ({
      name: `${plural}/${name}`,
      singularName: '',
      namespaced,
      verbs,
      ...type,
    })),
  ]
}

interface SubresourceEntry {
  readonly name: string
  readonly kind: string
  readonly group?: string
  readonly version?: string
  readonly verbs: readonly string[]
}

function subresourcesOf(resource: Resource, served: ServedVersion): readonly SubresourceEntry[] {
  const { kind } = resource
  return [
    ...(served.status ? [{ name: 'status', kind, verbs: objectVerbs }] : []),
    ...(served.scale === undefined
      ? []
      : [
          { name: 'scale', group: 'autoscaling', version: 'v1', kind: 'Scale', verbs: objectVerbs },
        ]),
    ...resource.subresources.map((name) => special[name] ?? { name, kind, verbs: ['update'] }),
  ]
}

const special: Readonly<Record<string, SubresourceEntry>> = {
  log: { name: 'log', kind: 'Pod', verbs: ['get'] },
  portforward: { name: 'portforward', kind: 'PodPortForwardOptions', verbs: ['create', 'get'] },
  attach: { name: 'attach', kind: 'PodAttachOptions', verbs: ['create', 'get'] },
  exec: { name: 'exec', kind: 'PodExecOptions', verbs: ['create', 'get'] },
  token: {
    name: 'token',
    group: 'authentication.k8s.io',
    version: 'v1',
    kind: 'TokenRequest',
    verbs: ['create'],
  },
}

function aggregatedEntry({ resource, served }: Offer): object {
  const { plural, singular, namespaced, kind, group, verbs, shortNames, categories } = resource
  const subresources = subresourcesOf(resource, served)
  const type = { group, version: served.name, kind }
  return {
    resource: plural,
    responseKind: type,
    scope: namespaced ? 'Namespaced' : 'Cluster',
    singularResource: singular,
    verbs,
    ...(shortNames.length > 0 && { shortNames }),
    ...(categories.length > 0 && { categories }),
    ...(subresources.length > 0 && {
      subresources: subresources.map((entry) => ({
        subresource: entry.name,
        responseKind: {
          group: entry.group ?? group,
          version: entry.version ?? served.name,
          kind: entry.kind,
        },
        verbs: entry.verbs,
      })),
    }),
  }
}
