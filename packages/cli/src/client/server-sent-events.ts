/** Reads `text/event-stream`: the data of each event, with the id by which the stream can be resumed. */
import { lines } from './lines.ts'

export interface ServerSentEvent {
  readonly id?: string
  readonly data: string
}

export async function* serverSentEvents(
  source: AsyncIterable<Uint8Array>,
): AsyncGenerator<ServerSentEvent> {
  let data: string[] = []
  let id: string | undefined
  for await (const line of lines(source)) {
    if (line === '') {
      if (data.length > 0) yield { data: data.join('\n'), ...(id !== undefined && { id }) }
      data = []
      continue
    }
    const { field, value } = parseField(line)
    if (field === 'data') data.push(value)
    if (field === 'id') id = value
  }
}

/** A line without a name is a comment: how servers keep quiet streams alive. */
function parseField(line: string): { field: string; value: string } {
  const colon = line.indexOf(':')
  if (colon < 0) return { field: line, value: '' }
  return { field: line.slice(0, colon), value: line.slice(colon + 1).replace(/^ /, '') }
}
