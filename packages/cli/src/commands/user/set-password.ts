import { createClient } from '../../client/client.ts'
import { redeemLoginCode } from '../../client/redeem-login-code.ts'
import type { Input } from '../../command.ts'
import { askSecret, isInteractive } from '../../input/prompt.ts'
import { readStdin } from '../../input/stdin.ts'
import { usageError } from '../../input/values.ts'
import { noteLine, type Io } from '../../io.ts'

/** A token cannot do this: whoever finds one must not become its owner. The link proves who asks. */
export async function setPassword(io: Io, { args: [link = ''] }: Input): Promise<void> {
  const { origin, code } = parseLink(link)
  // Asked for first: a link that was used for nothing is lost.
  const newPassword = await askPassword(io)
  const { cookie, session } = await redeemLoginCode(origin, code, io.signal)
  const client = createClient({
    url: origin,
    credential: { kind: 'session', cookie },
    signal: io.signal,
  })
  try {
    await client.call('changePassword', { body: { newPassword } })
  } finally {
    await client.call('logout')
  }
  await noteLine(io, `${session.user} signs in at ${origin} with this password from now on.`)
}

function parseLink(link: string): { readonly origin: string; readonly code: string } {
  const url = URL.canParse(link) ? new URL(link) : undefined
  const code = url?.searchParams.get('code') ?? ''
  if (url === undefined || !/^https?:$/.test(url.protocol) || code === '')
    throw usageError(
      'Give the whole one-time login link, such as http://localhost:8000/login?code=…',
    )
  return { origin: url.origin, code }
}

async function askPassword(io: Io): Promise<string> {
  if (!isInteractive(io)) return withoutNewline(await readStdin(io))
  const password = await askSecret(io, 'New password (at least 12 characters)')
  if ((await askSecret(io, 'The same again')) !== password)
    throw usageError('The two passwords differ; the link was not used, try again')
  return password
}

const withoutNewline = (text: string): string => text.replace(/\r?\n$/, '')
