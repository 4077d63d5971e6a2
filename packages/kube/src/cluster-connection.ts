/** Where an API server is, how to know that it is the right one, and who we are to it. */
export interface ClusterConnection {
  /** Base URL; may carry a path, as behind Rancher. */
  readonly server: string
  /** PEM of the authorities to trust; the system's roots if absent. */
  readonly certificateAuthority?: string
  /** Name to expect in the server's certificate instead of the URL's host. */
  readonly tlsServerName?: string
  /** Trusts whoever answers. Only ever set because a kubeconfig says so. */
  readonly insecureSkipTlsVerify?: boolean
  /** `http://` proxy that tunnels to the server with CONNECT. */
  readonly proxyUrl?: string
  readonly credentials: Credentials
  /** The namespace of the context or of our own pod; nothing in the client falls back to it. */
  readonly namespace?: string
}

/** Proof of who we are, as one request carries it. */
export interface Credential {
  /** Value of the Authorization header. */
  readonly authorization?: string
  readonly clientCertificate?: ClientCertificate
}

export interface ClientCertificate {
  /** PEM. */
  readonly certificate: string
  /** PEM. */
  readonly key: string
}

/** A source of credentials that may change while we run: files rotate, plugins hand out short-lived tokens. */
export interface Credentials {
  /** Asked before every request, so it caches. */
  current(signal: AbortSignal): Promise<Credential>
  /** The server refused the current credential (401): the next call must not answer from the cache. */
  expire(): void
}

/** Credentials that never change. */
export function fixedCredentials(credential: Credential): Credentials {
  return { current: () => Promise.resolve(credential), expire: () => undefined }
}

export const anonymous: Credentials = fixedCredentials({})

export const bearerToken = (token: string): Credentials =>
  fixedCredentials({ authorization: `Bearer ${token}` })

/** Several sources that each know a part; of two that know the same, the later counts. */
export function combinedCredentials(sources: readonly Credentials[]): Credentials {
  return {
    async current(signal) {
      const parts = await Promise.all(sources.map((source) => source.current(signal)))
      return Object.assign({}, ...parts) as Credential
    },
    expire() {
      for (const source of sources) source.expire()
    },
  }
}
