import { Alert, Button, Group, Modal, Stack, Text } from '@mantine/core'
import { endpoints, type SettingsView } from '@porpulsion/contract'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { call } from '../../api/client.ts'
import { keys } from '../../api/queries.ts'
import { CommandsButton } from '../../ui/commands.tsx'
import { ErrorAlert } from '../../ui/query-state.tsx'
import { useToast } from '../../ui/toasts.tsx'
import { settingsCommands } from './as-command.ts'
import { ChangeList } from './change-list.tsx'
import { mergePatchBetween, type Change, type Document } from './document.ts'
import { placeOf } from './fields.ts'
import { Refusals } from './refusals.tsx'
import type { DraftInHand } from './use-draft.ts'
import type { Preview } from './use-preview.ts'

interface ReviewChangesProps {
  readonly draft: DraftInHand
  readonly preview: Preview
  /** The stored document is not valid: it is replaced as a whole. */
  readonly isReplacement: boolean
  readonly onClose: () => void
}

/** What is about to be saved, what it would refuse, and what it would risk. */
export function ReviewChanges({ draft, preview, isReplacement, onClose }: ReviewChangesProps) {
  const { stored, document, changes } = draft
  const patch = mergePatchBetween(stored, document)
  const store = useStore()
  const save = useMutation({
    // Only what was changed here: what others change meanwhile, and comments in the document, stay.
    mutationFn: () =>
      isReplacement
        ? call(endpoints.putSettings, { body: { ...document } })
        : call(endpoints.patchSettings, { body: { ...patch } }),
    onSuccess: (view) => {
      draft.discard()
      store(view, isReplacement ? undefined : { patch: mergePatchBetween(document, stored) })
      onClose()
    },
  })
  const refused = preview.result?.violations ?? []
  return (
    <Modal opened onClose={onClose} title="Save these rules?" size="lg">
      <Stack>
        <ChangeList changes={changes} />
        <Risks changes={changes} />
        {refused.length > 0 && (
          <Stack gap="xs">
            <Text fw={600}>These apps run here and would not be admitted then</Text>
            <Refusals label="Would be refused" items={refused} />
          </Stack>
        )}
        {save.error !== null && <ErrorAlert error={save.error} />}
        <Group justify="space-between">
          <CommandsButton commands={settingsCommands(changes, patch)} what="Changing these rules" />
          <Group gap="xs">
            <Button variant="default" onClick={onClose}>
              Back
            </Button>
            <Button onClick={() => save.mutate()} loading={save.isPending} data-autofocus>
              Save
            </Button>
          </Group>
        </Group>
      </Stack>
    </Modal>
  )
}

function Risks({ changes }: { changes: readonly Change[] }) {
  const taken = changes.filter(({ after }) => after === true).map(({ path }) => placeOf(path))
  return taken.map(
    (place) =>
      place?.risk !== undefined && (
        <Alert key={place.path} color="orange" title={place.label}>
          {place.risk}
        </Alert>
      ),
  )
}

/** Takes the answer over, says so, and offers the way back. */
function useStore(): (view: SettingsView, back: { readonly patch: Document } | undefined) => void {
  const client = useQueryClient()
  const toast = useToast()
  const take = (view: SettingsView): void => {
    client.setQueryData(keys.settings, view)
    void client.invalidateQueries({ queryKey: keys.violations })
  }
  const undo = async (patch: Document): Promise<void> => {
    try {
      take(await call(endpoints.patchSettings, { body: { ...patch } }))
      toast({ text: 'The rules are as they were.' })
    } catch (cause) {
      toast({ tone: 'bad', text: cause instanceof Error ? cause.message : String(cause) })
    }
  }
  return (view, back) => {
    take(view)
    toast({
      text: 'Saved: the new rules are in force.',
      ...(back !== undefined && { undo: () => void undo(back.patch) }),
    })
  }
}
