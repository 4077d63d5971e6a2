import { Button, Group, Stack, Text } from '@mantine/core'
import { endpoints, type OwnIdentity } from '@porpulsion/contract'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { call } from '../../api/client.ts'
import { identityQuery } from '../../api/queries.ts'
import { useMay } from '../../api/use-may.ts'
import { Card } from '../../ui/card.tsx'
import { CommandsButton, type Commands } from '../../ui/commands.tsx'
import { Confirm } from '../../ui/confirm.tsx'
import { DataTable, type Column } from '../../ui/data-table.tsx'
import { Fact, Facts } from '../../ui/facts.tsx'
import { ErrorAlert, QueryState } from '../../ui/query-state.tsx'
import { RelativeTime } from '../../ui/relative-time.tsx'
import { StateLabel } from '../../ui/state-label.tsx'
import { Fingerprint } from '../peers/fingerprint.tsx'
import {
  askPeersCommands,
  forgetFormerCommands,
  renewCommands,
  switchNowCommands,
  withdrawCommands,
} from './identity-commands.ts'
import { peerStateWords, stageWords } from './identity-words.ts'

/** Who this cluster is to its peers, and the renewal of that. */
export function Identity() {
  const identity = useQuery(identityQuery)
  const isAdmin = useMay('admin')
  return (
    <QueryState query={identity}>
      {(own) => (
        <Stack>
          <Card title="Identity of this cluster" actions={isAdmin && <Steps identity={own} />}>
            <IdentityFacts identity={own} />
          </Card>
          {own.peers.length > 0 && (
            <WhoKnows peers={own.peers} label="Who knows the new identity" />
          )}
          {isAdmin && own.stage === 'Settled' && <AskPeers />}
        </Stack>
      )}
    </QueryState>
  )
}

function IdentityFacts({ identity }: { identity: OwnIdentity }) {
  const { fingerprint, endsAt, renewedAt, since, next, former } = identity
  return (
    <Stack gap="sm">
      <Facts label="Identity">
        <Fact name="Ends">
          <RelativeTime time={endsAt} />
        </Fact>
        {renewedAt !== undefined && (
          <Fact name="Renewed">
            <RelativeTime time={renewedAt} />
          </Fact>
        )}
        <Fact name="Renewal">
          {stageWords(identity)}
          {since !== undefined && (
            <Text size="xs" c="dimmed">
              since <RelativeTime time={since} />
            </Text>
          )}
        </Fact>
      </Facts>
      <Fingerprint label="Fingerprint" value={fingerprint} />
      {next !== undefined && <Fingerprint label="New, announced" value={next} />}
      {former !== undefined && <Fingerprint label="Former" value={former} />}
    </Stack>
  )
}

interface Step {
  readonly verb: string
  readonly title: string
  readonly text: string
  readonly typed?: string
  readonly commands: Commands
  readonly run: () => Promise<unknown>
}

const renew: Step = {
  verb: 'Renew',
  title: 'Renew the identity of this cluster?',
  text: 'A new key is made and announced to every peer over its link, signed by the present one. It is used once all of them know it; until then this can be withdrawn. Apps, links and rules stay as they are. Open invites become void when it is used.',
  commands: renewCommands(),
  run: () => call(endpoints.rotateIdentity, { body: {} }),
}
const switchNow: Step = {
  verb: 'Use it now',
  title: 'Use the new identity now?',
  text: 'Peers that know it see the new one at once, the others the former until they know. Open invites become void. It cannot be taken back.',
  commands: switchNowCommands(),
  run: () => call(endpoints.rotateIdentity, { body: { force: true } }),
}
const withdraw: Step = {
  verb: 'Withdraw',
  title: 'Withdraw the new identity?',
  text: 'Peers that know it are told to forget it, and everything is as before.',
  commands: withdrawCommands(),
  run: () => call(endpoints.cancelIdentityRotation),
}
const forgetFormer: Step = {
  verb: 'Erase',
  title: 'Erase the former key?',
  text: 'Peers that know no other identity of this cluster are cut off until they have a new invite.',
  typed: 'erase',
  commands: forgetFormerCommands(),
  run: () => call(endpoints.forgetFormerIdentity),
}

const stepsOf: Readonly<Record<OwnIdentity['stage'], readonly Step[]>> = {
  Settled: [renew],
  Announced: [withdraw, switchNow],
  Switched: [forgetFormer],
}

function Steps({ identity: { stage } }: { identity: OwnIdentity }) {
  const [asked, ask] = useState<Step>()
  const { refetch } = useQuery(identityQuery)
  const close = (): void => ask(undefined)
  return (
    <>
      {stepsOf[stage].map((step) => (
        <Group key={step.verb} gap={2} wrap="nowrap">
          <CommandsButton isSmall what={step.title.replace('?', '')} commands={step.commands} />
          <Button variant="default" onClick={() => ask(step)}>
            {step.verb}
          </Button>
        </Group>
      ))}
      {asked !== undefined && (
        <Confirm
          {...asked}
          onClose={close}
          onDone={() => {
            close()
            void refetch()
          }}
        >
          {asked.text}
        </Confirm>
      )}
    </>
  )
}

/** A question that changes nothing: better asked before than found out in the middle. */
function AskPeers() {
  const answer = useMutation({
    mutationFn: () => call(endpoints.rotateIdentity, { body: { dryRun: true } }),
  })
  return (
    <Stack>
      <Group>
        <Button variant="default" loading={answer.isPending} onClick={() => answer.mutate()}>
          Ask peers whether they could follow
        </Button>
        <CommandsButton what="Ask peers" commands={askPeersCommands()} />
      </Group>
      {answer.error !== null && <ErrorAlert error={answer.error} />}
      {answer.data?.peers.length === 0 && <Text size="sm">There is no peer to tell.</Text>}
      {answer.data !== undefined && answer.data.peers.length > 0 && (
        <WhoKnows peers={answer.data.peers} label="Who could follow" />
      )}
    </Stack>
  )
}

type PeerRow = OwnIdentity['peers'][number]

const columns: readonly Column<PeerRow>[] = [
  {
    id: 'peer',
    title: 'Peer',
    cell: ({ name }) => <span className="foreign">{name}</span>,
    sortValue: ({ name }) => name,
  },
  {
    id: 'state',
    title: 'State',
    width: '150px',
    cell: ({ state }) => <StateLabel {...peerStateWords[state]} />,
    sortValue: ({ state }) => state,
  },
  {
    id: 'message',
    title: 'Why',
    hideBelow: 'sm',
    cell: ({ message = '' }) => <span className="foreign">{message}</span>,
  },
]

function WhoKnows({ peers, label }: { peers: readonly PeerRow[]; label: string }) {
  return <DataTable label={label} rows={peers} columns={columns} rowId={({ name }) => name} />
}
