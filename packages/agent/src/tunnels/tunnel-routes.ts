import type { ApiHandlers } from '../api/index.ts'
import type { Tunnels } from './tunnels.ts'

export function tunnelHandlers(
  tunnels: Pick<Tunnels, 'auditedAs' | 'createUrl' | 'forwardPort'>,
): ApiHandlers {
  return {
    connectRemoteApp: ({ params, query, note }) => {
      const id = idIn(params['id'] ?? '', query.namespace)
      const { about, serve } = tunnels.forwardPort(id, query.port)
      note({ about })
      return Promise.resolve(serve)
    },
    createAppUrl: ({ params, query, body, origin, caller, note }) => {
      const id = idIn(params['id'] ?? '', query.namespace)
      note({ about: tunnels.auditedAs(id) })
      return Promise.resolve(tunnels.createUrl(id, body, { caller, origin }))
    },
  }
}

/** A bare name with `?namespace=` is that namespace's; an id that says more says it itself. */
const idIn = (id: string, namespace: string | undefined): string =>
  namespace === undefined || id.includes(',') || isUid(id) ? id : `${namespace},${id}`

const isUid = (id: string): boolean => /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}$/.test(id)
