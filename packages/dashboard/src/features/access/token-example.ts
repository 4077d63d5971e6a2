import { endpoints } from '@porpulsion/contract'
import { curlOf } from '../../api/curl.ts'

const DAY = 86_400

/** How long a token may live, for whoever does not want to count seconds. */
export const lifetimes = [
  { label: '1 day', seconds: DAY },
  { label: '30 days', seconds: 30 * DAY },
  { label: '90 days', seconds: 90 * DAY },
  { label: '1 year', seconds: 365 * DAY },
  { label: 'Never', seconds: undefined },
] as const

/** Read without echo: the token ends up in no history. */
export const tokenExample = (origin: string): string =>
  `read -rs PORPULSION_TOKEN # paste it, then Enter\n${curlOf(endpoints.listRemoteApps, {}, origin)}`
