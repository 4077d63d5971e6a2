import type { AppUrl } from '@porpulsion/contract'
import type { Input } from '../../command.ts'
import { connect, namespaceQuery } from '../../connect.ts'
import type { Io } from '../../io.ts'
import { printObject, type OutputFlags } from '../../output/format.ts'

interface Flags extends OutputFlags {
  readonly namespace?: string
  readonly port?: string
  readonly path?: string
  readonly api?: boolean
}

/** Prints the URL alone, so that `curl "$(porpulsion app url web)"` works. */
export async function printUrl(io: Io, { args: [id = ''], flags }: Input<Flags>): Promise<void> {
  const { port, path } = flags
  const { client, context } = await connect(io, flags)
  const url = await client.call('createAppUrl', {
    params: { id },
    query: namespaceQuery(flags, context),
    body: {
      ...(port !== undefined && { port: /^\d+$/.test(port) ? Number(port) : port }),
      ...(path !== undefined && { path }),
    },
  })
  await printObject<AppUrl>(io, flags, url, {
    nameOf: () => `remoteapp/${id}`,
    describe: (made) => [flags.api === true ? made.pathUrl : made.url],
  })
}
