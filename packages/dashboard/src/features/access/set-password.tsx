import { Button, Group, Modal, PasswordInput, Stack, Text, TextInput } from '@mantine/core'
import { endpoints, passwordLength } from '@porpulsion/contract'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { call } from '../../api/client.ts'
import { ErrorAlert } from '../../ui/query-state.tsx'

interface SetPasswordProps {
  readonly user: string
  readonly onClose: () => void
}

export function SetPassword({ user, onClose }: SetPasswordProps) {
  return (
    <Modal opened onClose={onClose} title="Set your password">
      <PasswordForm user={user} onDone={onClose} />
    </Modal>
  )
}

function PasswordForm({ user, onDone }: { user: string; onDone: () => void }) {
  const [current, setCurrent] = useState('')
  const [next, setNext] = useState('')
  const change = useMutation({
    mutationFn: () =>
      call(endpoints.changePassword, {
        body: { newPassword: next, ...(current !== '' && { currentPassword: current }) },
      }),
    onSuccess: onDone,
  })
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        change.mutate()
      }}
    >
      <Stack>
        <Text size="sm">
          {passwordLength.min} characters or more. Where else you are signed in, you will be signed
          out.
        </Text>
        {/* For password managers: whose password this is. */}
        <TextInput label="Name" value={user} autoComplete="username" readOnly />
        <PasswordInput
          label="Current password"
          description="Empty if you have none, or just came by a login link."
          value={current}
          onChange={(event) => setCurrent(event.currentTarget.value)}
          autoComplete="current-password"
          visibilityToggleButtonProps={{ 'aria-label': 'Show the current password' }}
        />
        <PasswordInput
          label="New password"
          value={next}
          onChange={(event) => setNext(event.currentTarget.value)}
          autoComplete="new-password"
          maxLength={passwordLength.max}
          visibilityToggleButtonProps={{ 'aria-label': 'Show the new password' }}
        />
        {change.error !== null && <ErrorAlert error={change.error} />}
        <Group justify="flex-end">
          <Button
            type="submit"
            loading={change.isPending}
            disabled={next.length < passwordLength.min}
          >
            Set password
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
