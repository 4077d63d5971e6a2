import { connect } from 'node:net'
import type { Duplex } from 'node:stream'
import { defaultSettings } from '@porpulsion/contract'
import { noAudit } from '../../src/audit/index.ts'
import { createTunnelAcceptor } from '../../src/tunnels/tunnel-acceptor.ts'
import { aSocketAgent, link } from './socket-agents.ts'
import { aTunnel, web, type TestTunnel } from './tunnel.ts'

/** As `aTunnel`, and all that lies between is real: link, session, streams, and the host's end of the tunnel. */
export async function aLinkedTunnel(appPort: number): Promise<TestTunnel> {
  const host = await aSocketAgent('b', { acceptTcp: (...asked) => acceptor.accept(...asked) })
  const submitter = await aSocketAgent('a')
  const acceptor = createTunnelAcceptor({
    targets: {
      find: () => ({
        ...web,
        ports: web.ports.map((each) => ({ protocol: 'TCP', ...each })),
        peerFingerprint: submitter.identity.fingerprint,
      }),
      dial: () => dial(appPort),
      onChange: () => () => undefined,
    },
    settings: { current: () => defaultSettings, onChange: () => () => undefined },
    approvals: { stateOf: () => undefined, ask: () => undefined, onChange: () => () => undefined },
    audit: noAudit,
  })
  await link(submitter, host)
  const target = { app: web.uid, port: 8080 }
  return await aTunnel({
    origin: (signal) => submitter.links.openTcp(host.identity.fingerprint, target, signal),
  })
}

/** As a host dials its pods. */
function dial(port: number): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true })
    socket.once('connect', () => resolve(socket))
    socket.once('error', reject)
  })
}
