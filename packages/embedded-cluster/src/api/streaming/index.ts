/**
 * Requests that take their connection over: exec, attach and port-forward of pods, over WebSocket and SPDY. Loaded when
 * the first of them comes. Knows streams and sessions, and of pods only what `PodAccess` gives.
 */
export { attachToPod } from './attach.ts'
export { execInPod } from './exec.ts'
export { forwardPorts } from './port-forward.ts'
