/** Roles, each of which may all that those before it may. */
export const roles = ['viewer', 'operator', 'admin'] as const
