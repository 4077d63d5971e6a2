import { createHash } from 'node:crypto'

/** Both ends included. */
export interface PortRange {
  readonly first: number
  readonly last: number
}

export const sizeOf = ({ first, last }: PortRange): number => last - first + 1

/**
 * In which order to try the ports of the range. First the one it had, which its Service still leads to; else one that
 * follows from what is exposed, so that a restart finds the same without remembering. What other Services lead to is
 * left out: after a restart their listeners may only be on their way.
 */
export function listenerPortsToTry(
  range: PortRange,
  exposed: { readonly uid: string; readonly port: number },
  {
    previous,
    reserved,
  }: { readonly previous: number | undefined; readonly reserved: ReadonlySet<number> },
): number[] {
  const size = sizeOf(range)
  const start = hash(`${exposed.uid}/${exposed.port}`) % size
  const inTurn = Array.from({ length: size }, (_, step) => range.first + ((start + step) % size))
  const isInRange = (port: number): boolean => port >= range.first && port <= range.last
  const had = previous !== undefined && isInRange(previous) ? [previous] : []
  return [...had, ...inTurn.filter((port) => port !== previous && !reserved.has(port))]
}

const hash = (text: string): number => createHash('sha256').update(text).digest().readUInt32BE(0)
