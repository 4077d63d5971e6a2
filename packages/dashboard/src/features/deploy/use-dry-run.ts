import {
  endpoints,
  isPorpulsionError,
  parseAs,
  RemoteAppManifest,
  type AppCheck,
} from '@porpulsion/contract'
import { useEffect, useState } from 'react'
import { call } from '../../api/client.ts'

/** As long as somebody types, nobody is asked. */
const DEBOUNCE_MS = 600

export type DryRun =
  /** There is nothing to ask about yet. */
  | { readonly kind: 'none' }
  /** The last answer stays in sight meanwhile, marked as such. */
  | { readonly kind: 'asking'; readonly before: AppCheck | undefined }
  | { readonly kind: 'answered'; readonly check: AppCheck }
  | { readonly kind: 'failed'; readonly error: Error }

const nothing: DryRun = { kind: 'none' }

/** What the peer would say, asked again after each change; an answer to an older question is thrown away. */
export function useDryRun(manifest: unknown, isSound: boolean): DryRun {
  // By content: a comment that changes asks nobody again.
  const asked = isSound ? JSON.stringify(manifest) : undefined
  const [state, setState] = useState<DryRun>(nothing)
  const [round, setRound] = useState(0)
  useEffect(() => {
    const again = (): void => setRound((before) => before + 1)
    // What was away may be back.
    window.addEventListener('online', again)
    return () => window.removeEventListener('online', again)
  }, [])
  useEffect(() => {
    if (asked === undefined) {
      setState(nothing)
      return undefined
    }
    const abort = new AbortController()
    setState((last) => ({ kind: 'asking', before: answerOf(last) }))
    const timer = setTimeout(() => {
      void ask(JSON.parse(asked), abort.signal).then((answer) => {
        if (!abort.signal.aborted) setState(answer)
      })
    }, DEBOUNCE_MS)
    return () => {
      clearTimeout(timer)
      abort.abort()
    }
  }, [asked, round])
  return state
}

const answerOf = (state: DryRun): AppCheck | undefined =>
  state.kind === 'answered' ? state.check : state.kind === 'asking' ? state.before : undefined

async function ask(manifest: unknown, signal: AbortSignal): Promise<DryRun> {
  try {
    const answer = await call(endpoints.createRemoteApp, {
      query: { dryRun: 'peer' },
      body: parseAs(RemoteAppManifest, manifest),
      signal,
    })
    if (answer.kind === 'AppCheck') return { kind: 'answered', check: answer }
    return { kind: 'failed', error: new Error('The agent did not take it for a dry run.') }
  } catch (error) {
    return { kind: 'failed', error: error instanceof Error ? error : new Error(String(error)) }
  }
}

/** Errors of fields that only the agent could find. */
export function fieldsOf(
  run: DryRun,
): readonly { readonly path: string; readonly message: string }[] {
  return run.kind === 'failed' && isPorpulsionError(run.error) ? run.error.fields : []
}
