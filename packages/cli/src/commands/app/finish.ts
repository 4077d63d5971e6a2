import type { RemoteApp } from '@porpulsion/contract'
import type { Client } from '../../client/client.ts'
import { noteLine, type Io } from '../../io.ts'
import type { OutputFlags } from '../../output/format.ts'
import type { WaitFlags } from '../../wait/options.ts'
import { waitingOn } from '../../wait/wait-for.ts'
import { printApp } from './describe-app.ts'
import { waitUntilReady } from './wait-until-ready.ts'

/** How every command that changes an app ends: wait if asked, then say it in the form that was asked for. */
export async function finish(
  io: Io,
  client: Client,
  asked: RemoteApp,
  flags: OutputFlags & WaitFlags,
  saying: string,
  replacedPods: readonly string[] = [],
): Promise<void> {
  const name = asked.metadata.name
  await noteLine(
    io,
    `${name} ${saying}${flags.wait === true ? '' : `; "porpulsion app get ${name}" follows it`}.`,
  )
  const app =
    flags.wait === true
      ? await waitUntilReady(waitingOn(io), client, asked, flags, replacedPods)
      : asked
  if (flags.output !== undefined) await printApp(io, flags, app)
}
