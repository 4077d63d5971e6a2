import type { ApiHandlers } from '../api/index.ts'
import type { IdentityRenewalController } from './renewal-controller.ts'

export function identityHandlers(renewal: IdentityRenewalController): ApiHandlers {
  return {
    getIdentity: () => Promise.resolve(renewal.view()),
    rotateIdentity: async ({ body: { dryRun = false, force = false }, signal }) =>
      dryRun ? await renewal.plan(signal) : await renewal.rotate({ force }, signal),
    cancelIdentityRotation: ({ signal }) => renewal.cancel(signal),
    forgetFormerIdentity: ({ signal }) => renewal.forgetFormer(signal),
  }
}
