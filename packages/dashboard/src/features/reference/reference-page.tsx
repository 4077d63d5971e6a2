import { Anchor, Button, Group, Stack, Text, TextInput, Title } from '@mantine/core'
import { CodeIcon, MagnifyingGlassIcon } from '@radix-ui/react-icons'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Page } from '../../ui/page.tsx'
import { OperationCard } from './operation-card.tsx'
import { byTag, matching, operations } from './operations.ts'
import classes from './reference.module.css'

/** Everything the API can do, as this agent does it. */
export function ReferencePage() {
  return (
    <Page
      title="API"
      description="Everything this page does, it does through this API, and so can a program."
      actions={
        <>
          <Button
            variant="default"
            renderRoot={(props) => <Link to="/access" search={{ tab: 'tokens' }} {...props} />}
          >
            Get a token
          </Button>
          <Button variant="default" component="a" href="/api/openapi.json">
            OpenAPI
          </Button>
          <Button variant="default" component="a" href="/api/docs">
            Plain page
          </Button>
        </>
      }
    >
      <Explorer />
    </Page>
  )
}

function Explorer() {
  const { q = '', operation: open } = useSearch({ from: '/reference' })
  const navigate = useNavigate()
  const found = matching(q)
  const go = (next: { readonly q: string; readonly operation: string | undefined }): void => {
    void navigate({
      to: '/reference',
      search: {
        ...(next.q !== '' && { q: next.q }),
        ...(next.operation !== undefined && { operation: next.operation }),
      },
      replace: true,
      resetScroll: false,
    })
  }
  // Whoever opens one by hand is there already.
  const [linked] = useState(open)
  useEffect(() => {
    if (linked !== undefined) document.getElementById(linked)?.scrollIntoView()
  }, [linked])
  return (
    <Stack gap="lg" maw={1_040}>
      <Stack gap={6}>
        <TextInput
          aria-label="Search the API"
          placeholder="A path, a verb, what it does"
          leftSection={<MagnifyingGlassIcon />}
          value={q}
          onChange={(event) => go({ q: event.currentTarget.value, operation: open })}
          autoComplete="off"
        />
        <Text size="sm" c="dimmed" role="status">
          {found.length} of {operations.length} operations. Programs send{' '}
          <code>Authorization: Bearer</code> and an API token; errors are{' '}
          <Anchor inherit underline="always" href="https://www.rfc-editor.org/rfc/rfc9457">
            problem documents
          </Anchor>
          .
        </Text>
      </Stack>
      {found.length === 0 && (
        <EmptyState icon={<CodeIcon width={28} height={28} />} title="No such operation">
          Every word is looked for in the path, the method, the role and the summary.
        </EmptyState>
      )}
      {[...byTag(found)].map(([tag, some]) => (
        <section key={tag} aria-labelledby={`tag-${tag}`}>
          <Group gap="xs" mb="xs">
            <Title order={2} size="h3" id={`tag-${tag}`}>
              {tag}
            </Title>
            <Text size="sm" c="dimmed">
              {some.length}
            </Text>
          </Group>
          <div className={classes['group']}>
            {some.map((operation) => (
              <OperationCard
                key={operation.name}
                operation={operation}
                isOpen={operation.name === open}
                onToggle={() =>
                  go({ q, operation: operation.name === open ? undefined : operation.name })
                }
              />
            ))}
          </div>
        </section>
      ))}
    </Stack>
  )
}
