/** Changes of the files of an app, as the API takes them. */
import type { AppConfig, AppConfigPatch } from '@porpulsion/contract'

export type FilesKind = 'configMaps' | 'secrets'

/** One file, by the name of its set and its own. */
export interface FilePlace {
  readonly kind: FilesKind
  readonly name: string
  readonly key: string
}

/** `content`: null removes the file. `mountPath`: needed where the set is new. */
export function filePatch(
  { kind, name, key }: FilePlace,
  content: string | null,
  {
    generation,
    mountPath,
  }: { generation?: number | undefined; mountPath?: string | undefined } = {},
): AppConfigPatch {
  return {
    ...(generation !== undefined && { generation }),
    [kind]: { [name]: { ...(mountPath !== undefined && { mountPath }), data: { [key]: content } } },
  }
}

/** A whole set goes, with all its files. */
export const removeSetPatch = (
  kind: FilesKind,
  name: string,
  generation: number | undefined,
): AppConfigPatch => ({
  ...(generation !== undefined && { generation }),
  [kind]: { [name]: null },
})

/** What it says now, where that is known: files of secrets only when they were asked for. */
export function contentOf(config: AppConfig, { kind, name, key }: FilePlace): string | undefined {
  const set = config[kind].find((one) => one.name === name)
  return set?.data?.[key]
}

/** `124 B`, and the first line of it. */
export function previewOf(content: string): string {
  const [first = ''] = content.split('\n', 1)
  return first.length > 120 ? `${first.slice(0, 120)}…` : first
}
