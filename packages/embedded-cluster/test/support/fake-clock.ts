export { FakeClock } from '@porpulsion/kube/testing'
