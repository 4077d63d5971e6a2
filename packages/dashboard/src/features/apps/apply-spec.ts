/** Puts a changed manifest in the place of the one it was made from, and of no other. */
import {
  endpoints,
  invalidFields,
  isPorpulsionError,
  PorpulsionError,
  type RemoteApp,
  type RemoteAppManifest,
  type RemoteAppSpec,
} from '@porpulsion/contract'
import { appId } from '../../api/app-id.ts'
import type { call } from '../../api/client.ts'
import { stillMasked, unmasked } from '../deploy/secret-values.ts'

/** A status that is written meanwhile makes it a newer version, too; this often in a row it does not happen. */
const MAX_TRIES = 5

export interface ApplySpecDeps {
  readonly call: typeof call
}

/**
 * `base` is the app as the editing began. Status is written all the time and is nobody's edit: only a spec that changed
 * meanwhile is a conflict.
 */
export async function applySpec(
  { call }: ApplySpecDeps,
  base: RemoteApp,
  manifest: RemoteAppManifest,
): Promise<RemoteApp> {
  const params = { id: appId(base) }
  for (let tries = 1; ; tries++) {
    const current = await call(endpoints.getRemoteApp, { params })
    if (!isSameSpec(base, current)) throw changedMeanwhile(base)
    const spec = revealed(manifest.spec, current.spec)
    try {
      return await call(endpoints.updateRemoteApp, {
        params,
        body: { ...manifest, metadata: metadataOf(manifest, current), spec },
      })
    } catch (error) {
      if (!isPorpulsionError(error) || error.code !== 'AppChanged' || tries === MAX_TRIES)
        throw error
    }
  }
}

/** The generation counts changes of the spec, and of nothing else. */
export const isSameSpec = (base: RemoteApp, current: RemoteApp): boolean =>
  base.metadata.uid === current.metadata.uid &&
  base.metadata.generation === current.metadata.generation

function metadataOf(
  { metadata }: RemoteAppManifest,
  { metadata: { resourceVersion } }: RemoteApp,
): RemoteAppManifest['metadata'] {
  return { ...metadata, ...(resourceVersion !== undefined && { resourceVersion }) }
}

function revealed(spec: RemoteAppSpec, current: RemoteAppSpec): RemoteAppSpec {
  const known = unmasked(spec, current)
  const unknown = stillMasked(known)
  if (unknown.length === 0) return known
  throw invalidFields(
    unknown.map((file) => ({
      path: `spec.secrets (${file})`,
      message: 'is masked and has no value so far; give it one',
    })),
  )
}

const changedMeanwhile = ({ metadata }: RemoteApp): PorpulsionError =>
  new PorpulsionError(
    'Conflict',
    'AppChanged',
    `The spec of ${metadata.name} was changed by somebody else since you began`,
  )
