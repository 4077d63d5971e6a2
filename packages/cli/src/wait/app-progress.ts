/** What `--wait` waits for, judged from one state of a RemoteApp. */
import {
  AppConditionType,
  AppReason,
  errorCodes,
  PorpulsionError,
  type Condition,
  type RemoteApp,
} from '@porpulsion/contract'
import type { Progress } from './wait-for.ts'

export interface AppGoal {
  /** What was asked for has this generation, and this identity: a namesake made later is another app. */
  readonly generation: number
  readonly uid: string
  /** Pods that a restart replaces: as long as one of them is there, it is not over. */
  readonly replacedPods?: readonly string[]
}

export function judgeApp(app: RemoteApp | undefined, goal: AppGoal): Progress {
  if (app?.metadata.uid !== goal.uid) return failed(deleted())
  const current = (type: AppConditionType): Condition | undefined => condition(app, type, goal)
  const accepted = current(AppConditionType.Accepted)
  if (accepted?.status === 'False') return failed(rejected(accepted))
  const ready = current(AppConditionType.Ready)
  if (ready?.status === 'True' && replaced(app, goal)) {
    return { kind: 'done', message: ready.message === '' ? 'ready' : ready.message }
  }
  if (ready?.reason === AppReason.NotReadyInTime) return failed(notReadyInTime(ready))
  return { kind: 'waiting', message: whyNot(app, current) }
}

/** Only what was said of the generation we asked for counts: the last one's Ready is not ours. */
function condition(app: RemoteApp, type: string, goal: AppGoal): Condition | undefined {
  return app.status?.conditions.find(
    (one) => one.type === type && (one.observedGeneration ?? 0) >= goal.generation,
  )
}

function replaced(app: RemoteApp, { replacedPods = [] }: AppGoal): boolean {
  return !(app.status?.pods ?? []).some((pod) => replacedPods.includes(pod.name))
}

/** The first condition on the way that is not met says where it hangs. */
function whyNot(
  app: RemoteApp,
  current: (type: AppConditionType) => Condition | undefined,
): string {
  const way = [
    AppConditionType.Approved,
    AppConditionType.Synced,
    AppConditionType.Deployed,
    AppConditionType.Ready,
  ]
  const open = way.map(current).find((one) => one !== undefined && one.status !== 'True')
  if (open === undefined) return `submitting to ${app.spec.targetPeer}`
  return open.message === '' ? open.reason : open.message
}

export function readyCount({ spec, status }: RemoteApp): string {
  return `${status?.readyReplicas ?? 0}/${spec.replicas ?? 1}`
}

const failed = (error: PorpulsionError): Progress => ({ kind: 'failed', error })

const deleted = (): PorpulsionError =>
  new PorpulsionError('NotFound', 'AppNotFound', 'The app was deleted while it was waited for')

function rejected({ reason, message }: Condition): PorpulsionError {
  const known = Object.entries(errorCodes).find(([code]) => code === reason)
  return new PorpulsionError(
    known?.[1].kind ?? 'Forbidden',
    reason,
    `The peer refused it: ${message}`,
  )
}

const notReadyInTime = ({ message }: Condition): PorpulsionError =>
  new PorpulsionError('Timeout', AppReason.NotReadyInTime, message)
