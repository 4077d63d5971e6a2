/** Requests of this page as a person would make them with curl. */
import type { Endpoint } from '@porpulsion/contract'
import { urlOf, type CallInput } from './client.ts'

/** The token comes from the environment, so that it ends up in no shell history. */
export function curlOf<E extends Endpoint>(
  endpoint: E,
  input: CallInput<E>,
  origin: string = location.origin,
): string {
  const parts = [
    `curl -X ${endpoint.method} ${quoted(origin + urlOf(endpoint, input))}`,
    `-H "Authorization: Bearer $PORPULSION_TOKEN"`,
  ]
  if (input.body !== undefined)
    parts.push(
      `-H 'content-type: application/json'`,
      `-d ${quoted(JSON.stringify(input.body, undefined, 2))}`,
    )
  return parts.join(' \\\n  ')
}

/** As one word of a POSIX shell, whatever is in it. */
export function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}

/** A file given to a command on its standard input, in a form that can be pasted whole. */
export const hereDocument = (command: string, text: string): string =>
  `${command} <<'EOF'\n${text.trimEnd()}\nEOF`
