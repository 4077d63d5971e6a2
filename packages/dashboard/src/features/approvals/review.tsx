import { Alert, Button, Group, Kbd, Modal, Stack, Text, Textarea } from '@mantine/core'
import { useHotkeys } from '@mantine/hooks'
import { endpoints, type Approval } from '@porpulsion/contract'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { call } from '../../api/client.ts'
import { keys } from '../../api/queries.ts'
import { useMay } from '../../api/use-may.ts'
import { CommandsButton } from '../../ui/commands.tsx'
import { ErrorAlert, QueryState } from '../../ui/query-state.tsx'
import { eitherCommands } from './approval-commands.ts'
import { ApprovalContent, ApprovalFacts } from './approval-facts.tsx'
import { nextWaiting } from './next-waiting.ts'
import { successorOf } from './successor.ts'
import { whatOf } from './what-of.ts'

const MAX_NOTE_LENGTH = 1_024

interface ReviewProps {
  /** As it was listed when it was opened. */
  readonly approval: Approval
  /** What is listed now. */
  readonly items: readonly Approval[]
  readonly onDecided: (decided: Approval) => void
  /** Looks at another one instead. */
  readonly onShow: (approval: Approval) => void
  readonly onClose: () => void
}

/** One of them in full, and the word on it. */
export function Review({ approval, items, onDecided, onShow, onClose }: ReviewProps) {
  const client = useQueryClient()
  const detail = useQuery({
    queryKey: [...keys.approval, approval.id],
    queryFn: ({ signal }) => call(endpoints.getApproval, { params: { id: approval.id }, signal }),
  })
  const next = nextWaiting(items, approval)
  const decide = useMutation({
    mutationFn: ({ verdict, note }: Decision) =>
      call(endpoints[verdict], {
        params: { id: approval.id },
        body: note === '' ? {} : { note },
      }),
    onSuccess: (decided) => {
      onDecided(decided)
      if (next === undefined) onClose()
    },
    // Refused, it may be because something else waits by now.
    onSettled: () => client.invalidateQueries({ queryKey: keys.approvals }),
  })
  const listed = items.find(({ id }) => id === approval.id)
  const isDecided = decide.isPending || decide.isSuccess
  return (
    <Modal opened onClose={onClose} title={whatOf(approval)} size="xl">
      {decide.data !== undefined ? (
        <Decided decided={decide.data} next={next} onShow={onShow} onClose={onClose} />
      ) : listed === undefined && !isDecided ? (
        <Changed successor={successorOf(approval, items)} onShow={onShow} onClose={onClose} />
      ) : (
        <Stack>
          <ApprovalFacts approval={listed ?? approval} />
          <QueryState query={detail}>{(data) => <ApprovalContent detail={data} />}</QueryState>
          {decide.error !== null && <ErrorAlert error={decide.error} />}
          <DecisionForm
            id={approval.id}
            state={(listed ?? approval).state}
            // Nobody approves what they were not shown.
            isShown={detail.data !== undefined}
            isPending={decide.isPending}
            onDecide={decide.mutate}
          />
        </Stack>
      )}
    </Modal>
  )
}

interface ChangedProps {
  readonly successor: Approval | undefined
  readonly onShow: (approval: Approval) => void
  readonly onClose: () => void
}

function Changed({ successor, onShow, onClose }: ChangedProps) {
  return (
    <Stack>
      <Alert color="orange" role="alert" title="It changed meanwhile">
        {successor === undefined
          ? 'It was withdrawn, or somebody else decided. Nothing of it waits any more.'
          : 'The peer has sent something else since you looked. What you saw cannot be approved any more.'}
      </Alert>
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose}>
          Back to the list
        </Button>
        {successor !== undefined && (
          <Button onClick={() => onShow(successor)}>Review what waits now</Button>
        )}
      </Group>
    </Stack>
  )
}

interface DecidedProps {
  readonly decided: Approval
  readonly next: Approval | undefined
  readonly onShow: (approval: Approval) => void
  readonly onClose: () => void
}

/** The next one is a step of its own: a key pressed twice must not decide over what was not shown. */
function Decided({ decided, next, onShow, onClose }: DecidedProps) {
  return (
    <Stack>
      <Text>
        {decided.state}: {whatOf(decided)} of peer {decided.peer}.
      </Text>
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose}>
          Back to the list
        </Button>
        {next !== undefined && (
          <Button onClick={() => onShow(next)} autoFocus>
            Review the next: {next.app.name}
          </Button>
        )}
      </Group>
    </Stack>
  )
}

/** An address of yesterday. */
export function GoneApproval({ onClose }: { onClose: () => void }) {
  return (
    <Modal opened onClose={onClose} title="It does not wait any more">
      <Stack>
        <Text>
          It was decided, withdrawn, or changed: what changes is another one, in the list.
        </Text>
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Back to the list
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}

interface Decision {
  readonly verdict: 'approve' | 'reject'
  readonly note: string
}

interface DecisionFormProps {
  readonly id: string
  readonly state: Approval['state']
  readonly isShown: boolean
  readonly isPending: boolean
  readonly onDecide: (decision: Decision) => void
}

function DecisionForm({ id, state, isShown, isPending, onDecide }: DecisionFormProps) {
  const mayDecide = useMay('operator')
  const [note, setNote] = useState('')
  const mayReject = mayDecide && state !== 'Rejected' && !isPending
  const mayApprove = mayDecide && state !== 'Approved' && !isPending && isShown
  // Not while somebody writes the note.
  useHotkeys([
    ['a', () => mayApprove && onDecide({ verdict: 'approve', note })],
    ['r', () => mayReject && onDecide({ verdict: 'reject', note })],
  ])
  if (!mayDecide) return <Text>You can look at this as a viewer; operators and admins decide.</Text>
  return (
    <Stack>
      <Textarea
        label="Note"
        description="For the record. The peer reads it, too, if you reject."
        value={note}
        onChange={(event) => setNote(event.currentTarget.value)}
        maxLength={MAX_NOTE_LENGTH}
        autosize
        minRows={2}
        maxRows={6}
      />
      <Group justify="flex-end">
        <div style={{ marginRight: 'auto' }}>
          <CommandsButton what="Approve or reject" commands={eitherCommands(id, note)} />
        </div>
        {state !== 'Rejected' && (
          <Button
            color="red.9"
            disabled={!mayReject}
            rightSection={<Key name="R" />}
            onClick={() => onDecide({ verdict: 'reject', note })}
          >
            Reject
          </Button>
        )}
        {state !== 'Approved' && (
          <Button
            disabled={!mayApprove}
            rightSection={<Key name="A" />}
            onClick={() => onDecide({ verdict: 'approve', note })}
          >
            Approve
          </Button>
        )}
      </Group>
    </Stack>
  )
}

/** Shown, not read out: the name of a button is what it does. */
function Key({ name }: { name: string }) {
  return (
    <Kbd size="xs" aria-hidden>
      {name}
    </Kbd>
  )
}
