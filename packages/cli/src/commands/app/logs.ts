import { type LogLine, type LogsQuery, PorpulsionError } from '@porpulsion/contract'
import type { Client, RequestInput } from '../../client/client.ts'
import type { Input } from '../../command.ts'
import { connect, namespaceQuery } from '../../connect.ts'
import { durationSeconds, integer } from '../../input/values.ts'
import { printLine, type Io } from '../../io.ts'
import { coloursFor, type Colours } from '../../output/colours.ts'

interface Flags {
  readonly namespace?: string
  readonly follow?: boolean
  readonly tail?: string
  readonly since?: string
  readonly previous?: boolean
  readonly pod?: string
  readonly timestamps?: boolean
  readonly prefix?: boolean
}

export async function printLogs(io: Io, { args: [id = ''], flags }: Input<Flags>): Promise<void> {
  const query = completeQuery(flags)
  const { client, context } = await connect(io, flags)
  const app = { params: { id }, query: namespaceQuery(flags, context) }
  const isPrefixed =
    flags.prefix === true || (flags.pod === undefined && (await hasSeveralPods(client, app)))
  const line = lineFormat(
    { isPrefixed, isTimed: flags.timestamps === true },
    coloursFor(io, io.stdout, flags),
  )
  const logs = { ...app, query: { ...app.query, ...query } }
  for await (const entry of await client.lines('streamRemoteAppLogs', logs)) {
    if (entry.error !== undefined) throw ended(entry.error)
    await printLine(io, line(entry))
  }
}

function completeQuery({ follow, tail, since, previous, pod }: Flags): LogsQuery {
  return {
    ...(follow === true && { follow }),
    ...(tail !== undefined && { tail: integer('--tail', tail, { min: 0, max: 100_000 }) }),
    ...(since !== undefined && { sinceSeconds: durationSeconds('--since', since) }),
    ...(previous === true && { previous }),
    ...(pod !== undefined && { pod }),
  }
}

/** One form for the whole output: lines that change shape in the middle cannot be read by a program. */
async function hasSeveralPods(client: Client, app: RequestInput<'getRemoteApp'>): Promise<boolean> {
  const { spec, status } = await client.call('getRemoteApp', app)
  return (spec.replicas ?? 1) > 1 || (status?.pods?.length ?? 0) > 1
}

function lineFormat(
  { isPrefixed, isTimed }: { isPrefixed: boolean; isTimed: boolean },
  colours: Colours,
): (entry: LogLine) => string {
  const colourOf = podColours(colours)
  return ({ pod, time, line }) =>
    [...(isPrefixed ? [colourOf(pod)(`[${pod}]`)] : []), ...(isTimed ? [time] : []), line].join(' ')
}

function podColours({
  cyan,
  yellow,
  green,
  magenta,
  blue,
}: Colours): (pod: string) => (text: string) => string {
  const palette = [cyan, yellow, green, magenta, blue]
  const given = new Map<string, (text: string) => string>()
  return (pod) => {
    const known = given.get(pod)
    if (known !== undefined) return known
    const colour = palette[given.size % palette.length] ?? cyan
    given.set(pod, colour)
    return colour
  }
}

const ended = (reason: string): PorpulsionError =>
  new PorpulsionError('Unavailable', 'LinkDown', `The log ended early: ${reason}`)
