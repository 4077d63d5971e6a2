/**
 * The vocabulary every part of Porpulsion shares, as schemas: resources, messages between agents, REST endpoints,
 * settings, errors and conditions. CRDs, OpenAPI and `docs/errors.md` are generated from it.
 *
 * Knows data only: no I/O, no Node built-ins (the dashboard uses it too), nothing of how an agent works.
 */
export * from './api-events.ts'
export * from './app-check.ts'
export * from './app-config.ts'
export * from './approvals.ts'
export * from './audit.ts'
export * from './conditions.ts'
export * from './crds.ts'
export * from './endpoint.ts'
export * from './endpoints.ts'
export * from './error-codes.ts'
export * from './errors.ts'
export * from './exec.ts'
export * from './exec-channels.ts'
export * from './executing-app.ts'
export * from './invite-bundle.ts'
export * from './kubernetes-object.ts'
export * from './names.ts'
export * from './notification-reasons.ts'
export * from './peer.ts'
export * from './peer-endpoints.ts'
export * from './peer-messages.ts'
export * from './quantity.ts'
export * from './remote-app.ts'
export * from './rest-bodies.ts'
export * from './settings.ts'
export * from './users.ts'
export * from './validate.ts'
