import { Button, Code, Group, Stack, TextInput } from '@mantine/core'
import type { Endpoint } from '@porpulsion/contract'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { urlOf } from '../../api/client.ts'
import { ErrorAlert } from '../../ui/query-state.tsx'
import { paramNames } from './operations.ts'
import { shownAnswer } from './shown-answer.ts'
import classes from './reference.module.css'

/** Asks the agent as whoever is signed in. Only offered for what changes nothing. */
export function TryIt({ endpoint }: { endpoint: Endpoint }) {
  const params = paramNames(endpoint.path)
  const queries = Object.keys(endpoint.query.properties)
  const [given, setGiven] = useState<Readonly<Record<string, string>>>({})
  const pick = (names: readonly string[]): Readonly<Record<string, string>> =>
    Object.fromEntries(names.flatMap((name) => (given[name] ? [[name, given[name]]] : [])))
  const ask = useMutation({
    mutationFn: () => answerOf(urlOf(endpoint, { params: pick(params), query: pick(queries) })),
  })
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        ask.mutate()
      }}
    >
      <Stack gap="xs">
        <Group gap="xs" align="flex-end">
          {[...params, ...queries].map((name) => (
            <TextInput
              key={name}
              size="xs"
              w={150}
              label={name}
              required={params.includes(name)}
              value={given[name] ?? ''}
              onChange={(event) => setGiven({ ...given, [name]: event.currentTarget.value })}
              autoComplete="off"
            />
          ))}
          <Button type="submit" variant="light" loading={ask.isPending}>
            Try it
          </Button>
        </Group>
        {ask.error !== null && <ErrorAlert error={ask.error} />}
        {/* There before it is filled: screen readers announce what changes in it. */}
        <div role="status">
          {ask.data !== undefined && (
            <Code block tabIndex={0} aria-label="Answer" className={classes['answer'] ?? ''}>
              {ask.data}
            </Code>
          )}
        </div>
      </Stack>
    </form>
  )
}

/** Refusals are answers, too. */
async function answerOf(url: string): Promise<string> {
  const response = await fetch(url)
  return shownAnswer(response.status, await response.text())
}
