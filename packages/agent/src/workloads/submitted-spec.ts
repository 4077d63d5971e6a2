/** What travels of a RemoteApp: its spec, with what it names of its own cluster put in the place of the names. */
import {
  Label,
  type AppPullSecret,
  type AppSecret,
  type AppSpec,
  type FieldError,
  type RemoteAppSecret,
  type RemoteAppSpec,
} from '@porpulsion/contract'
import { normaliseAppSpec, type NormalisedAppSpec } from './normalise-app-spec.ts'

/** A Secret somebody labelled to be shared. */
export interface SharedSecret {
  readonly type: string
  /** Our name of the one peer it may be sent to. */
  readonly shareWith: string
  /** File name → base64. */
  readonly data: Readonly<Record<string, string>>
}

/** By name, in the namespace of the app. */
export type FindSharedSecret = (name: string) => SharedSecret | undefined

export interface SubmittedSpec {
  readonly spec: NormalisedAppSpec
  /** Why it cannot be sent as it is; what they concern is left out of the spec. */
  readonly problems: readonly FieldError[]
}

const PULL_SECRET_TYPE = 'kubernetes.io/dockerconfigjson'
const PULL_SECRET_KEY = '.dockerconfigjson'

export function submittedSpec(remote: RemoteAppSpec, find: FindSharedSecret): SubmittedSpec {
  const { targetPeer, secrets, imagePullSecrets, ...rest } = remote
  const problems: FieldError[] = []
  const shared = (name: string, path: string): SharedSecret | undefined => {
    const secret = find(name)
    const problem = unshared(name, targetPeer, secret)
    if (problem !== undefined) problems.push({ path, message: problem })
    return problem === undefined ? secret : undefined
  }
  const spec: AppSpec = {
    ...rest,
    ...(secrets && {
      secrets: secrets.map((secret, index) =>
        resolved(secret, (name) => shared(name, `spec.secrets[${index}].fromSecret`)),
      ),
    }),
    ...(imagePullSecrets && {
      imagePullSecrets: imagePullSecrets.map((name, index): AppPullSecret => {
        const path = `spec.imagePullSecrets[${index}]`
        const secret = shared(name, path)
        const dockerConfigJson = secret?.data[PULL_SECRET_KEY]
        if (secret !== undefined && dockerConfigJson === undefined)
          problems.push({ path, message: wrongType(name, secret) })
        return { name, ...(dockerConfigJson !== undefined && { dockerConfigJson }) }
      }),
    }),
  }
  return { spec: normaliseAppSpec(spec), problems }
}

/** Whether what it sends depends on Secrets, and so may change without it. */
export function namesSharedSecrets({
  secrets = [],
  imagePullSecrets = [],
}: RemoteAppSpec): boolean {
  return imagePullSecrets.length > 0 || secrets.some(({ fromSecret }) => fromSecret !== undefined)
}

function resolved(
  { fromSecret, ...secret }: RemoteAppSecret,
  shared: (name: string) => SharedSecret | undefined,
): AppSecret {
  if (fromSecret === undefined) return secret
  const data = shared(fromSecret)?.data
  return { ...secret, ...(data && { binaryData: { ...data } }) }
}

/** Who may write an app need not be who may read Secrets: that one has to be sent is said on the Secret itself. */
function unshared(
  name: string,
  peer: string,
  secret: SharedSecret | undefined,
): string | undefined {
  const mend = `kubectl label secret ${name} ${Label.ShareWith}=${peer}`
  if (secret === undefined)
    return `names no Secret "${name}" of this namespace that is shared with a peer; create it, then: ${mend}`
  if (secret.shareWith !== peer)
    return `names Secret "${name}", which is shared with "${secret.shareWith}" and not with "${peer}"; to share it with this peer instead: ${mend} --overwrite`
  return undefined
}

const wrongType = (name: string, { type }: SharedSecret): string =>
  `names Secret "${name}" of type ${type}; it must be of type ${PULL_SECRET_TYPE}, as \`kubectl create secret docker-registry\` makes it`
