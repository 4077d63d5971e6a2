import { hostname } from 'node:os'
import { PorpulsionError, type Role } from '@porpulsion/contract'
import { createClient } from '../../client/client.ts'
import { redeemLoginCode } from '../../client/redeem-login-code.ts'
import type { GlobalFlags, Input } from '../../command.ts'
import { clientOf, connect } from '../../connect.ts'
import { changeContexts, contextFilePath } from '../../config/context-file.ts'
import { withContext } from '../../config/contexts.ts'
import { askSecret, isInteractive } from '../../input/prompt.ts'
import { readStdin } from '../../input/stdin.ts'
import { usageError } from '../../input/values.ts'
import { noteLine, printLine, type Io } from '../../io.ts'
import { duration } from '../../output/age.ts'

interface Flags {
  readonly as?: string
}

export async function login(io: Io, input: Input<Flags>): Promise<void> {
  const [address] = input.args
  await (address === undefined ? printLink(io, input.flags) : signIn(io, address, input.flags))
}

/** For a browser, by whoever is signed in here as an admin. */
async function printLink(io: Io, flags: GlobalFlags): Promise<void> {
  const { client } = await connect(io, flags)
  const { url, expiresAt } = await client.call('createLoginLink')
  await printLine(io, url)
  await noteLine(io, `It signs in once, within ${duration(Date.parse(expiresAt) - io.now())}.`)
}

async function signIn(io: Io, address: string, flags: Flags): Promise<void> {
  const target = parseAddress(address)
  const token =
    target.code === undefined ? await askToken(io) : await tokenFor(io, target.url, target.code)
  const client = clientOf(io, { url: target.url, token })
  const [session, status] = [await client.call('getSession'), await client.call('getStatus')]
  const name = flags.as ?? status.name
  const file = await contextFilePath(io)
  await changeContexts(io, file, (known) => withContext(known, { name, url: target.url, token }))
  await noteLine(io, `Signed in to "${status.name}" as ${session.user} (${session.role}).`)
  await noteLine(io, `Commands now talk to context "${name}".`)
}

function parseAddress(address: string): { url: string; code: string | undefined } {
  if (!URL.canParse(address) || !/^https?:$/.test(new URL(address).protocol)) {
    throw usageError(`"${address}" is not the URL of an agent, such as http://127.0.0.1:8000`)
  }
  const { origin, searchParams } = new URL(address)
  return { url: origin, code: searchParams.get('code') ?? undefined }
}

async function askToken(io: Io): Promise<string> {
  const token = isInteractive(io) ? await askSecret(io, 'API token') : await readStdin(io)
  if (token.trim() === '') {
    throw usageError(
      'No token on stdin; pipe one in, or give the one-time login link instead of the URL',
    )
  }
  return token.trim()
}

/** A link opens a session, which ends; a token of its own stays and can be revoked by itself. */
async function tokenFor(io: Io, url: string, code: string): Promise<string> {
  const { cookie, session } = await redeemLoginCode(url, code, io.signal)
  const client = createClient({ url, credential: { kind: 'session', cookie }, signal: io.signal })
  const created = await client.call('createToken', { body: newToken(io, session.role) })
  await client.call('logout')
  return created.token
}

function newToken(io: Io, role: Role): { name: string; role: Role } {
  const host = hostname()
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 30)
  const name = `cli-${host}-${io.now().toString(36)}`.replace(/-+/g, '-')
  if (name.length > 63)
    throw new PorpulsionError('Internal', 'InternalError', `Token name ${name} is too long`)
  return { name, role }
}
