import { useDebouncedValue } from '@mantine/hooks'
import { endpoints, isPorpulsionError, type ResponseOf } from '@porpulsion/contract'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { call } from '../../api/client.ts'
import { executingAppsQuery, keys } from '../../api/queries.ts'
import type { Document } from './document.ts'
import { placeOf } from './fields.ts'
import { fieldSchema } from './field-schema.ts'

/** Somebody who types is asked for once they pause. */
const PAUSE_MS = 300
/** Of a document that nobody looks at any more. */
const KEPT_MS = 30_000

export interface Preview {
  readonly result: ResponseOf<typeof endpoints.previewSettings> | undefined
  /** It is about what stands in the form now. */
  readonly isCurrent: boolean
  /** What is wrong with which field, by its path. */
  readonly fieldErrors: ReadonlyMap<string, string>
  readonly error: Error | null
}

/** What these rules would mean for what runs here now, asked anew as either changes. */
export function usePreview(document: Document): Preview {
  const [settled] = useDebouncedValue(document, PAUSE_MS)
  const running = useQuery(executingAppsQuery).data?.items.length
  const query = useQuery({
    queryKey: [...keys.settings, 'preview', settled, running],
    queryFn: ({ signal }) => call(endpoints.previewSettings, { body: settled, signal }),
    placeholderData: keepPreviousData,
    gcTime: KEPT_MS,
  })
  const fields = isPorpulsionError(query.error) ? query.error.fields : []
  return {
    result: query.data,
    isCurrent: settled === document && !query.isPlaceholderData,
    fieldErrors: new Map(fields.map(({ path, message }) => [path, mendOf(path) ?? message])),
    error: query.error,
  }
}

/** The schema lets an amount be empty, too; that it fits neither way says nothing of what would. */
function mendOf(path: string): string | undefined {
  const place = placeOf(path)
  return place !== undefined && fieldSchema(place.path).kind === 'quantity'
    ? 'must be an amount such as 500m, 1.5 or 128Mi, or empty for no limit'
    : undefined
}
