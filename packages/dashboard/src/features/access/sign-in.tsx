import { Button, Center, Code, Paper, Stack, Text, TextInput, Title } from '@mantine/core'
import { endpoints } from '@porpulsion/contract'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { call } from '../../api/client.ts'
import { ErrorAlert } from '../../ui/query-state.tsx'
import { codeOf } from './login-code.ts'

export function SignIn() {
  const client = useQueryClient()
  useEffect(() => {
    document.title = 'Sign in · Porpulsion'
  }, [])
  const [pasted, setPasted] = useState('')
  const login = useMutation({
    mutationFn: () => call(endpoints.login, { body: { code: codeOf(pasted) } }),
    onSuccess: () => client.resetQueries(),
  })
  return (
    <Center mih="100vh" p="md" component="main">
      <Paper withBorder p="xl" maw={520} w="100%">
        <form
          onSubmit={(event) => {
            event.preventDefault()
            login.mutate()
          }}
        >
          <Stack>
            <Title order={1} size="h2">
              Sign in to Porpulsion
            </Title>
            <Text>
              Open a one-time login link, or paste it here. An agent that nobody has signed in to
              yet prints one when it starts in a terminal; in a cluster it lies in Secret{' '}
              <Code>porpulsion-admin</Code>. <Code>porpulsion demo</Code> prints new ones each time.
              <Code>porpulsion login</Code>, where the CLI is set up, prints a new one.
            </Text>
            <TextInput
              label="Login link or code"
              value={pasted}
              onChange={(event) => setPasted(event.currentTarget.value)}
              autoComplete="off"
              data-autofocus
            />
            {login.error !== null && <ErrorAlert error={login.error} />}
            <Button type="submit" loading={login.isPending} disabled={pasted.trim() === ''}>
              Sign in
            </Button>
          </Stack>
        </form>
      </Paper>
    </Center>
  )
}
