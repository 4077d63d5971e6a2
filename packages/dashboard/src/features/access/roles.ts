import type { Role } from '@porpulsion/contract'

/** What each role may do, in a line. */
export const roleWords: Readonly<Record<Role, string>> = {
  viewer: 'Sees everything, changes nothing',
  operator: 'Deploys and approves apps',
  admin: 'Changes rules, peers and users',
}
