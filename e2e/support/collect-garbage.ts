import { once } from 'node:events'
import { WebSocket } from 'ws'

/** Makes a process collect all garbage, at the address its inspector printed (`--inspect`): what is left is in use. */
export async function collectGarbage(inspectorUrl: string): Promise<void> {
  const inspector = new WebSocket(inspectorUrl, { perMessageDeflate: false })
  try {
    await once(inspector, 'open')
    const answered = once(inspector, 'message')
    inspector.send(JSON.stringify({ id: 1, method: 'HeapProfiler.collectGarbage' }))
    await answered
  } finally {
    inspector.close()
  }
}
