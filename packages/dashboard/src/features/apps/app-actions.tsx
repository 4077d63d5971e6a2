import { Button, Group, Modal, NumberInput, Stack, Text } from '@mantine/core'
import { endpoints, type RemoteApp } from '@porpulsion/contract'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { call } from '../../api/client.ts'
import { ErrorAlert } from '../../ui/query-state.tsx'
import { appId } from './app-id.ts'

/** Scale, restart, delete. What they did arrives with the event stream. */
export function AppActions({ app }: { app: RemoteApp }) {
  const [dialog, setDialog] = useState<'scale' | 'delete'>()
  const close = (): void => setDialog(undefined)
  const restart = useMutation({
    mutationFn: () => call(endpoints.restartRemoteApp, { params: { id: appId(app) } }),
  })
  const isGoing = app.metadata.deletionTimestamp !== undefined
  return (
    <>
      {restart.error !== null && <ErrorAlert error={restart.error} />}
      <Button variant="default" disabled={isGoing} onClick={() => setDialog('scale')}>
        Scale
      </Button>
      <Button
        variant="default"
        disabled={isGoing}
        onClick={() => restart.mutate()}
        loading={restart.isPending}
      >
        Restart
      </Button>
      <Button variant="light" color="red" onClick={() => setDialog('delete')}>
        Delete
      </Button>
      {dialog === 'scale' && <ScaleApp app={app} onClose={close} />}
      {dialog === 'delete' && <DeleteApp app={app} onClose={close} />}
    </>
  )
}

interface DialogProps {
  readonly app: RemoteApp
  readonly onClose: () => void
}

function ScaleApp({ app, onClose }: DialogProps) {
  const [replicas, setReplicas] = useState<number | ''>(app.spec.replicas ?? 1)
  const scale = useMutation({
    mutationFn: (count: number) =>
      call(endpoints.scaleRemoteApp, { params: { id: appId(app) }, body: { replicas: count } }),
    onSuccess: onClose,
  })
  return (
    <Modal opened onClose={onClose} title={`Scale ${app.metadata.name}`}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (replicas !== '') scale.mutate(replicas)
        }}
      >
        <Stack>
          <NumberInput
            label="Replicas"
            min={0}
            max={1000}
            allowDecimal={false}
            value={replicas}
            onChange={(value) => setReplicas(value === '' ? '' : Number(value))}
            data-autofocus
          />
          {scale.error !== null && <ErrorAlert error={scale.error} />}
          <Group justify="flex-end">
            <Button type="submit" loading={scale.isPending} disabled={replicas === ''}>
              Scale
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}

function DeleteApp({ app, onClose }: DialogProps) {
  const waiting = app.status?.deletion
  const remove = useMutation({
    mutationFn: (force: boolean) =>
      call(endpoints.deleteRemoteApp, {
        params: { id: appId(app) },
        query: force ? { force } : {},
      }),
    onSuccess: onClose,
  })
  return (
    <Modal opened onClose={onClose} title={`Delete ${app.metadata.name}?`}>
      <Stack>
        <Text>Its pods, Service, ConfigMaps and Secrets at {app.spec.targetPeer} go with it.</Text>
        {waiting !== undefined && <Text>{waiting.message}</Text>}
        {remove.error !== null && <ErrorAlert error={remove.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          {waiting === undefined ? (
            <Button color="red.9" onClick={() => remove.mutate(false)} loading={remove.isPending}>
              Delete
            </Button>
          ) : (
            <Button color="red.9" onClick={() => remove.mutate(true)} loading={remove.isPending}>
              Do not wait for {app.spec.targetPeer}
            </Button>
          )}
        </Group>
      </Stack>
    </Modal>
  )
}
