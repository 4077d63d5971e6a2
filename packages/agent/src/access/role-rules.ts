import { roles, type Endpoint, type Role } from '@porpulsion/contract'

/** Roles grow: an operator may all a viewer may, an admin everything. */
export function mayCall(role: Role, needed: Endpoint['role']): boolean {
  return needed === 'anyone' || roles.indexOf(role) >= roles.indexOf(needed)
}

export const lesserRole = (a: Role, b: Role): Role => (mayCall(a, b) ? b : a)
