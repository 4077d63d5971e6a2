/** In the order of the table. */
export const pathNames = [
  'direct',
  'pipe',
  'tcp-tunnel',
  'local-service',
  'http-proxy',
  'ssh-L',
  'kubectl-port-forward',
] as const
export type PathName = (typeof pathNames)[number]

/** Where a client connects to come out at the pod. */
export interface Target {
  readonly path: PathName
  readonly host: string
  readonly port: number
  /** Sent with each request. */
  readonly headers: Readonly<Record<string, string>>
}

/** One way to the pod, in operation. */
export interface Path extends Target {
  /** Processes the bytes pass through, without the client and the pod. */
  pids(): Promise<readonly number[]> | readonly number[]
  /** Ends what was started for it. */
  stop(): Promise<void> | void
}

/** What every path leads to and may use. */
export interface Pod {
  readonly address: string
  readonly port: number
}

/** A path that cannot be measured on this machine, which is no failure. */
export class LeftOut extends Error {
  override readonly name = 'LeftOut'
}
