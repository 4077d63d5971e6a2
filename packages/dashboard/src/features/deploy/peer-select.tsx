import { Group, Select, Text, type ComboboxItem } from '@mantine/core'
import type { Peer } from '@porpulsion/contract'
import { StatusDot } from '../../ui/status-dot.tsx'
import type { Tone } from '../../ui/tone.ts'
import { useField } from './form/form-context.ts'

const path = ['spec', 'targetPeer']

/** Which cluster runs it: with how each is reached just now. */
export function PeerSelect({ peers }: { peers: readonly Peer[] | undefined }) {
  const { value, error, set, touch } = useField(path)
  const named = typeof value === 'string' && value !== '' ? [value] : []
  // A peer that a manifest names stays chosen, also one that is not there (yet).
  const names = [...new Set([...(peers ?? []).map(({ metadata }) => metadata.name), ...named])]
  const peerOf = (name: string): Peer | undefined =>
    peers?.find(({ metadata }) => metadata.name === name)
  const chosen = named[0] === undefined ? undefined : linkOf(peerOf(named[0]))
  return (
    <Select
      label="Peer that shall run it"
      required
      data={names}
      value={named[0] ?? null}
      error={error}
      placeholder={peers?.length === 0 ? 'No peers yet' : 'Choose a peer'}
      allowDeselect={false}
      leftSection={chosen && peers !== undefined && <StatusDot tone={chosen.tone} />}
      description={chosen?.text}
      inputWrapperOrder={['label', 'input', 'description', 'error']}
      onBlur={touch}
      onChange={(next) => {
        if (next !== null) set(next)
      }}
      renderOption={({ option }) => <PeerOption option={option} peer={peerOf(option.value)} />}
    />
  )
}

function PeerOption({ option, peer }: { option: ComboboxItem; peer: Peer | undefined }) {
  const { tone, text } = linkOf(peer)
  return (
    <Group gap={8} wrap="nowrap" flex={1} justify="space-between">
      <Group gap={8} wrap="nowrap">
        <StatusDot tone={tone} />
        <Text size="sm">{option.label}</Text>
      </Group>
      <Text size="xs" c="dimmed" className="tabular">
        {text}
      </Text>
    </Group>
  )
}

const tones = {
  Connected: 'good',
  Connecting: 'busy',
  Suspect: 'warn',
  Disconnected: 'bad',
} as const satisfies Record<string, Tone>

function linkOf(peer: Peer | undefined): { readonly tone: Tone; readonly text: string } {
  if (peer === undefined) return { tone: 'bad', text: 'There is no such peer' }
  const { link = 'Disconnected', latencyMs } = peer.status ?? {}
  const latency = link === 'Connected' && latencyMs !== undefined ? ` · ${latencyMs} ms` : ''
  return { tone: tones[link], text: `${link}${latency}` }
}
