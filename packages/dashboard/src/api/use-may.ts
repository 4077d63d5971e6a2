import { roles, type Role } from '@porpulsion/contract'
import { useQuery } from '@tanstack/react-query'
import { sessionQuery } from './queries.ts'

/** May who is signed in do what needs this role? The agent decides in the end; this keeps the page from offering more. */
export function useMay(role: Role): boolean {
  const own = useQuery(sessionQuery).data?.role
  return own !== undefined && roles.indexOf(own) >= roles.indexOf(role)
}
