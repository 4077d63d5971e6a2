import { Alert, Skeleton, Stack } from '@mantine/core'
import { useEffect, useRef, type ReactNode } from 'react'

interface QueryStateProps<T> {
  readonly query: {
    readonly data: T | undefined
    readonly error: Error | null
    /** Of the last try, while further ones are made. */
    readonly failureReason: Error | null
  }
  /** What stands in the place of what is coming, of about its size, so that nothing jumps; lines if left out. */
  readonly skeleton?: ReactNode
  readonly children: (data: T) => ReactNode
}

/** Loading and error, designed once. Data that was there stays while a refetch fails. */
export function QueryState<T>({ query, skeleton, children }: QueryStateProps<T>): ReactNode {
  if (query.data !== undefined) return children(query.data)
  const error = query.error ?? query.failureReason
  if (error !== null) return <ErrorAlert error={error} />
  return (
    <div role="status" aria-label="Loading">
      {skeleton ?? <SkeletonLines />}
    </div>
  )
}

export function SkeletonLines({ count = 6 }: { count?: number }) {
  return (
    <Stack gap="sm" pt="xs">
      {Array.from({ length: count }, (_line, index) => (
        <Skeleton key={index} h={20} w={`${95 - ((index * 17) % 40)}%`} />
      ))}
    </Stack>
  )
}

export function ErrorAlert({ error }: { error: Error }) {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : 'Error'
  const alert = useRef<HTMLDivElement>(null)
  // What failed may have been started far from here, as on a long form.
  useEffect(() => alert.current?.scrollIntoView({ block: 'nearest' }), [error])
  return (
    <Alert color="red" title={code} role="alert" ref={alert} className="foreign">
      {error.message}
    </Alert>
  )
}
