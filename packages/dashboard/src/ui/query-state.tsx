import { Alert, Center, Loader } from '@mantine/core'
import type { ReactNode } from 'react'

interface QueryStateProps<T> {
  readonly query: {
    readonly data: T | undefined
    readonly error: Error | null
    /** Of the last try, while further ones are made. */
    readonly failureReason: Error | null
  }
  readonly children: (data: T) => ReactNode
}

/** Loading and error, designed once. Data that was there stays while a refetch fails. */
export function QueryState<T>({ query, children }: QueryStateProps<T>): ReactNode {
  if (query.data !== undefined) return children(query.data)
  const error = query.error ?? query.failureReason
  if (error !== null) return <ErrorAlert error={error} />
  return (
    <Center mih={160}>
      <Loader aria-label="Loading" />
    </Center>
  )
}

export function ErrorAlert({ error }: { error: Error }) {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : 'Error'
  return (
    <Alert color="red" title={code} role="alert">
      {error.message}
    </Alert>
  )
}
