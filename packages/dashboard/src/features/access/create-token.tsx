import { Button, Group, Modal, Select, Stack, Text, TextInput } from '@mantine/core'
import { endpoints, type Role } from '@porpulsion/contract'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { call } from '../../api/client.ts'
import { keys, sessionQuery } from '../../api/queries.ts'
import { CommandsButton } from '../../ui/commands.tsx'
import { CopyField } from '../../ui/copy-field.tsx'
import { ErrorAlert } from '../../ui/query-state.tsx'
import { createTokenCommands } from './access-commands.ts'
import { lifetimes, tokenExample } from './token-example.ts'
import { RoleSelect } from './role-select.tsx'

export function CreateToken({ onClose }: { onClose: () => void }) {
  const client = useQueryClient()
  const ownRole = useQuery(sessionQuery).data?.role ?? 'viewer'
  const [name, setName] = useState('')
  const [role, setRole] = useState<Role>('viewer')
  const [lifetime, setLifetime] = useState<string>(lifetimes[1].label)
  const seconds = lifetimes.find(({ label }) => label === lifetime)?.seconds
  const body = {
    name: name.trim(),
    role,
    ...(seconds !== undefined && { expiresInSeconds: seconds }),
  }
  const create = useMutation({
    mutationFn: () => call(endpoints.createToken, { body }),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.tokens }),
  })
  if (create.data !== undefined)
    return (
      <Modal opened onClose={onClose} title={`Token ${create.data.name}`} size="lg">
        <CreatedToken token={create.data.token} onClose={onClose} />
      </Modal>
    )
  return (
    <Modal opened onClose={onClose} title="Create an API token">
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (name.trim() !== '') create.mutate()
        }}
      >
        <Stack>
          <TextInput
            label="Name"
            description="What will use it, as in ci. It stands in the audit trail."
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            autoComplete="off"
            spellCheck={false}
            data-autofocus
          />
          <RoleSelect value={role} onChange={setRole} upTo={ownRole} />
          <Select
            label="Ends after"
            data={lifetimes.map(({ label }) => label)}
            value={lifetime}
            allowDeselect={false}
            onChange={(chosen) => {
              if (chosen !== null) setLifetime(chosen)
            }}
          />
          {create.error !== null && <ErrorAlert error={create.error} />}
          <Group justify="flex-end">
            <div style={{ marginRight: 'auto' }}>
              <CommandsButton what="Create a token" commands={createTokenCommands(body)} />
            </div>
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={create.isPending} disabled={name.trim() === ''}>
              Create
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}

function CreatedToken({ token, onClose }: { token: string; onClose: () => void }) {
  return (
    <Stack>
      <Text>Copy it now: it is not shown again.</Text>
      <CopyField value={token} label="API token" />
      <Text size="sm">In a shell, for example:</Text>
      <CopyField value={tokenExample(location.origin)} label="Example with curl" />
      <Group justify="flex-end">
        <Button onClick={onClose}>Done</Button>
      </Group>
    </Stack>
  )
}
