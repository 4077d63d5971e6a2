import { ActionIcon, Group, Menu, Modal } from '@mantine/core'
import { endpoints, roles, type BodyOf, type Role, type User } from '@porpulsion/contract'
import {
  Cross2Icon,
  DotsHorizontalIcon,
  EnterIcon,
  ExitIcon,
  LockOpen1Icon,
  PersonIcon,
  TrashIcon,
} from '@radix-ui/react-icons'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { call } from '../../api/client.ts'
import { keys } from '../../api/queries.ts'
import { useChange } from '../../api/use-change.ts'
import { CommandsButton } from '../../ui/commands.tsx'
import { Confirm } from '../../ui/confirm.tsx'
import { useToast } from '../../ui/toasts.tsx'
import { userCommands } from './access-commands.ts'
import { LoginLink } from './login-link.tsx'

type Update = BodyOf<typeof endpoints.updateUser>
type Asked = 'delete' | 'password'

/** What an admin can do about somebody. */
export function UserActions({ user }: { user: User }) {
  const { name, role, disabled, hasPassword } = user
  const [asked, setAsked] = useState<Asked>()
  const update = useUpdate(name)
  const link = useChange({
    run: () => call(endpoints.createUserLoginLink, { params: { name } }),
    changes: keys.users,
    said: () => ({ text: `A login link for ${name} is ready to hand over.` }),
  })
  const signOut = useChange({
    run: () => call(endpoints.endSessions, { query: { user: name } }),
    changes: keys.sessions,
    said: (_none, { ended }) => ({ text: `${name} is signed out everywhere (${ended}).` }),
  })
  return (
    <Group gap={2} wrap="nowrap" justify="flex-end">
      <CommandsButton isSmall what={`Actions for ${name}`} commands={userCommands(user)} />
      <Menu position="bottom-end" width={230}>
        <Menu.Target>
          <ActionIcon aria-label={`Actions for ${name}`} loading={link.isPending}>
            <DotsHorizontalIcon />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<EnterIcon />} onClick={() => link.mutate(undefined)}>
            New login link
          </Menu.Item>
          <Menu.Item leftSection={<ExitIcon />} onClick={() => signOut.mutate(undefined)}>
            Sign out everywhere
          </Menu.Item>
          <Menu.Divider />
          <Menu.Label>Role</Menu.Label>
          {roles.map((one) => (
            <Menu.Item
              key={one}
              leftSection={<PersonIcon />}
              disabled={one === role}
              onClick={() => update.role(role, one)}
            >
              {one === role ? `Is ${one}` : `Make ${one}`}
            </Menu.Item>
          ))}
          <Menu.Divider />
          <Menu.Item leftSection={<Cross2Icon />} onClick={() => update.disabled(!disabled)}>
            {disabled ? 'Enable' : 'Disable'}
          </Menu.Item>
          {hasPassword && (
            <Menu.Item leftSection={<LockOpen1Icon />} onClick={() => setAsked('password')}>
              Take the password away
            </Menu.Item>
          )}
          <Menu.Item color="red" leftSection={<TrashIcon />} onClick={() => setAsked('delete')}>
            Delete
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {link.data !== undefined && (
        <Modal opened onClose={link.reset} title={`Login link for ${name}`}>
          <LoginLink user={name} {...link.data} />
        </Modal>
      )}
      {asked !== undefined && (
        <AskedOnceMore name={name} asked={asked} onClose={() => setAsked(undefined)} />
      )}
    </Group>
  )
}

/** What can be taken back, with the way back. */
function useUpdate(name: string) {
  const { mutate } = useChange({
    run: ({ body }: { body: Update; text: string; undo: Update }) =>
      call(endpoints.updateUser, { params: { name }, body }),
    changes: keys.users,
    said: ({ text, undo }) => ({
      text,
      undo: () => mutate({ body: undo, text: `${name} is as before.`, undo: {} }),
    }),
  })
  return {
    role: (before: Role, role: Role) =>
      mutate({ body: { role }, text: `${name} is ${role} now.`, undo: { role: before } }),
    disabled: (disabled: boolean) =>
      mutate({
        body: { disabled },
        text: disabled ? `${name} gets in nowhere any more.` : `${name} may sign in again.`,
        undo: { disabled: !disabled },
      }),
  }
}

interface AskedOnceMoreProps {
  readonly name: string
  readonly asked: Asked
  readonly onClose: () => void
}

function AskedOnceMore({ name, asked, onClose }: AskedOnceMoreProps) {
  const client = useQueryClient()
  const toast = useToast()
  const done = (text: string) => () => {
    toast({ text })
    onClose()
    for (const queryKey of [keys.users, keys.tokens, keys.sessions])
      void client.invalidateQueries({ queryKey })
  }
  if (asked === 'password')
    return (
      <Confirm
        title={`Take the password of ${name} away?`}
        verb="Take it away"
        run={() => call(endpoints.updateUser, { params: { name }, body: { password: null } })}
        onDone={done(`${name} has no password any more.`)}
        onClose={onClose}
      >
        {name} signs in with a login link then, and can set a new password.
      </Confirm>
    )
  return (
    <Confirm
      title={`Delete ${name}?`}
      verb="Delete"
      typed={name}
      run={() => call(endpoints.deleteUser, { params: { name } })}
      onDone={done(`Deleted: user ${name}.`)}
      onClose={onClose}
    >
      With the user go their sessions, login links and API tokens: whatever uses one of these tokens
      stops working. What they deployed stays.
    </Confirm>
  )
}
