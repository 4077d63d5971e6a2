/** A word on what waits, as a command. */
import { endpoints } from '@porpulsion/contract'
import type { CallInput } from '../../api/client.ts'
import { curlOf, quoted } from '../../api/curl.ts'
import type { Commands } from '../../ui/commands.tsx'

type Both = Required<Pick<Commands, 'cli' | 'curl'>>

type Decide = CallInput<typeof endpoints.approve>

const curlTo = {
  approve: (input: Decide, origin?: string) => curlOf(endpoints.approve, input, origin),
  reject: (input: Decide, origin?: string) => curlOf(endpoints.reject, input, origin),
}

/** Each in turn, for several. The id names one content: what changed meanwhile is not decided by it. */
export function decisionCommands(
  verdict: 'approve' | 'reject',
  ids: readonly string[],
  note = '',
  origin?: string,
): Both {
  const noted = note === '' ? '' : ` --note ${quoted(note)}`
  const body = note === '' ? {} : { note }
  return {
    cli: ids.map((id) => `porpulsion approval ${verdict} ${quoted(id)}${noted}`).join('\n'),
    curl: ids.map((id) => curlTo[verdict]({ params: { id }, body }, origin)).join('\n\n'),
  }
}

/** Whoever wants one of them takes its line. */
export function eitherCommands(id: string, note: string, origin?: string): Both {
  const approve = decisionCommands('approve', [id], note, origin)
  const reject = decisionCommands('reject', [id], note, origin)
  return {
    cli: `${approve.cli}\n${reject.cli}`,
    curl: `${approve.curl}\n\n${reject.curl}`,
  }
}
