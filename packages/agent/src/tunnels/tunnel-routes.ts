import type { ApiHandlers } from '../api/index.ts'
import type { Tunnels } from './tunnels.ts'

export function tunnelHandlers(
  tunnels: Pick<Tunnels, 'auditedAs' | 'createUrl' | 'forwardPort'>,
): ApiHandlers {
  return {
    connectRemoteApp: async ({ params, query, note }) => {
      const id = idIn(params['id'] ?? '', query.namespace)
      const { about, serve } = await tunnels.forwardPort(id, query.port)
      note({ about })
      return serve
    },
    createAppUrl: async ({ params, query, body, origin, caller, note }) => {
      const id = idIn(params['id'] ?? '', query.namespace)
      note({ about: await tunnels.auditedAs(id) })
      return await tunnels.createUrl(id, body, { caller, origin })
    },
  }
}

/** A bare name with `?namespace=` is that namespace's; an id that says more says it itself. */
const idIn = (id: string, namespace: string | undefined): string =>
  namespace === undefined || id.includes(',') || isUid(id) ? id : `${namespace},${id}`

const isUid = (id: string): boolean => /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}$/.test(id)
