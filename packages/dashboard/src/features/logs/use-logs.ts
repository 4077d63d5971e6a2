import { endpoints, isPorpulsionError, PorpulsionError, type LogLine } from '@porpulsion/contract'
import { useEffect, useState } from 'react'
import { stream } from '../../api/client.ts'
import { LogTail, MAX_LINES, type NumberedLine } from './log-tail.ts'

/** Lines that arrive together are shown together: one render per this many milliseconds. */
const FLUSH_MS = 100
const RESUME_AFTER_MS = 2_000
/** What is read at first: more comes slowly over a slow link, and nobody reads so far back here. */
const FIRST_LINES = Math.min(2_000, MAX_LINES)

const sources = {
  RemoteApp: endpoints.streamRemoteAppLogs,
  ExecutingApp: endpoints.streamExecutingAppLogs,
} as const

export interface LogSource {
  readonly kind: keyof typeof sources
  readonly id: string
}

export interface LogOptions {
  /** Only of this pod; of all without it. */
  readonly pod: string | undefined
  readonly follow: boolean
  readonly previous: boolean
  /** Another number reads again from the start. */
  readonly reading: number
}

export interface Logs {
  readonly lines: readonly NumberedLine[]
  /** `resuming`: the stream broke, or every pod ended; it is asked for again in a moment. */
  readonly state: 'reading' | 'resuming' | 'ended'
  readonly error?: Error
}

/** The lines of an app's pods. While they are followed, a broken stream is resumed without loss or duplicate. */
export function useLogs(source: LogSource, options: LogOptions): Logs {
  const { kind, id } = source
  const { pod, follow, previous, reading } = options
  const [logs, setLogs] = useState<Logs>(nothingYet)
  useEffect(() => {
    const abort = new AbortController()
    setLogs(nothingYet)
    void readLogs({ kind, id }, { pod, follow, previous }, setLogs, abort.signal)
    return () => abort.abort()
  }, [kind, id, pod, follow, previous, reading])
  return logs
}

const nothingYet: Logs = { lines: [], state: 'reading' }

/** Reports all there is to know by `show`, so it never fails. */
async function readLogs(
  { kind, id }: LogSource,
  { pod, follow, previous }: Omit<LogOptions, 'reading'>,
  show: (logs: Logs) => void,
  signal: AbortSignal,
): Promise<void> {
  const tail = new LogTail()
  let fresh: LogLine[] = []
  const flush = (): void => {
    if (fresh.length === 0) return
    tail.add(fresh)
    fresh = []
    show({ lines: tail.lines, state: 'reading' })
  }
  const readOnce = async (): Promise<void> => {
    const { resumeTime } = tail
    const from = resumeTime === undefined ? { tail: FIRST_LINES } : { sinceTime: resumeTime }
    const query = { follow, previous, ...(pod !== undefined && { pod }), ...from }
    for await (const line of stream(sources[kind], { params: { id }, query, signal })) {
      if (line.error !== undefined) throw cutOff(line.error)
      fresh.push(line)
    }
  }

  const timer = setInterval(flush, FLUSH_MS)
  signal.addEventListener('abort', () => clearInterval(timer))
  for (;;) {
    const error = await readOnce().then(
      () => undefined,
      (cause: unknown) => (cause instanceof Error ? cause : new Error(String(cause))),
    )
    if (signal.aborted) return
    flush()
    const goesOn = follow && (error === undefined || mayPass(error))
    show({
      lines: tail.lines,
      state: goesOn ? 'resuming' : 'ended',
      ...(error !== undefined && { error }),
    })
    if (!goesOn) break
    await after(RESUME_AFTER_MS, signal)
  }
  clearInterval(timer)
}

const mayPass = (error: Error): boolean =>
  isPorpulsionError(error) && ['Unavailable', 'Timeout', 'LimitExceeded'].includes(error.kind)

const cutOff = (theirs: string): PorpulsionError =>
  new PorpulsionError('Unavailable', 'PeerUnreachable', theirs)

function after(delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, delayMs)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      resolve()
    })
  })
}
