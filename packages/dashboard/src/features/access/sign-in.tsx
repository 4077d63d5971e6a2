import {
  Button,
  Center,
  Code,
  Divider,
  Paper,
  PasswordInput,
  Stack,
  Text,
  TextInput,
  Title,
} from '@mantine/core'
import { endpoints, type Login } from '@porpulsion/contract'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useEffect, useState, type ReactNode } from 'react'
import { call } from '../../api/client.ts'
import { ErrorAlert } from '../../ui/query-state.tsx'
import { codeOf } from './login-code.ts'

export function SignIn() {
  useEffect(() => {
    document.title = 'Sign in · Porpulsion'
  }, [])
  return (
    <Center mih="100vh" p="md" component="main">
      <Paper withBorder p="xl" maw={520} w="100%">
        <Stack>
          <Title order={1} size="h2">
            Sign in to Porpulsion
          </Title>
          <ByLink />
          <Divider label="or" />
          <ByPassword />
        </Stack>
      </Paper>
    </Center>
  )
}

function ByLink() {
  const [pasted, setPasted] = useState('')
  return (
    <LoginForm
      label="Sign in with a link"
      submit="Sign in"
      login={pasted.trim() === '' ? undefined : { code: codeOf(pasted) }}
    >
      <Text>
        Open a one-time login link, or paste it here. An agent that nobody has signed in to yet
        prints one when it starts in a terminal; in a cluster it lies in Secret{' '}
        <Code>porpulsion-admin</Code>. <Code>porpulsion demo</Code> prints new ones each time.{' '}
        <Code>porpulsion login</Code>, where the CLI is set up, prints a new one.
      </Text>
      <TextInput
        label="Login link or code"
        value={pasted}
        onChange={(event) => setPasted(event.currentTarget.value)}
        autoComplete="off"
        data-autofocus
      />
    </LoginForm>
  )
}

function ByPassword() {
  const [user, setUser] = useState('')
  const [password, setPassword] = useState('')
  const isComplete = user.trim() !== '' && password !== ''
  return (
    <LoginForm
      label="Sign in with a password"
      submit="Sign in with password"
      login={isComplete ? { user: user.trim(), password } : undefined}
    >
      <TextInput
        label="Name"
        value={user}
        onChange={(event) => setUser(event.currentTarget.value)}
        autoComplete="username"
      />
      <PasswordInput
        label="Password"
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
        autoComplete="current-password"
        visibilityToggleButtonProps={{ 'aria-label': 'Show the password' }}
      />
    </LoginForm>
  )
}

/** `login` is `undefined` while there is nothing to send. */
function LoginForm({
  label,
  submit,
  login,
  children,
}: {
  label: string
  submit: string
  login: Login | undefined
  children: ReactNode
}) {
  const client = useQueryClient()
  const signIn = useMutation({
    mutationFn: (given: Login) => call(endpoints.login, { body: given }),
    onSuccess: () => client.resetQueries(),
  })
  return (
    <form
      aria-label={label}
      onSubmit={(event) => {
        event.preventDefault()
        if (login !== undefined) signIn.mutate(login)
      }}
    >
      <Stack>
        {children}
        {signIn.error !== null && <ErrorAlert error={signIn.error} />}
        <Button type="submit" loading={signIn.isPending} disabled={login === undefined}>
          {submit}
        </Button>
      </Stack>
    </form>
  )
}
