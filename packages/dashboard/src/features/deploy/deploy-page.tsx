import { Alert, Anchor, Button, Group, List, Stack, Tabs, Text } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import {
  createdApp,
  endpoints,
  isPorpulsionError,
  parseAs,
  RemoteAppManifest,
  type Peer,
  type RemoteApp,
} from '@porpulsion/contract'
import { RocketIcon } from '@radix-ui/react-icons'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { useMemo, useRef, useState } from 'react'
import { applyEvents } from '../../api/apply-event.ts'
import { call } from '../../api/client.ts'
import { peersQuery, remoteAppsQuery } from '../../api/queries.ts'
import { useMay } from '../../api/use-may.ts'
import { CodeEditor } from '../../ui/code-editor/code-editor.tsx'
import { CommandsButton } from '../../ui/commands.tsx'
import { Page } from '../../ui/page.tsx'
import { ErrorAlert } from '../../ui/query-state.tsx'
import { useToast } from '../../ui/toasts.tsx'
import { DeployForm } from './deploy-form.tsx'
import classes from './deploy.module.css'
import { dropDraft, holdsSecrets } from './draft-storage.ts'
import { DropTarget } from './drop-target.tsx'
import { valueAt } from './field-path.ts'
import { manifestSchema } from './form-schema.ts'
import { AnyFieldProvider, FormProvider, useFormApi } from './form/form-context.ts'
import { SchemaField } from './form/schema-field.tsx'
import { importManifests, maxImportBytes, needsImport } from './import-manifests.ts'
import { LeaveGuard } from './leave-guard.tsx'
import { deployCommands } from './manifest-commands.ts'
import { PeerAnswer } from './peer-answer.tsx'
import { StartFromMenu, TemplateCards } from './start-from.tsx'
import { useDraft } from './use-draft.ts'
import { fieldsOf, useDryRun } from './use-dry-run.ts'

/** Below this, form and YAML take turns. */
const WIDE = '(min-width: 75em)'

export function DeployPage() {
  const search = useSearch({ from: '/deploy' })
  const peers = useQuery(peersQuery).data?.items
  const apps = useQuery(remoteAppsQuery).data?.items
  // A copy needs the app; everything else can begin at once.
  if (search.copy !== undefined && apps === undefined)
    return <Page title="Deploy an app">{null}</Page>
  return <Deploy key={JSON.stringify(search)} peers={peers} apps={apps ?? []} />
}

interface DeployProps {
  readonly peers: readonly Peer[] | undefined
  readonly apps: readonly RemoteApp[]
}

