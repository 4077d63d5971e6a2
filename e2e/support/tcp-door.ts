/** An address that stays while what is behind it changes, and a link to cut. */
import type { Duplex } from 'node:stream'
import { openFaultProxy, type FaultProxy } from './fault-proxy.ts'

export type TcpDoor = Pick<FaultProxy, 'port' | 'cut' | 'mend' | 'close'>

/** `dial` finds whoever is behind it at that moment. */
export const openTcpDoor = (dial: () => Promise<Duplex>, host: string): Promise<TcpDoor> =>
  openFaultProxy({ dial, host })
