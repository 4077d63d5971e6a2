/** A registry over memory alone, with the built-in kinds: for tests of what works on one. */
import { CustomResources } from '../crd/custom-resources.ts'
import { definitionStrategy } from '../crd/definition-strategy.ts'
import { MemoryStorage } from '../storage/storage.ts'
import { BuiltinShapes } from './builtin-shapes.ts'
import { Catalog } from './catalog.ts'
import { LocalRegistry } from './local-registry.ts'
import type { Clock, Logger } from './ports.ts'
import { builtinResources } from './resources.ts'

export interface MemoryRegistryDeps {
  readonly clock: Clock
  readonly logger: Logger
}

export function createMemoryRegistry(deps: MemoryRegistryDeps): LocalRegistry {
  const shapes = new BuiltinShapes()
  const catalog = new Catalog(builtinResources(definitionStrategy, shapes))
  const registry = new LocalRegistry({ ...deps, catalog, storage: new MemoryStorage() })
  new CustomResources({ registry, shapes, logger: deps.logger }).start()
  return registry
}
