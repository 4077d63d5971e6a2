import { Button, Checkbox, Group, ScrollArea, Stack, Text } from '@mantine/core'
import { endpoints, type LogLine, type RemoteApp } from '@porpulsion/contract'
import { useEffect, useRef, useState } from 'react'
import { stream } from '../../api/client.ts'
import { ErrorAlert } from '../../ui/query-state.tsx'
import { appId } from './app-id.ts'

/** Lines kept on the page; older ones are dropped from the top. */
const MAX_LINES = 2_000
/** Lines that arrive together are shown together: one render per this many milliseconds. */
const FLUSH_MS = 100

export function AppLogs({ app }: { app: RemoteApp }) {
  const [follow, setFollow] = useState(true)
  const [previous, setPrevious] = useState(false)
  const [generation, setGeneration] = useState(0)
  const { lines, error, ended } = useLogLines(appId(app), { follow, previous, generation })
  const viewport = useRef<HTMLDivElement>(null)
  const severalPods = new Set(lines.map((line) => line.pod)).size > 1

  useEffect(() => {
    if (follow) viewport.current?.scrollTo({ top: viewport.current.scrollHeight })
  }, [lines, follow])

  return (
    <Stack>
      <Group>
        <Checkbox
          label="Follow"
          checked={follow}
          onChange={(event) => setFollow(event.currentTarget.checked)}
        />
        <Checkbox
          label="Previous run of each container"
          checked={previous}
          onChange={(event) => setPrevious(event.currentTarget.checked)}
        />
        {ended && (
          <Button size="xs" variant="light" onClick={() => setGeneration(generation + 1)}>
            Read again
          </Button>
        )}
      </Group>
      {error !== undefined && <ErrorAlert error={error} />}
      <ScrollArea
        h="60vh"
        viewportRef={viewport}
        type="auto"
        viewportProps={{ tabIndex: 0, role: 'log', 'aria-label': 'Logs' }}
      >
        {lines.length === 0 && <Text>{ended ? 'No lines.' : 'Waiting for lines …'}</Text>}
        {lines.map((line, index) => (
          <Text
            key={index}
            ff="monospace"
            size="sm"
            style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}
          >
            {severalPods && <Text span c="dimmed">{`${line.pod} `}</Text>}
            {line.line}
          </Text>
        ))}
      </ScrollArea>
    </Stack>
  )
}

interface LogOptions {
  readonly follow: boolean
  readonly previous: boolean
  readonly generation: number
}

interface LogState {
  readonly lines: readonly LogLine[]
  readonly error?: Error
  readonly ended: boolean
}

function useLogLines(id: string, { follow, previous, generation }: LogOptions): LogState {
  const [state, setState] = useState<LogState>({ lines: [], ended: false })
  useEffect(() => {
    const abort = new AbortController()
    let fresh: LogLine[] = []
    const flush = (): void => {
      if (fresh.length === 0) return
      const arrived = fresh
      fresh = []
      setState((old) => ({ ...old, lines: [...old.lines, ...arrived].slice(-MAX_LINES) }))
    }
    const timer = setInterval(flush, FLUSH_MS)
    const read = async (): Promise<void> => {
      const query = { follow, previous, tail: MAX_LINES }
      const options = { params: { id }, query, signal: abort.signal }
      try {
        for await (const line of stream(endpoints.streamRemoteAppLogs, options)) fresh.push(line)
        flush()
        setState((old) => ({ ...old, ended: true }))
      } catch (cause) {
        if (abort.signal.aborted) return
        flush()
        const error = cause instanceof Error ? cause : new Error(String(cause))
        setState((old) => ({ ...old, ended: true, error }))
      }
    }
    setState({ lines: [], ended: false })
    void read()
    return () => {
      abort.abort()
      clearInterval(timer)
    }
  }, [id, follow, previous, generation])
  return state
}
