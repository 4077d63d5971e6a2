import { Button, Code, Group, List, Modal, NumberInput, Progress, Stack, Text } from '@mantine/core'
import { endpoints, type RemoteApp } from '@porpulsion/contract'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { appId } from '../../api/app-id.ts'
import { call } from '../../api/client.ts'
import { runAll, type Outcome } from './run-all.ts'

export type BulkKind = 'restart' | 'scale' | 'delete'

const words = {
  restart: {
    verb: 'Restart',
    past: 'Restarted',
    says: 'Every pod is replaced, one after the other, so that the apps go on answering.',
  },
  scale: { verb: 'Scale', past: 'Scaled', says: 'Each of them gets this many pods.' },
  delete: {
    verb: 'Delete',
    past: 'Deleted',
    says: 'Their pods, Services, ConfigMaps and Secrets at the peers go with them, and storage they do not retain.',
  },
} as const

interface BulkDialogProps {
  readonly kind: BulkKind
  readonly apps: readonly RemoteApp[]
  readonly onClose: (isDone: boolean) => void
}

/** Asks, does it to each, and says what came of it. */
export function BulkDialog({ kind, apps, onClose }: BulkDialogProps) {
  const { verb, says } = words[kind]
  const [replicas, setReplicas] = useState<number | ''>(1)
  const [through, setThrough] = useState(0)
  const run = useMutation({
    mutationFn: (some: readonly RemoteApp[]) => {
      setThrough(0)
      return runAll(some, actOf(kind, replicas === '' ? 1 : replicas), setThrough)
    },
  })
  const count = run.variables?.length ?? apps.length
  const close = (): void => onClose(run.isSuccess)
  return (
    <Modal
      opened
      onClose={() => !run.isPending && close()}
      title={`${verb} ${apps.length === 1 ? '1 app' : `${apps.length} apps`}`}
    >
      <Stack>
        {run.isIdle && (
          <>
            <Text>{says}</Text>
            <NameList apps={apps} />
            {kind === 'scale' && (
              <NumberInput
                label="Replicas"
                min={0}
                max={1000}
                allowDecimal={false}
                value={replicas}
                onChange={(value) => setReplicas(value === '' ? '' : Number(value))}
                data-autofocus
              />
            )}
          </>
        )}
        {run.isPending && (
          <>
            <Text className="tabular">
              {through} of {count}
            </Text>
            <Progress value={(100 * through) / count} aria-label={`${verb}: progress`} />
          </>
        )}
        <div role="status">
          {run.isSuccess && <Summary past={words[kind].past} outcome={run.data} />}
        </div>
        <Group justify="flex-end">
          {run.isSuccess ? (
            <>
              {run.data.failed.length > 0 && (
                <Button
                  variant="default"
                  onClick={() => run.mutate(run.data.failed.map(({ item }) => item))}
                >
                  Try {run.data.failed.length === 1 ? 'it' : `these ${run.data.failed.length}`}{' '}
                  again
                </Button>
              )}
              <Button onClick={close} data-autofocus>
                Done
              </Button>
            </>
          ) : (
            <>
              <Button variant="default" onClick={close} disabled={run.isPending}>
                Cancel
              </Button>
              <Button
                {...(kind === 'delete' && { color: 'red.9' })}
                loading={run.isPending}
                disabled={kind === 'scale' && replicas === ''}
                onClick={() => run.mutate(apps)}
              >
                {verb} {apps.length}
              </Button>
            </>
          )}
        </Group>
      </Stack>
    </Modal>
  )
}

const MAX_NAMES = 12

function NameList({ apps }: { apps: readonly RemoteApp[] }) {
  const names = apps.slice(0, MAX_NAMES).map(({ metadata }) => metadata.name)
  const rest = apps.length - names.length
  return (
    <Text size="sm" c="dimmed">
      {names.join(', ')}
      {rest > 0 && ` and ${rest} more`}
    </Text>
  )
}

function Summary({ past, outcome }: { past: string; outcome: Outcome<RemoteApp> }) {
  const { done, failed } = outcome
  return (
    <Stack gap="xs">
      <Text fw={600}>
        {past} {done.length} of {done.length + failed.length}
        {failed.length === 0 ? '.' : `; ${failed.length} failed:`}
      </Text>
      {failed.length > 0 && (
        <List size="sm" spacing={6} mah={320} style={{ overflowY: 'auto' }}>
          {failed.map(({ item, code, message }) => (
            <List.Item key={appId(item)}>
              <Text span fw={600} size="sm">
                {item.metadata.name}
              </Text>{' '}
              <Code>{code}</Code>
              <Text size="sm" className="foreign">
                {message}
              </Text>
            </List.Item>
          ))}
        </List>
      )}
    </Stack>
  )
}

function actOf(kind: BulkKind, replicas: number): (app: RemoteApp) => Promise<unknown> {
  switch (kind) {
    case 'restart':
      return (app) => call(endpoints.restartRemoteApp, { params: { id: appId(app) } })
    case 'scale':
      return (app) =>
        call(endpoints.scaleRemoteApp, { params: { id: appId(app) }, body: { replicas } })
    case 'delete':
      return (app) => call(endpoints.deleteRemoteApp, { params: { id: appId(app) } })
    default:
      return kind satisfies never
  }
}
