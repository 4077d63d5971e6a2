import { readFile } from 'node:fs/promises'
import type { Clock } from './clock.ts'
import type { ClientCertificate, Credential, Credentials } from './cluster-connection.ts'

/** Kubelet replaces projected tokens at 80 % of their life; a minute is what client-go takes too. */
const rereadAfterMs = 60_000

/** A bearer token in a file that somebody else rotates, such as a pod's service account token. */
export function tokenFile(path: string, clock: Clock): Credentials {
  return reread(clock, async (signal) => {
    const token = (await readFile(path, { encoding: 'utf8', signal })).trim()
    if (token === '') throw new Error(`The token file ${path} is empty`)
    return { authorization: `Bearer ${token}` }
  })
}

/** A client certificate in files that somebody else rotates. */
export function clientCertificateFiles(
  paths: { readonly certificate: PemSource; readonly key: PemSource },
  clock: Clock,
): Credentials {
  return reread(clock, async (signal) => {
    const [certificate, key] = await Promise.all([
      pem(paths.certificate, signal),
      pem(paths.key, signal),
    ])
    return { clientCertificate: { certificate, key } satisfies ClientCertificate }
  })
}

/** PEM, or where it lies. */
export type PemSource =
  | { readonly kind: 'inline'; readonly pem: string }
  | { readonly kind: 'file'; readonly path: string }

async function pem(source: PemSource, signal: AbortSignal): Promise<string> {
  return source.kind === 'inline'
    ? source.pem
    : await readFile(source.path, { encoding: 'utf8', signal })
}

function reread(clock: Clock, read: (signal: AbortSignal) => Promise<Credential>): Credentials {
  let cached: { readonly credential: Credential; readonly readAt: number } | undefined
  return {
    async current(signal) {
      if (cached !== undefined && clock.now() - cached.readAt < rereadAfterMs)
        return cached.credential
      const credential = await read(signal)
      cached = { credential, readAt: clock.now() }
      return credential
    },
    expire() {
      cached = undefined
    },
  }
}
