import type { Duplex } from 'node:stream'
import { createSession, type Session, type SessionOptions } from '@porpulsion/protocol'
import { readInTurns } from './read-in-turns.ts'

/** Unsent beyond this, the session shall hold back: what lies here can no longer be overtaken. */
const maxUnsentBytes = 64 * 1024

/** A session on a connection, whose bytes are the session's from here on. They end together. */
export function sessionOver(
  connection: Duplex,
  options: Omit<SessionOptions, 'transport' | 'clock' | 'random' | 'defer'>,
): Session {
  let failure: string | undefined
  const session = createSession({
    ...options,
    clock: monotonicClock,
    random: { next: Math.random },
    defer: setImmediate,
    transport: {
      write(chunks) {
        if (connection.writableEnded || connection.destroyed) return true
        connection.cork()
        for (const chunk of chunks) connection.write(chunk)
        connection.uncork()
        return connection.writableLength < maxUnsentBytes
      },
      close: () => connection.end(),
    },
  })
  readInTurns(connection, (bytes) => session.receive(bytes))
  connection.on('drain', () => session.transportDrained())
  connection.on('error', ({ message }) => (failure = message))
  connection.once('close', () => session.transportClosed(failure))
  return session
}

const monotonicClock = {
  now: () => performance.now(),
  schedule(delayMs: number, callback: () => void) {
    const timer = setTimeout(callback, delayMs).unref()
    return () => clearTimeout(timer)
  },
}
