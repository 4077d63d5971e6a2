import { Button, Center, Code, Paper, Stack, Text, TextInput, Title } from '@mantine/core'
import { endpoints } from '@porpulsion/contract'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { call } from '../../api/client.ts'
import { ErrorAlert } from '../../ui/query-state.tsx'

/** The code of a pasted login link, or what was pasted when it is the bare code. */
export function codeOf(pasted: string): string {
  const text = pasted.trim()
  return URL.canParse(text) ? (new URL(text).searchParams.get('code') ?? text) : text
}

export function SignIn() {
  const client = useQueryClient()
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
              Open a one-time login link, or paste it here. The agent prints one when it starts in a
              terminal; a new one comes from <Code>porpulsion login --link</Code>. In a cluster it
              lies in Secret <Code>porpulsion-admin</Code>.
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
