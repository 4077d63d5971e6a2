import { expect, test } from 'vitest'
import { exposureReport, type Exposure, type ExposurePlace, type PortExposure } from './exposure.ts'

const pods: ExposurePlace = { kind: 'pods', selector: { app: 'agent' } }
const machine: ExposurePlace = { kind: 'machine' }
const listening = (port: number, change: Partial<PortExposure> = {}): PortExposure => ({
  port,
  listener: { port: 20_000 },
  refusal: undefined,
  ...change,
})
const of = (ports: PortExposure[], change: Partial<Exposure> = {}): Exposure => ({
  namespace: 'porpulsion',
  service: { name: 'db' },
  ports,
  ...change,
})
const noPort = { code: 'NoExposedPort', message: 'None is free' }
const refused = { code: 'TunnelsOff', message: 'The last connection was refused' }

test('in a cluster the address is that of the Service', () => {
  const { localService, condition } = exposureReport(of([listening(5432)]), pods, '0.0.0.0')
  expect(localService).toEqual({
    name: 'db',
    ports: [{ port: 5432, address: 'db.porpulsion.svc:5432' }],
  })
  expect(condition).toEqual({
    status: 'True',
    reason: 'Exposed',
    message: 'Reached here: port 5432 at db.porpulsion.svc:5432',
  })
})

test('outside of it the address is that of the listener, and it is said for whom', () => {
  const { localService, condition } = exposureReport(of([listening(5432)]), machine, '127.0.0.1')
  expect(localService.ports).toEqual([{ port: 5432, address: '127.0.0.1:20000' }])
  expect(condition.message).toContain('programs on the machine of this agent')
})

test('a port without a listener has no address and says why; the others have theirs', () => {
  const exposure = of([listening(5432), listening(9187, { listener: noPort })])
  const { localService, condition } = exposureReport(exposure, pods, '0.0.0.0')
  expect(localService.ports).toEqual([
    { port: 5432, address: 'db.porpulsion.svc:5432' },
    { port: 9187, message: 'None is free' },
  ])
  expect(condition).toMatchObject({ status: 'False', reason: 'NoExposedPort' })
})

test('a Service that Kubernetes refuses leaves no address in a cluster', () => {
  const service = { code: 'ClusterRefused', message: 'No right to do so' }
  const { localService, condition } = exposureReport(of([listening(5432)], { service }), pods, '')
  expect(localService).toEqual({ ports: [{ port: 5432, message: 'No right to do so' }] })
  expect(condition).toMatchObject({ status: 'False', reason: 'ClusterRefused' })
})

test('a refused connection does not take the address away', () => {
  const exposure = of([listening(5432, { refusal: refused })])
  const { localService, condition } = exposureReport(exposure, pods, '0.0.0.0')
  expect(localService.ports).toEqual([
    { port: 5432, address: 'db.porpulsion.svc:5432', message: refused.message },
  ])
  expect(condition).toEqual({ status: 'False', reason: 'TunnelsOff', message: refused.message })
})
