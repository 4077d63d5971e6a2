import { Button, Group, Modal, Stack, TextInput } from '@mantine/core'
import { endpoints, type Role } from '@porpulsion/contract'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { call } from '../../api/client.ts'
import { keys } from '../../api/queries.ts'
import { CommandsButton } from '../../ui/commands.tsx'
import { ErrorAlert } from '../../ui/query-state.tsx'
import { createUserCommands } from './access-commands.ts'
import { LoginLink } from './login-link.tsx'
import { RoleSelect } from './role-select.tsx'

/** No password is ever handed over: a link, once, and then one of their own. */
export function CreateUser({ onClose }: { onClose: () => void }) {
  const client = useQueryClient()
  const [name, setName] = useState('')
  const [role, setRole] = useState<Role>('operator')
  const body = { name: name.trim(), role }
  const create = useMutation({
    mutationFn: () => call(endpoints.createUser, { body }),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.users }),
  })
  const { data: created } = create
  return (
    <Modal
      opened
      onClose={onClose}
      title={created === undefined ? 'Create a user' : `${created.name} can sign in`}
    >
      {created === undefined ? (
        <form
          onSubmit={(event) => {
            event.preventDefault()
            if (name.trim() !== '') create.mutate()
          }}
        >
          <Stack>
            <TextInput
              label="Name"
              description="Lower-case letters, digits and -"
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
              autoComplete="off"
              spellCheck={false}
              data-autofocus
            />
            <RoleSelect value={role} onChange={setRole} />
            {create.error !== null && <ErrorAlert error={create.error} />}
            <Group justify="flex-end">
              <div style={{ marginRight: 'auto' }}>
                <CommandsButton what="Create a user" commands={createUserCommands(body)} />
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
      ) : (
        <Stack>
          <LoginLink
            user={created.name}
            url={created.loginUrl}
            expiresAt={created.loginUrlExpiresAt}
          />
          <Group justify="flex-end">
            <Button onClick={onClose}>Done</Button>
          </Group>
        </Stack>
      )}
    </Modal>
  )
}
