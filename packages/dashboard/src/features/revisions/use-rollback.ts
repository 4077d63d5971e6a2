import { endpoints, type RemoteApp } from '@porpulsion/contract'
import { useMutation, useQuery } from '@tanstack/react-query'
import { call } from '../../api/client.ts'
import { useToast } from '../../ui/toasts.tsx'
import { currentOf, revisionsQuery } from './queries.ts'

interface Rollback {
  /** What the app is asked to be now; undefined until that is known. */
  readonly currentRevision: number | undefined
  readonly rollBack: (revision: number) => void
  /** The same, told as the end of something. */
  readonly undo: (revision: number) => void
  readonly isPending: boolean
  readonly error: Error | null
}

/** Back to an earlier spec, and back from there. */
export function useRollback(app: RemoteApp, onDone?: () => void): Rollback {
  const toast = useToast()
  const { metadata } = app
  const currentRevision = currentOf(useQuery(revisionsQuery(app)).data?.items)?.revision
  const params = { id: metadata.uid ?? `${metadata.namespace ?? ''},${metadata.name}` }
  const send = (revision: number) =>
    call(endpoints.rollbackRemoteApp, { params, body: { revision } })
  const undo = useMutation({
    mutationFn: send,
    onSuccess: (_app, revision) =>
      toast({ text: `${metadata.name} goes back to revision ${revision}` }),
    onError: (error) => toast({ tone: 'bad', text: `That could not be undone: ${error.message}` }),
  })
  const rollBack = useMutation({
    mutationFn: send,
    onSuccess: (_app, revision) => {
      toast({
        text: `${metadata.name} goes back to revision ${revision}`,
        ...(currentRevision !== undefined && { undo: () => undo.mutate(currentRevision) }),
      })
      onDone?.()
    },
  })
  return {
    currentRevision,
    rollBack: rollBack.mutate,
    undo: undo.mutate,
    isPending: rollBack.isPending,
    error: rollBack.error,
  }
}
