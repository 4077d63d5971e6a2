/**
 * The apps: ours that run at peers, and theirs that run here. Submission, status, inventory, deletion and logs, on
 * both sides, level-triggered throughout: a lost message costs time, never truth.
 *
 * Must not know: how a link carries requests (links), what the owner allows (policy answers), how people reach the
 * ports of apps (tunnels; it only lends them `AppTargets` and `AppResolver`).
 */
export type { HostingOptions } from './kube-peer-namespaces.ts'
export {
  createWorkloads,
  type AppCounts,
  type Workloads,
  type WorkloadsDeps,
  type WorkloadsOptions,
} from './kube-workloads.ts'
