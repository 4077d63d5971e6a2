import type { Duplex } from 'node:stream'

/** Where an agent runs, and what its operator can do to it there. */
export interface AgentHome {
  /** Resolves when it is ready; the second time it finds what the first one left. */
  install(): Promise<void>
  /** The same agent with other settings: it is replaced. */
  upgrade(): Promise<void>
  /** Without a chance to say goodbye. It comes back by itself. */
  kill(): Promise<void>
  /** Takes the agent away, and leaves what belongs to its cluster. */
  uninstall(): Promise<void>
  /** To page and API, or to what peers reach, of the agent that runs now. */
  dial(port: 'dashboard' | 'peer'): Promise<Duplex>
}

/** How it introduces itself, and where peers reach it; without a URL it dials them. */
export interface AgentSettings {
  readonly name: string
  readonly selfUrl?: string
}

export const agentNamespace = 'porpulsion'
