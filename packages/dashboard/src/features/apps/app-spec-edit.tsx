import { Alert, Button, Group, Stack, Text } from '@mantine/core'
import { isPorpulsionError, parseAs, RemoteAppManifest, type RemoteApp } from '@porpulsion/contract'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { call } from '../../api/client.ts'
import { peersQuery } from '../../api/queries.ts'
import { Card } from '../../ui/card.tsx'
import { CodeDiff, CodeEditor } from '../../ui/code-editor/code-editor.tsx'
import { CommandsButton } from '../../ui/commands.tsx'
import { ErrorAlert } from '../../ui/query-state.tsx'
import { useToast } from '../../ui/toasts.tsx'
import classes from '../deploy/deploy.module.css'
import { manifestSchema } from '../deploy/form-schema.ts'
import { LeaveGuard } from '../deploy/leave-guard.tsx'
import { updateCommands } from '../deploy/manifest-commands.ts'
import { PeerAnswer } from '../deploy/peer-answer.tsx'
import { unmasked } from '../deploy/secret-values.ts'
import { fieldsOf, useDryRun } from '../deploy/use-dry-run.ts'
import { useManifest } from '../deploy/use-manifest.ts'
import { useRollback } from '../revisions/use-rollback.ts'
import { applySpec, isSameSpec } from './apply-spec.ts'
import { maskedManifest } from './app-manifest.ts'

interface EditSpecProps {
  readonly app: RemoteApp
  readonly onClose: () => void
}

/** Edit, look at what changes, apply. */
export function EditSpec({ app, onClose }: EditSpecProps) {
  const toast = useToast()
  const peers = useQuery(peersQuery).data?.items
  const [base, setBase] = useState(app)
  const before = useMemo(() => maskedManifest(base), [base])
  const manifest = useManifest(() => before)
  const [isReviewing, setIsReviewing] = useState(false)
  const { currentRevision, undo } = useRollback(app)
  const isSound = manifest.problem === undefined && manifest.errors.length === 0
  const isChanged = manifest.text !== before
  const run = useDryRun(
    isSound && isChanged ? asSent(manifest.value, base) : undefined,
    isSound && isChanged,
  )
  const apply = useMutation({
    mutationFn: () => applySpec({ call }, base, parseAs(RemoteAppManifest, manifest.value)),
    onSuccess: () => {
      toast({
        text: `${app.metadata.name} is being changed`,
        ...(currentRevision !== undefined && { undo: () => undo(currentRevision) }),
      })
      onClose()
    },
  })
  const errors = useMemo(
    () => [
      ...manifest.errors,
      ...fieldsOf(run),
      ...(isPorpulsionError(apply.error) ? apply.error.fields : []),
    ],
    [manifest.errors, run, apply.error],
  )
  const isOvertaken = !isSameSpec(base, app)
  const spec = manifest.value['spec']
  return (
    <Stack gap="md">
      <LeaveGuard
        isAsked={() => isChanged && !apply.isSuccess}
        losesSecrets={isChanged}
        keeps={false}
      />
      {isOvertaken && !apply.isSuccess && (
        <Overtaken
          base={base}
          app={app}
          onRebase={() => {
            setBase(app)
            apply.reset()
          }}
        />
      )}
      <Card
        title={isReviewing ? 'Review the changes' : 'Edit the manifest'}
        actions={
          isSound && (
            <CommandsButton
              what="Change it"
              commands={updateCommands(
                manifest.text,
                manifest.value as unknown as RemoteAppManifest, // sound: the schema has nothing against it
              )}
            />
          )
        }
      >
        {isReviewing ? (
          <CodeDiff label="Changes" before={before} after={manifest.text} />
        ) : (
          <>
            <Text size="sm" c="dimmed">
              Values of secrets are masked: what is left as ••••• stays what it is.
            </Text>
            <CodeEditor
              label="Manifest"
              value={manifest.text}
              onChange={manifest.setText}
              schema={manifestSchema}
              problems={errors}
              minHeight="240px"
            />
          </>
        )}
      </Card>
      {isChanged && (
        <PeerAnswer
          run={run}
          peer={peers?.find(({ metadata }) => metadata.name === app.spec.targetPeer)}
          spec={spec}
          missing={manifest.errors.length}
        />
      )}
      {manifest.errors.length > 0 && (
        <Alert color="red" title="To mend">
          {manifest.errors.map(({ path, message }) => (
            <Text key={`${path} ${message}`} size="sm" className="foreign">
              {path}: {message}
            </Text>
          ))}
        </Alert>
      )}
      {manifest.problem !== undefined && (
        <Alert color="red" title="This is no YAML" className="foreign">
          {manifest.problem}
        </Alert>
      )}
      {apply.error !== null && <ErrorAlert error={apply.error} />}
      <Group className={classes['bar']} justify="flex-end">
        <Button variant="subtle" color="gray" onClick={onClose}>
          Cancel
        </Button>
        {isReviewing ? (
          <>
            <Button variant="default" onClick={() => setIsReviewing(false)}>
              Back to the editor
            </Button>
            <Button
              loading={apply.isPending}
              disabled={!isSound || isOvertaken}
              onClick={() => apply.mutate()}
            >
              Apply
            </Button>
          </>
        ) : (
          <Button disabled={!isSound || !isChanged} onClick={() => setIsReviewing(true)}>
            Review changes
          </Button>
        )}
      </Group>
    </Stack>
  )
}

/** The peer judges it with the values it would get. */
function asSent(value: Readonly<Record<string, unknown>>, base: RemoteApp): unknown {
  const manifest = value as unknown as RemoteAppManifest // sound: asked only then
  return { ...manifest, spec: unmasked(manifest.spec, base.spec) }
}

interface OvertakenProps {
  readonly base: RemoteApp
  readonly app: RemoteApp
  readonly onRebase: () => void
}

function Overtaken({ base, app, onRebase }: OvertakenProps) {
  return (
    <Alert color="orange" role="alert" title="It changed while you were editing">
      <Stack gap="xs">
        <Text size="sm">
          Somebody else changed this app since you began. This is what they changed; applying yours
          would undo it unless you take it over.
        </Text>
        <CodeDiff
          label="What changed meanwhile"
          before={maskedManifest(base)}
          after={maskedManifest(app)}
          maxHeight="30vh"
        />
        <Group>
          <Button variant="light" onClick={onRebase}>
            I have seen it: compare mine with the newest
          </Button>
        </Group>
      </Stack>
    </Alert>
  )
}
