import { once } from 'node:events'
import { createServer } from 'node:net'

/**
 * Below those the system gives to whoever connects: one of them may be another program's by the time it is listened on,
 * or while an agent that has it is restarted.
 */
const FIRST = 15_000
const COUNT = 15_000
const MAX_TRIES = 100

/** For what must know its own address before it listens. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const port = FIRST + Math.floor(Math.random() * COUNT)
    if (await isFree(port)) return port
  }
  throw new Error(`None of ${MAX_TRIES} ports from ${FIRST} on is free`)
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1')
  const isListening = await once(server, 'listening').then(
    () => true,
    () => false,
  )
  server.close()
  return isListening
}
