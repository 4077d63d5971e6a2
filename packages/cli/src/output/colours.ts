import pc from 'picocolors'
import type { Io } from '../io.ts'

export type Colours = ReturnType<typeof pc.createColors>

/** Colours for a person at a terminal, unless they said no (https://no-color.org). */
export function coloursFor(
  io: Io,
  stream: { readonly isTTY?: boolean },
  flags: { readonly color?: boolean } = {},
): Colours {
  const isRefused = (io.env['NO_COLOR'] ?? '') !== '' || flags.color === false
  return pc.createColors(stream.isTTY === true && !isRefused && io.env['TERM'] !== 'dumb')
}
