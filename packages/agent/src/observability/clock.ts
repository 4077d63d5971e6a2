/** The agent's clock is the controller kit's: one fake serves every test. */
export { systemClock, type Clock } from '@porpulsion/kube'
