import { Fieldset, Select, SimpleGrid, Stack, TagsInput, TextInput } from '@mantine/core'
import type { FieldError } from '@porpulsion/contract'
import { EnvRows } from './env-rows.tsx'
import { FileMounts } from './file-mounts.tsx'
import { KeyValues } from './key-values.tsx'
import { withSpec, type DraftSpec, type ManifestDraft } from './manifest-draft.ts'
import { NumberField } from './number-field.tsx'
import { PortRows } from './port-rows.tsx'
import { ProbeFields } from './probe-fields.tsx'

interface DeployFormProps {
  readonly draft: ManifestDraft
  readonly onChange: (draft: ManifestDraft) => void
  readonly peers: readonly string[]
  readonly problems: readonly FieldError[]
}

export function DeployForm({ draft, onChange, peers, problems }: DeployFormProps) {
  const { spec } = draft
  const set = <K extends keyof DraftSpec>(field: K, value: DraftSpec[K]): void =>
    onChange(withSpec(draft, field, value))
  const errorAt = (path: string): string | undefined =>
    problems.find((problem) => problem.path === path)?.message

  return (
    <Stack>
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <TextInput
          label="Name"
          required
          value={draft.metadata.name ?? ''}
          error={errorAt('metadata.name')}
          onChange={(event) =>
            onChange({ ...draft, metadata: { ...draft.metadata, name: event.currentTarget.value } })
          }
        />
        <Select
          label="Peer that shall run it"
          required
          // A peer that a manifest names stays chosen, also one that is not there (yet).
          data={[
            ...new Set([...peers, ...(spec.targetPeer === undefined ? [] : [spec.targetPeer])]),
          ]}
          value={spec.targetPeer ?? null}
          error={errorAt('spec.targetPeer')}
          placeholder={peers.length === 0 ? 'no peers yet' : undefined}
          onChange={(value) => set('targetPeer', value ?? undefined)}
        />
        <TextInput
          label="Image"
          required
          placeholder="porpulsion/hello"
          value={spec.image ?? ''}
          error={errorAt('spec.image')}
          onChange={(event) => set('image', event.currentTarget.value)}
        />
        <NumberField
          label="Replicas"
          min={0}
          max={1000}
          placeholder="1"
          value={spec.replicas}
          error={errorAt('spec.replicas')}
          onChange={(replicas) => set('replicas', replicas)}
        />
        <TagsInput
          label="Command"
          description="Replaces the entrypoint; one entry per word"
          allowDuplicates
          value={spec.command ?? []}
          onChange={(value) => set('command', value)}
        />
        <TagsInput
          label="Arguments"
          description="One entry per argument"
          allowDuplicates
          value={spec.args ?? []}
          onChange={(value) => set('args', value)}
        />
      </SimpleGrid>
      <Fieldset legend="Ports">
        <PortRows
          ports={spec.ports ?? []}
          errorAt={errorAt}
          onChange={(ports) => set('ports', ports)}
        />
      </Fieldset>
      <Fieldset legend="Environment">
        <EnvRows env={spec.env ?? []} onChange={(env) => set('env', env)} />
      </Fieldset>
      <Fieldset legend="Resources per pod">
        <ResourceFields
          spec={spec}
          onChange={(resources) => set('resources', resources)}
          errorAt={errorAt}
        />
      </Fieldset>
      <ProbeFields
        legend="Readiness probe"
        probe={spec.readinessProbe}
        onChange={(probe) => set('readinessProbe', probe)}
      />
      <ProbeFields
        legend="Liveness probe"
        probe={spec.livenessProbe}
        onChange={(probe) => set('livenessProbe', probe)}
      />
      <Fieldset legend="Config files">
        <FileMounts
          what="config map"
          mounts={spec.configMaps ?? []}
          onChange={(mounts) => set('configMaps', mounts)}
        />
      </Fieldset>
      <Fieldset legend="Secret files">
        <FileMounts
          what="secret"
          secret
          mounts={spec.secrets ?? []}
          onChange={(mounts) => set('secrets', mounts)}
        />
      </Fieldset>
      <Fieldset legend="Pod labels">
        <KeyValues
          what="label"
          values={spec.labels ?? {}}
          onChange={(labels) => set('labels', labels)}
        />
      </Fieldset>
    </Stack>
  )
}

interface ResourceFieldsProps {
  readonly spec: DraftSpec
  readonly onChange: (resources: DraftSpec['resources']) => void
  readonly errorAt: (path: string) => string | undefined
}

const resourceInputs = [
  ['requests', 'cpu', 'CPU request', '100m'],
  ['requests', 'memory', 'Memory request', '128Mi'],
  ['limits', 'cpu', 'CPU limit', '500m'],
  ['limits', 'memory', 'Memory limit', '256Mi'],
] as const

function ResourceFields({ spec, onChange, errorAt }: ResourceFieldsProps) {
  const change = (side: 'requests' | 'limits', name: string, value: string): void => {
    const { [name]: _old, ...others } = spec.resources?.[side] ?? {}
    const list = value === '' ? others : { ...others, [name]: value }
    const { [side]: _side, ...rest } = spec.resources ?? {}
    onChange(Object.keys(list).length === 0 ? rest : { ...rest, [side]: list })
  }
  return (
    <SimpleGrid cols={{ base: 2, sm: 4 }}>
      {resourceInputs.map(([side, name, label, example]) => (
        <TextInput
          key={label}
          label={label}
          placeholder={example}
          value={spec.resources?.[side]?.[name] ?? ''}
          error={errorAt(`spec.resources.${side}.${name}`)}
          onChange={(event) => change(side, name, event.currentTarget.value)}
        />
      ))}
    </SimpleGrid>
  )
}
