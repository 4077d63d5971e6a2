/** The agent in four numbers. */
import type { AppPhase, Approval, Peer } from '@porpulsion/contract'
import { isUsable } from '../peers/link-words.ts'
import type { Stat } from './stat-tiles.tsx'

interface App {
  readonly status?: { readonly phase: AppPhase }
}

interface Lists {
  readonly peers: readonly Peer[]
  readonly remoteApps: readonly App[]
  readonly executingApps: readonly App[]
  readonly approvals: readonly Approval[]
}

export function statsOf({ peers, remoteApps, executingApps, approvals }: Lists): readonly Stat[] {
  const usable = peers.filter(isUsable).length
  const waiting = approvals.filter(({ state }) => state === 'Pending').length
  return [
    {
      title: 'Peers',
      value: String(peers.length),
      note: usable === peers.length ? 'all linked' : `${usable} linked`,
      tone: usable === peers.length ? 'good' : 'warn',
      link: { to: '/peers' },
    },
    { title: 'Apps at peers', ...apps(remoteApps, 'submitted') },
    { title: 'Apps here', ...apps(executingApps, 'executing') },
    {
      title: 'Approvals',
      value: String(waiting),
      note: waiting === 0 ? 'nothing waits' : 'waiting for you',
      tone: waiting === 0 ? 'idle' : 'ask',
      link: { to: '/approvals' },
    },
  ]
}

const bad: readonly AppPhase[] = ['Failed', 'Rejected', 'Degraded']

function apps(
  list: readonly App[],
  view: 'submitted' | 'executing',
): Pick<Stat, 'value' | 'note' | 'tone' | 'link'> {
  const ready = list.filter(({ status }) => status?.phase === 'Ready').length
  const isBad = list.some(({ status }) => status !== undefined && bad.includes(status.phase))
  return {
    value: String(list.length),
    note: list.length === 0 ? 'none' : ready === list.length ? 'all ready' : `${ready} ready`,
    tone: list.length === 0 ? 'idle' : isBad ? 'bad' : ready === list.length ? 'good' : 'busy',
    link: { to: '/workloads', search: { view } },
  }
}
