/** What is done to users, tokens and sessions on this page, as commands. */
import { endpoints, type BodyOf, type User } from '@porpulsion/contract'
import { curlOf, quoted } from '../../api/curl.ts'
import type { Commands } from '../../ui/commands.tsx'

export const createUserCommands = (
  body: BodyOf<typeof endpoints.createUser>,
  origin?: string,
): Commands => ({
  cli: `porpulsion user create ${quoted(body.name)} --role ${body.role}`,
  curl: curlOf(endpoints.createUser, { body }, origin),
})

/** Whoever wants one of them takes its line. */
export function userCommands({ name, role, disabled }: User, origin?: string): Commands {
  const params = { name }
  const who = quoted(name)
  return {
    cli: [
      `porpulsion user login-link ${who}`,
      `porpulsion session revoke --user ${who}`,
      `porpulsion user set-role ${who} --role ${role}`,
      `porpulsion user ${disabled ? 'enable' : 'disable'} ${who}`,
      `porpulsion user remove-password ${who}`,
      `porpulsion user delete ${who}`,
    ].join('\n'),
    curl: [
      curlOf(endpoints.createUserLoginLink, { params }, origin),
      curlOf(endpoints.endSessions, { query: { user: name } }, origin),
      curlOf(endpoints.updateUser, { params, body: { role, disabled: !disabled } }, origin),
      curlOf(endpoints.updateUser, { params, body: { password: null } }, origin),
      curlOf(endpoints.deleteUser, { params }, origin),
    ].join('\n\n'),
  }
}

export function createTokenCommands(
  body: BodyOf<typeof endpoints.createToken>,
  origin?: string,
): Commands {
  const { name, role, expiresInSeconds } = body
  const ends = expiresInSeconds === undefined ? '' : ` --expires ${expiresInSeconds / 3_600}h`
  return {
    cli: `porpulsion token create ${quoted(name)} --role ${role}${ends}`,
    curl: curlOf(endpoints.createToken, { body }, origin),
  }
}

export const revokeTokenCommands = (id: string, origin?: string): Commands => ({
  cli: `porpulsion token revoke ${quoted(id)}`,
  curl: curlOf(endpoints.revokeToken, { params: { id } }, origin),
})

export const endSessionCommands = (id: string, origin?: string): Commands => ({
  cli: `porpulsion session revoke ${quoted(id)}`,
  curl: curlOf(endpoints.endSession, { params: { id } }, origin),
})

/** A command has no session of its own to spare, so it names the user. */
export const endSessionsCommands = (user: string, origin?: string): Commands => ({
  cli: `porpulsion session revoke --user ${quoted(user)}`,
  curl: curlOf(endpoints.endSessions, { query: { user } }, origin),
})
