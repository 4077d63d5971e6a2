import { curlOf, quoted } from '../../api/curl.ts'
import { endpoints } from '@porpulsion/contract'
import type { Commands } from '../../ui/commands.tsx'
import type { Change, Document } from './document.ts'

/** The same changes, made in a terminal. */
export function settingsCommands(
  changes: readonly Change[],
  patch: Document,
  origin?: string,
): Commands {
  const assignments = changes.map(({ path, after }) => quoted(`${path}=${assigned(after)}`))
  return {
    cli: ['porpulsion settings set', ...assignments].join(' \\\n  '),
    curl: curlOf(endpoints.patchSettings, { body: { ...patch } }, origin),
  }
}

/** As JSON: a bare `off`, or `2`, would be read as something else. */
const assigned = (value: unknown): string => JSON.stringify(value ?? null)
