/** Pasts of links as text: columns of small differences, which pack well, and no more of them than fit. */
import { promisify } from 'node:util'
import { deflateRaw, inflateRaw } from 'node:zlib'
import { linkStates, parseAs } from '@porpulsion/contract'
import { Type, type Static } from 'typebox'
import { MAX_CHANGES, MAX_SAMPLES, type LinkPast, type PastSample } from './link-history.ts'

/**
 * Of all peers together; with more, the oldest of every peer is left out. A ConfigMap holds 1 MiB, but one above 256 KiB
 * cannot be restored with `kubectl apply`, which keeps a copy in an annotation.
 */
export const MAX_SAVED_BYTES = 192 * 1024
/** What a past may come to when unpacked: four times the most it has. */
const MAX_UNPACKED_BYTES = 4 * 1024 * 1024

const Column = Type.Array(Type.Integer({ minimum: -1 }), { maxItems: MAX_SAMPLES })
const SavedPast = Type.Object({
  changes: Type.Array(
    Type.Object({
      atMs: Type.Integer(),
      state: Type.Enum([...linkStates]),
      message: Type.Optional(Type.String()),
      transport: Type.Optional(Type.Enum(['ws', 'wss'])),
      direction: Type.Optional(Type.Enum(['outbound', 'inbound'])),
    }),
    { maxItems: MAX_CHANGES },
  ),
  samples: Type.Object({
    /** Since the sample before, of the first since 1970. Negative where the clock was set back. */
    afterMs: Type.Array(Type.Integer(), { maxItems: MAX_SAMPLES }),
    /** Tenths of milliseconds; -1 where none was measured. */
    latency: Column,
    received: Column,
    sent: Column,
    connected: Column,
  }),
})

const SavedPasts = Type.Object({ peers: Type.Record(Type.String(), Type.String()) })

const deflated = promisify(deflateRaw)
const inflated = promisify(inflateRaw)

/** By fingerprint. */
export async function encodePasts(
  pasts: ReadonlyMap<string, LinkPast>,
  maxBytes = MAX_SAVED_BYTES,
): Promise<string> {
  const most = Math.floor(maxBytes / Math.max(1, pasts.size))
  const peers: Record<string, string> = {}
  for (const [fingerprint, past] of pasts) peers[fingerprint] = await encodeWithin(past, most)
  return JSON.stringify({ peers } satisfies Static<typeof SavedPasts>)
}

/** Throws for what is nothing of ours. */
export async function decodePasts(text: string): Promise<ReadonlyMap<string, LinkPast>> {
  const { peers } = parseAs(SavedPasts, JSON.parse(text))
  const pasts = new Map<string, LinkPast>()
  for (const [fingerprint, packed] of Object.entries(peers))
    pasts.set(fingerprint, await decodePast(packed))
  return pasts
}

async function encodeWithin(past: LinkPast, maxBytes: number): Promise<string> {
  const packed = await encodePast(past)
  if (packed.length <= maxBytes) return packed
  const { changes, samples } = past
  if (changes.length + samples.length === 0) return ''
  const half = <T>(all: readonly T[]): readonly T[] => all.slice(Math.ceil(all.length / 2))
  return await encodeWithin({ changes: half(changes), samples: half(samples) }, maxBytes)
}

async function encodePast({ changes, samples }: LinkPast): Promise<string> {
  const columns = {
    afterMs: samples.map(({ atMs }, i) => atMs - (samples[i - 1]?.atMs ?? 0)),
    latency: samples.map(({ latencyMs }) =>
      latencyMs === undefined ? -1 : Math.round(latencyMs * 10),
    ),
    received: samples.map(({ receivedBytes }) => receivedBytes),
    sent: samples.map(({ sentBytes }) => sentBytes),
    connected: samples.map(({ connectedSeconds }) => connectedSeconds),
  }
  return (await deflated(JSON.stringify({ changes, samples: columns }))).toString('base64')
}

async function decodePast(packed: string): Promise<LinkPast> {
  if (packed === '') return { changes: [], samples: [] }
  const bytes = await inflated(Buffer.from(packed, 'base64'), {
    maxOutputLength: MAX_UNPACKED_BYTES,
  })
  const { changes, samples } = parseAs(SavedPast, JSON.parse(bytes.toString()))
  return { changes, samples: rows(samples) }
}

function rows(columns: Static<typeof SavedPast>['samples']): PastSample[] {
  let atMs = 0
  return columns.afterMs.map((afterMs, i) => {
    atMs += afterMs
    const latency = columns.latency[i] ?? -1
    return {
      atMs,
      ...(latency >= 0 && { latencyMs: latency / 10 }),
      receivedBytes: columns.received[i] ?? 0,
      sentBytes: columns.sent[i] ?? 0,
      connectedSeconds: columns.connected[i] ?? 0,
    }
  })
}
