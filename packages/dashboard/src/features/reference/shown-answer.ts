/** More would make the page slow, and nobody reads it here. */
const MAX_SHOWN = 40_000

/** Status and body, laid out where it is JSON. */
export function shownAnswer(status: number, body: string): string {
  const text = laidOut(body)
  const rest = text.length - MAX_SHOWN
  const shown = rest > 0 ? `${text.slice(0, MAX_SHOWN)}\n… ${rest} more characters` : text
  return `${status}\n${shown}`
}

function laidOut(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), undefined, 2)
  } catch {
    return body
  }
}
