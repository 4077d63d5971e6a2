import { Button, Group, Stack, Text } from '@mantine/core'
import { EyeNoneIcon, EyeOpenIcon, FileIcon, PlusIcon } from '@radix-ui/react-icons'
import { endpoints, type AppConfig, type RemoteApp } from '@porpulsion/contract'
import { queryOptions, useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { appId } from '../../api/app-id.ts'
import { call } from '../../api/client.ts'
import { keys } from '../../api/queries.ts'
import { useMay } from '../../api/use-may.ts'
import { EmptyState } from '../../ui/empty-state.tsx'
import { ErrorAlert, QueryState } from '../../ui/query-state.tsx'
import { AppEnvironment } from './app-environment.tsx'
import { EditFile, type EditedFile } from './edit-file.tsx'
import { FileSet } from './file-set.tsx'

/** Of one generation: a change of the app, by whomever, is read again. */
const configOf = (app: RemoteApp) =>
  queryOptions({
    queryKey: [...keys.app, appId(app), 'config', app.metadata.generation],
    queryFn: ({ signal }) => call(endpoints.getAppConfig, { params: { id: appId(app) }, signal }),
    placeholderData: (previous) => previous,
  })

/** The files an app is given; those of secrets by name, until somebody who may asks to see them. */
export function AppConfigTab({ app }: { app: RemoteApp }) {
  return (
    <QueryState query={useQuery(configOf(app))}>
      {(config) => <Config app={app} config={config} />}
    </QueryState>
  )
}

function Config({ app, config }: { app: RemoteApp; config: AppConfig }) {
  const mayChange = useMay('operator') && app.metadata.deletionTimestamp === undefined
  const [edited, setEdited] = useState<EditedFile>()
  const { shown, toggle } = useSecretValues(app)
  const { configMaps } = config
  const secrets = shown.data?.secrets ?? config.secrets
  const isEmpty = configMaps.length === 0 && secrets.length === 0
  const replicas = app.spec.replicas ?? 1
  const add = mayChange && (
    <Button variant="default" leftSection={<PlusIcon />} onClick={() => setEdited({ isNew: true })}>
      Add a file
    </Button>
  )
  return (
    <Stack>
      {isEmpty ? (
        <EmptyState
          icon={<FileIcon width={28} height={28} />}
          title="It is given no files"
          actions={add}
        >
          ConfigMaps and secrets appear as files in its pods. Keep configuration in the one and
          passwords in the other.
        </EmptyState>
      ) : (
        <Group justify="space-between">
          <Text size="sm" c="dimmed">
            Files in the pods. A change replaces{' '}
            {replicas === 1 ? 'the pod' : `all ${replicas} pods, one after the other`}.
          </Text>
          <Group gap="xs">
            {secrets.length > 0 && mayChange && (
              <Button
                variant="default"
                leftSection={shown.data === undefined ? <EyeOpenIcon /> : <EyeNoneIcon />}
                loading={shown.isPending}
                onClick={toggle}
              >
                {shown.data === undefined ? 'Show secrets' : 'Hide secrets'}
              </Button>
            )}
            {add}
          </Group>
        </Group>
      )}
      {shown.error !== null && <ErrorAlert error={shown.error} />}
      {configMaps.map(({ name, mountPath, data = {} }) => (
        <FileSet
          key={`configMap ${name}`}
          app={app}
          kind="configMaps"
          name={name}
          mountPath={mountPath}
          files={Object.entries(data).map(([key, content]) => ({ key, content }))}
          mayChange={mayChange}
          onEdit={setEdited}
        />
      ))}
      {secrets.map((secret) => (
        <FileSet
          key={`secret ${secret.name}`}
          app={app}
          kind="secrets"
          name={secret.name}
          mountPath={secret.mountPath}
          fromSecret={secret.fromSecret}
          files={secret.keys.map((key) => ({ key, content: secret.data?.[key] }))}
          mayChange={mayChange}
          onEdit={setEdited}
        />
      ))}
      <AppEnvironment app={app} />
      {edited !== undefined && (
        <EditFile
          app={app}
          config={config}
          edited={edited}
          onClose={() => {
            setEdited(undefined)
            // What was shown is no longer all there is.
            shown.reset()
          }}
        />
      )}
    </Stack>
  )
}

/** Fetched when they are asked for, kept nowhere but on this tab. */
function useSecretValues(app: RemoteApp) {
  const shown = useMutation({
    mutationFn: () =>
      call(endpoints.getAppConfig, {
        params: { id: appId(app) },
        query: { showSecrets: true },
      }),
    gcTime: 0,
  })
  const toggle = (): void => {
    if (shown.data === undefined) shown.mutate()
    else shown.reset()
  }
  return { shown, toggle }
}
