import { type ApiEvent, defaultReadyTimeoutSeconds, type RemoteApp } from '@porpulsion/contract'
import type { Client } from '../../client/client.ts'
import { durationSeconds } from '../../input/values.ts'
import { judgeApp } from '../../wait/app-progress.ts'
import type { WaitFlags } from '../../wait/options.ts'
import { unlessNotFound } from '../../wait/unless-not-found.ts'
import { waitFor, type Progress, type Waiting } from '../../wait/wait-for.ts'

/** Beyond the app's own deadline, so that its reason is heard rather than ours. */
const graceSeconds = 15
const deletionTimeoutSeconds = 300

/** Waits until the generation that was asked for runs; returns the app as it is then. */
export async function waitUntilReady(
  waiting: Waiting,
  client: Client,
  asked: RemoteApp,
  { timeout }: WaitFlags,
  replacedPods: readonly string[] = [],
): Promise<RemoteApp> {
  const deadline = asked.spec.readyTimeoutSeconds ?? defaultReadyTimeoutSeconds
  const goal = {
    generation: asked.metadata.generation ?? 0,
    uid: asked.metadata.uid ?? '',
    replacedPods,
  }
  const ready = await waitForApp(waiting, client, asked, {
    judge: (app) => judgeApp(app, goal),
    seconds:
      timeout === undefined ? deadline + graceSeconds : durationSeconds('--timeout', timeout),
  })
  return ready ?? asked
}

/** Waits until nothing is left of it, here and at the peer: only then its record goes. */
export async function waitUntilDeleted(
  waiting: Waiting,
  client: Client,
  asked: RemoteApp,
  { timeout }: WaitFlags,
): Promise<void> {
  await waitForApp(waiting, client, asked, {
    judge: (app) => judgeDeletion(app, asked),
    seconds: timeout === undefined ? deletionTimeoutSeconds : durationSeconds('--timeout', timeout),
  })
}

function judgeDeletion(app: RemoteApp | undefined, asked: RemoteApp): Progress {
  if (app === undefined || app.metadata.uid !== asked.metadata.uid) {
    return { kind: 'done', message: 'deleted' }
  }
  const message = app.status?.deletion?.message ?? `deleting at ${app.spec.targetPeer}`
  return { kind: 'waiting', message }
}

function waitForApp(
  waiting: Waiting,
  client: Client,
  { metadata: { name, uid = name } }: RemoteApp,
  { judge, seconds }: { judge: (app: RemoteApp | undefined) => Progress; seconds: number },
): Promise<RemoteApp | undefined> {
  return waitFor<RemoteApp>(waiting, client, {
    subject: name,
    read: () => unlessNotFound(client.call('getRemoteApp', { params: { id: uid } })),
    pick: (event) => pickApp(event, uid),
    judge,
    timeoutMs: seconds * 1_000,
  })
}

function pickApp(event: ApiEvent, uid: string): RemoteApp | 'gone' | undefined {
  if (event.type === 'upsert' && event.kind === 'RemoteApp' && event.object.metadata.uid === uid) {
    return event.object
  }
  const isGone = event.type === 'delete' && event.kind === 'RemoteApp' && event.uid === uid
  return isGone ? 'gone' : undefined
}
