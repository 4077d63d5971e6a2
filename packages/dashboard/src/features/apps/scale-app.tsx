import { ActionIcon, NumberInput } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { MinusIcon, PlusIcon } from '@radix-ui/react-icons'
import { endpoints, type RemoteApp } from '@porpulsion/contract'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { appId } from '../../api/app-id.ts'
import { applyEvents } from '../../api/apply-event.ts'
import { call } from '../../api/client.ts'
import { useToast } from '../../ui/toasts.tsx'

const MAX_REPLICAS = 1_000
/** Three clicks on + are one change. */
const SETTLE_MS = 700

/** How many pods, one more, one less; each change can be taken back. */
export function ScaleApp({ app }: { app: RemoteApp }) {
  const { name } = app.metadata
  const now = app.spec.replicas ?? 1
  /** What was asked for and is not sent yet. */
  const [asked, setAsked] = useState<number>()
  const client = useQueryClient()
  const toast = useToast()
  const scale = useMutation({
    mutationFn: ({ to }: { from: number; to: number; isUndo?: boolean }) =>
      call(endpoints.scaleRemoteApp, { params: { id: appId(app) }, body: { replicas: to } }),
    onSuccess: (object, { from, to, isUndo = false }) => {
      // The answer is as good as the event that follows it, and is here already.
      applyEvents(client, [{ type: 'upsert', kind: 'RemoteApp', object }])
      toast({
        text: `Scaled ${name} from ${from} to ${to}`,
        ...(!isUndo && { undo: () => scale.mutate({ from: to, to: from, isUndo: true }) }),
      })
    },
    onError: (error) => toast({ tone: 'bad', text: `${name} was not scaled: ${error.message}` }),
    onSettled: () => setAsked(undefined),
  })
  const send = useDebouncedCallback((to: number) => {
    if (to === now) setAsked(undefined)
    else scale.mutate({ from: now, to })
  }, SETTLE_MS)
  const ask = (to: number): void => {
    const fit = Math.min(MAX_REPLICAS, Math.max(0, to))
    setAsked(fit)
    send(fit)
  }
  const shown = asked ?? now
  return (
    <ActionIcon.Group role="group" aria-label="Replicas">
      <ActionIcon
        size={30}
        variant="default"
        aria-label="One replica less"
        disabled={shown === 0 || scale.isPending}
        onClick={() => ask(shown - 1)}
      >
        <MinusIcon />
      </ActionIcon>
      <NumberInput
        aria-label="Replicas"
        size="xs"
        w={52}
        hideControls
        radius={0}
        min={0}
        max={MAX_REPLICAS}
        allowDecimal={false}
        styles={{ input: { textAlign: 'center', borderInline: 'none', paddingInline: 4 } }}
        value={shown}
        disabled={scale.isPending}
        onChange={(value) => {
          if (typeof value === 'number' && value !== shown) ask(value)
        }}
      />
      <ActionIcon
        size={30}
        variant="default"
        aria-label="One replica more"
        disabled={shown >= MAX_REPLICAS || scale.isPending}
        onClick={() => ask(shown + 1)}
      >
        <PlusIcon />
      </ActionIcon>
    </ActionIcon.Group>
  )
}
