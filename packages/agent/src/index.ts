/**
 * The agent: the process in each cluster. `startAgent` is all the CLI and tests need; everything else is composed in
 * `agent.ts`.
 *
 * Must not know: command lines and terminals (the CLI), what the cluster is made of (it speaks the Kubernetes API).
 */
export { startAgent, type RunningAgent } from './agent.ts'
export { retire } from './retire.ts'
export { optionsFromEnvironment, type AgentOptions, type ClusterSource } from './config.ts'
