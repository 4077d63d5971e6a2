import { ApiError, type FieldCause } from '../api-error.ts'
import { ensureObject, objectAt, objectsAt, setDefault, stringAt } from '../fields.ts'
import { duplicate, invalid, invalidObject, notSupported, required } from '../field-errors.ts'
import type { JsonObject } from '../json.ts'
import { dnsLabelProblem } from '../names.ts'
import type { Stored } from '../registry.ts'
import type { Draft, Strategy, StrategyContext } from '../resource.ts'
import { validatePort } from './pod-validation.ts'

const types = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort']

export const serviceStrategy: Strategy = {
  applyDefaults(draft) {
    const spec = ensureObject(draft, 'spec')
    setDefault(spec, 'type', 'ClusterIP')
    setDefault(spec, 'sessionAffinity', 'None')
    for (const port of objectsAt(spec, 'ports')) {
      setDefault(port, 'protocol', 'TCP')
      setDefault(port, 'targetPort', port['port'])
    }
    if (spec['type'] === 'ExternalName') return
    setDefault(spec, 'internalTrafficPolicy', 'Cluster')
    setDefault(spec, 'ipFamilies', ['IPv4'])
    setDefault(spec, 'ipFamilyPolicy', 'SingleStack')
  },

  prepareCreate(draft, context) {
    draft['status'] = { loadBalancer: {} }
    assignAddress(draft, context)
  },

  prepareUpdate(draft, old, context) {
    const spec = objectAt(draft, 'spec')
    const before = objectAt(old, 'spec')
    if (spec['type'] === 'ExternalName') return
    // A manifest does not name the address it was given.
    if (!stringAt(spec, 'clusterIP') && before['type'] !== 'ExternalName') {
      spec['clusterIP'] = before['clusterIP']
    }
    assignAddress(draft, context)
  },

  validate(service, old) {
    const spec = objectAt(service, 'spec')
    return [...validateType(spec), ...validatePorts(spec), ...validateSameAddress(spec, old)]
  },
}

function assignAddress(draft: Draft, context: StrategyContext): void {
  const spec = ensureObject(draft, 'spec')
  if (spec['type'] === 'ExternalName') return
  const wanted = stringAt(spec, 'clusterIP')
  if (wanted !== 'None') {
    const given = context.allocateClusterIp(
      wanted === '' ? undefined : wanted,
      draft.metadata.uid ?? '',
    )
    if (given instanceof ApiError) {
      throw invalidObject({ group: '', kind: 'Service' }, draft.metadata.name ?? '', [
        invalid('spec.clusterIPs', [wanted], `failed to allocate IP: ${given.message}`),
      ])
    }
    spec['clusterIP'] = given
  }
  spec['clusterIPs'] = [spec['clusterIP']]
}

function validateType(spec: JsonObject): FieldCause[] {
  const type = stringAt(spec, 'type') ?? ''
  if (!types.includes(type)) return [notSupported('spec.type', type, types)]
  if (type === 'ExternalName' && !stringAt(spec, 'externalName')) {
    return [required('spec.externalName')]
  }
  return []
}

function validatePorts(spec: JsonObject): FieldCause[] {
  const ports = objectsAt(spec, 'ports')
  const needsPorts = spec['type'] !== 'ExternalName' && spec['clusterIP'] !== 'None'
  if (ports.length === 0) return needsPorts ? [required('spec.ports')] : []
  const names = new Set<string>()
  const numbers = new Set<string>()
  return ports.flatMap((port, index) => {
    const path = `spec.ports[${index}]`
    const name = stringAt(port, 'name') ?? ''
    const causes = validatePort(port['port'], `${path}.port`)
    if (name === '' && ports.length > 1) causes.push(required(`${path}.name`))
    const problem = name === '' ? undefined : dnsLabelProblem(name)
    if (problem !== undefined) causes.push(invalid(`${path}.name`, name, problem))
    if (name !== '' && names.has(name)) causes.push(duplicate(`${path}.name`, name))
    names.add(name)
    if (typeof port['targetPort'] === 'number') {
      causes.push(...validatePort(port['targetPort'], `${path}.targetPort`))
    }
    const number = `${String(port['port'])}/${String(port['protocol'])}`
    if (numbers.has(number)) causes.push(duplicate(path, number))
    numbers.add(number)
    return causes
  })
}

function validateSameAddress(spec: JsonObject, old: Stored | undefined): FieldCause[] {
  const before = stringAt(old, 'spec', 'clusterIP') ?? ''
  const after = stringAt(spec, 'clusterIP') ?? ''
  if (old === undefined || before === '' || before === after || after === '') return []
  return [invalid('spec.clusterIPs[0]', after, 'may not change once set')]
}
