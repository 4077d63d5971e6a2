/**
 * Commands in the pods of apps. At the submitter: a terminal's messages to the peer and back, for whoever the REST API
 * let in. At the host: the commands peers ask for, as far as the owner's rules let them, cut when the right goes away.
 *
 * Must not know: how apps and their pods are found (it declares the ports `ExecApps` and `ExecTargets`), nor how
 * messages reach a terminal (http has the WebSockets).
 */
export type {
  ExecApp,
  ExecApps,
  ExecCommand,
  ExecInput,
  ExecOutput,
  ExecTargets,
  RunningCommand,
} from './exec-ports.ts'
export { createExec, type Exec, type ExecDeps } from './exec.ts'
export { execHandlers } from './exec-routes.ts'
