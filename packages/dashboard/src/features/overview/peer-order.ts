/** Which peers are shown where there is no room for all: those that need somebody, then those with the most apps. */
import { isUsable } from '../peers/link-words.ts'
import type { PeerRow } from '../peers/peer-rows.ts'

export function inOrder(rows: readonly PeerRow[]): readonly PeerRow[] {
  return [...rows].sort(
    (a, b) =>
      Number(isUsable(a.peer)) - Number(isUsable(b.peer)) ||
      appsOf(b) - appsOf(a) ||
      a.name.localeCompare(b.name),
  )
}

const appsOf = ({ there, here }: PeerRow): number => there.total + here.total
