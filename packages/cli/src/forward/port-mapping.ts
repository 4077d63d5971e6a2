import { isIP } from 'node:net'
import { usageError } from '../input/values.ts'

/** Which local port leads to which of the app. */
export interface PortMapping {
  /** 0: any that is free. Left out: the same as the app's. */
  readonly local?: number
  /** Number or name. */
  readonly remote: string
}

/** `8080:80`, `80`, `:80`, `8080:http`. */
export function parsePortMapping(text: string): PortMapping {
  const [, local, remote = ''] = /^(?:(\d*):)?([a-z0-9](?:[a-z0-9-]*[a-z0-9])?)$/.exec(text) ?? []
  const isPort = (value: string, least: number): boolean =>
    value.length <= 5 && Number(value) >= least && Number(value) <= 65_535
  const remoteIsNumber = /^\d+$/.test(remote)
  if (remote === '' || (remoteIsNumber && !isPort(remote, 1)) || !isPort(local ?? '0', 0))
    throw usageError(
      `"${text}" is no pair of ports; write 8080:80 (local:app), 80, :80 for any free local port, or a name as in 8080:http`,
    )
  return { ...(local !== undefined && { local: Number(local) }), remote }
}

/** `--address`, repeated or with commas. `localhost` stays as it is: it is two. */
export function parseAddresses(given: readonly string[]): readonly string[] {
  const addresses = given.flatMap((text) => text.split(',')).map((text) => text.trim())
  const wrong = addresses.find((address) => address !== 'localhost' && isIP(address) === 0)
  if (wrong !== undefined)
    throw usageError(`--address takes IP addresses of this machine or localhost, not "${wrong}"`)
  return [...new Set(addresses)]
}
