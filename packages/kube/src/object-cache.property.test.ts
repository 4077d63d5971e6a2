import fc from 'fast-check'
import { test } from 'vitest'
import type { KubeObject, Stored } from './kube-object.ts'
import { objectKey } from './kube-object.ts'
import { ObjectCache, type CacheChange } from './object-cache.ts'

type Op =
  | { readonly kind: 'set'; readonly object: Stored<KubeObject> }
  | { readonly kind: 'delete'; readonly object: Stored<KubeObject> }
  | { readonly kind: 'replace'; readonly objects: readonly Stored<KubeObject>[] }

const few = (...values: string[]): fc.Arbitrary<string> => fc.constantFrom(...values)

/** Few names, so that they meet; several uids per name, so that there are namesakes. */
const anObject: fc.Arbitrary<Stored<KubeObject>> = fc
  .record({
    namespace: few('a', 'b'),
    name: few('x', 'y', 'z'),
    uid: few('1', '2'),
    owner: few('o1', 'o2'),
    peer: few('p', 'q'),
    version: fc.nat(5),
  })
  .map(({ namespace, name, uid, owner, peer, version }) => ({
    apiVersion: 'v1',
    kind: 'Thing',
    metadata: {
      namespace,
      name,
      uid: `${namespace}-${name}-${uid}`,
      // As on a server: one version, one content.
      resourceVersion: `${uid}-${version}-${owner}-${peer}`,
      creationTimestamp: '',
      labels: { peer },
      ownerReferences: [{ apiVersion: 'v1', kind: 'Owner', name: owner, uid: owner }],
    },
  }))

const anOp: fc.Arbitrary<Op> = fc.oneof(
  fc.record({ kind: fc.constant('set' as const), object: anObject }),
  fc.record({ kind: fc.constant('delete' as const), object: anObject }),
  fc.record({
    kind: fc.constant('replace' as const),
    objects: fc.uniqueArray(anObject, { selector: ({ metadata }) => objectKey(metadata) }),
  }),
)

/** What the cache is, told without any cleverness. */
class NaiveCache {
  readonly objects = new Map<string, Stored<KubeObject>>()

  apply(op: Op): void {
    if (op.kind === 'set') this.objects.set(objectKey(op.object.metadata), op.object)
    else if (op.kind === 'delete') this.objects.delete(objectKey(op.object.metadata))
    else {
      this.objects.clear()
      for (const object of op.objects) this.objects.set(objectKey(object.metadata), object)
    }
  }

  versions(where: (object: Stored<KubeObject>) => boolean): string[] {
    return versions([...this.objects.values()].filter(where))
  }
}

function versions(objects: readonly Stored<KubeObject>[]): string[] {
  return objects
    .map(({ metadata }) => `${objectKey(metadata)}@${metadata.uid}@${metadata.resourceVersion}`)
    .sort()
}

/** What somebody knows who only ever heard the changes; objects by uid, as a keeper of something per object has them. */
class Listener {
  readonly known = new Map<string, Stored<KubeObject>>()

  hear(change: CacheChange<KubeObject>): void {
    const { uid } = change.object.metadata
    if (change.kind === 'deleted' || change.kind === 'updated') {
      if (!this.known.has(uid)) throw new Error(`${change.kind} of ${uid}, which is unknown`)
    } else if (this.known.has(uid)) throw new Error(`added ${uid}, which is known`)
    if (change.kind === 'deleted') this.known.delete(uid)
    else this.known.set(uid, change.object)
  }
}

test('the cache, its indexes and whoever hears its changes agree with a naive twin', () => {
  fc.assert(
    fc.property(fc.array(anOp, { maxLength: 40 }), (ops) => {
      const cache = new ObjectCache<KubeObject>({
        peer: ({ metadata }) => [metadata.labels?.['peer'] ?? ''],
      })
      const twin = new NaiveCache()
      const listener = new Listener()
      for (const op of ops) {
        const changes =
          op.kind === 'set'
            ? cache.set(op.object)
            : op.kind === 'delete'
              ? cache.delete(op.object.metadata)
              : cache.replace(op.objects)
        changes.forEach((change) => listener.hear(change))
        twin.apply(op)
      }

      const agree = (mine: string[], theirs: string[]): boolean => mine.join() === theirs.join()
      return (
        agree(
          versions(cache.list()),
          twin.versions(() => true),
        ) &&
        agree(
          versions([...listener.known.values()]),
          twin.versions(() => true),
        ) &&
        ['a', 'b'].every((namespace) =>
          agree(
            versions(cache.inNamespace(namespace)),
            twin.versions(({ metadata }) => metadata.namespace === namespace),
          ),
        ) &&
        ['p', 'q'].every((peer) =>
          agree(
            versions(cache.byIndex('peer', peer)),
            twin.versions(({ metadata }) => metadata.labels?.['peer'] === peer),
          ),
        ) &&
        ['o1', 'o2'].every((owner) =>
          agree(
            versions(cache.ownedBy(owner)),
            twin.versions(({ metadata }) => metadata.ownerReferences?.[0]?.uid === owner),
          ),
        )
      )
    }),
    { numRuns: 500 },
  )
})
