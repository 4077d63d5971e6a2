import type { ApiEvent } from '@porpulsion/contract'
import type { ApiHandlers } from '../api/index.ts'
import type { Access } from './access.ts'

/** Tokens and login links. Signing in and out belong to http: they deal in cookies. */
export function accessHandlers(deps: {
  readonly access: Access
  readonly publish: (event: ApiEvent) => void
}): ApiHandlers {
  const { access, publish } = deps
  const changed = (): void => publish({ type: 'changed', kind: 'Tokens' })
  return {
    createLoginLink: async () => {
      const { url, expiresAtMs } = await access.createLoginLink()
      return { url, expiresAt: new Date(expiresAtMs).toISOString() }
    },
    listTokens: () => Promise.resolve({ items: [...access.tokens.list()] }),
    createToken: async ({ body }) => {
      const created = await access.tokens.create(body)
      changed()
      return created
    },
    revokeToken: async ({ params }) => {
      await access.tokens.revoke(params['id'] ?? '')
      changed()
      return undefined
    },
  }
}
