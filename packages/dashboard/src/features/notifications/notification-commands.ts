import { endpoints } from '@porpulsion/contract'
import { curlOf, quoted } from '../../api/curl.ts'
import type { Commands } from '../../ui/commands.tsx'

/** Marks these as seen, as a command. */
export const seenCommands = (ids: readonly string[], origin?: string): Commands => ({
  cli: `porpulsion notification acknowledge ${ids.map(quoted).join(' ')}`,
  curl: ids
    .map((id) => curlOf(endpoints.acknowledgeNotification, { params: { id } }, origin))
    .join('\n\n'),
})
