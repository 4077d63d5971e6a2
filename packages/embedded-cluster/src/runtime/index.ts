/**
 * The node of the embedded cluster: schedules pods to this machine and runs them, here as processes of a few sample
 * images. It knows pods, config maps, secrets and events, and nothing of what makes pods; what it does it does from the
 * registry's state, so that it can be killed and started again at any moment.
 */
export { startRuntime, type RuntimeOptions } from './node-agent.ts'
