/**
 * Where the history of an app lies: in one Secret beside it, because specs hold values of secrets, and owned by it, so
 * that it goes with it. Read only when somebody asks or something changed.
 */
import { promisify } from 'node:util'
import { brotliCompress, brotliDecompress, constants } from 'node:zlib'
import { Type } from 'typebox'
import {
  appLimits,
  maxAppRevisions,
  PorpulsionError,
  RemoteAppSpec,
  schemaErrors,
} from '@porpulsion/contract'
import {
  controllerOf,
  ownerReference,
  Secret,
  type KubeClient,
  type Stored,
} from '@porpulsion/kube'
import type { AppHistory, Revision } from './app-history.ts'
import type { StoredRemoteApp } from './kube-app-kinds.ts'
import { appIdOf } from './kube-submitted-app.ts'

/** Cannot be changed later, and says whose it is whatever the name. */
const TYPE = 'porpulsion.io/app-history'
const KEY = 'history.json.br'
/** Kubernetes takes Secrets of 1 MiB. The oldest revisions go first; the newest always fits: specs have a bound. */
const MAX_BYTES = 900 * 1024
/** Unpacked; more was not written by us. */
const MAX_TEXT_BYTES = 2 * maxAppRevisions * appLimits.maxSpecBytes

const compress = promisify(brotliCompress)
const decompress = promisify(brotliDecompress)

export interface StoredHistory {
  readonly history: AppHistory
  /** Undefined when nothing is stored. */
  readonly secret: Stored<Secret> | undefined
  /** It is stored as of this very app. After a restore the app has another uid than the owner named. */
  readonly isOwned: boolean
}

const StoredDocument = Type.Object({
  /** By which its host knows the app: a namesake that comes later has a history of its own. */
  app: Type.String(),
  revisions: Type.Array(
    Type.Object({
      revision: Type.Integer(),
      time: Type.String(),
      by: Type.Optional(Type.String()),
      spec: Type.Unknown(),
    }),
  ),
})

export class KubeAppHistoryStore {
  readonly #client: KubeClient

  constructor(client: KubeClient) {
    this.#client = client
  }

  /** What is stored of an earlier namesake, or is damaged, is no history of this app. */
  async read(app: StoredRemoteApp, signal: AbortSignal): Promise<StoredHistory> {
    const ref = { namespace: app.metadata.namespace, name: nameFor(app) }
    const secret = await this.#client.find(Secret, ref, { signal })
    if (secret === undefined) return { history: [], secret, isOwned: false }
    if (secret.type !== TYPE)
      throw new PorpulsionError(
        'FailedPrecondition',
        'RecordUnreadable',
        `Secret ${ref.namespace ?? ''}/${ref.name} has the name of the history of app "${app.metadata.name}" and is none; rename it`,
      )
    const isOwned = controllerOf(secret)?.uid === app.metadata.uid
    return { history: await historyIn(secret, appIdOf(app)), secret, isOwned }
  }

  /** Throws a conflict when it is not as it was read any more. */
  async write(
    app: StoredRemoteApp,
    history: AppHistory,
    { secret }: Pick<StoredHistory, 'secret'>,
    signal: AbortSignal,
  ): Promise<void> {
    const packed = await fitting(appIdOf(app), history)
    const written: Secret = {
      metadata: {
        namespace: app.metadata.namespace ?? '',
        name: nameFor(app),
        labels: { 'app.kubernetes.io/managed-by': 'porpulsion' },
        ownerReferences: [ownerReference(app)],
        ...(secret && { resourceVersion: secret.metadata.resourceVersion }),
      },
      type: TYPE,
      data: { [KEY]: packed.toString('base64') },
    }
    if (secret === undefined) await this.#client.create(Secret, written, { signal })
    else await this.#client.update(Secret, written, { signal })
  }
}

const nameFor = ({ metadata }: StoredRemoteApp): string => `porpulsion-history-${metadata.name}`

async function historyIn(secret: Stored<Secret>, app: string): Promise<AppHistory> {
  const packed = Buffer.from(secret.data?.[KEY] ?? '', 'base64')
  const document = await unpacked(packed)
  if (schemaErrors(StoredDocument, document).length > 0) return []
  const { app: of, revisions } = document as { app: string; revisions: Revision[] } // checked by schemaErrors
  // A field of a later version of ours, after a downgrade: that revision cannot be gone back to.
  const known = revisions.filter(({ spec }) => schemaErrors(RemoteAppSpec, spec).length === 0)
  return of === app ? known : []
}

async function unpacked(packed: Buffer): Promise<unknown> {
  try {
    const text = await decompress(packed, { maxOutputLength: MAX_TEXT_BYTES })
    return JSON.parse(text.toString()) as unknown
  } catch {
    return undefined // not what we wrote: as good as lost
  }
}

async function fitting(app: string, history: AppHistory): Promise<Buffer> {
  for (let revisions = history; ; revisions = revisions.slice(1)) {
    const packed = await pack(JSON.stringify({ app, revisions }))
    if (packed.length <= MAX_BYTES || revisions.length <= 1) return packed
  }
}

/** Specs of one app resemble each other: with a window over all of them each costs little more than its change. */
async function pack(text: string): Promise<Buffer> {
  const window = Math.min(Math.max(Math.ceil(Math.log2(text.length)), 16), 24)
  return await compress(text, {
    params: {
      [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
      [constants.BROTLI_PARAM_QUALITY]: 5,
      [constants.BROTLI_PARAM_LGWIN]: window,
      [constants.BROTLI_PARAM_SIZE_HINT]: text.length,
    },
  })
}
