import type { Kind, KubeObject, ObjectKey, Registry, Stored } from '../../src/registry/registry.ts'

const patienceMs = 15_000

/** Resolves with the object once it is as described; by its watch events, not by looking again and again. */
export function until<T extends KubeObject>(
  registry: Registry,
  kind: Kind<T>,
  key: ObjectKey,
  isSo: (object: Stored<T>) => boolean,
): Promise<Stored<T>> {
  return first(registry, kind, `${kind.kind} ${key.name}`, () => {
    const object = registry.get(kind, key)
    return object !== undefined && isSo(object) ? object : undefined
  })
}

export async function untilGone(registry: Registry, kind: Kind, key: ObjectKey): Promise<void> {
  await first(
    registry,
    kind,
    `the end of ${kind.kind} ${key.name}`,
    () => registry.get(kind, key) === undefined || undefined,
  )
}

/** Resolves with all objects of a namespace once they are as described. */
export function untilAll<T extends KubeObject>(
  registry: Registry,
  kind: Kind<T>,
  namespace: string,
  isSo: (objects: readonly Stored<T>[]) => boolean,
): Promise<readonly Stored<T>[]> {
  return first(registry, kind, `all ${kind.plural}`, () => {
    const { items } = registry.list(kind, { namespace })
    return isSo(items) ? items : undefined
  })
}

function first<T, R>(
  registry: Registry,
  kind: Kind<T & KubeObject>,
  what: string,
  look: () => R | undefined,
): Promise<R> {
  return new Promise((resolve, reject) => {
    let stop = (): void => undefined
    const timer = setTimeout(() => {
      stop()
      reject(
        new Error(
          `Waited in vain for ${what}: ${JSON.stringify(registry.list(kind).items.map(withoutNoise))}`,
        ),
      )
    }, patienceMs)
    const check = (): void => {
      const found = look()
      if (found === undefined) return
      clearTimeout(timer)
      stop()
      resolve(found)
    }
    stop = registry.watch(kind, { since: registry.list(kind).resourceVersion }, check)
    check()
  })
}

function withoutNoise({ metadata, ...rest }: Stored): object {
  return { name: metadata.name, ...rest }
}
