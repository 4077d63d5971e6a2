/**
 * The cluster this agent belongs to: how it is reached, and what must be there before the agent can work in it.
 *
 * Must not know what the agent does with it.
 */
export { connectCluster, type ConnectOptions } from './kube-connect-cluster.ts'
export { prepareCluster } from './kube-prepare-cluster.ts'
export { retireAgent, type Retired } from './kube-retire.ts'
export { reportToLog } from './kube-report-log.ts'
export { createClusterWatch, type ClusterWatch } from './kube-cluster-watch.ts'
