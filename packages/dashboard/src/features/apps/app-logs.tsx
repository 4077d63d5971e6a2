import { Alert, Button, Checkbox, Group, ScrollArea, Stack, Text } from '@mantine/core'
import type { RemoteApp } from '@porpulsion/contract'
import { useEffect, useRef, useState } from 'react'
import { ErrorAlert } from '../../ui/query-state.tsx'
import { appId } from './app-id.ts'
import { useLogs, type Logs } from './use-logs.ts'

/** Whoever is this close to the end wants to stay there. */
const AT_END_PX = 24

export function AppLogs({ app }: { app: RemoteApp }) {
  const [follow, setFollow] = useState(true)
  const [previous, setPrevious] = useState(false)
  const [reading, setReading] = useState(0)
  // A run that is over has no more lines to come.
  const logs = useLogs(appId(app), { follow: follow && !previous, previous, reading })
  return (
    <Stack>
      <Group>
        <Checkbox
          label="Follow"
          checked={follow && !previous}
          disabled={previous}
          onChange={(event) => setFollow(event.currentTarget.checked)}
        />
        <Checkbox
          label="Previous run of each container"
          checked={previous}
          onChange={(event) => setPrevious(event.currentTarget.checked)}
        />
        {logs.state === 'ended' && (
          <Button size="xs" variant="light" onClick={() => setReading(reading + 1)}>
            Read again
          </Button>
        )}
      </Group>
      <LogProblem logs={logs} />
      <LogLines logs={logs} />
    </Stack>
  )
}

function LogProblem({ logs: { state, error } }: { logs: Logs }) {
  if (error === undefined) return null
  if (state === 'ended') return <ErrorAlert error={error} />
  return (
    <Alert color="orange" role="status" title="Interrupted; going on by itself">
      {error.message}
    </Alert>
  )
}

function LogLines({ logs: { lines, state } }: { logs: Logs }) {
  const viewport = useRef<HTMLDivElement>(null)
  const atEnd = useRef(true)
  const severalPods = new Set(lines.map((line) => line.pod)).size > 1

  useEffect(() => {
    if (atEnd.current) viewport.current?.scrollTo({ top: viewport.current.scrollHeight })
  }, [lines])

  return (
    <ScrollArea
      h="60vh"
      viewportRef={viewport}
      type="auto"
      onScrollPositionChange={({ y }) => {
        const { scrollHeight = 0, clientHeight = 0 } = viewport.current ?? {}
        atEnd.current = scrollHeight - clientHeight - y < AT_END_PX
      }}
      // Not read out line by line: a busy app would never let a screen reader stop.
      viewportProps={{ tabIndex: 0, role: 'log', 'aria-live': 'off', 'aria-label': 'Logs' }}
    >
      {lines.length === 0 && (
        <Text>{state === 'reading' ? 'Waiting for lines …' : 'No lines.'}</Text>
      )}
      {lines.map((line) => (
        <Text
          key={`${line.pod} ${line.time} ${line.line}`}
          ff="monospace"
          size="sm"
          style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}
        >
          {severalPods && (
            <Text span inherit c="dimmed">
              {line.pod}{' '}
            </Text>
          )}
          {line.line}
        </Text>
      ))}
    </ScrollArea>
  )
}
