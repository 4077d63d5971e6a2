import {
  Button,
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
import { Brand } from '../../app/brand.tsx'
import { ErrorAlert } from '../../ui/query-state.tsx'
import { codeOf } from './login-code.ts'
import classes from './sign-in.module.css'

export function SignIn() {
  useEffect(() => {
    document.title = 'Sign in · Porpulsion'
  }, [])
  return (
    <main className={classes['page']}>
      <div className={classes['brand']}>
        <Brand />
        <Title order={1}>Sign in to Porpulsion</Title>
      </div>
      <Paper p="lg" className={classes['card'] ?? ''}>
        <Stack gap="lg">
          <ByPassword />
          <Divider label="or with a one-time link" />
          <ByLink />
        </Stack>
      </Paper>
      <FirstVisit />
    </main>
  )
}

function ByLink() {
  const [pasted, setPasted] = useState('')
  return (
    <LoginForm
      label="Sign in with a link"
      submit="Sign in with the link"
      variant="default"
      login={pasted.trim() === '' ? undefined : { code: codeOf(pasted) }}
    >
      <TextInput
        label="Login link or code"
        placeholder="http://…/login?code=…"
        value={pasted}
        onChange={(event) => setPasted(event.currentTarget.value)}
        autoComplete="off"
        spellCheck={false}
      />
    </LoginForm>
  )
}

/** There is no sign-up: a link, printed where only the owner looks, is how everybody begins. */
function FirstVisit() {
  return (
    <details>
      <summary>
        <Text span size="sm" c="dimmed">
          First visit? Where to find a login link
        </Text>
      </summary>
      <ul className={classes['hints']}>
        <li>A new agent prints one when it starts in a terminal.</li>
        <li>
          In a cluster it lies in Secret <Code>porpulsion-admin</Code>.
        </li>
        <li>
          <Code>porpulsion demo</Code> prints one for each page, every time.
        </li>
        <li>
          Where the CLI is set up, <Code>porpulsion login</Code> makes one.
        </li>
        <li>Or an admin makes one for you, on the Access page.</li>
      </ul>
    </details>
  )
}

function ByPassword() {
  const [user, setUser] = useState('')
  const [password, setPassword] = useState('')
  const isComplete = user.trim() !== '' && password !== ''
  return (
    <LoginForm
      label="Sign in with a password"
      submit="Sign in"
      variant="filled"
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
  variant,
  login,
  children,
}: {
  label: string
  submit: string
  variant: 'filled' | 'default'
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
        <Button
          type="submit"
          size="sm"
          variant={variant}
          loading={signIn.isPending}
          disabled={login === undefined}
        >
          {submit}
        </Button>
      </Stack>
    </form>
  )
}
