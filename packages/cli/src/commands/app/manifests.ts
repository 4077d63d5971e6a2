/** `-f`: documents that must be apps, each checked before the first one is sent. */
import { parseAs, RemoteAppManifest } from '@porpulsion/contract'
import { readDocuments } from '../../input/manifests.ts'
import { usageError } from '../../input/values.ts'
import type { Io } from '../../io.ts'

export async function readManifests(io: Io, file: string): Promise<RemoteAppManifest[]> {
  const documents = await readDocuments(io, file)
  return documents.map((document, at) => {
    const kind = kindOf(document)
    if (kind !== undefined && kind !== 'RemoteApp') {
      throw usageError(
        `${file}: document ${at + 1} is a ${kind}, not a RemoteApp; use kubectl for it`,
      )
    }
    return parseAs(RemoteAppManifest, document, documents.length > 1 ? `document ${at + 1}` : '')
  })
}

function kindOf(document: unknown): string | undefined {
  if (typeof document !== 'object' || document === null || !('kind' in document)) return undefined
  return typeof document.kind === 'string' ? document.kind : undefined
}
