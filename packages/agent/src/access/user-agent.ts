const MAX_LENGTH = 60

/** Browsers say they are several at once: the first of these that is named is the one. */
const browsers = [
  ['Edg', 'Edge'],
  ['OPR', 'Opera'],
  ['Firefox', 'Firefox'],
  ['Chrome', 'Chrome'],
  ['Version', 'Safari'],
] as const

const systems = [
  ['iPhone|iPad', 'iOS'],
  ['Android', 'Android'],
  ['Windows', 'Windows'],
  ['Mac OS X', 'macOS'],
  ['CrOS', 'ChromeOS'],
  ['Linux', 'Linux'],
] as const

/** Enough to recognise a session of one's own: `Firefox 140 on Linux`, `curl/8.5.0`. */
export function shortUserAgent(header: string | undefined): string | undefined {
  const text = header?.replace(/[^\x20-\x7e]/g, '').trim() ?? ''
  if (text === '') return undefined
  const system = systems.find(([pattern]) => new RegExp(pattern).test(text))?.[1]
  for (const [token, name] of browsers) {
    const version = new RegExp(`\\b${token}/(\\d{1,4})`).exec(text)?.[1]
    if (version !== undefined)
      return `${name} ${version}${system === undefined ? '' : ` on ${system}`}`
  }
  return (text.split(' ', 1)[0] ?? '').slice(0, MAX_LENGTH)
}
