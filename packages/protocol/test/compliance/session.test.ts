import { innerTlsPair, memoryPair, webSocketPair } from '../support/real-transports.ts'
import { describeSession } from './describe-session.ts'

describeSession('a memory pair', memoryPair)
describeSession('a WebSocket', webSocketPair)
describeSession('mutual TLS 1.3 inside a WebSocket', innerTlsPair)
