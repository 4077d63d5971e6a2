/** The values of an app's secrets, which are shown, kept and copied as little as can be. */
import type { RemoteAppSpec } from '@porpulsion/contract'
import { isRecord, valueAt, type FieldPath } from './field-path.ts'
import { readText, withValue } from './manifest-document.ts'

export const MASK = '••••••'

const kinds = ['data', 'binaryData'] as const

/** Where a manifest holds a value of a secret that is not this one. */
export function secretPaths(manifest: unknown, except: string): FieldPath[] {
  const secrets = valueAt(manifest, ['spec', 'secrets'])
  if (!Array.isArray(secrets)) return []
  return secrets.flatMap((secret: unknown, index) =>
    kinds.flatMap((kind) => {
      const files = valueAt(secret, [kind])
      if (!isRecord(files)) return []
      return Object.keys(files)
        .filter((name) => files[name] !== except)
        .map((name): FieldPath => ['spec', 'secrets', index, kind, name])
    }),
  )
}

/** The text with every value of a secret replaced; nothing at all when it cannot be read. */
export function textWithout(text: string, replacement: string): string {
  const read = readText(text)
  if (!read.ok) return ''
  return secretPaths(read.value, replacement).reduce(
    (before, path) => withValue(before, path, replacement),
    text,
  )
}

/** The spec with each masked value as it is now in the app; a name of which there is none keeps its mask. */
export function unmasked(spec: RemoteAppSpec, current: RemoteAppSpec): RemoteAppSpec {
  if (spec.secrets === undefined) return spec
  const secrets = spec.secrets.map((secret) => {
    const own = current.secrets?.find(({ name }) => name === secret.name)
    return {
      ...secret,
      ...(secret.data && { data: filled(secret.data, own?.data) }),
      ...(secret.binaryData && { binaryData: filled(secret.binaryData, own?.binaryData) }),
    }
  })
  return { ...spec, secrets }
}

type Files = Readonly<Record<string, string>>

const filled = (files: Files, current: Files = {}): Record<string, string> =>
  Object.fromEntries(
    Object.entries(files).map(([name, value]) => [
      name,
      value === MASK ? (current[name] ?? MASK) : value,
    ]),
  )

/** Names of files whose value is still the mask: there is nothing behind it. */
export const stillMasked = (spec: RemoteAppSpec): string[] =>
  (spec.secrets ?? []).flatMap(({ name, data = {}, binaryData = {} }) =>
    [...Object.entries(data), ...Object.entries(binaryData)]
      .filter(([, value]) => value === MASK)
      .map(([file]) => `${name}/${file}`),
  )
