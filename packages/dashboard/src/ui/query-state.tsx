import { Alert, Center, Loader } from '@mantine/core'
import { useEffect, useRef, type ReactNode } from 'react'

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
  const alert = useRef<HTMLDivElement>(null)
  // What failed may have been started far from here, as on a long form.
  useEffect(() => alert.current?.scrollIntoView({ block: 'nearest' }), [error])
  return (
    <Alert color="red" title={code} role="alert" ref={alert}>
      {error.message}
    </Alert>
  )
}
