/**
 * Renews our own identity: makes a new CA, tells every peer over its link, switches when they know it, and erases the
 * former key when nobody needs it.
 *
 * Must not know: how a session proves a CA (links asks `Identity.forPeer`), how peers keep what we tell them (peers, on
 * their side), apps.
 */
export { identityHandlers } from './identity-routes.ts'
export { IdentityRenewalController, type IdentityRenewalDeps } from './renewal-controller.ts'
