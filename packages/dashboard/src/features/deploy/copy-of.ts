/** A manifest to make another app from one that exists. */
import { GROUP_VERSION, type RemoteApp } from '@porpulsion/contract'
import { toYaml } from '../../api/manifest-yaml.ts'
import { textWithout } from './secret-values.ts'

/** The values of its secrets stay behind: whoever makes another app gives it its own. */
export function copyOf({ metadata, spec }: RemoteApp): string {
  const { name, namespace } = metadata
  const text = toYaml({
    apiVersion: GROUP_VERSION,
    kind: 'RemoteApp',
    metadata: {
      name: `${name}-copy`.slice(0, 52).replace(/-+$/, ''),
      ...(namespace !== undefined && { namespace }),
    },
    spec,
  })
  return textWithout(text, '')
}

export const hasSecrets = ({ spec }: RemoteApp): boolean =>
  (spec.secrets ?? []).some(
    ({ data, binaryData }) => data !== undefined || binaryData !== undefined,
  )
