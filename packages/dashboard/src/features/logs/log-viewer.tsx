import { Alert, Button, Stack, Text } from '@mantine/core'
import { useDebouncedValue, useLocalStorage } from '@mantine/hooks'
import { ArrowDownIcon } from '@radix-ui/react-icons'
import { useVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useMemo, useRef, useState } from 'react'
import { downloadText } from '../../ui/download-text.ts'
import { ErrorAlert } from '../../ui/query-state.tsx'
import { LogLineView } from './log-line.tsx'
import { LogToolbar, type LogView } from './log-toolbar.tsx'
import type { NumberedLine } from './log-tail.ts'
import classes from './log-viewer.module.css'
import { logFile, shownLines } from './shown-lines.ts'
import { useLogs, type Logs, type LogSource } from './use-logs.ts'

/** Whoever is this close to the end wants to stay there. */
const AT_END_PX = 24
const LINE_PX = 20
const OVERSCAN_LINES = 30
const SEARCH_AFTER_MS = 150

interface LogViewerProps {
  readonly source: LogSource
  /** For the file that can be downloaded. */
  readonly name: string
  /** Those there are, to choose from. */
  readonly pods: readonly string[]
  /** Chosen at first. */
  readonly pod?: string | undefined
}

const firstView: Pick<LogView, 'wraps' | 'showsTimes'> = { wraps: true, showsTimes: true }

export function LogViewer({ source, name, pods, pod }: LogViewerProps) {
  const [look, setLook] = useLocalStorage({ key: 'porpulsion-logs', defaultValue: firstView })
  const [view, setView] = useState<Omit<LogView, keyof typeof firstView>>({
    pod,
    previous: false,
    search: '',
    onlyMatching: false,
  })
  const [reading, setReading] = useState(0)
  const { previous } = view
  // A run that is over has no more lines to come.
  const live = useLogs(source, { pod: view.pod, follow: !previous, previous, reading })
  const { logs, isPaused, setIsPaused, missed } = usePause(live)
  const [search] = useDebouncedValue(view.search, SEARCH_AFTER_MS)
  const { lines, matches } = useMemo(
    () => shownLines(logs.lines, search, view.onlyMatching),
    [logs.lines, search, view.onlyMatching],
  )
  const [match, setMatch] = useState(0)
  useEffect(() => setMatch(0), [search, view.onlyMatching])
  const severalPods = useMemo(
    () => new Set(logs.lines.map((line) => line.pod)).size > 1,
    [logs.lines],
  )
  const current = matches[Math.min(match, matches.length - 1)]

  return (
    <Stack gap="sm">
      <LogToolbar
        view={{ ...view, ...look }}
        onView={({ wraps, showsTimes, ...rest }) => {
          setLook({ wraps, showsTimes })
          setView(rest)
        }}
        pods={pods}
        isPaused={isPaused}
        missed={missed}
        onPause={setIsPaused}
        found={
          search === ''
            ? undefined
            : { at: Math.min(match, matches.length - 1), of: matches.length }
        }
        onGo={(step) => {
          if (matches.length > 0) setMatch((at) => (at + step + matches.length) % matches.length)
        }}
        onDownload={() => downloadText(`${name}.log`, logFile(logs.lines, severalPods))}
        onReadAgain={live.state === 'ended' ? () => setReading(reading + 1) : undefined}
      />
      <LogProblem logs={live} />
      <Lines
        lines={lines}
        state={logs.state}
        wraps={look.wraps}
        showsTimes={look.showsTimes}
        showsPods={severalPods}
        search={search}
        current={current}
      />
    </Stack>
  )
}

/** While it is paused what is shown stands still, and what comes is counted. */
function usePause(live: Logs) {
  const [paused, setPaused] = useState<Logs>()
  const last = paused?.lines.at(-1)?.number ?? -1
  const missed = paused === undefined ? 0 : (live.lines.at(-1)?.number ?? -1) - last
  return {
    logs: paused ?? live,
    isPaused: paused !== undefined,
    missed: Math.max(0, missed),
    setIsPaused: (isPaused: boolean) => setPaused(isPaused ? live : undefined),
  }
}

function LogProblem({ logs: { state, error } }: { logs: Logs }) {
  if (error === undefined) return null
  if (state === 'ended') return <ErrorAlert error={error} />
  return (
    <Alert color="orange" role="status" title="Interrupted; going on by itself" className="foreign">
      {error.message}
    </Alert>
  )
}

interface LinesProps {
  readonly lines: readonly NumberedLine[]
  readonly state: Logs['state']
  readonly wraps: boolean
  readonly showsTimes: boolean
  readonly showsPods: boolean
  readonly search: string
  /** Place of the line to show, of those a search found. */
  readonly current: number | undefined
}

function Lines({ lines, state, wraps, showsTimes, showsPods, search, current }: LinesProps) {
  const scroll = useRef<HTMLDivElement>(null)
  const [isAtEnd, setIsAtEnd] = useState(true)
  const virtualizer = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => LINE_PX,
    getItemKey: (index) => lines[index]?.number ?? index,
    overscan: OVERSCAN_LINES,
  })
  const height = virtualizer.getTotalSize()
  const toEnd = (): void => {
    scroll.current?.scrollTo({ top: scroll.current.scrollHeight })
  }
  useEffect(() => {
    if (isAtEnd) toEnd()
  }, [isAtEnd, lines, height])
  useEffect(() => {
    if (current === undefined) return
    setIsAtEnd(false)
    virtualizer.scrollToIndex(current, { align: 'center' })
    // When another match is gone to; not whenever a line comes.
  }, [current === undefined ? undefined : lines[current]?.number])

  return (
    <div className={classes['frame']}>
      <div
        ref={scroll}
        className={classes['scroll']}
        data-wrap={wraps || undefined}
        tabIndex={0}
        // Not read out line by line: a busy app would never let a screen reader stop.
        role="log"
        aria-live="off"
        aria-label="Logs"
        onScroll={({ currentTarget: { scrollHeight, clientHeight, scrollTop } }) =>
          setIsAtEnd(scrollHeight - clientHeight - scrollTop < AT_END_PX)
        }
      >
        {lines.length === 0 && (
          <Text className={classes['note'] ?? ''}>{nothing(state, search)}</Text>
        )}
        <div style={{ height, position: 'relative', minWidth: 'fit-content' }}>
          <div
            style={{ transform: `translateY(${virtualizer.getVirtualItems()[0]?.start ?? 0}px)` }}
          >
            {virtualizer.getVirtualItems().map(({ key, index }) => {
              const line = lines[index]
              return (
                line !== undefined && (
                  <div key={key} data-index={index} ref={virtualizer.measureElement}>
                    <LogLineView
                      line={line}
                      showsPod={showsPods}
                      showsTime={showsTimes}
                      search={search}
                      isCurrent={index === current}
                    />
                  </div>
                )
              )
            })}
          </div>
        </div>
      </div>
      {!isAtEnd && lines.length > 0 && (
        <Button
          className={classes['jump'] ?? ''}
          variant="default"
          leftSection={<ArrowDownIcon />}
          onClick={() => {
            setIsAtEnd(true)
            toEnd()
          }}
        >
          Newest
        </Button>
      )}
    </div>
  )
}

function nothing(state: Logs['state'], search: string): string {
  if (search !== '') return 'No line has this.'
  return state === 'reading' ? 'Waiting for lines …' : 'No lines.'
}
