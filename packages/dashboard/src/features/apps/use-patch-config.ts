import {
  endpoints,
  type AppConfig,
  type AppConfigPatch,
  type RemoteApp,
} from '@porpulsion/contract'
import { useMutation, useQueryClient, type UseMutationResult } from '@tanstack/react-query'
import { appId } from '../../api/app-id.ts'
import { call } from '../../api/client.ts'
import { keys } from '../../api/queries.ts'
import { useToast } from '../../ui/toasts.tsx'

export interface ConfigChange {
  readonly patch: AppConfigPatch
  /** What was done, for the message. */
  readonly text: string
  /** The way back, where there is one. */
  readonly undo?: AppConfigPatch | undefined
}

/** Changes files of an app; what came of it is told, and can be taken back where what was there is known. */
export function usePatchConfig(app: RemoteApp): UseMutationResult<AppConfig, Error, ConfigChange> {
  const client = useQueryClient()
  const toast = useToast()
  const id = appId(app)
  const change = useMutation({
    mutationFn: ({ patch }: ConfigChange) =>
      call(endpoints.patchAppConfig, { params: { id }, body: patch }),
    onSuccess: async (_config, { text, undo }) => {
      await client.invalidateQueries({ queryKey: [...keys.app, id, 'config'] })
      toast({
        text: `${text}; the pods are being replaced`,
        ...(undo !== undefined && {
          undo: () => change.mutate({ patch: undo, text: 'Put back as it was' }),
        }),
      })
    },
  })
  return change
}