function Deploy({ peers, apps }: DeployProps) {
  const navigate = useNavigate()
  const client = useQueryClient()
  const toast = useToast()
  const may = useMay('operator')
  const isWide = useMediaQuery(WIDE, true, { getInitialValueInEffect: false })
  const draft = useDraft(apps)
  const { manifest } = draft
  const [showsAll, setShowsAll] = useState(false)
  const [open, setOpen] = useState<readonly string[]>([])
  const isDeployed = useRef(false)
  const isSound = manifest.problem === undefined && manifest.errors.length === 0
  const run = useDryRun(manifest.value, isSound && may)
  const deploy = useMutation({
    mutationFn: async () =>
      createdApp(
        await call(endpoints.createRemoteApp, { body: parseAs(RemoteAppManifest, manifest.value) }),
      ),
    onSuccess: async (created) => {
      const { metadata, spec } = created
      // Its page is there sooner than the event that tells of it.
      applyEvents(client, [{ type: 'upsert', kind: 'RemoteApp', object: created }])
      isDeployed.current = true
      dropDraft()
      toast({ text: `${metadata.name} is on its way to ${spec.targetPeer}` })
      await navigate({
        to: '/workloads/$namespace/$name',
        params: { namespace: metadata.namespace ?? '', name: metadata.name },
      })
    },
  })
  const errors = useMemo(
    () => [
      ...manifest.errors,
      ...fieldsOf(run),
      ...(isPorpulsionError(deploy.error) ? deploy.error.fields : []),
    ],
    [manifest.errors, run, deploy.error],
  )
  const form = useFormApi({ manifest, errors, showsAll })
  const spec = valueAt(manifest.value, ['spec'])
  const target = valueAt(spec, ['targetPeer'])
  const editor = (
    <CodeEditor
      label="Manifest"
      value={manifest.text}
      onChange={draft.edit}
      schema={manifestSchema}
      problems={draft.isPristine && !showsAll ? noErrors : errors}
      minHeight="320px"
      maxHeight={isWide ? 'calc(100vh - 420px)' : '65vh'}
    />
  )
  const fields =
    manifest.problem === undefined ? (
      <FormProvider value={form}>
        <AnyFieldProvider value={SchemaField}>
          <DeployForm peers={peers} open={open} onOpen={setOpen} />
        </AnyFieldProvider>
      </FormProvider>
    ) : (
      <Alert color="orange" title="The YAML cannot be read just now">
        <Text size="sm" className="foreign">
          {manifest.problem}
        </Text>
        <Text size="sm">The form is back as soon as it can.</Text>
      </Alert>
    )
  const answer = (
    <PeerAnswer
      run={run}
      peer={peers?.find(({ metadata }) => metadata.name === target)}
      spec={spec}
      missing={manifest.errors.length}
    />
  )
  const submit = (): void => {
    setShowsAll(true)
    if (isSound) deploy.mutate()
    else focusFirstError()
  }
  return (
    <Page
      title="Deploy an app"
      actions={
        <StartFromMenu
          apps={apps}
          onTemplate={(template) => draft.start({ kind: 'template', template })}
          onCopy={(app) => draft.start({ kind: 'copy', app })}
          onFile={(file) => void readFile(file, draft.take)}
        />
      }
    >
      <DropTarget onFile={(file) => void readFile(file, draft.take)} />
      <LeaveGuard
        isAsked={() => draft.isChanged && !isDeployed.current}
        losesSecrets={holdsSecrets(manifest.text)}
        onDiscard={dropDraft}
      />
      {!may && (
        <Alert color="orange" title="You may look, and not deploy">
          Your role is viewer. Operators and admins deploy.
        </Alert>
      )}
      {peers?.length === 0 && (
        <Alert color="orange" title="No peers yet">
          An app runs at a peer.{' '}
          <Anchor inherit renderRoot={(props) => <Link to="/peers" {...props} />}>
            Invite one, or connect to one
          </Anchor>
          , first.
        </Alert>
      )}
      {draft.isPristine && (
        <TemplateCards onTemplate={(template) => draft.start({ kind: 'template', template })} />
      )}
      <Notes notes={draft.notes} onClose={draft.closeNotes} />
      {needsImport(manifest.text) && (
        <Alert color="orange" title="This is more than one app, or none of ours">
          <Group>
            <Text size="sm">The app can be taken out of it.</Text>
            <Button variant="light" onClick={() => draft.take(importManifests(manifest.text))}>
              Take it
            </Button>
          </Group>
        </Alert>
      )}
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          submit()
        }}
      >
        <Stack gap="md">
          {isWide ? (
            <div className={classes['split']}>
              <div>{fields}</div>
              <Stack className={classes['side']} gap="md">
                {editor}
                {answer}
              </Stack>
            </div>
          ) : (
            <>
              <Tabs defaultValue="form" keepMounted={false}>
                <Tabs.List>
                  <Tabs.Tab value="form">Form</Tabs.Tab>
                  <Tabs.Tab value="yaml">YAML</Tabs.Tab>
                </Tabs.List>
                <Tabs.Panel value="form" pt="md">
                  {fields}
                </Tabs.Panel>
                <Tabs.Panel value="yaml" pt="md">
                  {editor}
                </Tabs.Panel>
              </Tabs>
              {answer}
            </>
          )}
          {deploy.error !== null && <ErrorAlert error={deploy.error} />}
          {showsAll && !isSound && manifest.problem === undefined && <ToMend errors={errors} />}
          <Group className={classes['bar']} justify="flex-end">
            <Text size="sm" c="dimmed" flex={1} visibleFrom="sm">
              A name, a peer and an image are enough.
            </Text>
            {isSound && (
              <CommandsButton
                what="Deploy it"
                commands={deployCommands(
                  manifest.text,
                  manifest.value as unknown as RemoteAppManifest, // sound: the schema has nothing against it
                )}
              />
            )}
            <Button
              type="submit"
              size="sm"
              leftSection={<RocketIcon />}
              loading={deploy.isPending}
              disabled={!may || manifest.problem !== undefined}
            >
              Deploy
            </Button>
          </Group>
        </Stack>
      </form>
    </Page>
  )
}

const noErrors: readonly never[] = []

function Notes({ notes, onClose }: { notes: readonly string[]; onClose: () => void }) {
  if (notes.length === 0) return null
  return (
    <Alert
      color="blue"
      title="To know"
      role="status"
      withCloseButton
      closeButtonLabel="Close the note"
      onClose={onClose}
    >
      <List size="sm">
        {notes.map((note) => (
          <List.Item key={note} className="foreign">
            {note}
          </List.Item>
        ))}
      </List>
    </Alert>
  )
}

function ToMend({ errors }: { errors: readonly { path: string; message: string }[] }) {
  return (
    <Alert color="red" title="To mend" role="alert">
      {errors.map(({ path, message }) => (
        <Text key={`${path} ${message}`} size="sm" className="foreign">
          {path}: {message}
        </Text>
      ))}
    </Alert>
  )
}

async function readFile(
  file: File,
  take: (imported: ReturnType<typeof importManifests>) => void,
): Promise<void> {
  if (file.size > maxImportBytes) {
    take({ ok: false, problem: `${file.name} is too large for a manifest.` })
    return
  }
  take(importManifests(await file.text()))
}

/** Once the messages are there. */
function focusFirstError(): void {
  requestAnimationFrame(() => {
    document.querySelector<HTMLElement>('form [aria-invalid="true"], form [data-error]')?.focus()
  })
}
