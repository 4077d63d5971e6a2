import { PorpulsionError } from './errors.ts'

/** What has ports: an app, as whoever asks knows it. */
export interface HasPorts {
  readonly name: string
  readonly ports: readonly {
    readonly name?: string
    readonly port: number
    /** Default TCP. */
    readonly protocol?: string
  }[]
}

/** A TCP port of the app, by number or name; without either its first one. Throws `PortNotFound`, naming what there is. */
export function choosePort(app: HasPorts, wanted: number | string | undefined): number {
  const ports = app.ports.filter(({ protocol = 'TCP' }) => protocol === 'TCP')
  const found = ports.find(
    ({ port, name }) =>
      wanted === undefined || String(port) === String(wanted) || (name ?? port) === wanted,
  )
  if (found !== undefined) return found.port
  const known = ports.map(({ port, name }) =>
    name === undefined ? String(port) : `${name} (${port})`,
  )
  const has =
    known.length === 0 ? 'it lists no TCP port in spec.ports' : `it has ${known.join(', ')}`
  throw new PorpulsionError(
    'NotFound',
    'PortNotFound',
    wanted === undefined
      ? `App "${app.name}" cannot be reached: ${has}`
      : `App "${app.name}" has no TCP port ${wanted}: ${has}`,
  )
}
